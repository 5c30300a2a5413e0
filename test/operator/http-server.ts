// The operator's HTTP on a kernel socket: hands whole requests to what the operator serves there, as plain data.

import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from '../../hal/clock.js'
import type { Endpoint } from '../../hal/network.js'

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

/** Asks `handlers` in order. Rejects when the address cannot be had. */
export const openHttpServer = async (
  listen: Endpoint,
  clock: Clock,
  handlers: readonly WebHandler[],
): Promise<HttpServer> => {
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5000 }, (request, response) => {
    serve(request, handlers).then(
      ({ status, headers, body }) => {
        response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) })
        response.end(request.method === 'HEAD' ? undefined : body)
      },
      () => request.destroy(),
    )
  })
  await clock.external(
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(listen.port, listen.address, () => resolve())
    }),
  )
  const { address, port } = server.address() as AddressInfo
  return {
    local: { address, port },
    close: () =>
      clock.external(
        new Promise(resolve => {
          server.close(() => resolve())
          server.closeAllConnections()
        }),
      ),
  }
}
