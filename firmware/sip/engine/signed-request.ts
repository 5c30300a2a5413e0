// Credentials on requests of ours: sent unasked where they are known to be wanted, and the answer to 401 and 407 in place of
// sip.js' own (which stops at the second realm, takes the last challenge only and would send an INVITE whose caller has
// hung up: trap 1). RFC 3261 §22.1-22.3.

import type * as Core from 'sip.js/lib/core/index.js'
import type { Log } from '../../log.js'
import { type Asker, type Attempts, type Credentials, newAttempts } from './credentials.js'
import type { ClientSeam } from './patches.js'

export interface SigningOptions {
  readonly credentials: Credentials
  readonly log: Log
  readonly scope: 'register' | 'call'
  /** The dialog of an in-dialog request: its sequence number moves with a repeated request. */
  readonly dialog?: Core.Dialog
  readonly attempts: Attempts
  /** False once the request is no longer wanted: it is then not sent again. */
  readonly wanted?: () => boolean
  /** First look at each response. */
  readonly onResponse?: (response: Core.IncomingResponseMessage) => void
}

/** Values of a header in order, as they came; sip.js itself keeps only the last challenge. */
const rawHeaders = (message: Core.IncomingResponseMessage, name: string): readonly string[] => {
  const head = (message.data ?? '').split('\r\n\r\n', 1)[0] ?? ''
  const values: string[] = []
  for (const line of head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0 && line.slice(0, colon).trim().toLowerCase() === name)
      values.push(line.slice(colon + 1).trim())
  }
  return values
}

const askers: readonly { status: number; asker: Asker; challenge: string; info: string }[] = [
  { status: 401, asker: 'server', challenge: 'www-authenticate', info: 'authentication-info' },
  { status: 407, asker: 'proxy', challenge: 'proxy-authenticate', info: 'proxy-authentication-info' },
]

/** Header lines to send unasked, and the record of it that `guard` needs. */
export const presign = (
  credentials: Credentials,
  request: { readonly method: string; readonly uri: string; readonly body?: string },
  scope: 'register' | 'call',
): { readonly lines: string[]; readonly attempts: Attempts } => {
  const attempts = newAttempts()
  const headers = credentials.preempt(attempts, { ...request, body: request.body ?? '' }, scope)
  return { lines: headers.flatMap(([name, values]) => values.map(value => `${name}: ${value}`)), attempts }
}

/**
 * A call whose number is withheld. The digest names the number, and most proxies pass the credentials of an in-dialog
 * request on to the far end: inside such a call they are sent only to whom asks.
 */
export const isWithheld = (session: Core.Session): boolean =>
  session.localURI.host.toLowerCase() === 'anonymous.invalid'

/** The credentials that a request went out with, for the ACK to its 2xx (RFC 3261 §22.1); none in a withheld call. */
export const signatureOf = (message: Core.OutgoingRequestMessage, session: Core.Session): string[] =>
  isWithheld(session)
    ? []
    : ['Authorization', 'Proxy-Authorization'].flatMap(name =>
        message.getHeaders(name).map(value => `${name}: ${value}`),
      )

/** Takes over 401 and 407 of one request just sent. */
export const guard = (request: unknown, options: SigningOptions): void => {
  const client = request as ClientSeam
  const { credentials, log, scope, dialog, attempts, wanted = () => true } = options
  client.authenticationGuard = response => {
    options.onResponse?.(response)
    const { statusCode = 0 } = response
    for (const { asker, info } of askers) {
      const value = response.getHeader(info)
      if (statusCode >= 200 && statusCode < 300 && value !== undefined) credentials.nextNonce(asker, value)
    }
    const asked = askers.find(({ status }) => status === statusCode)
    if (!asked || !wanted()) return true
    const { message } = client
    const verdict = credentials.answer(
      attempts,
      asked.asker,
      rawHeaders(response, asked.challenge),
      { method: message.method, uri: message.ruri.toRaw(), body: message.body?.body ?? '' },
      { scope, inDialog: dialog !== undefined },
    )
    if (verdict.type === 'give-up') {
      log.warn('challenge not answered', { method: message.method, status: statusCode, why: verdict.why })
      return true
    }
    for (const [name, values] of verdict.headers) {
      const prefix = `${name.toLowerCase()}:`
      message.extraHeaders = message.extraHeaders.filter(line => !line.toLowerCase().startsWith(prefix))
      message.setHeader(name, [...values])
    }
    dialog?.incrementLocalSequenceNumber()
    message.cseq = dialog?.localSequenceNumber ?? message.cseq + 1
    message.setHeader('cseq', `${message.cseq} ${message.method}`)
    client.init()
    return false
  }
}
