// What a message between the engine and the wire says about addresses: the line's opaque token on the engine's side, the
// socket's address outside (RFC 3261 §8.1.1.7-8, §18.1.1). Pure functions on messages.

import type { Endpoint } from '../../../hal/network.js'
import { hostPort, parseSipUri, parseVia } from './header-values.js'
import {
  headerOf,
  headersOf,
  methodOf,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  tagOf,
  withHeader,
  withTopHeader,
  withTopVia,
} from './message.js'

export interface TokenNames {
  readonly token: string
  readonly contactUser: string
  isContactOf?(user: string, callId: string): boolean
}

/** Whether a request is addressed to a Contact of the line. */
export const isToContact = (request: SipRequest, user: string | undefined, names: TokenNames): boolean =>
  user !== undefined &&
  (user === names.contactUser || names.isContactOf?.(user, headerOf(request, 'Call-ID') ?? '') === true)

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** Contact lines with the token's place taken by the address. */
export const contactOutward = <M extends SipMessage>(
  message: M,
  { token }: TokenNames,
  local: Endpoint,
): M => {
  const pattern = new RegExp(`(@|sips?:)${escaped(token)}(?::\\d+)?(?=[;>?,\\s]|$)`, 'gi')
  const address = hostPort(local.address, local.port)
  return mapHeader(message, 'Contact', value => value.replace(pattern, `$1${address}`))
}

/**
 * Contact lines with our own address taken back (200 to REGISTER lists it). Told by the user part: it is the line's alone,
 * and a binding made before the address changed, or seen through a NAT, is ours too.
 */
export const contactInward = <M extends SipMessage>(message: M, { token, contactUser }: TokenNames): M => {
  const pattern = new RegExp(`(sips?:${escaped(contactUser)}@)[^;>?,\\s]+`, 'gi')
  return mapHeader(message, 'Contact', value => value.replace(pattern, `$1${token}`))
}

const mapHeader = <M extends SipMessage>(message: M, name: string, change: (value: string) => string): M => ({
  ...message,
  headers: message.headers.map(line => (line[0] === name ? ([name, change(line[1])] as const) : line)),
})

/** The request as the engine may take it: addressed to its Contact; what it was addressed to stands in P-Called-Party-ID (RFC 7315 §4.2). */
export const retarget = (request: SipRequest, names: TokenNames): SipRequest => {
  const uri = `sip:${names.contactUser}@${names.token}`
  const user = parseSipUri(request.uri)?.user
  const moved = { ...request, uri }
  return user === undefined ||
    isToContact(request, user, names) ||
    headerOf(request, 'P-Called-Party-ID') !== undefined
    ? moved
    : withHeader(moved, 'P-Called-Party-ID', `<${request.uri}>`)
}

/** The engine's Via put back on a response, as it wrote it. */
export const viaInward = (response: SipResponse, engineVia: string): SipResponse =>
  withTopHeader(response, 'Via', engineVia)

/** The engine's own Via taken off a request; the transaction writes another one. */
export const viaOutward = (request: SipRequest): { request: SipRequest; via: string } => ({
  request: withTopVia(request, undefined),
  via: headerOf(request, 'Via') as string,
})

/** The branch in a Via value, "" when there is none. */
export const branchOf = (via: string): string =>
  parseVia(via)?.parameters.find(([name]) => name === 'branch')?.[1] ?? ''

/**
 * Answers to INVITE that set up a dialog must carry a Contact (RFC 3261 §12.1.1); many gateways leave it out of 18x, and
 * the engine would drop the answer. `fallback` is the Contact seen before in this call, else where the answer came from.
 */
export const withContact = (response: SipResponse, fallback: string): SipResponse =>
  response.status > 100 &&
  response.status < 300 &&
  methodOf(response) === 'INVITE' &&
  tagOf(headerOf(response, 'To')) !== undefined &&
  headerOf(response, 'Contact') === undefined
    ? withHeader(response, 'Contact', fallback)
    : response

/** Allow with our further methods, where RFC 3261 table 2 wants one: INVITE and OPTIONS, their 2xx, 405. */
export const withAllow = <M extends SipMessage>(message: M, methods: readonly string[]): M => {
  if (methods.length === 0) return message
  const method = methodOf(message)
  const wanted =
    message.kind === 'request'
      ? method === 'INVITE' || method === 'UPDATE' || headerOf(message, 'Allow') !== undefined
      : message.status === 405 ||
        (message.status < 300 && message.status > 100 && (method === 'INVITE' || method === 'OPTIONS'))
  if (!wanted) return message
  const present = headersOf(message, 'Allow').flatMap(value => value.split(',').map(name => name.trim()))
  const all = new Set([...present.filter(name => name !== ''), ...methods])
  return withHeader(message, 'Allow', [...all].join(', '))
}

/** A failure of the wire told in the engine's language (RFC 3261 §8.1.3.1). */
export const failureResponse = (request: SipRequest, why: 'timeout' | 'unreachable'): SipResponse => {
  const headers = request.headers.filter(
    ([name]) => name === 'Via' || name === 'From' || name === 'Call-ID' || name === 'CSeq',
  )
  const to = headerOf(request, 'To') ?? ''
  return {
    kind: 'response',
    status: why === 'timeout' ? 408 : 503,
    reason: why === 'timeout' ? 'Request Timeout' : 'Service Unavailable',
    headers: [...headers, ['To', tagOf(to) === undefined ? `${to};tag=wire` : to]],
    body: '',
  }
}
