// lab clip-decode on files: what a telephone would display, and the exit codes.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { labClipCommand } from '../../../board/cli/lab-clip.js'
import { labClipDecodeCommand } from '../../../board/cli/lab-clip-decode.js'
import { profileOf } from '../../../board/settings.js'
import { writeAudio } from '../../../board/wav.js'
import { VoiceportError } from '../../../firmware/errors.js'
import { bell202, burst, joined, onTheLine, silence, sine, withParameters } from '../../support/fsk-bursts.js'

const folder = mkdtempSync(join(tmpdir(), 'voiceport-clip-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)

async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}
const run = async (positionals: readonly string[], stdin = chunks()) => {
  const lines: string[] = []
  const code = await labClipDecodeCommand.run({
    values: {},
    positionals,
    stdin,
    out: text => lines.push(text),
  })
  return { code, lines: lines.map(text => JSON.parse(text)) }
}

const call = withParameters(0x80, [
  [0x01, '11230435'],
  [0x02, '0389000002'],
  [0x07, 'ANNE MARIE'],
])
const lamp = withParameters(0x82, [[0x0b, [0xff]]])
const sound = onTheLine(
  joined(
    silence(100),
    burst({ bytes: call, tail: 0 }),
    silence(200),
    burst({ bytes: lamp, tones: bell202, seizure: 0, marks: 80, dbm0: -20 }),
  ),
)
const endOfCall = 800 + burst({ bytes: call, tail: 0 }).length

t.test('one JSON line a message, the same from WAV, raw file and standard input in odd pieces', async t => {
  await writeAudio(at('call.wav'), sound)
  await writeAudio(at('call.s16'), sound)
  const heard = await run([at('call.wav')])
  t.equal(heard.code, 0)
  const [first, second, ...more] = heard.lines
  t.strictSame(more, [])
  t.match(first, {
    ev: 'clip',
    number: '0389000002',
    name: 'ANNE MARIE',
    date: '11230435',
    scheme: 'v23',
    message: 128,
    signal: { seizureBits: 300 },
  })
  t.ok(Math.abs(first.endSample - endOfCall) < 8)
  t.ok(Math.abs(first.signal.dbm0 + 14) < 0.3 && Math.abs(first.signal.markHz - 1300) < 1)
  t.match(second, { ev: 'mwi', on: true, scheme: 'bell202', message: 130, signal: { seizureBits: 0 } })
  t.ok(Math.abs(second.signal.markBits - 80) <= 1)

  t.strictSame(await run([at('call.s16')]), heard)
  const raw = readFileSync(at('call.s16'))
  t.strictSame(await run(['-'], chunks(raw.subarray(0, 4001), raw.subarray(4001))), heard)
})

/** What `lab clip` writes with these flags. */
const clipOf = async (
  profile: ReturnType<typeof profileOf>,
  flags: Readonly<Record<string, string | boolean>>,
): Promise<string> => {
  const clip = labClipCommand(async () => profile.cid)
  const values = { profile: 'fr', number: '0389000001', date: '01151005', out: at('box.wav'), ...flags }
  t.equal(await clip.run({ values, positionals: [], stdin: chunks(), out: () => {} }), 0)
  return at('box.wav')
}

t.test(
  'what lab clip writes is shown: every profile as it is, every scheme, on the hook and off',
  async t => {
    const profiles = readdirSync(new URL('../../../../board/profiles', import.meta.url))
      .filter(name => name.endsWith('.toml'))
      .map(name => name.slice(0, -5))
    t.ok(profiles.length >= 2)
    const schemes = [
      { scheme: 'v23' },
      { scheme: 'bell202' },
      { scheme: 'dtmf' },
      { scheme: 'v23', 'off-hook': true },
      { scheme: 'bell202', 'off-hook': true },
    ]
    for (const name of profiles) {
      const profile = profileOf(name)
      for (const flags of [{}, ...schemes]) {
        const { scheme } = { scheme: profile.cid.scheme, ...flags }
        if (scheme === 'none') continue
        const { code, lines } = await run([await clipOf(profile, flags)])
        t.equal(code, 0)
        t.equal(lines.length, 1)
        const date = scheme === 'dtmf' ? {} : { date: '01151005' }
        const shown = { ev: 'clip', number: '0389000001', ...date, scheme }
        t.match(lines[0], shown, `${name} ${JSON.stringify(flags)}`)
      }
    }
  },
)

t.test('nothing to display: exit 1, refused data told all the same', async t => {
  await writeAudio(at('tone.wav'), onTheLine(sine(1300, 2000, -10)))
  t.strictSame(await run([at('tone.wav')]), { code: 1, lines: [] })
  await writeAudio(at('empty.wav'), new Int16Array(0))
  t.strictSame(await run([at('empty.wav')]), { code: 1, lines: [] })
  await writeAudio(at('cut.wav'), sound.subarray(0, endOfCall - 200))
  const cut = await run([at('cut.wav')])
  t.equal(cut.code, 1)
  t.match(cut.lines, [{ ev: 'clip-refused', reason: 'cut', scheme: 'v23', message: 128 }])
  t.ok(cut.lines[0].endSample <= endOfCall - 200)
})

t.test('bad input is told', async t => {
  const refusal = (positionals: readonly string[]) =>
    run(positionals).then(
      () => 'not refused',
      error => (error instanceof VoiceportError ? error.code : String(error)),
    )
  t.equal(await refusal([]), 'VP-7205')
  t.equal(await refusal([at('call.wav'), at('call.wav')]), 'VP-7205')
  t.equal(await refusal([at('missing.wav')]), 'VP-7003')
  t.equal(await refusal([new URL(import.meta.url).pathname]), 'VP-7204')
})
