// Every key of the configuration file with its default, range and help, taken from the schema: for `check --keys`,
// console completion and the documentation.

import * as z from 'zod'
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
}

interface Node {
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  readonly items?: Node
  readonly description?: string
  readonly legal?: string
  readonly default?: unknown
}

export const describeKeys = (): readonly KeyDescription[] =>
  keysOf(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Node, '')

const keysOf = (node: Node, prefix: string): readonly KeyDescription[] =>
  Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    if (child.properties) return keysOf(child, `${prefix}${name}.`)
    if (child.items?.properties) return keysOf(child.items, `${prefix}[[${name}]].`)
    return {
      key: `${prefix}${name}`,
      help: child.description ?? '',
      legal: child.legal ?? '',
      standard: child.default,
      required: node.required?.includes(name) ?? false,
    }
  })
