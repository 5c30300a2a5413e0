// A bench on the bench channel (PROTOCOL.md): sends requests over TCP or a Unix socket and waits for what the telephone
// notices. Used by scenarios and tests; works with every box that serves the channel.
import { connect, type Socket } from 'node:net'

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

export class BenchClient {
  readonly #socket: Socket
  readonly #replies = new Map<number, (reply: BenchReply) => void>()
  readonly #waiters = new Set<Waiter>()
  readonly #listeners = new Set<(event: BenchEvent) => void>()
  /** Every event since the connection was made, in order. */
  readonly events: BenchEvent[] = []
  /** Replies that answered no request of this client (broken lines). */
  readonly stray: BenchReply[] = []
  #rest = ''
  #lastId = 0
  #closed: Error | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => this.#take(text))
    socket.on('error', error => this.#end(error))
    socket.on('close', () => this.#end(new Error('the bench server closed the connection')))
  }

  /** `address`: "host:port" or "unix:/path". Resolves after the greeting. */
  static async connect(address: string): Promise<BenchClient> {
    const port = address.lastIndexOf(':')
    const socket = address.startsWith('unix:')
      ? connect({ path: address.slice(5) })
      : connect({
          host: address.slice(0, port).replace(/^\[|\]$/g, ''),
          port: Number(address.slice(port + 1)),
        })
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    const client = new BenchClient(socket)
    const hello = await client.waitFor(event => event.ev === 'hello', 5000)
    for (const line of hello['lines'] as readonly string[])
      await client.waitFor(event => event.ev === 'state' && event.line === line, 5000)
    return client
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
      this.#socket.write(`${JSON.stringify({ id, ...request })}\n`)
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
    this.#socket.write(text)
  }

  /** A position in `events`, to wait only for what comes later. */
  mark(): number {
    return this.events.length
  }

  /** The first event from `from` (default: the beginning) that `wanted` accepts; rejects after `timeoutMs`. */
  async waitFor(wanted: (event: BenchEvent) => boolean, timeoutMs: number, from = 0): Promise<BenchEvent> {
    const there = this.events.slice(from).find(wanted)
    if (there !== undefined) return there
    let timer: NodeJS.Timeout | undefined
    let waiter: Waiter | undefined
    try {
      return await new Promise((resolve, reject) => {
        if (this.#closed !== undefined) {
          reject(this.#closed)
          return
        }
        waiter = { wanted, resolve, reject }
        this.#waiters.add(waiter)
        timer = setTimeout(() => {
          const last = this.events.slice(-5).map(event => JSON.stringify(event))
          reject(new Error(`nothing within ${timeoutMs} ms; last events: ${last.join(' ')}`))
        }, timeoutMs)
      })
    } finally {
      clearTimeout(timer)
      if (waiter !== undefined) this.#waiters.delete(waiter)
    }
  }

  /** Hears every event from now on, until the answer is called. */
  onEvent(listener: (event: BenchEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async close(): Promise<void> {
    this.#closed = new Error('closed')
    await new Promise<void>(resolve => {
      if (this.#socket.destroyed) resolve()
      else this.#socket.once('close', () => resolve()).destroy()
    })
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n')
    this.#rest = lines.pop() as string
    for (const line of lines) this.#message(JSON.parse(line) as BenchEvent | BenchReply)
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
