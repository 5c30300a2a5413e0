// The network's word on whether a number is withheld, read and written over XCAP (RFC 4825, 3GPP TS 24.623) with digest
// authentication (RFC 7616) and entity tags. An answer that nobody had to prove himself for, over a connection that
// proves nothing either, is not believed; nor is one that proves to come from somebody else (RFC 7616 §3.5, rspauth).

import type { Entropy } from '../../hal/entropy.js'
import { diversionIn } from './communication-diversion.js'
import { type HttpDependencies, type HttpRequest, type HttpResponse, httpRequest } from './http-request.js'
import { documentUrl, elementType, elementUrl, restrictionElement, restrictionIn } from './simservs.js'

export interface XcapAccount {
  /** XCAP root, http or https. */
  readonly root: string
  /** The subscriber, "sip:0389000001@operator.test". */
  readonly identity: string
  readonly user: string
  readonly password: string
}

export interface RequestToProve {
  readonly method: string
  readonly uri: string
  readonly body: string
  readonly user: string
  readonly password: string
  readonly cnonce: string
}

export interface Proof {
  /** Value of Authorization. */
  readonly authorization: string
  /** False when what the answer says in Authentication-Info shows that its sender does not know the password. */
  isFromServer(info: readonly string[], body: string): boolean
}

/** The answer to the best of these WWW-Authenticate values; undefined when none can be answered. */
export type Prove = (challenges: readonly string[], request: RequestToProve) => Proof | undefined

export interface Restriction {
  readonly etag: string
  /** The network withholds the number. */
  readonly restricted: boolean
}

export interface SimservsClient {
  /** Rejects with an Error when it cannot be known. */
  read(): Promise<Restriction>
  /** Whether calls are diverted. Rejects with an Error when it cannot be known. */
  forwarding(): Promise<boolean>
  /**
   * Writes it where the document still has this entity tag. Resolves with the new tag; with undefined where the document
   * has changed meanwhile (412). Rejects with an Error when it was refused or cannot be known.
   */
  write(restricted: boolean, etag: string): Promise<Restriction | undefined>
}

export interface SimservsClientOptions extends HttpDependencies {
  readonly account: XcapAccount
  readonly entropy: Entropy
  readonly prove: Prove
  /** User-Agent. */
  readonly userAgent: string
}

export const createSimservsClient = (options: SimservsClientOptions): SimservsClient => {
  const { account, entropy, prove } = options

  const send = async (request: HttpRequest): Promise<HttpResponse> => {
    const named: HttpRequest = {
      ...request,
      headers: {
        'user-agent': options.userAgent,
        'x-3gpp-intended-identity': `"${account.identity}"`,
        ...request.headers,
      },
    }
    const first = await httpRequest(named, options)
    if (first.status !== 401) {
      if (request.url.protocol !== 'https:') throw new Error(`${first.status} without authentication`)
      return first
    }
    const proof = prove(first.headers('www-authenticate'), {
      method: request.method,
      uri: `${request.url.pathname}${request.url.search}`,
      body: request.body ?? '',
      user: account.user,
      password: account.password,
      cnonce: entropy.hex(12),
    })
    if (proof === undefined) throw new Error('a challenge that cannot be answered')
    const { authorization } = proof
    const second = await httpRequest({ ...named, headers: { ...named.headers, authorization } }, options)
    if (second.status === 401) throw new Error('user name or password refused')
    if (!proof.isFromServer(second.headers('authentication-info'), second.body))
      throw new Error('an answer of somebody who does not know the password (rspauth)')
    return second
  }

  const get = async (): Promise<HttpResponse> => {
    const response = await send({
      method: 'GET',
      url: documentUrl(account.root, account.identity),
      headers: {},
    })
    if (response.status !== 200) throw new Error(`reading refused (${response.status})`)
    return response
  }

  const read = async (): Promise<Restriction> => {
    const response = await get()
    const [etag] = response.headers('etag')
    if (etag === undefined) throw new Error('a document without an entity tag')
    const restricted = restrictionIn(response.body)
    if (restricted === undefined) throw new Error('a document that says nothing about the number')
    return { etag, restricted }
  }

  return {
    read,
    forwarding: async () => {
      const active = diversionIn((await get()).body)
      if (active === undefined) throw new Error('a document that says nothing about forwards')
      return active
    },
    write: async (restricted, etag) => {
      const response = await send({
        method: 'PUT',
        url: elementUrl(account.root, account.identity),
        headers: { 'content-type': elementType, 'if-match': etag },
        body: restrictionElement(restricted),
      })
      if (response.status === 412) return undefined
      if (response.status !== 200 && response.status !== 201)
        throw new Error(`writing refused (${response.status})`)
      const [next] = response.headers('etag')
      if (next !== undefined) return { etag: next, restricted }
      const now = await read()
      if (now.restricted !== restricted) throw new Error('written, but the document says otherwise')
      return now
    },
  }
}
