// The bench channel: newline-delimited JSON that drives telephones, on any byte stream (test/bench/PROTOCOL.md).
// Every request gets exactly one reply, when its action is finished; events go to every client. A client that does not
// read is dropped before its backlog grows: the box never waits for a bench.

import type { BytePort, BytePortSink } from '../byte-port.js'
import type { Clock } from '../clock.js'
import { checkAction, failure, isFailure } from './handset-actions.js'
import type {
  Handset,
  HandsetAction,
  HandsetEvent,
  HandsetFailure,
  HandsetReply,
} from './handset-contract.js'

export interface BenchServerOptions {
  /** The telephones, in the order of their lines. */
  readonly handsets: readonly Handset[]
  readonly clock: Clock
  /** What a client is told of other parts of the box when it comes. */
  readonly also?: () => readonly BenchEvent[]
}

/** An event of a part of the box that is no telephone. */
export interface BenchEvent {
  readonly ev: string
  readonly line?: string
}

export interface BenchServer {
  /** A client came. The answer receives its bytes; give it to the socket or serial port. */
  accept(port: BytePort): BytePortSink
  /** Sends a further event to every client ("led" … of other parts of the box). */
  broadcast(event: BenchEvent): void
  readonly clients: number
  /** Lets every client go. */
  close(): Promise<void>
}

export const protocolVersion = 1
/** Longest request, bytes, its newline not counted. */
export const longestLine = 64 * 1024
/** What a client may leave unread, bytes. */
const longestBacklog = 1024 * 1024
/** Requests of one client that may be in hand at once. */
const mostInHand = 1000

/** Fields that every request may carry beside those of its action. */
const envelope = ['id', 'line'] as const

type RequestId = string | number | null
interface Request {
  readonly id?: RequestId
  readonly handset: Handset
  readonly action: HandsetAction
}
/** What a reply is about, as far as the request could be read. */
interface Envelope {
  readonly id?: RequestId
  readonly line?: string
}

/** `ev` and `line` first: people read these lines too. */
const named = ({ ev, ...rest }: HandsetEvent, line: string): object => ({ ev, line, ...rest })

const withinReason = (value: unknown): value is RequestId =>
  value === null || typeof value === 'number' || (typeof value === 'string' && value.length <= 200)

class Client {
  readonly #port: BytePort
  readonly #encoder = new TextEncoder()
  readonly #backlog: Uint8Array[] = []
  #backlogBytes = 0
  #slow = false
  gone = false
  inHand = 0

  constructor(port: BytePort) {
    this.#port = port
  }

