// Messages to a display telephone against bytes written by hand, and what becomes of callers who send garbage.

import fc from 'fast-check'
import t from 'tap'
import type { CallDisplay, Display, DisplayDate } from '../../../firmware/media/display/display.js'
import { encodeMessage, type MessageFormat } from '../../../firmware/media/display/message.js'

const hex = (display: Display, format?: MessageFormat): string =>
  Buffer.from(encodeMessage(display, format))
    .toString('hex')
    .replace(/(..)(?=.)/g, '$1 ')

const noon: DisplayDate = { month: 1, day: 15, hour: 10, minute: 0 }

t.test('call set-up, byte for byte (EN 300 659-3 §5.2.1)', async t => {
  t.equal(
    hex({ kind: 'call', date: noon, number: '0389000001' }),
    '80 16 01 08 30 31 31 35 31 30 30 30 02 0a 30 33 38 39 30 30 30 30 30 31 d8',
  )
  t.equal(hex({ kind: 'call', absence: 'P' }), '80 03 04 01 50 28')
  t.equal(hex({ kind: 'call', absence: 'O', nameAbsence: 'O' }), '80 06 04 01 4f 08 01 4f ce')
  t.equal(
    hex({
      kind: 'call',
      number: '17',
      name: 'Zoé',
      callType: 'voice',
      redirecting: { number: '3615', reason: 'no-reply' },
    }),
    '80 15 11 01 01 02 02 31 37 07 03 5a 6f 65 1a 04 33 36 31 35 15 01 02 af',
  )
})

t.test('message waiting, byte for byte (EN 300 659-3 §5.2.2)', async t => {
  t.equal(hex({ kind: 'messages', waiting: true }), '82 03 0b 01 ff 70')
  t.equal(hex({ kind: 'messages', waiting: false }), '82 03 0b 01 00 6f')
  t.equal(hex({ kind: 'messages', waiting: true, count: 3 }), '82 06 0b 01 ff 13 01 03 56')
  t.equal(
    hex({ kind: 'messages', waiting: true, date: noon, count: 1000 }),
    '82 10 0b 01 ff 01 08 30 31 31 35 31 30 30 30 13 01 ff bf',
  )
})

t.test('single data format, byte for byte (GR-30)', async t => {
  t.equal(
    hex({ kind: 'call', date: noon, number: '0389000001', name: 'Zoé' }, 'sdmf'),
    '04 12 30 31 31 35 31 30 30 30 30 33 38 39 30 30 30 30 30 31 6d',
  )
  t.equal(hex({ kind: 'call', date: noon, absence: 'P' }, 'sdmf'), '04 09 30 31 31 35 31 30 30 30 50 1b')
  t.equal(hex({ kind: 'call', absence: 'O' }, 'sdmf'), '04 09 30 30 30 30 30 30 30 30 4f 24')
  t.equal(hex({ kind: 'messages', waiting: true }, 'sdmf'), '06 03 42 42 42 31')
  t.equal(hex({ kind: 'messages', waiting: false }, 'sdmf'), '06 03 6f 6f 6f aa')
})

/** Parameters by type, after length and checksum were found right; undefined: no valid message. */
const parametersOf = (bytes: Uint8Array): ReadonlyMap<number, string> | undefined => {
  const content = bytes.subarray(2, -1)
  if (bytes.length > 258 || bytes[1] !== content.length) return undefined
  if (bytes.reduce((sum, byte) => sum + byte, 0) % 256 !== 0) return undefined
  const found = new Map<number, string>()
  let at = 0
  while (at + 2 <= content.length) {
    const end = at + 2 + (content[at + 1] as number)
    if (end > content.length || found.has(content[at] as number)) return undefined
    found.set(content[at] as number, Buffer.from(content.subarray(at + 2, end)).toString('latin1'))
    at = end
  }
  return at === content.length ? found : undefined
}
const shown = (display: Display) => parametersOf(encodeMessage(display))
const call = (details: Omit<CallDisplay, 'kind' | 'absence'> & { number: string }): CallDisplay => ({
  kind: 'call',
  ...details,
})

t.test('every type of call and reason to forward has its figure', async t => {
  const figure = (display: Display, type: number) => shown(display)?.get(type)?.charCodeAt(0)
  const types = { voice: 0x01, 'ring-back': 0x02, messages: 0x81 } as const
  for (const [name, value] of Object.entries(types))
    t.equal(figure(call({ number: '1', callType: name as keyof typeof types }), 0x11), value)
  const reasons = [
    'unknown',
    'busy',
    'no-reply',
    'unconditional',
    'deflected-alerting',
    'deflected',
    'not-reachable',
  ] as const
  for (const [value, reason] of reasons.entries())
    t.equal(figure(call({ number: '1', redirecting: { reason } }), 0x15), value)
})

