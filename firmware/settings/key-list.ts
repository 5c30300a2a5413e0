// Every key of the configuration file, and of a board file, with its default, range and help, taken from the schemas: for
// `check --keys`, console completion and the documentation.

import * as z from 'zod'
import { boardSchema } from './board-schema.js'
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
  /** Of tables under names the file chooses. */
  readonly additionalProperties?: Node | boolean
  readonly description?: string
  readonly legal?: string
  readonly default?: unknown
}

export const describeKeys = (): readonly KeyDescription[] => describe(configSchema)

/** "[[slic]].shk.offset", "gpio.NAME.label". */
export const describeBoardKeys = (): readonly KeyDescription[] => describe(boardSchema)

const describe = (schema: z.ZodType): readonly KeyDescription[] =>
  keysOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Node, '')

const keysOf = (node: Node, prefix: string): readonly KeyDescription[] =>
  Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    if (child.properties) return keysOf(child, `${prefix}${name}.`)
    if (typeof child.additionalProperties === 'object')
      return keysOf(child.additionalProperties, `${prefix}${name}.NAME.`)
    if (child.items?.properties) return keysOf(child.items, `${prefix}[[${name}]].`)
    return {
      key: `${prefix}${name}`,
      help: child.description ?? '',
      legal: child.legal ?? '',
      standard: child.default,
      required: node.required?.includes(name) ?? false,
    }
  })
