// Checks an action before the telephone does it: every wrong field is named with its range. What comes over the bench
// channel is plain JSON, so nothing is taken on trust.

import type { HandsetAction, HandsetFailure, HandsetFault } from './handset-contract.js'

export const failure = (error: string, message: string): HandsetFailure => ({ ok: false, error, message })

const faults: readonly HandsetFault[] = [
  'unplug',
  'short',
  'ground',
  'power',
  'thermal',
  'chip-reset',
  'link-lost',
  'pcm-xrun',
  'edge-loss',
  'no-ringer',
]

type Fields = Record<string, unknown>
/** Undefined: the field is right; otherwise what it should be. */
type Check = (value: unknown) => string | undefined

const number =
  (low: number, high: number): Check =>
  value =>
    typeof value === 'number' && value >= low && value <= high ? undefined : `a number from ${low} to ${high}`
const optional =
  (check: Check): Check =>
  value =>
    value === undefined ? undefined : check(value)
const text =
  (pattern: RegExp, wanted: string): Check =>
  value =>
    typeof value === 'string' && pattern.test(value) ? undefined : wanted
const oneOf =
  (values: readonly string[]): Check =>
  value =>
    typeof value === 'string' && values.includes(value) ? undefined : `one of ${values.join(', ')}`
const truth: Check = value => (typeof value === 'boolean' ? undefined : 'true or false')
const path = text(/^[^\0]{1,4096}$/, 'a file name')

const edgeTrain: Check = value => {
  const wanted = '1 to 1000 of {"offHook":true|false,"ms":0-600000}, ms never falling'
  if (!Array.isArray(value) || value.length === 0 || value.length > 1000) return wanted
  let last = 0
  for (const edge of value as unknown[]) {
    if (typeof edge !== 'object' || edge === null) return wanted
    const { offHook, ms } = edge as Fields
    if (typeof offHook !== 'boolean' || typeof ms !== 'number' || !(ms >= last && ms <= 600_000))
      return wanted
    last = ms
  }
  return undefined
}

const fieldsOf: Readonly<Record<HandsetAction['do'], Readonly<Record<string, Check>>>> = {
  offhook: {},
  onhook: {},
  flash: { ms: optional(number(1, 5000)) },
  edges: { edges: edgeTrain },
  dtmf: {
    digits: text(/^[0-9*#A-D]{1,200}$/, '1 to 200 of 0-9 * # A-D'),
    onMs: optional(number(1, 10_000)),
    offMs: optional(number(0, 10_000)),
    dbm0: optional(number(-60, 0)),
    twistDb: optional(number(-20, 20)),
    errorPercent: optional(number(-10, 10)),
  },
  pulse: {
    digits: text(/^[0-9*#]{1,100}$/, '1 to 100 of 0-9 * # (11 and 12 pulses)'),
    breakMs: optional(number(1, 500)),
    makeMs: optional(number(1, 500)),
  },
  play: { wav: path },
  record: { wav: path, ms: number(1, 600_000) },
  fault: { kind: oneOf(faults), on: truth },
  display: { inCall: truth },
  state: {},
}

/** The action, or why it cannot be done: VP-6002 no such action, VP-6004 a field is wrong or unknown. `ignore`: fields of the envelope. */
export const checkAction = (
  value: unknown,
  ignore: readonly string[] = [],
): HandsetAction | HandsetFailure => {
  const fields = value as Fields
  const name = fields['do']
  const checks =
    typeof name === 'string' && Object.hasOwn(fieldsOf, name)
      ? fieldsOf[name as HandsetAction['do']]
      : undefined
  if (checks === undefined) {
    const known = Object.keys(fieldsOf).join(', ')
    return failure('VP-6002', `unknown request ${JSON.stringify(name) ?? 'without "do"'}; known: ${known}`)
  }
  for (const [field, check] of Object.entries(checks)) {
    const wanted = check(fields[field])
    if (wanted !== undefined) return failure('VP-6004', `"${field}" must be ${wanted}`)
  }
  const stray = Object.keys(fields).find(key => key !== 'do' && !(key in checks) && !ignore.includes(key))
  if (stray !== undefined) return failure('VP-6004', `${name} has no field "${stray}"`)
  return fields as unknown as HandsetAction
}

export const isFailure = (value: object): value is HandsetFailure => 'ok' in value && value.ok === false
