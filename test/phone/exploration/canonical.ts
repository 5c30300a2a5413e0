// The same state with everything forgotten that the machine cannot tell apart: keys become their dial-plan class, calls
// their place among the others, numbers and names nothing at all. Times are no part of a state: a timer runs or not.

import type { Classifier } from './digit-class.js'

/** A text that is equal exactly for states that behave alike. */
export type Canonical = (...parts: readonly unknown[]) => string

export const canonicalOf =
  (classify: Classifier): Canonical =>
  (...parts) => {
    const calls: string[] = []
    let all = ''
    for (const part of parts) all += `${text(part, '', calls, classify)}\n`
    return all
  }

/** Facts that are only carried along: shown on a display, written into an INVITE, or used to name the next call. */
const carried: ReadonlySet<string> = new Set(['nextCall', 'caller', 'target', 'number'])

const text = (value: unknown, field: string, calls: string[], classify: Classifier): string => {
  if (typeof value === 'string') {
    if (field === 'digits') return classify(value)
    return /^(?:in|out|set)-/.test(value) ? placeOf(value, calls) : value
  }
  if (typeof value !== 'object' || value === null) return `${value}`
  let all = ''
  if (Array.isArray(value)) {
    for (const item of value) all += `${text(item, field, calls, classify)},`
    return `[${all}]`
  }
  const fields = value as Readonly<Record<string, unknown>>
  for (const name in fields) {
    const item = fields[name]
    if (item === undefined) continue
    all += carried.has(name) ? `${name} ` : `${name}:${text(item, name, calls, classify)} `
  }
  return `{${all}}`
}

/** Calls and stores are told apart by which is named first; who called whom matters to nobody once it stands. */
const placeOf = (call: string, calls: string[]): string => {
  let place = calls.indexOf(call)
  if (place < 0) place = calls.push(call) - 1
  return `${call.startsWith('set-') ? 'set' : 'call'}${place}`
}
