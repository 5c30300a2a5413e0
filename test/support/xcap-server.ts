// An XCAP server with one simservs document a subscriber (RFC 4825, 3GPP TS 24.623): document and element selectors,
// entity tags, If-Match, digest. It speaks HTTP on the network of a test, so that it runs in virtual time too.

import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { Duplex } from 'node:stream'
import { type Clock, ms } from '../../hal/clock.js'
import type { Endpoint, Network } from '../../hal/network.js'

export interface XcapServer {
  /** The XCAP root to configure. */
  readonly root: string
  /** "GET 200", "PUT 412" … in order, challenges aside. */
  readonly log: string[]
  /** What the document of a subscriber says. */
  restricted(user: string): boolean
  /** The subscriber, or the operator, changes it at the portal: a new entity tag, whether or not it was so before. */
  change(user: string, restricted: boolean): void
  /** Another service of the same document changes. */
  touch(user: string): void
  /** How it fails from now on. */
  fault: Fault | undefined
  /** Answers take so long, ms. */
  delayMs: number
  /** Called just before a PUT is judged. */
  beforePut: (() => void) | undefined
  close(): Promise<void>
}

export type Fault =
  /** 503 to everything. */
  | 'refuses'
  /** Never answers. */
  | 'silent'
  /** Gives its document to anybody. */
  | 'unauthenticated'
  /** A document that is none. */
  | 'garbage'
  /** Takes no PUT (403). */
  | 'read-only'
  /** Does not name the entity tag of what it took. */
  | 'no-tag-after-put'
  /** Answers in the server's place without knowing the password. */
  | 'impostor'

interface Document {
  revision: number
  restricted: boolean
}

const service = 'originating-identity-presentation-restriction'
const ns = 'http://uri.etsi.org/ngn/params/xml/simservs/xcap'

const behaviour = (restricted: boolean): string =>
  restricted ? 'presentation-restricted' : 'presentation-not-restricted'

const documentText = ({ restricted, revision }: Document): string => `<?xml version="1.0" encoding="UTF-8"?>
<ss:simservs xmlns:ss="${ns}" xmlns:cp="urn:ietf:params:xml:ns:common-policy">
  <ss:communication-diversion active="true"><!-- revision ${revision} --></ss:communication-diversion>
  <ss:originating-identity-presentation active="true"/>
  <ss:${service} active="true"><ss:default-behaviour>${behaviour(restricted)}</ss:default-behaviour></ss:${service}>
</ss:simservs>
`

