// A country and operator profile: hook timings, timers, ringing, tones, caller identity, codes and dial plan as data.
// The units are those of the files in board/profiles/: ms, Hz, dBm0.

import * as z from 'zod'
import { choice, decimal, flag, list, rule, span, table, text, whenNeeded, wholeNumber } from './key-types.js'

const milliseconds = (least: number, most: number, help: string) => wholeNumber(least, most, help, 'ms')
const level = (help: string) => decimal(-50, 3, help, 'dBm0')

const toneSegment = whenNeeded(() =>
  table(
    {
      hz: list(
        wholeNumber(100, 3600, 'One frequency.', 'Hz'),
        0,
        4,
        'frequencies',
        'Frequencies; none: silence.',
      ),
      ms: milliseconds(10, 60_000, 'How long; absent: for ever.').exactOptional(),
    },
    'One part of a tone.',
  ),
)

const tone = (help: string) =>
  table(
    {
      dbm0: level('Level of each frequency.'),
      lead: list(toneSegment(), 1, 32, 'parts', 'Played once, before the cadence.').exactOptional(),
      cadence: list(toneSegment(), 1, 32, 'parts', 'Repeated.'),
      repeat: wholeNumber(1, 1000, 'How often the cadence is played; absent: for ever.').exactOptional(),
    },
    help,
  )

const ringCadence = (help: string) => {
  const legal = 'must be a list [on, off, on, off, …] of 2 to 16 times of 50 to 10000 ms'
  const time = z.int(legal).min(50, legal).max(10_000, legal)
  return z
    .array(time, legal)
    .min(2, legal)
    .max(16, legal)
    .refine(times => times.length % 2 === 0, legal)
    .meta({ description: help, legal })
}

const hookTable = () =>
  table(
    {
      offHookMs: milliseconds(5, 500, 'Closed this long is off-hook.'),
      flashMs: span(20, 1500, 'Shortest and longest break that is an R.', 'ms'),
      onHookMs: milliseconds(100, 3000, 'Open longer is on-hook.'),
      bounceMs: milliseconds(1, 15, 'Edges closer together are one.'),
      pulse: flag('Rotary dialling is understood.'),
      pulseBreakMs: span(10, 150, 'Break of a rotary pulse.', 'ms'),
      pulseMakeMs: span(5, 150, 'Make between rotary pulses.', 'ms'),
      pulseGapMs: milliseconds(100, 1500, 'Silence that ends a rotary digit.'),
    },
    'Hook switch.',
  )
const hook = () =>
  rule(
    hookTable(),
    'onHookMs',
    'must not be shorter than the longest flash (flashMs)',
    timing => !(timing.onHookMs < timing.flashMs[1]),
  )

const timers = () =>
  table(
    {
      firstDigit: milliseconds(1000, 120_000, 'Dial tone without a digit.'),
      interDigit: milliseconds(1000, 30_000, 'Between digits of an open number.'),
      window: milliseconds(500, 30_000, 'Command window after R.'),
      waiting: milliseconds(5000, 180_000, 'A waiting call is announced this long.'),
      recallRing: milliseconds(5000, 180_000, 'Recall ring after hanging up on a held party.'),
      noAnswer: milliseconds(10_000, 600_000, 'Ringing out without an answer.'),
      hashSwallow: milliseconds(0, 10_000, 'A "#" after a closed number is swallowed.'),
      busyTone: milliseconds(1000, 300_000, 'Busy tone of a telephone left off the hook.'),
      howler: milliseconds(0, 600_000, 'Howler or silence after it, then the line is parked.'),
      ringGuard: milliseconds(10_000, 600_000, 'An incoming call rings no longer.'),
    },
    'Timers of the feature machine.',
  )

