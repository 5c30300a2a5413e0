// Who is calling, from the headers a network vouches for down to the one anybody may fill in:
// P-Asserted-Identity (RFC 3325), Remote-Party-ID, From; withheld by Privacy (RFC 3323, RFC 3325 §9.3).

import type { Caller } from '../sip-line.js'
import { parseNameAddr } from './grammar.js'
import { splitOutside } from './header-values.js'
import type { Headers } from './session-timer.js'

export interface NumberingPlan {
  /** Country code whose numbers are shown in national form. */
  readonly countryCode: string
  readonly nationalPrefix: string
  readonly internationalPrefix: string
}

/** France: +33 3 89… is shown as 0389…, other countries as 00…. */
export const frenchNumbers: NumberingPlan = {
  countryCode: '33',
  nationalPrefix: '0',
  internationalPrefix: '00',
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Digits as the telephone shows them, or undefined when `user` is no number. */
export const shownNumber = (user: string, plan: NumberingPlan = frenchNumbers): string | undefined => {
  const bare = decoded(user.split(';', 1)[0] ?? '').replace(/[\s().-]/g, '')
  if (!/^\+?[0-9*#]{1,32}$/.test(bare)) return undefined
  if (!bare.startsWith('+')) return bare
  const digits = bare.slice(1)
  return digits.startsWith(plan.countryCode)
    ? plan.nationalPrefix + digits.slice(plan.countryCode.length)
    : plan.internationalPrefix + digits
}

const shownName = (name: string | undefined): string | undefined => {
  const clean = (name ?? '')
    .replace(/\\(.)/g, '$1')
    .replace(/[\0-\x1f\x7f]/g, ' ')
    .trim()
    .slice(0, 50)
  // A display name that only repeats the number says nothing.
  return clean === '' || /^[+0-9\s().-]+$/.test(clean) ? undefined : clean
}

const identities = (values: readonly string[]) =>
  values.flatMap(value => splitOutside(value, ',').flatMap(part => parseNameAddr(part.text) ?? []))

const hides = (privacy: string): boolean => /\b(id|user|header|full|uri|on|yes)\b/i.test(privacy)

export const callerOf = (request: Headers, plan: NumberingPlan = frenchNumbers): Caller => {
  const asserted = identities(request.getHeaders('p-asserted-identity'))
  const party = identities(request.getHeaders('remote-party-id'))
  const from = identities(request.getHeaders('from'))
  const [sender] = from
  const anonymous =
    sender?.uri.host.toLowerCase() === 'anonymous.invalid' || sender?.uri.user?.toLowerCase() === 'anonymous'
  const withheld =
    anonymous ||
    request.getHeaders('privacy').some(hides) ||
    party.some(entry => hides(entry.getParam('privacy') ?? ''))
  if (withheld) return { withheld }
  const candidates = asserted.length > 0 ? asserted : party.length > 0 ? party : from
  const numbered = candidates.find(entry => shownNumber(entry.uri.user ?? '', plan) !== undefined)
  const number = shownNumber(numbered?.uri.user ?? '', plan)
  const name = [numbered, ...candidates, sender]
    .map(entry => shownName(entry?.displayName))
    .find(text => text)
  return {
    withheld,
    ...(number === undefined ? {} : { number }),
    ...(name === undefined ? {} : { name }),
  }
}

/** The number that was called: what the network addressed (RFC 7315 §4.2), else To. */
export const calledOf = (request: Headers, plan: NumberingPlan = frenchNumbers): string => {
  const [target] = identities([...request.getHeaders('p-called-party-id'), ...request.getHeaders('to')])
  const user = target?.uri.user ?? ''
  return shownNumber(user, plan) ?? decoded(user)
}
