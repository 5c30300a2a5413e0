// One HTTP/1.1 request over the network of the HAL: node:http on a TCP connection that it is given, with TLS (node:tls)
// between for https. Time comes from the clock, so that a test may let it stand still.

import { type IncomingMessage, request as startRequest } from 'node:http'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as startTls } from 'node:tls'
import { type Clock, ms } from '../../hal/clock.js'
import type { Network } from '../../hal/network.js'
import { PortStream } from './port-stream.js'

export interface HttpRequest {
  readonly method: 'GET' | 'PUT'
  /** http or https. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpResponse {
  readonly status: number
  /** Values in order; `name` in lower case. */
  headers(name: string): readonly string[]
  readonly body: string
}

export interface HttpDependencies {
  readonly network: Network
  readonly clock: Clock
}

/** All of it, connecting and name look-up included, ms. */
const limitMs = 5000
/** No settings document is longer, bytes. */
const longestBody = 256 * 1024

/** Rejects with an Error that says why there is no answer. */
export const httpRequest = async (
  request: HttpRequest,
  { network, clock }: HttpDependencies,
): Promise<HttpResponse> => {
  const stream = new PortStream()
  // Errors come to whoever waits; later ones mean nothing any more.
  stream.on('error', () => {})
  let timer: { cancel(): void } | undefined
  const tooLong = new Promise<never>((_, reject) => {
    timer = clock.timer('http', ms(limitMs), () => reject(new Error(`no answer within ${limitMs} ms`)))
  })
  try {
    const work = connect(request.url, stream, network, clock).then(() => exchange(request, stream))
    // Should the time be over first, its own failure is nobody's concern.
    work.catch(() => {})
    return await Promise.race([work, tooLong])
  } finally {
    timer?.cancel()
    stream.destroy()
  }
}

const connect = async (url: URL, stream: PortStream, network: Network, clock: Clock): Promise<void> => {
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
  const numeric = /^[\d.]+$/.test(host) || host.includes(':')
  const addresses = numeric ? [host] : await clock.external(network.resolveHost(host))
  let failure: unknown = new Error(`no address for ${host}`)
  for (const address of addresses) {
    try {
      const opened = await network.connectTcp({ address, port }, stream.sink)
      stream.attach(opened)
      if (stream.destroyed) await opened.close()
      return
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

const exchange = (request: HttpRequest, stream: PortStream): Promise<HttpResponse> =>
  new Promise((resolve, reject) => {
    const { url, method, headers, body } = request
    const wire: Duplex =
      url.protocol === 'https:'
        ? startTls({
            socket: stream,
            host: url.hostname,
            ...(isIP(url.hostname) === 0 && { servername: url.hostname }),
          })
        : stream
    wire.on('error', reject)
    const outgoing = startRequest({
      method,
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, connection: 'close', ...headers },
      createConnection: () => wire,
    })
    outgoing.on('error', reject)
    outgoing.on('response', response => read(response).then(resolve, reject))
    outgoing.end(body)
  })

const read = (response: IncomingMessage): Promise<HttpResponse> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0
    response.on('data', (part: Buffer) => {
      length += part.length
      if (length > longestBody) reject(new Error(`an answer of more than ${longestBody} bytes`))
      else parts.push(part)
    })
    response.on('error', reject)
    response.on('aborted', () => reject(new Error('the answer broke off')))
    response.on('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: name => response.headersDistinct[name] ?? [],
        body: Buffer.concat(parts).toString('utf8'),
      }),
    )
  })
