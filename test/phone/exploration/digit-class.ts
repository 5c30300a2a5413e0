// The dial-plan class of the keys pressed so far: two strings of the same class mean the same to the machine now and
// after every further key, though they call somebody else. Taken from the plan alone, not from the machine's code;
// that it is fine enough is itself checked (equal-successors.ts).

import type { DialPlan, DialRule } from '../../../firmware/phone/dialling/plan.js'

export type Classifier = (digits: string) => string

/** Remembers what it has judged: an exploration asks for the same few thousand strings again and again. */
export const digitClassifier = (plan: DialPlan): Classifier => {
  const known = new Map<string, string>()
  const rules = plan.rules.map(placesOf)
  return digits => {
    const found = known.get(digits)
    if (found !== undefined) return found
    const judged = /^[*#]/.test(digits) ? codeClass(digits, plan, rules) : numberClass(digits, plan, rules)
    if (known.size > 200_000) known.clear()
    known.set(digits, judged)
    return judged
  }
}

interface Places {
  readonly fixed: readonly string[]
  /** Fewest and most digits. */
  readonly fewest: number
  readonly most: number
}

const placesOf = ({ pattern, length }: DialRule): Places => {
  const places = pattern.match(/\[[^\]]*\]|./g) ?? []
  const open = places.at(-1) === '.'
  const fixed = open ? places.slice(0, -1) : places
  const fewest = open ? Math.max(length?.[0] ?? 0, fixed.length + 1) : fixed.length
  return { fixed, fewest, most: open ? (length?.[1] ?? Number.POSITIVE_INFINITY) : fixed.length }
}

const fits = (place: string, digit: string): boolean =>
  place === 'x' ? /\d/.test(digit) : new RegExp(`^${place}$`).test(digit)

/** Which numbers it can still become, and how long it is: the digits of a place that takes any are forgotten. */
const numberClass = (number: string, plan: DialPlan, rules: readonly Places[]): string => {
  const alive = rules.flatMap(({ fixed, most }, i) =>
    number.length <= most && fixed.every((place, at) => at >= number.length || fits(place, number.charAt(at)))
      ? [i]
      : [],
  )
  const emergency = plan.emergency.filter(known => known.startsWith(number))
  const star = number.includes('*') ? '*' : ''
  return `${number.length}${star}/${alive.join()}/${emergency.join()}`
}

/** How far into which codes of the plan it is, the class of the number behind the head, and the shape of the rest. */
const codeClass = (keys: string, plan: DialPlan, rules: readonly Places[]): string => {
  const codes = [...plan.codes.map(({ code }) => code), ...plan.networkCodes]
  const begun = codes.filter(code => code.startsWith(keys))
  const lead = /^[*#]*/.exec(keys)?.[0].slice(0, 3)
  const shape = `${lead}${/\d/.test(keys) ? 'd' : ''}${/\d\*$/.test(keys) ? 'd*' : /\D$/.exec(keys)}`
  const behind = codes.flatMap((code, i) => {
    const head = code.endsWith('N') ? code.slice(0, -1) : undefined
    if (head === undefined || !keys.startsWith(head)) return []
    return [`${i}:${numberClass(keys.slice(head.length), plan, rules)}`]
  })
  return `${keys.length} ${shape} ${begun.join()} ${behind.join()}`
}
