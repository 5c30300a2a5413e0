// What a diverted call carries: Diversion (RFC 5806) and History-Info (RFC 7044 with the causes of RFC 4458).

import { parameterOf, parseNameAddress, splitOutside } from '../../firmware/sip/wire/header-values.js'
import { headersOf, type SipRequest, withoutHeader } from '../../firmware/sip/wire/message.js'
import type { DiversionReason } from './application.js'

/** RFC 4458 §2.1. */
const causes: Readonly<Record<DiversionReason, number>> = {
  unconditional: 302,
  'user-busy': 486,
  'no-answer': 408,
  unavailable: 503,
}

export interface DivertedFrom {
  /** URIs, without brackets. */
  readonly from: string
  readonly to: string
  readonly reason: DiversionReason
}

const valuesOf = (request: SipRequest, name: string): string[] =>
  headersOf(request, name).flatMap(value => splitOutside(value, ',') ?? [])

/** How often the call was diverted before it came here, counters included. */
export const diversionsBefore = (request: SipRequest): number =>
  valuesOf(request, 'Diversion').reduce((sum, value) => {
    const counter = parameterOf(parseNameAddress(value)?.parameters ?? [], 'counter') ?? ''
    return sum + (/^\d{1,3}$/.test(counter) ? Math.max(1, Number(counter)) : 1)
  }, 0)

/** URIs of those who diverted it before, the latest first. */
export const divertersBefore = (request: SipRequest): readonly string[] =>
  valuesOf(request, 'Diversion').flatMap(value => parseNameAddress(value)?.uri ?? [])

const indexOf = (value: string): string =>
  parameterOf(parseNameAddress(value)?.parameters ?? [], 'index') ?? '1'

/** The request with one diversion more told in both ways. */
export const withDiversion = (request: SipRequest, { from, to, reason }: DivertedFrom): SipRequest => {
  const known = valuesOf(request, 'History-Info')
  const history = known.length === 0 ? [`<${from}>;index=1`] : known
  const last = indexOf(history.at(-1) as string)
  const next = `<${to};cause=${causes[reason]}>;index=${last}.1;mp=${last}`
  const bare = withoutHeader(withoutHeader(request, 'History-Info'), 'Diversion')
  return {
    ...bare,
    headers: [
      ...bare.headers,
      ['Diversion', `<${from}>;reason=${reason};counter=1;privacy=off`],
      ...headersOf(request, 'Diversion').map(value => ['Diversion', value] as const),
      ['History-Info', [...history, next].join(', ')],
    ],
  }
}
