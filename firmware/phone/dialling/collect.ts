// Digit collection: one key at a time against the dial plan. A closed number is complete at its last digit, an
// open one by "#" or the inter-digit time-out; a code is *…, #… with "#" at its end, or with a number that ends
// like one. The codes of the guide (lines 41-55, 115-123, 151-161) have no "#" after a number.

import { beginsCode, codeWithNumber, lacksNumber, localCode } from './code-head.js'
import type { Collection, Dialled, DigitResult, TimeoutResult } from './dialled.js'
import { type Match, matchNumber } from './match.js'
import type { DialPlan, LocalCode } from './plan.js'

interface Collected {
  readonly collection: Collection
  readonly result: DigitResult
}

type Ended = 'invalid' | { readonly complete: Dialled }

export const startCollecting = (): Collection => ({ digits: '' })

/** Takes one key, 0-9 * #; any other (DTMF A-D) means nothing and is left out. Never throws. */
export const collectDigit = (collection: Collection, digit: string, plan: DialPlan): Collected => {
  const { digits } = collection
  if (!/^[0-9*#]$/.test(digit)) return { collection, result: standing(digits, plan) }
  const next = { digits: digits + digit }
  if (digit === '#' && endsHere(digits)) return { collection: next, result: end(digits, plan, 'hash') }
  if (next.digits.length > plan.maxDigits) return { collection: next, result: 'invalid' }
  return { collection: next, result: standing(next.digits, plan) }
}

/** The inter-digit timer ran out. */
export const collectTimeout = (collection: Collection, plan: DialPlan): TimeoutResult => {
  const { digits } = collection
  if (digits === '') return 'empty'
  if (isCode(digits) && (!/\d/.test(digits) || beginsCode(digits, plan))) return 'invalid'
  return end(digits, plan, 'timeout')
}

/** How long to wait for the next key, ms: twice as long where a code still lacks its number. */
export const interDigitWait = (collection: Collection, interDigit: number): number =>
  /\d\*$/.test(collection.digits) ? 2 * interDigit : interDigit

/** `digits`, or the number behind a code that calls it, are known to the plan only as the beginning of longer numbers. */
export const isUnfinished = ({ digits }: Collection, plan: DialPlan): boolean => {
  const code = codeWithNumber(digits, plan)
  if (code && !code.does) return false
  return matchNumber(code?.number ?? digits, plan).state === 'partial'
}

const isCode = (digits: string): boolean => /^[*#]/.test(digits)

// In "*#" and "##" the "#" is still part of the code's head.
const endsHere = (digits: string): boolean => digits !== '' && !/^[*#]$/.test(digits)

const standing = (digits: string, plan: DialPlan): DigitResult => {
  if (digits === '') return 'more'
  if (!isCode(digits)) return standingNumber(digits, plan, undefined)
  const code = codeWithNumber(digits, plan)
  if (code) return code.number === '' ? 'more' : standingNumber(digits, plan, code)
  return /^[*#]{3}/.test(digits) ? 'invalid' : 'more'
}

const standingNumber = (digits: string, plan: DialPlan, code: CodeOfNumber): DigitResult => {
  const number = code?.number ?? digits
  if (number.includes('*')) return 'invalid'
  const match = matchNumber(number, plan)
  if (match.state === 'whole') return dialNumber(digits, plan, code, 'match')
  return match.state === 'open' || match.state === 'unknown' ? 'more-open' : 'more'
}

type CodeOfNumber = ReturnType<typeof codeWithNumber>

/** What stands when "#" or the time-out ends `digits`; the "#" itself is not among them. */
const end = (digits: string, plan: DialPlan, by: 'hash' | 'timeout'): Ended => {
  if (!isCode(digits)) return dialNumber(digits, plan, undefined, by)
  const code = codeWithNumber(digits, plan)
  if (code) return code.number === '' ? 'invalid' : dialNumber(digits, plan, code, by)
  const keys = `${digits}#`
  if (!/\d$/.test(digits) || lacksNumber(keys, plan)) return 'invalid'
  const does = localCode(keys, plan)
  return { complete: serviceCode(keys, does, by) }
}

const serviceCode = (keys: string, does: LocalCode['does'] | undefined, by: Dialled['by']): Dialled => ({
  class: does ? 'code-local' : 'code-network',
  target: keys,
  emergency: false,
  masked: false,
  ...(does && { code: does }),
  by,
})

/**
 * One key and then nothing: half a command, a key brushed in passing. It calls nobody, unless the plan has such a number;
 * what a code tells the network is the network's business.
 */
const isSingleKey = (number: string, match: Match, code: CodeOfNumber): boolean =>
  number.length === 1 && !('class' in match) && (code === undefined || code.does !== undefined)

const dialNumber = (digits: string, plan: DialPlan, code: CodeOfNumber, by: Dialled['by']): Ended => {
  const number = code?.number ?? digits
  const match = matchNumber(number, plan)
  if (match.state === 'short' || (by === 'timeout' && isSingleKey(number, match, code))) return 'invalid'
  const found = 'class' in match ? match.class : 'open'
  if (found === 'invalid') return 'invalid'
  // "*21*112" tells the network a number; "*92*112" would call it, and an emergency call shows its number whatever
  // stands before it.
  const emergency = found === 'emergency' && (code === undefined || code.does !== undefined)
  const base = { number, emergency, masked: false, by }
  if (emergency || !code) return { complete: { ...base, target: number, class: found } }
  const wholeCode = `${digits}#`
  if (!code.does) return { complete: { ...base, target: wholeCode, class: 'code-network' } }
  // A call like any other, but that the network reads its code.
  if (code.by === 'network') return { complete: { ...base, target: wholeCode, class: found } }
  return {
    complete: {
      ...base,
      target: number,
      class: 'code-local',
      masked: code.does === 'mask-call',
      code: code.does,
    },
  }
}
