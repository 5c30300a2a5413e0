// Values of settings as they are typed and as they are shown: "on", "24", "sip:a.test sip:b.test", each checked against the
// one schema, whose own sentence says what would be legal.

import type * as z from 'zod'
import { deskWords, plain, type Words } from './desk-words.js'
import { describeKeys, type KeyDescription } from './key-list.js'
import type { OverrideValue } from './overrides.js'
import { configSchema } from './schema.js'
import { isSecretKey, secretShown, withoutPasswords } from './secret-key.js'

/** One key of this box: those of each line once for each line. */
export interface SettingKey extends KeyDescription {
  /** "line.tel1.callWaiting". */
  readonly key: string
  /** As the schema has it: "[[line]].callWaiting". */
  readonly inSchema: string
  readonly line?: string
}

const ofEachLine = '[[line]].'

let known: readonly KeyDescription[] | undefined

/** In the order of the schema. */
export const settingKeys = (lines: readonly string[]): readonly SettingKey[] => {
  // Made of the schema once: it does not change while the box runs.
  known ??= describeKeys()
  return known.flatMap(description =>
    description.key.startsWith(ofEachLine)
      ? lines.map(line => ({
          ...description,
          key: `line.${line}.${description.key.slice(ofEachLine.length)}`,
          inSchema: description.key,
          line,
        }))
      : [{ ...description, inSchema: description.key }],
  )
}

export type Checked = { readonly value: OverrideValue } | { readonly mistake: Words }

/** What was typed. A list is given with blanks or commas between, or as JSON. */
export const typedValue = (key: SettingKey, text: string): Checked => {
  const value = meantBy(key, text.trim(), text)
  return value === undefined ? wrong(key, text) : checkedValue(key, value, text)
}

/** A value from JSON: of the right type, or text as it would be typed. */
export const givenValue = (key: SettingKey, value: unknown): Checked =>
  typeof value === 'string' ? typedValue(key, value) : checkedValue(key, value, JSON.stringify(value) ?? '')

const checkedValue = (key: SettingKey, value: unknown, text: string): Checked => {
  if (schemaOf(key.inSchema)?.safeParse(value).success !== true || hasLineEnd(value)) return wrong(key, text)
  // The store and an export would hold it in clear.
  if (!isSecretKey(key.key) && withoutPasswords(text) !== text)
    return { mistake: deskWords.holdsPassword(key.key) }
  return { value: value as OverrideValue }
}

/** One line of text has to carry it, in a file of a secret and in an export. */
const hasLineEnd = (value: unknown): boolean => typeof value === 'string' && /[\r\n\0]/.test(value)

const wrong = ({ key, legal }: SettingKey, text: string): Checked => ({
  mistake: plain(isSecretKey(key) ? `${key} ${legal}` : `${key} = ${cut(text)}: ${legal}`),
})

const cut = (text: string): string => {
  const shown = withoutPasswords(text)
  return shown.length > 60 ? `${shown.slice(0, 57)}...` : shown
}

const meantBy = ({ kind }: SettingKey, trimmed: string, text: string): unknown => {
  switch (kind) {
    case 'flag':
      if (/^(true|on|1)$/i.test(trimmed)) return true
      return /^(false|off|0)$/i.test(trimmed) ? false : undefined
    case 'number':
      return numberOf(trimmed)
    case 'texts':
      return listOf(trimmed)
    case 'numbers':
      return listOf(trimmed)?.map(part => (typeof part === 'string' ? numberOf(part) : part))
    case 'choice':
      return trimmed
    case 'text':
      return text
  }
}

const numberOf = (text: string): number | undefined =>
  /^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined

const listOf = (text: string): readonly unknown[] | undefined => {
  if (!text.startsWith('[')) return text.split(/[\s,]+/).filter(part => part !== '')
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}

interface Definition {
  readonly innerType?: z.ZodType
  readonly shape?: Readonly<Record<string, z.ZodType>>
  readonly element?: z.ZodType
}

/** Of one key alone, without what surrounds it. */
const schemaOf = (inSchema: string): z.ZodType | undefined =>
  inSchema.split('.').reduce<z.ZodType | undefined>((schema, name) => {
    const list = /^\[\[(.+)\]\]$/.exec(name)
    const child = schema && bare(schema).shape?.[list?.[1] ?? name]
    return list && child ? bare(child).element : child
  }, configSchema())

const bare = (schema: z.ZodType): Definition => {
  const definition = schema.def as unknown as Definition
  return definition.innerType ? bare(definition.innerType) : definition
}

/** On one line; what was typed so is the same value again. */
export const valueText = (value: OverrideValue): string => {
  if (typeof value !== 'string') return JSON.stringify(value)
  return value === '' || /^\s|\s$|^".*"$/.test(value) ? `"${value}"` : value
}

export const shownText = (key: string, value: OverrideValue): string =>
  isSecretKey(key) ? secretShown : valueText(value)

/** Without the quotation marks that `valueText` puts. */
export const unquoted = (text: string): string =>
  text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text