const ring = () =>
  table(
    {
      hz: wholeNumber(15, 70, 'Ringing frequency.', 'Hz'),
      vrms: wholeNumber(30, 100, 'Ringing voltage.', 'V'),
      loopMa: wholeNumber(15, 45, 'Loop current off-hook.', 'mA'),
      impedances: list(
        text('an impedance name such as "ctr21" or "600"', /^[a-z0-9-]{1,16}$/, 'One impedance.'),
        1,
        8,
        'impedances',
        'Line impedance, the first the board can do.',
      ),
      cadences: z
        .object(
          { normal: ringCadence('An ordinary call.'), recall: ringCadence('Recall of a held party.') },
          'must be a table of keys',
        )
        .catchall(ringCadence('A distinctive ring.'))
        .meta({ description: 'Ring cadences by name.' }),
    },
    'Ringing and feeding.',
  )

const tones = () =>
  table(
    {
      dial: tone('Invitation to dial.'),
      stutter: tone('Dial tone: a message waits.'),
      special: tone('Dial tone: a service is active.'),
      recall: tone('Dial tone after R.'),
      ringback: tone('The called telephone rings.'),
      busy: tone('The called party is busy.'),
      congestion: tone('The network cannot serve.'),
      waiting: tone('A call waits.'),
      confirmation: tone('A code was accepted.'),
      error: tone('A code was refused.'),
      sit: tone('Special information tone.'),
      howler: tone('The telephone was left off the hook.').exactOptional(),
    },
    'Tones by name.',
  )

const alerts = ['rp-as', 'dt-as', 'line-reversal', 'line-reversal+dt-as', 'after-ring1', 'none'] as const

const cidTable = () =>
  table(
    {
      scheme: choice(
        ['v23', 'bell202', 'dtmf', 'none'],
        'How caller identity is sent to a telephone on the hook; none: not at all.',
      ),
      alert: choice(
        alerts,
        'What tells the telephone to listen (EN 300 659-1): a ring pulse, a dual tone, the wires changed over, both, or the first ring.',
      ).default('none'),
      pulseMs: milliseconds(200, 600, 'Length of the ring pulse (rp-as).').default(250),
      reversalMs: milliseconds(100, 2000, 'From the line reversal to the dual tone.').default(300),
      toneMs: milliseconds(90, 110, 'Length of the dual tone (dt-as).').default(100),
      toneDbm0: level('Level of each frequency of the dual tone.').default(-14),
      gapMs: milliseconds(45, 2000, 'From the end of the alert to the data.').default(600),
      ringGapMs: milliseconds(500, 2000, 'From the end of the first ring to the data (after-ring1).').default(
        600,
      ),
      afterMs: milliseconds(200, 2000, 'From the data to the first full ring.').default(300),
      dbm0: level('Level of the data; of DTMF, that of its lower tone.').default(-14),
      twistDb: decimal(-6, 6, 'Of DTMF: high tone minus low tone.', 'dB').default(2),
      seizureBits: wholeNumber(0, 400, 'Channel seizure: alternating bits.', 'bits').default(300),
      markBits: wholeNumber(20, 400, 'Mark before the data.', 'bits').default(180),
      offHookMarkBits: wholeNumber(20, 400, 'Mark before the data in a call.', 'bits').default(80),
      inCall: flag('A waiting call is shown too, to telephones that acknowledge the dual tone.').default(
        true,
      ),
      inCallDelayMs: milliseconds(
        100,
        3000,
        'From the beginning of the waiting tone to the dual tone of a call.',
      ).default(800),
      inCallGapMs: milliseconds(
        55,
        100,
        'From the end of the acknowledgement to the data in a call.',
      ).default(60),
      message: choice(
        ['mdmf', 'sdmf'],
        'Message format: parameters, or only the date and the number.',
      ).default('mdmf'),
      dtmf: choice(
        ['a-c', 'a-hash', 'd-c', 'hash'],
        'First and last key of a number sent in DTMF: A and C, A and #, D and C, or # alone.',
      ).default('a-c'),
      mwiAlert: choice(
        ['rp-as', 'dt-as', 'line-reversal', 'line-reversal+dt-as', 'none'],
        'What announces message waiting to a telephone on the hook; none: nothing, and it never rings for it.',
      ).default('none'),
    },
    'Caller identity and message waiting on the hook.',
  )
