// lab dtmf, lab tone and lab echo on files, and the WAV files they read: good ones, odd ones and wrong ones.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { line, press, random } from '../../../board/bench/dtmf-vectors.js'
import { echoOf, hybrid, meanSquare, speechLike } from '../../../board/bench/echo-vectors.js'
import type { Command } from '../../../board/cli/command.js'
import { labDtmfCommand } from '../../../board/cli/lab-dtmf.js'
import { labEchoCommand } from '../../../board/cli/lab-echo.js'
import { labToneCommand } from '../../../board/cli/lab-tone.js'
import { decodeWav, encodeWav, readAudio, writeAudio } from '../../../board/wav.js'
import { VoiceportError } from '../../../firmware/errors.js'
import { levelAt } from '../../support/spectrum.js'

const folder = mkdtempSync(join(tmpdir(), 'voiceport-audio-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)

async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}
const run = async (
  command: Command,
  positionals: readonly string[],
  values: Record<string, string> = {},
  stdin: AsyncIterable<Uint8Array> = chunks(),
) => {
  const lines: string[] = []
  const defaults = Object.entries(command.options).flatMap(([key, { default: value }]) =>
    value === undefined ? [] : [[key, value as string] as const],
  )
  const code = await command.run({
    values: { ...Object.fromEntries(defaults), ...values },
    positionals,
    stdin,
    out: text => lines.push(text),
  })
  return { code, lines }
}
const refusal = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof VoiceportError ? `${error.code} ${error.message}` : `not refused: ${error}`
}

const dialled = () => {
  const signal = new Float64Array(8 * 700)
  const next = random(3)
  for (const [n, key] of [...'0389'].entries())
    press(signal, 50 + n * 140, { key, onMs: 70, dbm0: -10, twistDb: 2 }, next)
  return line(signal)
}

t.test(
  'lab dtmf: one JSON line a key, the same from WAV, raw file and standard input in odd pieces',
  async t => {
    const pcm = dialled()
    await writeAudio(at('keys.wav'), pcm)
    await writeAudio(at('keys.s16'), pcm)
    const wav = await run(labDtmfCommand, [at('keys.wav')])
    t.equal(wav.code, 0)
    const keys = wav.lines.map(text => JSON.parse(text))
    t.same(
      keys.map(k => k.digit),
      ['0', '3', '8', '9'],
    )
    for (const [n, key] of keys.entries()) {
      t.same(Object.keys(key), ['digit', 'startSample', 'endSample', 'detectedSample', 'dbm0', 'twistDb'])
      t.ok(Math.abs(key.startSample - (50 + n * 140) * 8) <= 24)
      t.ok(Math.abs(key.endSample - (120 + n * 140) * 8) <= 24)
      t.ok(key.detectedSample > key.startSample && key.detectedSample < key.endSample)
      t.ok(Math.abs(key.dbm0 + 10) <= 0.5)
      t.ok(Math.abs(key.twistDb - 2) <= 0.5)
    }
    t.same((await run(labDtmfCommand, [at('keys.s16')], { mode: 'call' })).lines, wav.lines)
    const raw = readFileSync(at('keys.s16'))
    const pieces = chunks(raw.subarray(0, 1), raw.subarray(1, 4002), raw.subarray(4002))
    t.same((await run(labDtmfCommand, ['-'], {}, pieces)).lines, wav.lines)
  },
)

t.test('lab dtmf: a key that is down when the recording ends is told, within the recording', async t => {
  const pcm = dialled().subarray(0, 8 * 100)
  await writeAudio(at('cut.wav'), pcm)
  const { lines } = await run(labDtmfCommand, [at('cut.wav')])
  t.equal(lines.length, 1)
  t.ok(JSON.parse(lines[0] as string).endSample <= 800)
  await writeAudio(at('empty.wav'), new Int16Array(0))
  t.same((await run(labDtmfCommand, [at('empty.wav')])).lines, [])
})