t.test('a number that cannot be shown is not available, and is never cut', async t => {
  const numbers = new Map([
    ['01234567890123456789', '01234567890123456789'],
    ['012345678901234567890', undefined],
    ['+33 3.89-00 (00) 01', '+33389000001'],
    ['*21#', '*21#'],
    ['', undefined],
    ['   ', undefined],
    ['alice', undefined],
    ['0389000001;phone-context=x', undefined],
    ['0389%00', undefined],
    ['0389\u202e0001', undefined],
    ['٠٣٨٩', undefined],
    ['1+2', undefined],
    [' '.repeat(5000), undefined],
  ])
  for (const [number, expected] of numbers) {
    const parameters = shown(call({ number }))
    t.equal(parameters?.get(0x02), expected, JSON.stringify(number.slice(0, 30)))
    t.equal(parameters?.get(0x04), expected === undefined ? 'O' : undefined)
  }
  t.equal(shown({ kind: 'call', absence: 'P', redirecting: { number: 'bob' } })?.has(0x1a), false)
})

t.test('a date that no calendar has is left out', async t => {
  const wrong: readonly Partial<DisplayDate>[] = [
    { month: 0 },
    { month: 13 },
    { day: 0 },
    { month: 4, day: 31 },
    { month: 2, day: 30 },
    { hour: 24 },
    { minute: 60 },
    { minute: -1 },
    { minute: 1.5 },
    { day: Number.NaN },
  ]
  for (const part of wrong)
    t.equal(shown(call({ number: '1', date: { ...noon, ...part } }))?.has(0x01), false, JSON.stringify(part))
  t.equal(shown(call({ number: '1', date: { ...noon, month: 2, day: 29 } }))?.get(0x01), '02291000')
})

t.test('a count of messages that is none is left out', async t => {
  for (const count of [-1, Number.NaN])
    t.equal(shown({ kind: 'messages', waiting: true, count })?.has(0x13), false, String(count))
  t.equal(shown({ kind: 'messages', waiting: true, count: 2.9 })?.get(0x13), '\x02')
})

t.test('garbage callers give a valid message or a reason', async t => {
  const garbage = [
    'x'.repeat(5120),
    '\u200f'.repeat(5120),
    `${'\u202e'.repeat(600)}Paul`,
    'Paul\r\nCall-ID: 1',
    'Paul\0%00',
    '\u0000\u0001\u007f\u0085',
    '\ud800\udc00\ud800',
    '""""',
    '\u0301\u0301',
    '   ',
  ]
  for (const name of garbage) {
    const parameters = shown(call({ number: name, name }))
    const told = parameters?.get(0x07)
    t.equal(parameters?.get(0x04), 'O')
    t.ok(
      told === undefined ? parameters?.get(0x08) === 'O' : /^[ -~]{1,50}$/.test(told),
      JSON.stringify(told),
    )
  }
  t.equal(shown(call({ number: '1', name: 'Paul\r\nCall-ID: 1' }))?.get(0x07), 'Paul Call-ID: 1')
  t.equal(shown(call({ number: '1', name: `${'\u202e'.repeat(600)}Paul` }))?.get(0x07), 'Paul')
})

t.test('property: whatever is to be shown, the message is valid and names nothing twice', async () => {
  const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
  const anything = fc.string({ unit: 'binary', maxLength: 300 })
  const number = fc.oneof(anything, fc.stringMatching(/^[0-9*# +.-]{0,25}$/))
  const date = fc.record({ month: fc.integer(), day: fc.integer(), hour: fc.integer(), minute: fc.integer() })
  const display = fc.oneof(
    fc.record({
      kind: fc.constant('call' as const),
      number,
      name: optional(anything),
      nameAbsence: optional(fc.constantFrom('O', 'P')),
      date: optional(date),
      callType: optional(fc.constantFrom('voice', 'messages')),
      redirecting: optional(fc.record({ number, reason: fc.constantFrom('busy', 'unknown') })),
    }),
    fc.record({
      kind: fc.constant('messages' as const),
      waiting: fc.boolean(),
      count: optional(fc.double()),
      date: optional(date),
    }),
  )
  fc.assert(
    fc.property(display, value => {
      const wanted = Object.fromEntries(Object.entries(value).filter(([, v]) => v !== undefined)) as Display
      const parameters = shown(wanted)
      if (parameters === undefined) return false
      if (wanted.kind === 'messages') return parameters.has(0x0b)
      const named = parameters.get(0x07) ?? ''
      return parameters.has(0x02) !== parameters.has(0x04) && /^[ -~]{0,50}$/.test(named)
    }),
    { numRuns: 500 },
  )
})
