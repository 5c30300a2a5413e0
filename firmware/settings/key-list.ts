// Every key of the configuration file, and of a board file, with its default, range and help, taken from the schemas: for
// `check --keys`, console completion and the documentation.

import * as z from 'zod'
import { boardSchema } from './board-schema.js'
import type { When } from './key-types.js'
import { configSchema } from './schema.js'

export interface KeyDescription {
  /** "sip.dscp"; "[[line]].account.user" for keys of each line. */
  readonly key: string
  readonly help: string
  /** "must be a whole number from 0 to 63". */
  readonly legal: string
  /** The value when the key is absent. */
  readonly standard: unknown
  readonly required: boolean
  readonly kind: KeyKind
  /** "ms", "s", "dBm0". */
  readonly unit?: string
  /** The values there are, where they can be counted. */
  readonly choices?: readonly string[]
  readonly when: When
}

export type KeyKind = 'text' | 'choice' | 'number' | 'flag' | 'texts' | 'numbers'

interface Node {
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  readonly type?: string
  readonly enum?: readonly string[]
  readonly items?: Node
  readonly prefixItems?: readonly Node[]
  /** Of tables under names the file chooses. */
  readonly additionalProperties?: Node | boolean
  readonly description?: string
  readonly legal?: string
  readonly unit?: string
  readonly when?: When
  readonly default?: unknown
}

export const describeKeys = (): readonly KeyDescription[] => describe(configSchema())

/** "[[slic]].shk.offset", "gpio.NAME.label". */
export const describeBoardKeys = (): readonly KeyDescription[] => describe(boardSchema())

const describe = (schema: z.ZodType): readonly KeyDescription[] =>
  keysOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Node, '')

const keysOf = (node: Node, prefix: string, around: When = 'now'): readonly KeyDescription[] =>
  Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const when = child.when ?? around
    if (child.properties) return keysOf(child, `${prefix}${name}.`, when)
    if (typeof child.additionalProperties === 'object')
      return keysOf(child.additionalProperties, `${prefix}${name}.NAME.`, when)
    if (child.items?.properties) return keysOf(child.items, `${prefix}[[${name}]].`, when)
    const choices = child.type === 'boolean' ? ['false', 'true'] : child.enum
    return {
      key: `${prefix}${name}`,
      help: child.description ?? '',
      legal: child.legal ?? '',
      standard: child.default,
      required: node.required?.includes(name) ?? false,
      kind: kindOf(child),
      when,
      ...(child.unit !== undefined && { unit: child.unit }),
      ...(choices && { choices }),
    }
  })

const kindOf = ({ type, enum: values, items, prefixItems }: Node): KeyKind => {
  if (type === 'array') return (items ?? prefixItems?.[0])?.type === 'string' ? 'texts' : 'numbers'
  if (type === 'boolean') return 'flag'
  if (type === 'integer' || type === 'number') return 'number'
  return values ? 'choice' : 'text'
}