t.test('lab tone: the tone of the profile in a file of exactly the time asked for', async t => {
  const tones = {
    busy: {
      cadence: [
        { hz: [440], ms: 500 },
        { hz: [], ms: 500 },
      ],
      dbm0: -12,
    },
  }
  const asked: string[] = []
  const command = labToneCommand(async profile => {
    asked.push(profile)
    return tones
  })
  for (const name of ['busy.wav', 'busy.s16']) {
    t.equal((await run(command, ['busy'], { ms: '1234', out: at(name), profile: 'de' })).code, 0)
    const pcm = await readAudio(at(name))
    t.equal(pcm.length, 1234 * 8)
    t.ok(Math.abs(levelAt(pcm, 440, 80, 3900) + 12) < 0.2)
    t.ok(pcm.subarray(4000, 8000).every(x => x === 0))
    t.ok(Math.abs(levelAt(pcm, 440, 8080, 9800) + 12) < 0.2)
  }
  t.same(asked, ['de', 'de'])
})

t.test('lab echo: the echo is gone, the near end is not', async t => {
  const far = speechLike(8, 2500, 5)
  const talk = speechLike(8, 2500, 6)
  talk.fill(0, 0, 6 * 8000 + 800)
  far.fill(0, 6 * 8000)
  const echo = echoOf(far, hybrid(6, 8, 7, 5))
  await writeAudio(at('far.wav'), far.subarray(0, 6 * 8000))
  await writeAudio(
    at('near.wav'),
    Int16Array.from(echo, (v, i) => v + (talk[i] as number)),
  )
  const { code, lines } = await run(labEchoCommand, [], {
    far: at('far.wav'),
    near: at('near.wav'),
    out: at('clean.wav'),
  })
  t.equal(code, 0)
  const nearRaw = readFileSync(at('near.wav')).subarray(44)
  const piped = await run(
    labEchoCommand,
    [],
    { far: at('far.wav'), near: '-', out: at('piped.wav') },
    chunks(nearRaw.subarray(0, 999), nearRaw.subarray(999)),
  )
  t.same(piped.lines, lines, 'the near end from standard input')
  t.same(await readAudio(at('piped.wav')), await readAudio(at('clean.wav')))
  const told = JSON.parse(lines[0] as string)
  t.equal(told.samples, 64000)
  t.ok(told.outDbm0 < told.nearDbm0)
  const clean = await readAudio(at('clean.wav'))
  t.ok(meanSquare(clean, 4, 6) < meanSquare(echo, 4, 6) / 100)
  t.same(clean.subarray(7 * 8000), talk.subarray(7 * 8000))
})

t.test('wrong flags and files: one clear error each, with its code', async t => {
  const tone = labToneCommand(async () => ({ dial: { cadence: [{ hz: [440] }], dbm0: -12 } }))
  const out = at('never.wav')
  await writeAudio(at('ok.wav'), new Int16Array(80))
  writeFileSync(at('odd.s16'), Buffer.alloc(3))
  const cases: readonly [() => Promise<unknown>, RegExp][] = [
    [() => run(labDtmfCommand, []), /VP-7205 exactly one file/],
    [() => run(labDtmfCommand, ['a', 'b']), /VP-7205/],
    [() => run(labDtmfCommand, ['a'], { mode: 'loud' }), /VP-7205 --mode is one of dialling, call/],
    [() => run(labDtmfCommand, [at('none.wav')]), /VP-7003 cannot read .*none\.wav: ENOENT/],
    [() => run(labDtmfCommand, [folder]), /VP-7003 .*EISDIR/],
    [() => run(labDtmfCommand, [at('odd.s16')]), /VP-7204 .*half a sample/],
    [() => run(labDtmfCommand, ['-'], {}, chunks(Buffer.alloc(3))), /VP-7204 standard input: ends inside/],
    [() => run(tone, [], { ms: '10', out }), /VP-7205/],
    [() => run(tone, ['dial'], { out }), /VP-7205 --ms/],
    [() => run(tone, ['dial'], { ms: '0', out }), /VP-7205 --ms/],
    [() => run(tone, ['dial'], { ms: '1.5', out }), /VP-7205 --ms/],
    [() => run(tone, ['dial'], { ms: '10' }), /VP-7205 --out/],
    [
      () => run(tone, ['toString'], { ms: '10', out }),
      /VP-7206 profile fr has no tone "toString", only dial/,
    ],
    [() => run(tone, ['dial'], { ms: '10', out: at('no/such/folder.wav') }), /VP-7003 cannot write/],
    [() => run(labEchoCommand, ['x']), /VP-7205/],
    [() => run(tone, ['dial'], { ms: '10', out: '-' }), /VP-7205 audio goes to a file/],
    [() => run(labEchoCommand, [], { far: '-', near: '-', out }), /VP-7205 only one/],
    [() => run(labEchoCommand, [], { far: 'a', near: 'b' }), /VP-7205 --out/],
    [() => run(labEchoCommand, [], { far: at('ok.wav'), near: at('none.wav'), out }), /VP-7003/],
  ]
  for (const [attempt, expected] of cases) t.match(await refusal(attempt()), expected)
  t.notOk(existsSync(out), 'nothing is written')
})

