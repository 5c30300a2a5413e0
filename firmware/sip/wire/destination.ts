// Where a request goes (RFC 3261 §8.1.2, §12.2.1.1): top Route, else the line's proxies for a request outside a dialog,
// else the Request-URI. Hosts that are names are looked up; a port that is not given is 5060 (RFC 3263 §4.2, UDP).

import type { Clock } from '../../../hal/clock.js'
import type { Endpoint, Network } from '../../../hal/network.js'
import { bareHost, parseNameAddress, parseSipUri, splitOutside } from './header-values.js'
import { headerOf, type SipRequest, tagOf } from './message.js'

const numeric = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)$/

/** Candidates in order; empty when none is known. A name that cannot be looked up counts as none. */
export const destinationsOf = async (
  request: SipRequest,
  proxies: readonly Endpoint[],
  { network, clock }: { readonly network: Network; readonly clock: Clock },
): Promise<readonly Endpoint[]> => {
  const route = splitOutside(headerOf(request, 'Route') ?? '', ',')?.[0] ?? ''
  const outside = tagOf(headerOf(request, 'To')) === undefined
  if (route === '' && outside && proxies.length > 0) return proxies
  const uri = parseSipUri(route === '' ? request.uri : (parseNameAddress(route)?.uri ?? ''))
  if (uri === undefined) return []
  const host = bareHost(uri.host)
  const port = uri.port ?? 5060
  if (numeric.test(host)) return [{ address: host, port }]
  try {
    const addresses = await clock.external(network.resolveHost(host))
    return addresses.map(address => ({ address, port }))
  } catch {
    return []
  }
}
