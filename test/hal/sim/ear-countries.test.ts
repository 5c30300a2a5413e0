// What the virtual telephone of each country hears when a box with the profile of that country sounds its tones: two tables, written
// apart, have to agree.
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { ToneSpec } from '../../../firmware/media/media-contract.js'
import { loadProfile } from '../../../firmware/settings/load-profile.js'
import { tonePlans } from '../../../hal/sim/country-tones.js'
import { shippedProfiles } from '../../support/shipped-profiles.js'
import { repeat, type Segment, samplesOf, soundingLine } from '../../support/sounding-line.js'

const profileOf = (name: string) => {
  const file = fileURLToPath(new URL(`../../../../board/profiles/${name}.toml`, import.meta.url))
  const read = loadProfile(file, () => undefined)
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return read.value
}

/** As the box sounds it, for so long or a little longer, ms; silence behind a tone that ends by itself. */
const segmentsOf = ({ lead = [], cadence, repeat: times }: ToneSpec, length: number): Segment[] => {
  const parts = (tone: ToneSpec['cadence']): Segment[] => tone.map(({ hz, ms = length }) => [hz, ms])
  const cycle = parts(cadence)
  const cycleMs = cycle.reduce((sum, [, ms]) => sum + ms, 0)
  return [...parts(lead), ...repeat(cycle, times ?? Math.ceil(length / cycleMs)), [[], times ? 2000 : 0]]
}

/** What the subscriber does before, and how long he listens, ms. */
const situations: Readonly<Record<string, readonly [string, number]>> = {
  dial: ['', 4000],
  recall: ['R', 3000],
  ringback: ['5', 12_000],
  busy: ['5', 6000],
  congestion: ['5', 6000],
  waiting: ['5', 30_000],
  confirmation: ['*5', 1000],
  error: ['*5', 2000],
  sit: ['5', 5000],
  howler: ['', 2000],
}
/** Alternations of two sounds without a pause, which this ear cannot follow. */
const unheard: Readonly<Record<string, readonly string[]>> = { it: ['recall'] }
/** British recall is the dial tone, only softer; the German one is steady until its first gap. */
const recalls: Readonly<Record<string, readonly string[]>> = { uk: ['dial'], de: ['dial', 'recall'] }

const listen = async (country: string, tone: ToneSpec, [doing, length]: readonly [string, number]) => {
  const line = await soundingLine({ country })
  await line.fxs.setLinefeed('active')
  await line.act({ do: 'offhook' })
  if (doing === 'R') await line.act({ do: 'flash' })
  else if (doing !== '') await line.act({ do: 'dtmf', digits: doing })
  line.play(samplesOf([[[], 50], ...segmentsOf(tone, length)], tone.dbm0))
  await line.clock.advance(length + 3000)
  return line.tones().filter(name => name !== 'none')
}

t.test('the telephone knows the tones of every country that comes with the box', async t =>
  t.same(
    shippedProfiles.map(name => profileOf(name).country).filter(country => !tonePlans[country]),
    ['DE', 'FR'],
    'but for the two whose tones it knows without being told',
  ),
)

for (const name of shippedProfiles)
  t.test(`${name}: each tone is heard for what it is`, async t => {
    const { country, tones } = profileOf(name)
    const spoken: Readonly<Record<string, ToneSpec | undefined>> = { ...tones }
    for (const [tone, situation] of Object.entries(situations)) {
      if (unheard[name]?.includes(tone)) continue
      const wanted = (tone === 'recall' && recalls[name]) || [tone]
      const heard = await listen(country, spoken[tone] as ToneSpec, situation)
      t.strictSame(heard, wanted, tone)
    }
  })

t.test('a voice is unknown, and what no country has too', async t => {
  const voice = Int16Array.from({ length: 16_000 }, (_, n) =>
    // Syllables of 180 ms.
    n % 2000 < 1440 ? Math.round(3000 * Math.sin(n * n * 0.37)) : 0,
  )
  for (const sound of [voice, samplesOf([[[600], 2000]])]) {
    const line = await soundingLine({ country: 'GB' })
    await line.fxs.setLinefeed('active')
    await line.act({ do: 'offhook' })
    line.play(sound)
    await line.clock.advance(4000)
    t.strictSame(line.tones(), ['unknown', 'none'])
  }
})

t.test('the tones of one country are not taken for those of another', async t => {
  const { tones } = profileOf('us')
  for (const [tone, wanted] of [
    ['busy', ['unknown']],
    ['dial', ['unknown']],
  ] as const)
    t.same([...new Set(await listen('NL', tones[tone], ['', 2000]))], wanted, tone)
})
