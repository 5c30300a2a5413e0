// Where a digit string stands in the dial plan: a number, the beginning of one, or neither.
// The figures are those of the profile; for France ARCEP decision 2018-0881.

import type { DialPlan, DialRule, NumberClass } from './plan.js'

/**
 * whole: complete at its last digit, nothing can follow. open: complete, but may go on. partial: beginning of a
 * number whose length the plan does not bound from below. short: beginning of numbers that all have a fewest
 * number of digits, not reached yet. unknown: no rule covers it.
 */
export type Match =
  | { readonly state: 'whole' | 'open'; readonly class: NumberClass }
  | { readonly state: 'partial' | 'short' | 'unknown' }

type Fit = 'whole' | 'open' | 'prefix' | 'no'

const fitsPlace = (place: string, digit: string): boolean =>
  place === 'x' || (place.startsWith('[') ? inSet(place.slice(1, -1), digit) : place === digit)

const inSet = (set: string, digit: string): boolean => {
  for (let i = 0; i < set.length; i++) {
    const first = set.charAt(i)
    const last = set.charAt(i + 1) === '-' ? set.charAt(i + 2) : first
    if (digit >= first && digit <= last) return true
  }
  return false
}

/** The places of a pattern, one a digit: "0[1-9]x." is "0", "[1-9]", "x", ".". */
export const placesOf = (pattern: string): readonly string[] => pattern.match(/\[[^\]]*\]|./g) ?? []

// Every key is held against every rule: taking the patterns apart anew each time would be half the cost of a key.
const taken = new WeakMap<DialRule, readonly string[]>()

const placesOfRule = (rule: DialRule): readonly string[] => {
  let places = taken.get(rule)
  if (places === undefined) taken.set(rule, (places = placesOf(rule.pattern)))
  return places
}

const fit = (rule: DialRule, number: string): Fit => {
  const places = placesOfRule(rule)
  const open = places.at(-1) === '.'
  const fixed = open ? places.length - 1 : places.length
  for (let i = 0; i < Math.min(fixed, number.length); i++)
    if (!fitsPlace(places[i] ?? '', number.charAt(i))) return 'no'
  if (!open) return number.length === fixed ? 'whole' : number.length < fixed ? 'prefix' : 'no'
  const [fewest, most] = rule.length ?? [fixed + 1, Number.POSITIVE_INFINITY]
  if (number.length > most) return 'no'
  if (number.length === most) return 'whole'
  return number.length >= Math.max(fewest, fixed + 1) ? 'open' : 'prefix'
}

const isOpen = (rule: DialRule): boolean => rule.pattern.endsWith('.')

/**
 * Judges `number` (digits 0-9). An emergency number is whole whatever else the plan says; another closed number
 * waits only for a longer closed one that begins with it; the first matching rule names the class.
 */
export const matchNumber = (number: string, plan: DialPlan): Match => {
  if (plan.emergency.includes(number)) return { state: 'whole', class: 'emergency' }
  const fits = plan.rules.map(rule => ({ rule, fit: fit(rule, number) }))
  const longerClosed =
    fits.some(f => f.fit === 'prefix' && !isOpen(f.rule)) || plan.emergency.some(e => e.startsWith(number))
  const whole = fits.find(f => f.fit === 'whole')
  if (whole) return { state: longerClosed ? 'open' : 'whole', class: whole.rule.class }
  const open = fits.find(f => f.fit === 'open')
  if (open) return { state: 'open', class: open.rule.class }
  if (longerClosed) return { state: 'partial' }
  return { state: fits.some(f => f.fit === 'prefix') ? 'short' : 'unknown' }
}
