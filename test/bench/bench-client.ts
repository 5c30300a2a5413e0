// A bench on the bench channel (PROTOCOL.md): sends requests over TCP, a Unix socket or a serial port and waits for what
// the telephone notices. Used by scenarios and tests; works with every box that serves the channel.
import { type Clock, ms, type Timer } from '../../hal/clock.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import { type BenchLink, type BenchLinkSink, openBenchLink } from './bench-link.js'

export interface BenchReply {
  readonly id?: number | string | null
  readonly line?: string
  readonly ok: boolean
  readonly us?: number
  readonly error?: string
  readonly message?: string
  readonly state?: BenchEvent
}

export interface BenchEvent {
  readonly ev: string
  readonly line?: string
  readonly us?: number
  readonly [field: string]: unknown
}

export type BenchRequest = { readonly do: string; readonly line?: string } & Readonly<Record<string, unknown>>

interface Waiter {
  readonly wanted: (event: BenchEvent) => boolean
  readonly resolve: (event: BenchEvent) => void
  readonly reject: (error: Error) => void
}

const greetingMs = 5000
/** A server on a serial port greeted when the port was opened, which may be long ago. */
const serialGreetingMs = 1000

export class BenchClient {
  #link: BenchLink | undefined
  readonly #clock: Clock
  readonly #replies = new Map<number, (reply: BenchReply) => void>()
  readonly #waiters = new Set<Waiter>()
  readonly #listeners = new Set<(event: BenchEvent) => void>()
  /** Every event since the connection was made, in order. */
  readonly events: BenchEvent[] = []
  /** Replies that answered no request of this client (broken lines). */
  readonly stray: BenchReply[] = []
  #lines: readonly string[] = []
  #rest = ''
  #lastId = 0
  #closed: Error | undefined

  private constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `address`: "host:port", "unix:/path" or a serial device. Resolves after the greeting. */
  static connect(address: string): Promise<BenchClient> {
    return BenchClient.over(sink => openBenchLink(address, sink), new LinuxClock(), address.startsWith('/'))
  }

  /** `late`: the greeting may have been given before; the lines are asked for then. */
  static async over(
    open: (sink: BenchLinkSink) => Promise<BenchLink>,
    clock: Clock,
    late = false,
  ): Promise<BenchClient> {
    const client = new BenchClient(clock)
    client.#link = await open({
      onText: text => client.#take(text),
      onEnd: error => client.#end(error),
    })
    try {
      await client.#greeted(late)
    } catch (error) {
      await client.close()
      throw error
    }
    return client
  }

  /** The telephones, in the order of the server. */
  get lines(): readonly string[] {
    return this.#lines
  }

  async #greeted(late: boolean): Promise<void> {
    const isHello = ({ ev }: BenchEvent) => ev === 'hello'
    try {
      const hello = await this.waitFor(isHello, late ? serialGreetingMs : greetingMs)
      this.#lines = hello['lines'] as readonly string[]
    } catch (error) {
      if (!late || this.#closed) throw error
      this.#lines = await this.#askedLines()
      return
    }
    for (const line of this.#lines)
      await this.waitFor(event => event.ev === 'state' && event.line === line, greetingMs)
  }

  /** One line answers with its name; several are named in the refusal (VP-6003). */
  async #askedLines(): Promise<readonly string[]> {
    this.raw('\n')
    const asked = this.request({ do: 'state' })
    const reply = await this.#within(asked, greetingMs, 'nobody answers on the bench channel')
    if (reply.ok) return [reply.line as string]
    return (/one of (.+)$/.exec(reply.message ?? '')?.[1] ?? '').split(', ')
  }

  /** Resolves with the reply, when the action is finished. */
  request(request: BenchRequest): Promise<BenchReply> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      if (this.#closed !== undefined) {
        reject(this.#closed)
        return
      }
      this.#replies.set(id, resolve)
      this.#link?.write(`${JSON.stringify({ id, ...request })}\n`)
    })
  }

  /** As `request`, but a reply that is not ok rejects. */
  async do(request: BenchRequest): Promise<BenchReply> {
    const reply = await this.request(request)
    if (!reply.ok) throw new Error(`${request.do}: ${reply.error} ${reply.message}`)
    return reply
  }

  /** Bytes as they are, for tests of bad input. */
  raw(text: string): void {
    this.#link?.write(text)
  }

  /** A position in `events`, to wait only for what comes later. */
  mark(): number {
    return this.events.length
  }

  /** The first event from `from` (default: the beginning) that `wanted` accepts; rejects after `timeoutMs`. */
  async waitFor(wanted: (event: BenchEvent) => boolean, timeoutMs: number, from = 0): Promise<BenchEvent> {
    const there = this.events.slice(from).find(wanted)
    if (there !== undefined) return there
    let waiter: Waiter | undefined
    const waited = new Promise<BenchEvent>((resolve, reject) => {
      if (this.#closed !== undefined) {
        reject(this.#closed)
        return
      }
      waiter = { wanted, resolve, reject }
      this.#waiters.add(waiter)
    })
    const last = () => this.events.slice(-5).map(event => JSON.stringify(event))
    try {
      return await this.#within(waited, timeoutMs, () => `last events: ${last().join(' ')}`)
    } finally {
      if (waiter !== undefined) this.#waiters.delete(waiter)
    }
  }

  async #within<T>(work: Promise<T>, timeoutMs: number, why: string | (() => string)): Promise<T> {
    let timer: Timer | undefined
    const late = new Promise<never>((_, reject) => {
      timer = this.#clock.timer('bench', ms(timeoutMs), () =>
        reject(new Error(`nothing within ${timeoutMs} ms; ${typeof why === 'string' ? why : why()}`)),
      )
    })
    try {
      return await Promise.race([work, late])
    } finally {
      timer?.cancel()
    }
  }

  /** Hears every event from now on, until the answer is called. */
  onEvent(listener: (event: BenchEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#closed = new Error('closed')
    await this.#link?.close()
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() as string
    for (const line of lines) this.#line(line)
  }

  /** On a serial port the first line may be half of one. */
  #line(line: string): void {
    let message: unknown
    try {
      message = JSON.parse(line)
    } catch {
      return
    }
    if (typeof message === 'object' && message !== null) this.#message(message as BenchEvent | BenchReply)
  }

  #message(message: BenchEvent | BenchReply): void {
    if ('ev' in message) {
      this.events.push(message)
      for (const listener of this.#listeners) listener(message)
      for (const waiter of this.#waiters) if (waiter.wanted(message)) waiter.resolve(message)
      return
    }
    const reply = message as BenchReply
    const resolve = typeof reply.id === 'number' ? this.#replies.get(reply.id) : undefined
    if (resolve === undefined) {
      this.stray.push(reply)
      return
    }
    this.#replies.delete(reply.id as number)
    resolve(reply)
  }

  #end(error: Error): void {
    this.#closed ??= error
    for (const resolve of this.#replies.values())
      resolve({ ok: false, error: 'closed', message: error.message })
    this.#replies.clear()
    for (const { reject } of this.#waiters) reject(error)
  }
}
