// The kinds of value a settings key can have. Each says its legal range in one sentence, which is at once the error
// message, the help text and the documentation; so no wording exists twice.

import * as z from 'zod'

// A configuration is checked once in a process's life: functions made for it would never earn what making them costs.
z.config({ jitless: true })

/**
 * A schema is made where it is asked for, and again when the garbage collector has taken it meanwhile: those of a whole box weigh
 * 1.6 MB, and it wants them only while it reads its configuration.
 */
export const whenNeeded = <T extends object>(make: () => T): (() => T) => {
  let kept: WeakRef<T> | undefined
  return () => {
    const found = kept?.deref()
    if (found) return found
    const made = make()
    kept = new WeakRef(made)
    return made
  }
}

export const wholeNumber = (least: number, most: number, help: string, unit = '') => {
  const legal = `must be a whole number from ${least} to ${most}${unit && ` ${unit}`}`
  return z
    .int(legal)
    .min(least, legal)
    .max(most, legal)
    .meta({ description: help, legal, ...(unit && { unit }) })
}

export const decimal = (least: number, most: number, help: string, unit = '') => {
  const legal = `must be a number from ${least} to ${most}${unit && ` ${unit}`}`
  return z
    .number(legal)
    .min(least, legal)
    .max(most, legal)
    .meta({ description: help, legal, ...(unit && { unit }) })
}

/** Text that `accepts` holds for; `legal` ends the sentence "must be …". */
export const text = (legalText: string, accepts: RegExp | ((value: string) => boolean), help: string) => {
  const legal = `must be ${legalText}`
  const test = accepts instanceof RegExp ? (value: string) => accepts.test(value) : accepts
  return z.string(legal).refine(test, legal).meta({ description: help, legal })
}

export const choice = <const T extends readonly [string, ...string[]]>(values: T, help: string) => {
  const legal = `must be ${oneOf(values)}`
  return z.enum(values, legal).meta({ description: help, legal })
}

export const flag = (help: string) => {
  const legal = 'must be true or false'
  return z.boolean(legal).meta({ description: help, legal })
}

export const list = <T extends z.ZodType>(
  element: T,
  least: number,
  most: number,
  of: string,
  help: string,
) => {
  const legal = `must be a list of ${least === 0 ? 'up to' : `${least} to`} ${most} ${of}`
  return z.array(element, legal).min(least, legal).max(most, legal).meta({ description: help, legal })
}

/** [least, most], both inside the outer limits and in this order. */
export const span = (least: number, most: number, help: string, unit: string) => {
  const legal = `must be a pair [shortest, longest] from ${least} to ${most} ${unit}, in this order`
  const end = z.int(legal).min(least, legal).max(most, legal)
  return z
    .tuple([end, end], legal)
    .refine(([low, high]) => low <= high, legal)
    .meta({ description: help, legal, unit })
}

/** When a changed value counts: at once, from the next start on, or only where it stands in the file. */
export type When = 'now' | 'start' | 'file'

/** Of one key; those of a table say it in `table`. */
export const counting = <T extends z.ZodType>(when: When, schema: T): T => schema.meta({ when }) as T

/** A TOML table in which every key is known. `when`: of each key that says nothing else. */
export const table = <T extends z.core.$ZodShape>(shape: T, help: string, when?: When) => {
  const known = Object.keys(shape)
  return z
    .strictObject(shape, {
      error: issue =>
        issue.code === 'unrecognized_keys'
          ? (issue.keys ?? []).map(key => unknownKey(key, known)).join('\n')
          : 'must be a table of keys',
    })
    .meta({ description: help, legal: 'must be a table of keys', ...(when && { when }) })
}

/** Tables under names that the file itself chooses. */
export const named = <T extends z.ZodType>(element: T, name: RegExp, help: string) => {
  const legal = 'must be tables with names of at most 16 small letters, digits and "-"'
  return z.record(z.string().regex(name, legal), element, legal).meta({ description: help, legal })
}

/**
 * A rule over several keys of one table, told at `key`. It is checked beside other mistakes of the table,
 * so `holds` may meet values of wrong types; what it throws then counts as kept.
 */
export const rule = <T extends z.ZodType>(
  schema: T,
  key: string,
  message: string,
  holds: (value: z.output<T>) => boolean,
): T =>
  schema.refine(
    value => {
      try {
        return holds(value as z.output<T>)
      } catch {
        return true
      }
    },
    { error: message, path: [key], when: () => true },
  )

const oneOf = (values: readonly string[]): string => values.map(value => `"${value}"`).join(', ')

/** One line for each unknown key, in the order of `issue.keys`. */
const unknownKey = (key: string, known: readonly string[]): string => {
  const near = known
    .map(candidate => ({ candidate, distance: editDistance(key.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)[0]
  const meant =
    near && near.distance <= Math.max(1, key.length / 3) ? `; did you mean "${near.candidate}"?` : ''
  return `is not a key of this table${meant} (keys: ${known.join(', ')})`
}

/** Insertions, deletions and replacements between two words (Levenshtein). */
const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, n) => n)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}