  send(message: object): void {
    if (this.gone) return
    const bytes = this.#encoder.encode(`${JSON.stringify(message)}\n`)
    if (!this.#slow) {
      this.#slow = !this.#port.write(bytes)
      return
    }
    this.#backlog.push(bytes)
    this.#backlogBytes += bytes.length
    if (this.#backlogBytes > longestBacklog) this.drop()
  }

  drained(): void {
    this.#slow = false
    while (!this.#slow) {
      const bytes = this.#backlog.shift()
      if (bytes === undefined) return
      this.#backlogBytes -= bytes.length
      this.#slow = !this.#port.write(bytes)
    }
  }

  drop(): void {
    this.gone = true
    this.#backlog.length = 0
    void this.#port.close().catch(() => {})
  }
}

export const createBenchServer = ({ handsets, clock, also }: BenchServerOptions): BenchServer => {
  const clients = new Set<Client>()
  const byLine = new Map(handsets.map(handset => [handset.line, handset]))
  const broadcast = (event: object): void => {
    for (const client of clients) {
      client.send(event)
      if (client.gone) clients.delete(client)
    }
  }
  for (const handset of handsets)
    handset.onEvent((event: HandsetEvent) => broadcast(named(event, handset.line)))

  const greet = async (client: Client): Promise<void> => {
    client.send({ ev: 'hello', protocol: protocolVersion, lines: [...byLine.keys()], us: clock.now() })
    for (const handset of handsets) {
      const reply = await handset.perform({ do: 'state' })
      if (reply.ok && reply.state !== undefined) client.send(named(reply.state, handset.line))
    }
    for (const event of also?.() ?? []) client.send(event)
  }

  const chooseLine = (line: unknown): Handset | HandsetFailure => {
    if (line === undefined && handsets.length === 1) return handsets[0] as Handset
    const lines = [...byLine.keys()].join(', ')
    if (line === undefined) return failure('VP-6003', `several lines: say "line", one of ${lines}`)
    const handset = typeof line === 'string' ? byLine.get(line) : undefined
    return handset ?? failure('VP-6003', `no such line; "line" is one of ${lines}`)
  }

  /** A request, or the failure with as much of its envelope as could be read. */
  const parse = (text: string): Request | (HandsetFailure & Envelope) => {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return failure('VP-6001', 'not JSON')
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return failure('VP-6001', 'a request is a JSON object')
    const { id, line } = value as Record<string, unknown>
    if (id !== undefined && !withinReason(id))
      return failure('VP-6004', '"id" must be a number, or a string of at most 200 characters')
    const about: Envelope = {
      ...(id === undefined ? {} : { id }),
      ...(typeof line === 'string' && byLine.has(line) ? { line } : {}),
    }
    const action = checkAction(value, envelope)
    if (isFailure(action)) return { ...about, ...action }
    const handset = chooseLine(line)
    if ('error' in handset) return { ...about, ...handset }
    const { id: _, line: __, ...rest } = action as HandsetAction & Envelope
    return { ...about, handset, action: rest as HandsetAction }
  }

  const serve = async (client: Client, text: string): Promise<void> => {
    const request = parse(text)
    if ('ok' in request) {
      const { id, line, ...failed } = request
      reply(client, { ...(id === undefined ? {} : { id }), ...(line === undefined ? {} : { line }) }, failed)
      return
    }
    const about = { ...(request.id === undefined ? {} : { id: request.id }), line: request.handset.line }
    if (client.inHand >= mostInHand) {
      reply(client, about, failure('VP-6007', `more than ${mostInHand} requests wait for their turn`))
      return
    }
    client.inHand++
    try {
      reply(client, about, await request.handset.perform(request.action))
    } catch (error) {
      reply(client, about, failure('VP-6007', error instanceof Error ? error.message : String(error)))
    } finally {
      client.inHand--
    }
  }
  const reply = (client: Client, about: Envelope, answer: HandsetReply): void =>
    client.send({ ...about, ...answer })

  return {
    broadcast,
    get clients() {
      return clients.size
    },
    accept: port => {
      const client = new Client(port)
      clients.add(client)
      const lines = lineSplitter(
        text => void serve(client, text),
        () => reply(client, {}, failure('VP-6001', `a line is longer than ${longestLine} bytes`)),
      )
      void greet(client)
      return {
        onBytes: bytes => {
          if (!client.gone) lines(bytes)
        },
        onDrain: () => client.drained(),
        onClose: () => {
          client.gone = true
          clients.delete(client)
        },
      }
    },
    close: async () => {
      for (const client of clients) client.drop()
      clients.clear()
    },
  }
}

/** Cuts bytes into lines; blank lines are skipped, one that is too long is thrown away whole and told once. */
const lineSplitter = (
  onLine: (text: string) => void,
  onTooLong: () => void,
): ((bytes: Uint8Array) => void) => {
  const decoder = new TextDecoder()
  let parts: Uint8Array[] = []
  let length = 0
  let skipping = false
  const take = (part: Uint8Array): void => {
    if (skipping || part.length === 0) return
    length += part.length
    if (length > longestLine) {
      skipping = true
      parts = []
      onTooLong()
    } else parts.push(part.slice())
  }
  const flush = (): void => {
    const text = skipping ? '' : decoder.decode(Buffer.concat(parts)).trim()
    parts = []
    length = 0
    skipping = false
    if (text !== '') onLine(text)
  }
  return bytes => {
    let from = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      take(bytes.subarray(from, end))
      flush()
      from = end + 1
    }
    take(bytes.subarray(from))
  }
}
