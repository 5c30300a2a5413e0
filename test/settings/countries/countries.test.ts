// The profiles of all countries held against what is published of them: at least two tables for each tone, or one, or none,
// with the reason; R keys; caller identity.

import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { ToneSpec } from '../../../firmware/media/media-contract.js'
import { loadProfile } from '../../../firmware/settings/load-profile.js'
import { shippedProfiles } from '../../support/shipped-profiles.js'
import { callerIdentity, hookTables } from './hook-tables.js'
import { notationOf, readNotation, soundAlike } from './tone-notation.js'
import { type Published, type Source, toneTables } from './tone-tables.js'

const profileOf = (name: string) => {
  const file = fileURLToPath(new URL(`../../../../board/profiles/${name}.toml`, import.meta.url))
  const read = loadProfile(file, () => undefined)
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  return read.value
}

const sources: readonly Source[] = ['asterisk', 'dahdi', 'spandsp']
/** Tables in which the tone is as the profile has it. */
const agreeing = (tone: ToneSpec, published: Published): readonly Source[] =>
  sources.filter(source => {
    const text = published[source]
    return text !== undefined && soundAlike(notationOf(tone), readNotation(text))
  })

t.test('there is a table of facts for each profile, and a profile for each table', async t => {
  t.same(Object.keys(toneTables).sort(), [...shippedProfiles].sort())
  t.same(Object.keys(hookTables).sort(), [...shippedProfiles].sort())
})

for (const name of shippedProfiles)
  t.test(`${name}: every tone is that of two published tables, or there is a reason why not`, async t => {
    const tones: Readonly<Record<string, ToneSpec>> = { ...profileOf(name).tones }
    const facts = toneTables[name]?.tones ?? {}
    t.same(Object.keys(facts).sort(), Object.keys(tones).sort(), 'all tones of the schema')
    for (const [tone, published] of Object.entries(facts)) {
      const agreed = agreeing(tones[tone] as ToneSpec, published)
      if ('why' in published) {
        const against = sources.filter(source => published[source] !== undefined && !agreed.includes(source))
        t.ok(agreed.length < 2 || against.length > 0, `${tone} needs no reason: ${published.why}`)
      } else t.ok(agreed.length >= 2, `${tone}: ${agreed.join(', ') || 'no table'}`)
    }
  })

for (const name of shippedProfiles)
  t.test(`${name}: ringing as published, a second ring that differs, an R key that is heard`, async t => {
    const { ring, hook } = profileOf(name)
    t.equal(ring.cadences.normal.join(), toneTables[name]?.ring)
    t.not(ring.cadences.recall.join(), ring.cadences.normal.join())
    const { flashMs, source } = hookTables[name] as (typeof hookTables)[string]
    t.ok(hook.flashMs[0] <= flashMs[0] && flashMs[1] <= hook.flashMs[1], `${hook.flashMs}: ${source}`)
    t.ok(hook.onHookMs >= hook.flashMs[1])
  })

t.test('caller identity is sent the way each country knows it', async t => {
  for (const [name, scheme] of Object.entries(callerIdentity))
    t.equal(profileOf(name).cid.scheme, scheme, name)
  const uk = profileOf('uk').cid
  t.equal(uk.alert, 'line-reversal+dt-as', 'BT SIN 227')
  t.ok(uk.seizureBits >= 96 && uk.seizureBits <= 315 && uk.markBits >= 55, 'BT SIN 227')
  const us = profileOf('us').cid
  t.match(us, { alert: 'after-ring1', seizureBits: 300, markBits: 180 }, 'Telcordia GR-30')
  for (const name of ['be', 'nl'])
    t.match(profileOf(name).cid, { alert: 'line-reversal', dtmf: 'a-c' }, `${name}: ETSI EN 300 659-1`)
})

t.test('before the second ring there is room for the longest message', async t => {
  // 300 + 180 bits and a name: 767 ms; 500 ms before the data and 200 ms after them (EN 300 659-1).
  for (const name of shippedProfiles) {
    const { cid, ring } = profileOf(name)
    if (cid.alert !== 'after-ring1') continue
    const silence = ring.cadences.normal.at(-1) ?? 0
    t.ok(cid.ringGapMs >= 500 && cid.ringGapMs + 767 + 200 <= silence, `${name}: ${silence} ms`)
  }
})

t.test('tones sound alike when only a third of a second or the beginning differs', async t => {
  const alike = (a: string, b: string) => soundAlike(readNotation(a), readNotation(b))
  t.ok(alike('950/330,0/1000', '950/333,0/1000'))
  t.ok(alike('425/200,0/200,425/600,0/1000', '425/600,0/1000,425/200,0/200'))
  t.ok(alike('440+350', '350+440'))
  for (const [a, b] of [
    ['425/200,0/200', '425/250,0/250'],
    ['425', '440'],
    ['!425/100,425', '425'],
    ['425/200,0/200', '5x425/200,0/200'],
    ['425/200,0/400', '0/400,425/200,0/1'],
    ['425', '425/1000'],
  ] as const)
    t.notOk(alike(a, b), `${a} ${b}`)
  t.throws(() => readNotation('425/'))
})
