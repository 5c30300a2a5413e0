// lab clip: what it writes is what libspandsp shows, on hook, off-hook and in keys; and its errors.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { labClipCommand } from '../../../board/cli/lab-clip.js'
import { profileOf } from '../../../board/settings.js'
import { readAudio } from '../../../board/wav.js'
import { VoiceportError } from '../../../firmware/errors.js'
import { heardBySpandsp, type Standard } from '../../support/display-judges.js'
import { fskBits } from '../../support/fsk-bits.js'
import { levelAt, powerOf } from '../../support/spectrum.js'

const folder = mkdtempSync(join(tmpdir(), 'voiceport-clip-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const out = join(folder, 'clip.wav')

const command = labClipCommand(async name => {
  const { cid } = profileOf('fr')
  if (name === 'odd')
    return { ...cid, scheme: 'bell202', seizureBits: 96, markBits: 60, dbm0: -20, message: 'sdmf' } as const
  if (name === 'keys') return { ...cid, scheme: 'dtmf', dtmf: 'd-c' } as const
  return name === 'none' ? { ...cid, scheme: 'none' } : cid
})
const run = async (flags: Readonly<Record<string, string | boolean>>, file = out): Promise<Int16Array> => {
  const values = { profile: 'fr', out: file, ...flags }
  const stdin = (async function* () {})()
  const code = await command.run({ values, positionals: [], stdin, out: () => {} })
  t.equal(code, 0)
  return readAudio(file)
}

/** What libspandsp would show of each file, type and text of every field. */
const shownBySpandsp = async (standards: readonly Standard[], files: readonly Int16Array[]) => {
  const heard = await heardBySpandsp(standards, files)
  if ('reason' in heard) return undefined
  return heard.value.map(messages =>
    messages.map(({ fields }) => fields.map(({ type, text }) => [type, text])),
  )
}

t.test('on hook: seizure, mark, data, and silence around them', async t => {
  const pcm = await run({ number: '0389000001', date: '01151005' })
  t.equal(powerOf(pcm, 0, 800) < -90 && powerOf(pcm, pcm.length - 799, pcm.length) < -90, true)
  t.match(fskBits(pcm.subarray(800), { mark: 1300, space: 2100 }, 490), /^(01){150}1{180}0/)
  t.ok(Math.abs(levelAt(pcm, 1300, 800 + 2000, 800 + 3200) + 14) < 0.5)
})

t.test('the date is today’s unless told otherwise; a raw file holds the same samples', async t => {
  const flags = { number: '17', dbm0: '-20', scheme: 'bell202' }
  const none = await run({ ...flags, date: 'none' })
  t.equal(none.length, 1600 + Math.ceil(((480 + 70 + 5) * 20) / 3))
  t.equal((await run(flags)).length - none.length, Math.ceil((100 * 20) / 3))
  t.same(await run({ ...flags, date: 'none' }, join(folder, 'clip.s16')), none)
  t.ok(Math.abs(levelAt(none, 1200, 2800, 4000) + 20) < 0.5)
})

t.test('the profile says how it sounds, and a flag says otherwise', async t => {
  const bell = { mark: 1200, space: 2200 }
  const odd = await run({ number: '17', profile: 'odd', date: '02030405' })
  t.equal(odd.length, 1600 + Math.ceil(((96 + 60 + 130 + 5) * 20) / 3), 'the single data format')
  t.match(fskBits(odd.subarray(800), bell, 160), /^(01){48}1{60}0/)
  t.ok(Math.abs(levelAt(odd, 1200, 800 + 700, 800 + 1000) + 20) < 0.5)
  const plain = { number: '17', date: '02030405' }
  t.same(
    await run(
      { ...plain, profile: 'odd', scheme: 'v23', format: 'mdmf', dbm0: '-14' },
      join(folder, 'b.wav'),
    ).then(pcm => pcm.length),
    1600 + Math.ceil(((96 + 60 + 170 + 5) * 20) / 3),
  )
})

t.test('off-hook: alert, time to answer it, and a burst without seizure', async t => {
  const pcm = await run({ absence: 'P', date: 'none', 'off-hook': true })
  for (const hz of [2130, 2750]) t.ok(Math.abs(levelAt(pcm, hz, 810, 1430) + 14) < 0.5)
  t.ok(powerOf(pcm, 1440, 1440 + 2080) < -90)
  t.match(fskBits(pcm.subarray(1440 + 2080), { mark: 1300, space: 2100 }, 100), /^1{80}0/)
})

t.test('what libspandsp shows of calls, messages, the single data format, and keys', async t => {
  const date = '02030405'
  const files = [
    await run({ number: '0389000001', name: 'Zoé', date: '01151005', redirecting: '3615' }),
    await run({ absence: 'P', date: 'none', 'off-hook': true }),
    await run({ messages: 'on', date: 'none' }),
    await run({ messages: '3', date: 'none' }),
    await run({ messages: '0', date: 'none' }),
    await run({ number: '17', format: 'sdmf', date, scheme: 'bell202' }),
    await run({ number: '0389000001', scheme: 'dtmf' }),
    await run({ number: '0389000001', profile: 'keys' }),
  ]
  const clip = Array.from({ length: 5 }, () => 'clip' as const)
  const shown = await shownBySpandsp([...clip, 'class', 'clip-dtmf'], files)
  if (shown === undefined) return t.comment('libspandsp is not there')
  t.same(shown, [
    [
      [
        [0x01, '01151005'],
        [0x02, '0389000001'],
        [0x07, 'Zoe'],
        [0x1a, '3615'],
        [0x15, '\0'],
      ],
    ],
    [[[0x04, 'P']]],
    [[[0x0b, '\xff']]],
    [
      [
        [0x0b, '\xff'],
        [0x13, '\x03'],
      ],
    ],
    [
      [
        [0x0b, '\0'],
        [0x13, '\0'],
      ],
    ],
    [[[0, '0203040517']]],
    [[[0x41, '0389000001']]],
    [[[0x44, '0389000001']]],
  ])
})

t.test('wrong flags: one clear error, and nothing is written', async t => {
  const cases: readonly [Readonly<Record<string, string | boolean>>, RegExp][] = [
    [{}, /exactly one of --number, --absence and --messages/],
    [{ number: '17', absence: 'O' }, /exactly one/],
    [{ number: 'alice' }, /--number is 1 to 20 of/],
    [{ number: '1'.repeat(21) }, /--number is 1 to 20 of/],
    [{ number: '17', redirecting: '' }, /--redirecting is/],
    [{ absence: 'X' }, /--absence is one of O, P, not "X"/],
    [{ messages: 'many' }, /--messages is on, off or a count/],
    [{ messages: '256' }, /--messages/],
    [{ messages: 'on', scheme: 'dtmf' }, /the keys of this profile \(a-c\) cannot say that/],
    [{ absence: 'P', profile: 'keys' }, /\(d-c\) cannot/],
    [{ number: '17', profile: 'none' }, /this profile sends none/],
    [{ number: '17', scheme: 'v21' }, /--scheme is one of v23, bell202, dtmf/],
    [{ number: '17', scheme: 'dtmf', 'off-hook': true }, /--off-hook needs/],
    [{ number: '17', format: 'x' }, /--format is one of mdmf, sdmf/],
    [{ number: '17', date: '13011200' }, /--date is MMDDhhmm or "none"/],
    [{ number: '17', date: '1' }, /--date/],
    [{ number: '17', dbm0: 'loud' }, /--dbm0 is a level/],
    [{ number: '17', dbm0: '3' }, /--dbm0/],
    [{ number: '17', out: '' }, /--out FILE is needed/],
  ]
  const never = join(folder, 'never.wav')
  for (const [flags, expected] of cases) {
    const error = await run(flags, never).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    t.ok(error instanceof VoiceportError && error.code === 'VP-7205', JSON.stringify(flags))
    t.match(String(error), expected)
  }
  t.notOk(existsSync(never))
})