export const openXcapServer = async (
  { network, clock }: { readonly network: Network; readonly clock: Clock },
  options: {
    readonly at: Endpoint
    /** Password by subscriber. */
    readonly subscribers: Readonly<Record<string, string>>
    readonly domain: string
    readonly withheld?: readonly string[]
  },
): Promise<XcapServer> => {
  const documents = new Map<string, Document>(
    Object.keys(options.subscribers).map(user => [
      user,
      { revision: 1, restricted: options.withheld?.includes(user) ?? false },
    ]),
  )
  const open = new Set<Duplex>()
  const nonces = new Set<string>()
  let asked = 0

  const digestOf = ({ headers, url }: IncomingMessage, user: string, method: string | undefined) => {
    const text = headers.authorization ?? ''
    const field = (name: string): string => new RegExp(`\\b${name}="?([^",]*)`).exec(text)?.[1] ?? ''
    const hash = (value: string): string => createHash('sha256').update(value).digest('hex')
    const secret = hash(`${field('username')}:${options.domain}:${options.subscribers[user]}`)
    const middle = ['nonce', 'nc', 'cnonce', 'qop'].map(field).join(':')
    return { field, response: hash(`${secret}:${middle}:${hash(`${method}:${url}`)}`) }
  }
  const proven = (request: IncomingMessage, user: string): boolean => {
    const { field, response } = digestOf(request, user, request.method)
    return field('username') === user && nonces.delete(field('nonce')) && field('response') === response
  }
  /** Authentication-Info (RFC 7616 §3.5). */
  const ownProof = (request: IncomingMessage, user: string): string => {
    const { field, response } = digestOf(request, user, '')
    const rspauth = server.fault === 'impostor' ? response.replace(/^./, '-') : response
    return `rspauth="${rspauth}", cnonce="${field('cnonce')}", nc=${field('nc')}, qop=auth`
  }

  const answer = (request: IncomingMessage, response: ServerResponse, body: string): void => {
    const [, user = '', selector] =
      /^\/xcap\/simservs\.ngn\.etsi\.org\/users\/sip:([^@]+)@[^/]+\/simservs\.xml(?:\/~~(\/.*))?$/.exec(
        request.url ?? '',
      ) ?? []
    const document = documents.get(user)
    let isProven = false
    const end = (status: number, headers: Record<string, string> = {}, text = ''): void => {
      if (status !== 401) server.log.push(`${request.method} ${status}`)
      const proof = isProven && { 'authentication-info': ownProof(request, user) }
      response.writeHead(status, { ...headers, ...proof }).end(text)
    }
    if (server.fault === 'refuses') return end(503)
    if (!document) return end(404)
    if (server.fault !== 'unauthenticated' && !proven(request, user)) {
      nonces.add(`n${++asked}`)
      return end(401, {
        'www-authenticate': `Digest realm="${options.domain}", nonce="n${asked}", qop="auth", algorithm=SHA-256`,
      })
    }
    isProven = server.fault !== 'unauthenticated'
    const etag = (): string => `"r${document.revision}"`
    if (request.method === 'GET' && selector === undefined) {
      const text = server.fault === 'garbage' ? '<simservs><or' : documentText(document)
      return end(200, { etag: etag(), 'content-type': 'application/vnd.etsi.simservs+xml' }, text)
    }
    if (request.method !== 'PUT' || selector !== `/simservs/${service}`) return end(405)
    server.beforePut?.()
    if (server.fault === 'read-only') return end(403)
    if (request.headers['content-type'] !== 'application/xcap-el+xml') return end(415)
    if ((request.headers['if-match'] ?? etag()) !== etag()) return end(412)
    const wanted = /<default-behaviour>(presentation-(?:not-)?restricted)<\/default-behaviour>/.exec(
      body,
    )?.[1]
    if (wanted === undefined || !body.includes(`xmlns="${ns}"`)) return end(409)
    document.restricted = wanted === 'presentation-restricted'
    document.revision++
    end(200, server.fault === 'no-tag-after-put' ? {} : { etag: etag() })
  }

  const http = createServer((request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => {
      body += part.toString()
    })
    request.on('end', () => {
      if (server.fault === 'silent') return
      clock.timer('xcap server', ms(server.delayMs), () => answer(request, response, body))
    })
  })

  const listener = await network.listenTcp({
    ...options.at,
    onConnection: port => {
      const stream = new Duplex({
        read() {},
        write(chunk, _encoding, done) {
          port.write(chunk)
          done()
        },
        destroy(error, done) {
          open.delete(stream)
          void port.close()
          done(error)
        },
      })
      open.add(stream)
      http.emit('connection', stream)
      return {
        onBytes: bytes => void stream.push(bytes),
        onDrain() {},
        onClose: () => {
          stream.push(null)
          stream.destroy()
        },
      }
    },
  })

  const documentOf = (user: string): Document => {
    const document = documents.get(user)
    if (!document) throw new Error(`no subscriber ${user}`)
    return document
  }
  const server: XcapServer = {
    root: `http://${options.at.address}:${listener.local.port}/xcap`,
    log: [],
    restricted: user => documentOf(user).restricted,
    change: (user, restricted) => {
      const document = documentOf(user)
      document.restricted = restricted
      document.revision++
    },
    touch: user => void documentOf(user).revision++,
    fault: undefined,
    delayMs: 0,
    beforePut: undefined,
    close: async () => {
      for (const stream of open) stream.destroy()
      await listener.close()
    },
  }
  return server
}
