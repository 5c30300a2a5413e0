// What a Request-URI of a subscriber means to the operator, and where a URI with an address leads.

import { bareHost, parseSipUri } from '../../firmware/sip/wire/header-values.js'
import type { Endpoint } from '../../hal/network.js'

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * The number or name called: user part of a sip or tel URI, escapes and visual separators taken out, parameters left out,
 * `+<countryCode>` turned into the national 0. Undefined when there is none.
 */
export const calledNumber = (uri: string, countryCode: string): string | undefined => {
  const user = /^tel:/i.test(uri) ? uri.slice(4) : parseSipUri(uri)?.user
  if (user === undefined) return undefined
  const plain = decoded(user.split(';', 1)[0] as string)
  const digits = /^\+?[\d\-.()*#]+$/.test(plain) ? plain.replace(/[-.()]/g, '') : plain
  return digits.startsWith(`+${countryCode}`) ? `0${digits.slice(countryCode.length + 1)}` : digits
}

/** Undefined when the host is a name: this operator asks no name server. */
export const numericEndpoint = (uri: string): Endpoint | undefined => {
  const parsed = parseSipUri(uri)
  if (parsed === undefined || !/^[\d.]+$|^\[/.test(parsed.host)) return undefined
  return { address: bareHost(parsed.host), port: parsed.port ?? 5060 }
}

/** Design §6.1: always reachable, never masked, and nobody's calls may be sent to them. */
export const isEmergency = (number: string): boolean =>
  /^(?:15|17|18|112|114|115|119|191|196|197|116000|116111|116117)$/.test(number)
