// Who is calling, from the headers a network vouches for down to the one anybody may fill in: P-Asserted-Identity (RFC 3325),
// Remote-Party-ID, From; withheld by Privacy (RFC 3323, RFC 3325 §9.3) or by an anonymous From (3GPP TS 24.607). Whoever is
// heard at all is one of the account's proxies or on the allow-list: they are the trust domain of RFC 3325 (wire/transport.ts).

import type { NameAddrHeader } from 'sip.js/lib/grammar/index.js'
import type { Caller, CallerDisplay } from '../sip-line.js'
import { parseNameAddr } from './grammar.js'
import { splitOutside } from './header-values.js'
import { redirectingOf } from './redirection.js'
import type { Headers } from './session-timer.js'
import { shownName } from './shown-name.js'
import { noCountry, shownNumber, unescaped } from './shown-number.js'

/** Numbers as they come, no mark. */
export const plainDisplay: CallerDisplay = { numbering: noCountry, unverifiedMark: '' }

export interface ReadCaller {
  readonly caller: Caller
  /** What of it could not be shown as it came, for the log; says nothing of the caller himself. */
  readonly doubts: readonly string[]
}

/** Parts of a list header that could be read, and whether all could. */
const identities = (values: readonly string[]) => {
  const parts = values.flatMap(value => splitOutside(value, ','))
  const read = parts.flatMap(part => parseNameAddr(part.text) ?? [])
  return { read, whole: read.length === parts.length }
}

const hides = (privacy: string): boolean =>
  privacy
    .toLowerCase()
    .split(/[\s;,]+/)
    .some(word => /^(?:id|user|header|full|uri|on|yes)$/.test(word))

const isAnonymous = (sender: NameAddrHeader | undefined): boolean =>
  sender?.uri.host.toLowerCase() === 'anonymous.invalid' ||
  sender?.uri.user?.toLowerCase() === 'anonymous' ||
  sender?.displayName.trim().toLowerCase() === 'anonymous'

/** There is none that could be shown, which is something else than withheld (3GPP TS 24.607 §4.3.3). */
const isUnknown = ({ uri }: NameAddrHeader): boolean => uri.host.toLowerCase() === 'unknown.invalid'

/** What the network found out about the number (3GPP TS 24.229 §7.2A.20): in the URI, or inside its telephone number. */
const verstatOf = ({ uri }: NameAddrHeader): string | undefined =>
  uri.getParam('verstat') ?? /;verstat=([\w-]+)/i.exec(unescaped(uri.user ?? ''))?.[1]

const isUnverified = (identity: NameAddrHeader | undefined): boolean => {
  const verstat = identity && verstatOf(identity)
  return verstat !== undefined && !/^TN-Validation-Passed/i.test(verstat)
}

export const readCaller = (request: Headers, display: CallerDisplay = plainDisplay): ReadCaller => {
  const asserted = identities(request.getHeaders('p-asserted-identity'))
  const party = identities(request.getHeaders('remote-party-id'))
  const from = identities(request.getHeaders('from'))
  const unread = [asserted, party, from].every(({ whole }) => whole) ? [] : ['header not readable']
  const withheld =
    isAnonymous(from.read[0]) ||
    request.getHeaders('privacy').some(hides) ||
    party.read.some(entry => hides(entry.getParam('privacy') ?? ''))
  // Nothing else of him is looked at, so that nothing of him can get anywhere.
  if (withheld) return { caller: { withheld }, doubts: unread }
  const candidates = [asserted, party, from].map(({ read }) => read).find(read => read.length > 0) ?? []
  const sender = from.read[0]
  return identified(request, display, {
    candidates: candidates.filter(who => !isUnknown(who)),
    sender,
    unread,
  })
}

interface Identities {
  /** From the source that is believed most. */
  readonly candidates: readonly NameAddrHeader[]
  readonly sender: NameAddrHeader | undefined
  readonly unread: readonly string[]
}

const identified = (
  request: Headers,
  { numbering, unverifiedMark }: CallerDisplay,
  { candidates, sender, unread }: Identities,
): ReadCaller => {
  const numbered = candidates.find(entry => shownNumber(entry.uri.user ?? '', numbering) !== undefined)
  const number = shownNumber(numbered?.uri.user ?? '', numbering)
  const named = [numbered, ...candidates, sender].flatMap(entry =>
    entry && !isUnknown(entry) ? [entry] : [],
  )
  const names = named.map(({ displayName }) => shownName(displayName))
  const unverified = isUnverified(numbered)
  const mark = unverified ? unverifiedMark : ''
  const name = `${mark} ${names.find(({ text }) => text)?.text ?? ''}`.trim()
  const redirecting = redirectingOf(request, numbering)
  return {
    caller: {
      withheld: false,
      ...(number !== undefined && { number }),
      ...(name !== '' && { name }),
      ...(unverified && { unverified }),
      ...(redirecting && { redirecting }),
    },
    doubts: [...unread, ...(names.some(({ altered }) => altered) ? ['name not shown as written'] : [])],
  }
}

/** The number that was called: what the network addressed (RFC 7315 §4.2), else To. */
export const calledOf = (request: Headers, { numbering }: CallerDisplay = plainDisplay): string => {
  const values = [...request.getHeaders('p-called-party-id'), ...request.getHeaders('to')]
  const user = identities(values).read[0]?.uri.user ?? ''
  return shownNumber(user, numbering) ?? unescaped(user)
}
