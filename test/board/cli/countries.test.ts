// Each country that comes with the box, under the commands a technician has for it.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { commands } from '../../../board/cli/commands.js'
import { profileOf } from '../../../board/settings.js'
import { readAudio } from '../../../board/wav.js'
import { shippedProfiles } from '../../support/shipped-profiles.js'
import { levelAt } from '../../support/spectrum.js'

const folder = mkdtempSync(join(tmpdir(), 'voiceport-countries-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const at = (name: string) => join(folder, name)

const run = async (
  name: string,
  values: Readonly<Record<string, string>>,
  positionals: readonly string[] = [],
  input = '',
) => {
  const lines: string[] = []
  const command = await commands[name]!()
  const defaults = Object.entries(command.options).flatMap(([key, { default: value }]) =>
    value === undefined ? [] : [[key, value as string] as const],
  )
  const code = await command.run({
    values: { ...Object.fromEntries(defaults), ...values },
    positionals,
    stdin: (async function* () {
      yield input
    })(),
    out: line => lines.push(line),
  })
  return { code, lines }
}

/** Off-hook, a break of this length 2 s later, then off-hook to the end. */
const breakOf = (ms: number): string =>
  [0, 2_000_000, 2_000_000 + ms * 1000].map((us, i) => JSON.stringify({ offHook: i !== 1, us })).join('\n')

/** The length of an R key there, of a break too long for one, and a number that is complete at its last digit. */
const samples: Readonly<
  Record<string, { readonly flash: number; readonly down: number; readonly number: string }>
> = {
  fr: { flash: 270, down: 700, number: '0389000002' },
  de: { flash: 100, down: 700, number: '0301234567890' },
  uk: { flash: 90, down: 200, number: '02079460000' },
  us: { flash: 700, down: 1200, number: '2125550123' },
  es: { flash: 100, down: 700, number: '912345678' },
  it: { flash: 100, down: 300, number: '3331234567' },
  be: { flash: 100, down: 700, number: '025551212' },
  ch: { flash: 100, down: 700, number: '0441234567' },
  nl: { flash: 100, down: 700, number: '0201234567' },
}

t.test('there is a sample of each', async t =>
  t.same(Object.keys(samples).sort(), [...shippedProfiles].sort()),
)

for (const profile of shippedProfiles) {
  t.test(`${profile}: check, lab dial, lab hook, lab tone, lab clip`, async t => {
    const { flash, down, number } = samples[profile]!
    writeFileSync(at('box.toml'), `board = "sim"\nprofile = "${profile}"\n[[line]]\nid = "tel1"\n`)
    const checked = await run('check', { config: at('box.toml') })
    t.match(checked, { code: 0, lines: [new RegExp(`profile ${profile}, lines tel1`)] })

    const dialled = await run('lab dial', { profile }, [number])
    t.match(JSON.parse(dialled.lines[0]!), { class: 'national', complete: 'now', number })

    for (const [ms, meaning] of [
      [flash, 'flash'],
      [down, 'onhook'],
    ] as const) {
      const { lines } = await run('lab hook', { profile, context: 'talking' }, [], breakOf(ms))
      t.equal(JSON.parse(lines[1]!).ev, meaning, `${ms} ms`)
    }

    const { cid, tones } = profileOf(profile)
    const clip = at('clip.s16')
    t.equal((await run('lab clip', { profile, number: '0389000002', out: clip })).code, 0)
    const { lines } = await run('lab clip-decode', {}, [clip])
    t.match(JSON.parse(lines[0]!), { number: '0389000002', scheme: cid.scheme })

    for (const [name, { cadence, lead, dbm0 }] of Object.entries(tones)) {
      t.equal((await run('lab tone', { profile, ms: '500', out: at('tone.s16') }, [name])).code, 0)
      const [first] = lead ?? cadence
      const heard = (await readAudio(at('tone.s16'))).subarray(0, (first!.ms ?? 500) * 8)
      for (const hz of first!.hz)
        t.ok(Math.abs(levelAt(heard, hz) - dbm0) < 1, `${name}: ${levelAt(heard, hz)} dBm0 at ${hz} Hz`)
    }
  })
}
