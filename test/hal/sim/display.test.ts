// The display of the virtual telephone, judged with bursts that a modulator of the tests makes: levels, rates, noise and
// A-law that it must read, and everything that it must not show.
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { shownOf } from '../../support/display-ears.js'
import {
  type Burst,
  bell202,
  burst,
  chance,
  framed,
  joined,
  latin,
  mixed,
  noise,
  onTheLine,
  silence,
  v23,
  withParameters,
} from '../../support/fsk-bursts.js'

const someCall = withParameters(0x80, [
  [0x01, '11230435'],
  [0x02, '0389000001'],
  [0x07, 'ANNE MARIE'],
])
const shownCall = { ev: 'clip', number: '0389000001', name: 'ANNE MARIE', date: '11230435', message: 128 }
const schemes = { v23, bell202 } as const
type Scheme = keyof typeof schemes
const both = Object.keys(schemes) as Scheme[]

/** The burst between two pauses, with the noise of an SNR where one is given. */
const lineWith = (wanted: Burst, next: () => number, snr?: number): Int16Array => {
  const around = { phase: next(), offset: next() }
  const sound = joined(silence(100 + 10 * next()), burst({ ...around, ...wanted }), silence(60))
  if (snr === undefined) return onTheLine(sound)
  return onTheLine(mixed(sound, noise(sound.length, (wanted.dbm0 ?? -14) - snr, next)))
}

interface Sweep {
  readonly what: string
  readonly cases: readonly (Omit<Burst, 'bytes'> & { readonly snr?: number; readonly off?: number })[]
}
const sweeps: readonly Sweep[] = [
  { what: 'level from 0 to -43 dBm0', cases: [0, -6, -14, -25, -32, -36, -40, -43].map(dbm0 => ({ dbm0 })) },
  {
    what: 'baud rate up to 1.2 % off, and a little more',
    cases: [-2, -1.2, -0.6, 0.6, 1.2, 2].map(percent => ({ baud: 12 * (100 + percent) })),
  },
  {
    what: 'frequencies up to 1.6 % off',
    cases: [-1.6, -1.2, -0.8, 0.8, 1.2, 1.6].map(off => ({ off })),
  },
  { what: 'space up to 6 dB louder or weaker', cases: [-6, -3, 3, 6].map(twistDb => ({ twistDb })) },
  {
    what: 'channel seizure or none, before as many marks as any administration sends',
    cases: [0, 96, 300, 315].flatMap(seizure => [25, 55, 80, 155, 205].map(marks => ({ seizure, marks }))),
  },
  { what: 'mark bits between the bytes', cases: [1, 2, 5, 10].map(stuffing => ({ stuffing })) },
  { what: 'white noise 25 to 12 dB below', cases: [25, 20, 18, 16, 14, 12].map(snr => ({ snr })) },
  {
    what: 'everything at its limit at once',
    cases: [1, -1].flatMap(way =>
      [1, -1].map(other => ({
        off: 1.6 * way,
        baud: 12 * (100 + 1.2 * other),
        twistDb: 6 * other * way,
        dbm0: -34,
        snr: 20,
        marks: 55,
        seizure: 0,
      })),
    ),
  },
]

t.test('a call is displayed, and its modem told by the frequencies, at any', async t => {
  const next = chance(5)
  for (const { what, cases } of sweeps)
    await t.test(what, async t => {
      for (const scheme of both)
        for (const { snr, off = 0, ...wanted } of cases)
          for (let again = 0; again < 4; again++) {
            const tones = {
              mark: schemes[scheme].mark * (1 + off / 100),
              space: schemes[scheme].space * (1 + off / 100),
            }
            const shown = shownOf(lineWith({ bytes: someCall, tones, ...wanted }, next, snr))
            const expected = [{ ...shownCall, scheme }]
            t.strictSame(
              shown.map(({ told }) => told),
              expected,
              JSON.stringify({ scheme, snr, off, ...wanted }),
            )
          }
    })
})

