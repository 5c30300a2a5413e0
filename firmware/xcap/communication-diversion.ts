// Whether calls are diverted, as the element communication-diversion of a simservs document says (3GPP TS 24.604 §4.9): the
// service is active and one of its rules is.

import { elementIn, isActive, type XmlFields } from './simservs.js'

const service = 'communication-diversion'

const listOf = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value]

const fieldsOf = (value: unknown): XmlFields =>
  typeof value === 'object' && value !== null ? (value as XmlFields) : {}

/** Written but switched off (3GPP TS 24.604 §4.9.1.3). */
const isOff = (rule: unknown): boolean => 'rule-deactivated' in fieldsOf(fieldsOf(rule)['conditions'])

const forwards = (rule: unknown): boolean => 'forward-to' in fieldsOf(fieldsOf(rule)['actions'])

/**
 * A document without the element diverts nothing. Undefined for what is no such document, or cannot be understood: then it
 * is not known.
 */
export const diversionIn = (xml: string): boolean | undefined => {
  const found = elementIn(xml, service)
  if (found === undefined) return undefined
  if (found === null) return false
  const active = isActive(found)
  if (!active) return active
  const rules = listOf(found['ruleset']).flatMap(ruleset => listOf(fieldsOf(ruleset)['rule']))
  return rules.some(rule => forwards(rule) && !isOff(rule))
}
