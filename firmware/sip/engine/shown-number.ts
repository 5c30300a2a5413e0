// The user part of a sip: or tel: URI as a telephone shows it (RFC 3966): the country's own numbers in national form,
// others with the international prefix. Which country that is, is data of the profile ([dialplan]).

import type { NumberingPlan } from '../sip-line.js'

/** Longest number that caller identity can carry (ETSI EN 300 659-3 §5.4.2). */
export const LONGEST_NUMBER = 20

/** Without a country: numbers in international form are shown with 00. */
export const noCountry: NumberingPlan = { nationalPrefix: '', internationalPrefix: '00' }

/** Percent-escapes resolved; as it stands where they cannot be. */
export const unescaped = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Digits as the telephone shows them, 1 to 20; undefined when `user` is no such number. */
export const shownNumber = (user: string, plan: NumberingPlan = noCountry): string | undefined => {
  // Visual separators of RFC 3966 §5.1.1 say nothing.
  const bare = unescaped(user.split(';', 1)[0] ?? '').replace(/[ ().-]/g, '')
  if (!/^\+?[0-9*#]{1,32}$/.test(bare)) return undefined
  const shown = national(bare, plan)
  return shown.length > 0 && shown.length <= LONGEST_NUMBER ? shown : undefined
}

const national = (bare: string, plan: NumberingPlan): string => {
  const { countryCode, nationalPrefix, internationalPrefix } = plan
  const global = globalDigits(bare, internationalPrefix)
  if (global === undefined) return bare
  if (countryCode === undefined || !global.startsWith(countryCode)) return internationalPrefix + global
  const rest = global.slice(countryCode.length)
  // Gateways that put "+33" before a number in national form are common.
  return nationalPrefix !== '' && rest.startsWith(nationalPrefix) ? rest : nationalPrefix + rest
}

/** The shortest number that is taken for an international one when only its prefix says so. */
const SHORTEST_INTERNATIONAL = 8

/** Digits after "+"; of a long number, also after the international prefix. Undefined: no international form. */
const globalDigits = (bare: string, prefix: string): string | undefined => {
  const digits = bare.startsWith('+') ? bare.slice(1) : bare
  const long = prefix !== '' && digits.startsWith(prefix) && /^[0-9]+$/.test(digits)
  if (long && digits.length - prefix.length >= SHORTEST_INTERNATIONAL) return digits.slice(prefix.length)
  return bare.startsWith('+') ? digits : undefined
}
