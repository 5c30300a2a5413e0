// The operator's HTTP on the network it is given, in virtual time too: hands whole requests to what the operator serves
// there, as plain data.

import { createServer, type IncomingMessage } from 'node:http'
import { Duplex } from 'node:stream'
import type { BytePort, BytePortSink } from '../../hal/byte-port.js'
import { type Clock, ms, type Timer } from '../../hal/clock.js'
import type { Endpoint, Network } from '../../hal/network.js'

export interface WebRequest {
  readonly method: string
  /** Path and query as sent. */
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
  /** Of who asks. */
  readonly address: string
}

export interface WebResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Never rejects. Undefined: not its path. */
export type WebHandler = (request: WebRequest) => Promise<WebResponse | undefined>

export interface HttpServer {
  readonly local: Endpoint
  close(): Promise<void>
}

/** Bytes; forms and XML documents of a subscriber are far smaller. */
const LARGEST_BODY = 65_536
const IDLE_MS = 10_000

const readBody = async (request: IncomingMessage): Promise<string | undefined> => {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length > LARGEST_BODY) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

const plain = (status: number, body: string): WebResponse => ({
  status,
  headers: { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' },
  body,
})

const serve = async (request: IncomingMessage, handlers: readonly WebHandler[]): Promise<WebResponse> => {
  const body = await readBody(request)
  if (body === undefined) return plain(413, 'Too large\n')
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  )
  const asked: WebRequest = {
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers,
    body,
    address: request.socket.remoteAddress ?? '',
  }
  for (const handler of handlers) {
    const response = await handler(asked)
    if (response !== undefined) return response
  }
  return plain(404, 'Not found\n')
}

/** One TCP connection as node:http wants it. */
class Connection extends Duplex {
  /** Where node:http looks for it. */
  readonly remoteAddress: string
  readonly #port: BytePort
  readonly #clock: Clock
  #drained: (() => void) | undefined
  #idle: Timer | undefined

  constructor(port: BytePort, from: Endpoint, clock: Clock) {
    super()
    this.remoteAddress = from.address
    this.#port = port
    this.#clock = clock
    this.#wait()
  }

  /** A connection on which nothing comes is closed, were it in the middle of a request. */
  #wait(): void {
    this.#idle?.cancel()
    this.#idle = this.#clock.timer('operator http', ms(IDLE_MS), () => this.destroy())
  }

  readonly sink: BytePortSink = {
    onBytes: bytes => {
      this.#wait()
      this.push(bytes)
    },
    onDrain: () => {
      const drained = this.#drained
      this.#drained = undefined
      drained?.()
    },
    onClose: () => {
      this.push(null)
      this.destroy()
    },
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: () => void): void {
    if (this.#port.write(chunk)) done()
    else this.#drained = done
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#idle?.cancel()
    void this.#port.close()
    done(error)
  }
}

/** Asks `handlers` in order. Rejects as Network.listenTcp does. */
export const openHttpServer = async (
  listen: Endpoint,
  { network, clock }: { readonly network: Network; readonly clock: Clock },
  handlers: readonly WebHandler[],
): Promise<HttpServer> => {
  const open = new Set<Connection>()
  const server = createServer((request, response) => {
    serve(request, handlers).then(
      ({ status, headers, body }) => {
        response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) })
        response.end(request.method === 'HEAD' ? undefined : body)
      },
      () => request.destroy(),
    )
  })
  const listener = await network.listenTcp({
    ...listen,
    onConnection: (port, from) => {
      const connection = new Connection(port, from, clock)
      open.add(connection)
      connection.once('close', () => open.delete(connection))
      server.emit('connection', connection)
      return connection.sink
    },
  })
  return {
    local: listener.local,
    close: async () => {
      for (const connection of open) connection.destroy()
      await listener.close()
    },
  }
}