t.test('what carried the message is measured', async t => {
  const next = chance(6)
  for (const scheme of both)
    for (const [seizure, marks] of [
      [300, 180],
      [96, 55],
      [0, 80],
    ] as const) {
      const bytes = someCall
      const sound = lineWith({ bytes, tones: schemes[scheme], seizure, marks, baud: 1205, dbm0: -17 }, next)
      const signal = shownOf(sound)[0]?.signal
      const what = JSON.stringify(signal)
      t.ok(Math.abs(signal!.markHz / schemes[scheme].mark - 1) < 0.001, what)
      t.ok(Math.abs(signal!.spaceHz / schemes[scheme].space - 1) < 0.001)
      t.ok(Math.abs(signal!.baud - 1205) < 1)
      t.ok(Math.abs(signal!.dbm0 + 17) < 0.3)
      t.equal(signal!.seizureBits, seizure)
      t.equal(signal!.markBits, marks)
    }
})

t.test('the end of the last bit is told to the millisecond', async t => {
  const bytes = someCall
  const data = burst({ bytes, tail: 0 })
  const [shown] = shownOf(onTheLine(joined(silence(333), data, silence(100))))
  t.ok(Math.abs(shown!.ms - 333 - data.length / 8) < 1, `${shown!.ms}`)
})

const number = (next: () => number, most: number): string =>
  Array.from({ length: Math.floor(next() * (most + 1)) }, () => '0123456789'[Math.floor(next() * 10)]).join(
    '',
  )
const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
const name = (next: () => number): string =>
  Array.from({ length: Math.floor(next() * 51) }, () =>
    String.fromCharCode(0x20 + Math.floor(next() * 95)),
  ).join('')
/** A message and what must be shown of it. */
const anyMessage = (next: () => number): { readonly bytes: number[]; readonly shown: object } => {
  const maybe = (share: number): boolean => next() < share
  const date = maybe(0.8)
    ? { date: two(1 + 12 * next()) + two(1 + 28 * next()) + two(24 * next()) + two(60 * next()) }
    : {}
  const dated = Object.values(date).map(value => [0x01, value] as const)
  if (maybe(0.1)) {
    const on = maybe(0.5)
    const messages = Math.floor(256 * next())
    const parameters = [...dated, [0x0b, [on ? 0xff : 0]], [0x13, [messages]]] as const
    return {
      bytes: withParameters(0x82, parameters),
      shown: { ev: 'mwi', on, messages, ...date, message: 130 },
    }
  }
  if (maybe(0.05))
    return {
      bytes: framed(0x04, latin('10312359O')),
      shown: { ev: 'clip', absence: 'O', date: '10312359', message: 4 },
    }
  const who = maybe(0.8) ? { number: number(next, 20) } : { absence: maybe(0.5) ? 'O' : 'P' }
  const called = maybe(0.7) ? { name: name(next) } : maybe(0.5) ? { nameAbsence: 'P' } : {}
  const redirecting = maybe(0.2) ? { redirecting: number(next, 20), forwarded: Math.floor(7 * next()) } : {}
  const shown = { ev: 'clip', ...who, ...called, ...date, ...redirecting, callType: 1, message: 128 }
  const tags = { number: 2, absence: 4, name: 7, nameAbsence: 8, redirecting: 0x1a, forwarded: 0x15 }
  const parameters = Object.entries({ ...who, ...called, ...redirecting }).map(
    ([key, value]) => [tags[key as keyof typeof tags], typeof value === 'number' ? [value] : value] as const,
  )
  return { bytes: withParameters(0x80, [[0x11, [1]], ...dated, ...parameters]), shown }
}

t.test('a thousand messages of every kind through A-law, each as it was sent', async t => {
  const next = chance(7)
  let right = 0
  for (let n = 0; n < 1000; n++) {
    const { bytes, shown } = anyMessage(next)
    const scheme = both[n % 2] as Scheme
    const seizure = n % 4 === 0 ? 300 : 0
    const level = -10 - 28 * next()
    const sound = lineWith(
      { bytes, tones: schemes[scheme], seizure, marks: seizure === 0 ? 60 : 180, dbm0: level },
      next,
    )
    const told = shownOf(sound).map(({ told }) => told)
    if (isDeepStrictEqual(told, [{ ...shown, scheme }])) right++
    else t.comment(JSON.stringify({ told, shown, scheme }))
  }
  t.equal(right, 1000)
})
