// Calls for displays of every kind, their bursts as a line brings them, and what a telephone is to show of each, worked out
// without the encoder.

import fc from 'fast-check'
import type { CallDisplay } from '../../firmware/media/display/display.js'
import { durationSamples, type FskBurst, FskSender } from '../../firmware/media/display/fsk-sender.js'
import { laws } from './companding.js'

/** A French burst to a telephone on the hook. */
export const onHook: FskBurst = { scheme: 'v23', seizureBits: 300, markBits: 180, dbm0: -14 }
/** Silence before and after a burst: 50 ms. */
const AROUND = 400

const alaw = ({ encode, decode }: typeof laws.PCMA, pcm: Int16Array): Int16Array =>
  pcm.map(sample => decode(encode(sample)))

const sender = new FskSender()
/** A burst through A-law, with silence around it. */
export const lineOf = (message: Uint8Array, burst: FskBurst = onHook): Int16Array => {
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
/** The same calls every time. */
export const callsToShow = (count: number): readonly CallDisplay[] =>
  fc.sample(call, { numRuns: count, seed: 5 })

/** Parameters by type that a telephone is to get of `display`, all but the name. */
export const expectedFields = (display: CallDisplay): ReadonlyMap<number, string> => {
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
