// lab clip: what it writes is what libspandsp shows, on hook, off-hook and in keys; and its errors.

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { labClipCommand } from '../../../board/cli/lab-clip.js'
import { readAudio } from '../../../board/wav.js'
import { VoiceportError } from '../../../firmware/errors.js'
import { heardBySpandsp } from '../../support/display-judges.js'
import { fskBits } from '../../support/fsk-bits.js'
import { levelAt, powerOf } from '../../support/spectrum.js'

const folder = mkdtempSync(join(tmpdir(), 'voiceport-clip-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const out = join(folder, 'clip.wav')

const run = async (flags: Readonly<Record<string, string | boolean>>, file = out): Promise<Int16Array> => {
  const values = { scheme: 'v23', format: 'mdmf', dbm0: '-14', out: file, ...flags }
  const stdin = (async function* () {})()
  const code = await labClipCommand.run({ values, positionals: [], stdin, out: () => {} })
  t.equal(code, 0)
  return readAudio(file)
}

const fields = async (standard: 'clip' | 'class' | 'clip-dtmf', pcm: Int16Array) => {
  const heard = await heardBySpandsp(standard, [pcm])
  if ('reason' in heard) return undefined
  return heard.value[0]?.map(({ fields }) => fields.map(({ type, text }) => `${type} ${text}`))
}

t.test('on hook: seizure, mark and a message with number, name, date and forwarder', async t => {
  const pcm = await run({ number: '0389000001', name: 'Zoé', date: '01151005', redirecting: '3615' })
  t.equal(powerOf(pcm, 0, 800) < -90 && powerOf(pcm, pcm.length - 799, pcm.length) < -90, true)
  const bits = fskBits(pcm.subarray(800), { mark: 1300, space: 2100 }, 490)
  t.match(bits, /^(01){150}1{180}0/)
  t.ok(Math.abs(levelAt(pcm, 1300, 800 + 2000, 800 + 3200) + 14) < 0.5)
  const shown = await fields('clip', pcm)
  if (shown === undefined) return t.comment('libspandsp is not there')
  t.same(shown, [['1 01151005', '2 0389000001', '7 Zoe', '26 3615', '21 \0']])
})

t.test('the date is today’s unless told otherwise; a raw file holds the same samples', async t => {
  const flags = { number: '17', dbm0: '-20', scheme: 'bell202' }
  const none = await run({ ...flags, date: 'none' })
  t.equal(none.length, 1600 + Math.ceil(((480 + 70 + 5) * 20) / 3))
  t.equal((await run(flags)).length - none.length, Math.ceil((100 * 20) / 3))
  t.same(await run({ ...flags, date: 'none' }, join(folder, 'clip.s16')), none)
  t.ok(Math.abs(levelAt(none, 1200, 2800, 4000) + 20) < 0.5)
})

t.test('off-hook: alert, time to answer it, and a burst without seizure', async t => {
  const pcm = await run({ absence: 'P', date: 'none', 'off-hook': true })
  for (const hz of [2130, 2750]) t.ok(Math.abs(levelAt(pcm, hz, 810, 1430) + 15) < 0.5)
  t.ok(powerOf(pcm, 1440, 1440 + 2080) < -90)
  t.match(fskBits(pcm.subarray(1440 + 2080), { mark: 1300, space: 2100 }, 100), /^1{80}0/)
  const shown = await fields('clip', pcm)
  if (shown !== undefined) t.same(shown, [['4 P']])
})

t.test('messages, the single data format, and keys', async t => {
  const shown = [
    await fields('clip', await run({ messages: 'on', date: 'none' })),
    await fields('clip', await run({ messages: '3', date: 'none' })),
    await fields('clip', await run({ messages: '0', date: 'none' })),
    await fields('class', await run({ number: '17', format: 'sdmf', date: '02030405', scheme: 'bell202' })),
    await fields('clip-dtmf', await run({ number: '17', scheme: 'dtmf' })),
  ]
  if (shown[0] === undefined) return t.comment('libspandsp is not there')
  t.same(shown.slice(0, 3), [[['11 \xff']], [['11 \xff', '19 \x03']], [['11 \0', '19 \0']]])
  t.ok(shown[3]?.flat().join().includes('17'), String(shown[3]))
  t.equal(shown[4]?.length, 1)
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
    [{ messages: 'on', scheme: 'dtmf' }, /no keys for messages/],
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
