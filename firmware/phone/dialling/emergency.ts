// Whether a number is an emergency number however it is written: an operator may take "+33112" or "00112" for what it means.
// For whatever must never reach emergency services by itself; what a subscriber dials is judged by match.ts.

import type { DialPlan, NumberPrefixes } from './plan.js'

const noPrefixes: NumberPrefixes = { international: '00', national: '' }

/** Every beginning after which the number of this country stands: none, from abroad, national. */
const headsOf = ({ country, international, national }: NumberPrefixes): readonly string[] =>
  ['', international, ...(country === undefined ? [] : [international + country])].flatMap(head => [
    head,
    head + national,
  ])

/** `number`: as typed, with "+", codes before it ("*92*112") and separators of RFC 3966 §5.1.1. Also when only a part of it is one. */
export const isEmergencyNumber = (number: string, plan: DialPlan): boolean => {
  const prefixes = plan.prefixes ?? noPrefixes
  const heads = headsOf(prefixes)
  return number
    .replace(/[ ().-]/g, '')
    .split(/[^\d+]+/)
    .map(part => part.replace(/^\++/, prefixes.international).replaceAll('+', ''))
    .some(part =>
      heads.some(head => part.startsWith(head) && plan.emergency.includes(part.slice(head.length))),
    )
}
