// What we send, heard by two programs that are not ours, libspandsp and multimon-ng, after A-law. Both also take Bell 202 and
// short preambles: that the tones and counts are right is shown in fsk-sender.test.ts.

import fc from 'fast-check'
import t from 'tap'
import type { CallDisplay, Display } from '../../../firmware/media/display/display.js'
import { durationSamples, type FskBurst, FskSender } from '../../../firmware/media/display/fsk-sender.js'
import { encodeMessage } from '../../../firmware/media/display/message.js'
import { laws } from '../../support/companding.js'
import {
  type HeardMessage,
  heardByMultimon,
  heardBySpandsp,
  noMultimon,
} from '../../support/display-judges.js'

t.setTimeout(120_000)

const onHook: FskBurst = { scheme: 'v23', seizureBits: 300, markBits: 180, dbm0: -14 }
/** Silence before and after a burst: 50 ms. */
const AROUND = 400

const alaw = ({ encode, decode }: typeof laws.PCMA, pcm: Int16Array): Int16Array =>
  pcm.map(sample => decode(encode(sample)))

const sender = new FskSender()
/** A burst through A-law, with silence around it. */
const lineOf = (message: Uint8Array, burst: FskBurst = onHook): Int16Array => {
  const pcm = new Int16Array(durationSamples(message.length, burst) + 2 * AROUND)
  sender.start(message, burst)
  sender.render(pcm, AROUND)
  return alaw(laws.PCMA, pcm)
}

/** Lengths spread over all there are, instead of the short ones a property test prefers. */
const size = 'max'
const digits = (least: number, most: number) =>
  fc.stringMatching(new RegExp(`^[0-9]{${least},${most}}$`), { size })
/** Names of up to 50 characters of every script, of the ones we know better, and of garbage. */
const letters = ['a-zA-Z éèçœŒßÆ', 'α-ωΑ-Ωάέήίόύώ ', 'а-яА-ЯёЁіїєґ ', 'א-ת ', 'ا-ي ', '一-龥', 'ぁ-ん']
const name = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 50, size }),
  fc.string({ unit: 'binary', maxLength: 50, size }),
  ...letters.map(range => fc.stringMatching(new RegExp(`^[${range}]{0,50}$`), { size })),
)
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const date = fc.record({
  month: fc.integer({ min: 1, max: 12 }),
  day: fc.integer({ min: 1, max: 28 }),
  hour: fc.integer({ min: 0, max: 23 }),
  minute: fc.integer({ min: 0, max: 59 }),
})
const details = fc.record({
  caller: fc.oneof(
    digits(0, 20).map(number => ({ number })),
    fc.constantFrom({ absence: 'O' as const }, { absence: 'P' as const }),
  ),
  name: optional(name),
  nameAbsence: optional(fc.constantFrom('O' as const, 'P' as const)),
  date: optional(date),
  callType: optional(fc.constantFrom('voice' as const, 'messages' as const)),
  redirecting: optional(
    fc.record({ number: digits(0, 20), reason: fc.constantFrom('busy' as const, 'no-reply' as const) }),
  ),
})
const present = <T extends object>(value: T) =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined))
const call = details.map(
  ({ caller, ...rest }) => ({ kind: 'call', ...caller, ...present(rest) }) as CallDisplay,
)

const two = (value: number) => String(value).padStart(2, '0')
/** What a telephone is to show of `display`, worked out without the encoder; a name only where it is plain. */
const expected = (display: CallDisplay): ReadonlyMap<number, string> => {
  const fields = new Map<number, string>()
  const { date, number, redirecting } = display
  if (date) fields.set(0x01, [date.month, date.day, date.hour, date.minute].map(two).join(''))
  if (number) fields.set(0x02, number)
  else fields.set(0x04, display.absence ?? 'O')
  if (display.callType) fields.set(0x11, display.callType === 'voice' ? '\x01' : '\x81')
  if (redirecting?.number) fields.set(0x1a, redirecting.number)
  if (redirecting) fields.set(0x15, redirecting.reason === 'busy' ? '\x01' : '\x02')
  return fields
}
const nameWrong = (display: CallDisplay, heard: ReadonlyMap<number, string>): boolean => {
  const shown = heard.get(0x07)
  if (display.name === undefined)
    return shown !== undefined || heard.get(0x08) !== (display.nameAbsence as string | undefined)
  const plain = /^[a-zA-Z ]*$/.test(display.name) ? display.name.replace(/ +/g, ' ').trim() : undefined
  if (shown === undefined) return heard.get(0x08) !== (display.nameAbsence ?? 'O') || (plain ?? '') !== ''
  return !/^[ -~]{1,50}$/.test(shown) || (plain !== undefined && shown !== plain)
}