const cid = () =>
  rule(
    rule(
      cidTable(),
      'gapMs',
      'must be from 500 to 800 ms after a ring pulse, from 45 to 500 ms after a dual tone (EN 300 659-1)',
      ({ alert, gapMs }) =>
        alert === 'rp-as'
          ? gapMs >= 500 && gapMs <= 800
          : alert.endsWith('dt-as')
            ? gapMs >= 45 && gapMs <= 500
            : true,
    ),
    'alert',
    'must name an alert where frequency shift is sent: a telephone would not listen',
    ({ alert, scheme }) => scheme === 'none' || scheme === 'dtmf' || alert !== 'none',
  )

const codePattern = (help: string) =>
  text(
    'a code such as "*93#" or "*21*N", N standing for a number',
    /^[*#](?:[0-9*#]{0,7}[0-9])(?:#|\*N)$/,
    help,
  )

const codesTable = () =>
  table(
    {
      local: list(
        table(
          {
            code: codePattern('The keys.'),
            does: choice(['mask-call', 'mask-on', 'mask-off', 'reset-all'], 'What the box does.'),
          },
          'A code of the box.',
        ),
        0,
        32,
        'codes',
        'Codes the box carries out itself.',
      ),
      network: list(
        codePattern('The keys.'),
        0,
        64,
        'codes',
        'Codes of the operator, sent as dialled.',
      ).default([]),
    },
    'Star and hash codes.',
  )
const codes = () =>
  rule(
    rule(
      codesTable(),
      'local',
      'must not name a code twice, nor one of the operator',
      ({ local, network }) =>
        new Set([...local.map(({ code }) => code), ...network]).size === local.length + network.length,
    ),
    'local',
    'must have an N in the code that masks one call, and in no other',
    ({ local }) => local.every(({ code, does }) => code.endsWith('N') === (does === 'mask-call')),
  )

const dialRuleTable = () =>
  table(
    {
      class: choice(['short', 'national', 'international', 'voicemail', 'open'], 'Kind of call.'),
      pattern: text(
        'digits, x and sets such as [1-9], a last "." for further digits',
        /^(\d|x|\[(\d|\d-\d)+\])+\.?$/,
        'Numbers the rule covers.',
      ),
      length: span(1, 40, 'Fewest and most digits of an open number.', 'digits').exactOptional(),
    },
    'A rule of the dial plan.',
  )
const dialRule = () =>
  rule(
    dialRuleTable(),
    'length',
    'must stand beside a pattern that ends with ".", and only there',
    ({ pattern, length }) => pattern.endsWith('.') === (length !== undefined),
  )

const dialplan = () =>
  table(
    {
      maxDigits: wholeNumber(4, 60, 'Most digits ever collected.'),
      countryCode: text(
        'a country code of 1 to 3 digits (ITU-T E.164)',
        /^[1-9]\d{0,2}$/,
        'Callers of this country are shown in national form; absent: all in international form.',
      ).exactOptional(),
      nationalPrefix: text('at most 3 digits', /^\d{0,3}$/, 'Before a national number.').default(''),
      internationalPrefix: text(
        '1 to 4 digits',
        /^\d{1,4}$/,
        'Before the country code of another country.',
      ).default('00'),
      rules: list(dialRule(), 1, 200, 'rules', 'In order; the first that fits decides.'),
    },
    'Dial plan.',
  )

export const profileSchema = whenNeeded(() =>
  table(
    {
      name: text('1 to 32 letters, digits and "-"', /^[a-z0-9-]{1,32}$/i, 'Name of the profile.'),
      country: text('a country code of two letters (ISO 3166-1)', /^[A-Z]{2}$/, 'Country.'),
      emergency: list(
        text('2 to 8 digits', /^\d{2,8}$/, 'One number.'),
        1,
        64,
        'numbers',
        'Emergency numbers, reachable wherever digits are collected.',
      ),
      hook: hook(),
      timers: timers(),
      ring: ring(),
      tones: tones(),
      cid: cid(),
      codes: codes(),
      dialplan: dialplan(),
    },
    'profile',
  ),
)

export type Profile = z.infer<ReturnType<typeof profileSchema>>