const header = (edit: (bytes: Buffer) => void) => {
  const bytes = encodeWav(Int16Array.of(1, -2, 3))
  edit(bytes)
  return bytes
}
const why = (bytes: Buffer) => {
  try {
    return [...decodeWav(bytes, 'x.wav')].join()
  } catch (error) {
    return error instanceof VoiceportError ? `${error.code} ${error.message}` : `threw ${error}`
  }
}

t.test(
  'WAV files: other rates, widths, channels and formats are named; extra chunks and streamed lengths are read',
  async t => {
    t.match(why(header(b => b.writeUInt32LE(44100, 24))), /VP-7204 x.wav: has 44100 Hz instead of 8000 Hz/)
    t.match(why(header(b => b.writeUInt16LE(2, 22))), /2 channels/)
    t.match(why(header(b => b.writeUInt16LE(8, 34))), /8 bits/)
    t.match(why(header(b => b.writeUInt16LE(6, 20))), /format 6 instead of PCM/)
    t.match(why(header(b => b.writeUInt32LE(600, 40))), /ends 594 bytes early/)
    t.match(why(Buffer.from('RIFF')), /is no WAV file/)
    t.match(why(Buffer.from('ID3 this is music')), /is no WAV file/)
    t.match(why(header(b => b.write('junk', 36))), /holds no samples/)
    t.match(why(header(b => b.write('junk', 12))), /samples before their format/)
    t.equal(why(header(b => b.writeUInt32LE(0xffffffff, 40))), '1,-2,3')
    const plain = encodeWav(Int16Array.of(1, -2, 3))
    const list = Buffer.from('LIST\x03\x00\x00\x00abc\x00', 'latin1')
    t.equal(why(Buffer.concat([plain.subarray(0, 36), list, plain.subarray(36)])), '1,-2,3')
    const extensible = Buffer.alloc(68)
    plain.copy(extensible, 0, 0, 36)
    extensible.writeUInt32LE(40, 16)
    extensible.writeUInt16LE(0xfffe, 20)
    extensible.writeUInt16LE(1, 44)
    t.equal(why(Buffer.concat([extensible.subarray(0, 60), plain.subarray(36)])), '1,-2,3')
  },
)

t.test(
  'property: any samples survive a WAV file, and any bytes are read or refused, never a crash',
  async () => {
    const sample = fc.integer({ min: -32768, max: 32767 })
    fc.assert(
      fc.property(
        fc.array(sample, { maxLength: 300 }),
        list => why(encodeWav(Int16Array.from(list))) === list.join(),
      ),
      { numRuns: 50 },
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(60), fc.nat(255)), { maxLength: 8 }), fc.nat(60), (edits, cut) => {
        const bytes = encodeWav(Int16Array.from({ length: 8 }, (_, i) => i))
        for (const [index, value] of edits) bytes[index % bytes.length] = value
        return !why(bytes.subarray(0, cut)).startsWith('threw') && !why(bytes).startsWith('threw')
      }),
      { numRuns: 500 },
    )
  },
)