const wrong = (
  display: CallDisplay,
  sent: Uint8Array,
  heard: readonly HeardMessage[],
): string | undefined => {
  const [message, ...more] = heard
  if (message === undefined || more.length > 0) return `${heard.length} messages`
  if (!message.bytes.equals(sent.subarray(0, -1))) return `heard ${message.bytes.toString('hex')}`
  const fields = new Map(message.fields.map(({ type, text }) => [type, text]))
  for (const [type, text] of expected(display))
    if (fields.get(type) !== text) return `field ${type}: ${JSON.stringify(fields.get(type))}`
  return nameWrong(display, fields) ? `name ${JSON.stringify([...fields])}` : undefined
}

t.test('a thousand calls through A-law, all right for libspandsp', async t => {
  const displays = fc.sample(call, { numRuns: 1000, seed: 5 })
  const sent = displays.map(display => encodeMessage(display))
  const lengths = sent.map(({ length }) => length)
  t.ok(
    Math.min(...lengths) < 20 && Math.max(...lengths) > 100,
    `${Math.min(...lengths)} to ${Math.max(...lengths)}`,
  )
  const heard = await heardBySpandsp(
    'clip',
    sent.map(message => lineOf(message)),
  )
  if ('reason' in heard) return t.comment(`not asked: ${heard.reason}`)
  t.equal(heard.value.length, 1000)
  const faults = displays.flatMap((display, n) => {
    const fault = wrong(display, sent[n] as Uint8Array, heard.value[n] ?? [])
    return fault === undefined ? [] : [`${JSON.stringify(display)}: ${fault}`]
  })
  t.same(faults, [])
})

t.test('a message whose checksum is wrong is refused, so that a right one proves something', async t => {
  const message = encodeMessage({ kind: 'call', number: '0389000001' })
  const broken = message.map((byte, n) => (n === 5 ? byte ^ 1 : byte))
  const heard = await heardBySpandsp('clip', [lineOf(message), lineOf(broken)])
  if ('reason' in heard) return t.comment(`not asked: ${heard.reason}`)
  t.same(
    heard.value.map(messages => messages.length),
    [1, 0],
  )
})

const messages: readonly Display[] = [
  { kind: 'messages', waiting: true },
  { kind: 'messages', waiting: true, count: 255, date: { month: 12, day: 31, hour: 23, minute: 59 } },
  { kind: 'messages', waiting: false, count: 0 },
]

t.test('message waiting, single data format, off-hook and Bell 202 bursts for libspandsp', async t => {
  const date = { month: 1, day: 2, hour: 3, minute: 4 }
  const display: Display = { kind: 'call', number: '0389000001', date }
  const call = encodeMessage(display)
  const bell = { ...onHook, scheme: 'bell202' } as const
  const offHook = { seizureBits: 0, markBits: 80 }
  const heard = await heardBySpandsp(
    ['class', 'class', 'class', 'clip'],
    [
      lineOf(call, bell),
      lineOf(call, { ...bell, ...offHook }),
      lineOf(encodeMessage(display, 'sdmf'), bell),
      lineOf(call, { ...onHook, ...offHook }),
      ...messages.map(shown => lineOf(encodeMessage(shown))),
    ],
  )
  if ('reason' in heard) return t.comment(`not asked: ${heard.reason}`)
  const [first, second, single, last, ...waiting] = heard.value.map(([message]) => message)
  const whole = Buffer.from(call.subarray(0, -1))
  for (const message of [first, second, last]) t.same(message?.bytes, whole)
  t.equal(single?.bytes.subarray(2).toString('latin1'), '010203040389000001')
  t.same(
    waiting.map(message => message?.fields.map(({ type, text }) => [type, text])),
    [
      [[0x0b, '\xff']],
      [
        [0x0b, '\xff'],
        [0x01, '12312359'],
        [0x13, '\xff'],
      ],
      [
        [0x0b, '\0'],
        [0x13, '\0'],
      ],
    ],
  )
})

t.test('calls and messages as multimon-ng prints them', { skip: noMultimon }, async t => {
  const date = { month: 1, day: 15, hour: 10, minute: 5 }
  const told: readonly (readonly [Display, string])[] = [
    [{ kind: 'call', number: '0389000001', date }, 'CS DATE=01151005 CID=0389000001'],
    [
      { kind: 'call', number: '00441632960001', name: 'Zoé Œil', date },
      'CS DATE=01151005 CID=00441632960001 CNT=Zoe Oeil',
    ],
    [{ kind: 'call', number: '17', name: 'Борис Щукин' }, 'CS CID=17 CNT=Boris Shchukin'],
    [{ kind: 'call', absence: 'P', nameAbsence: 'P' }, 'CS RACLI=P Private'],
    [{ kind: 'messages', waiting: true, count: 3 }, 'MWI VI=. Activation (indicator on) NMSS=3'],
    [{ kind: 'messages', waiting: false }, 'MWI VI=. Deactivation'],
  ]
  for (const scheme of ['v23', 'bell202'] as const)
    for (const [display, expected] of told) {
      const [line = '', ...more] = heardByMultimon(lineOf(encodeMessage(display), { ...onHook, scheme }))
      t.equal(more.length, 0)
      t.ok(line.startsWith(`CLIPFSK: ${expected}`), line)
    }
})
