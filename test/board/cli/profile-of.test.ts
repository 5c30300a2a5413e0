import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { dialOutcome } from '../../../board/cli/dial-lab.js'
import { profileOf } from '../../../board/cli/profile-of.js'
import { dialPlan } from '../../../firmware/run/dial-plan.js'
import { planOfProfile } from '../../support/plan-of-profile.js'

const shipped = (kind: string, name: string): string | undefined => {
  const file = fileURLToPath(new URL(`../../../../board/${kind}s/${name}.toml`, import.meta.url))
  return existsSync(file) ? file : undefined
}

t.test('the shipped profiles are valid, and their dial plans are what their files say', t => {
  for (const name of ['fr', 'de']) t.same(dialPlan(profileOf(name, shipped)), planOfProfile(name), name)
  t.end()
})

t.test('every tone, cadence and hook window of the French profile is the one of the design', t => {
  const { hook, timers, ring, tones, emergency } = profileOf('fr', shipped)
  t.match(hook, { offHookMs: 40, flashMs: [80, 600], onHookMs: 600, bounceMs: 15 })
  t.match(timers, { window: 3500, waiting: 20000, interDigit: 5000, hashSwallow: 3000 })
  t.match(ring, { hz: 50, cadences: { normal: [1500, 3500] } })
  t.same(tones.error.repeat, 4)
  t.same(tones.error.cadence, [
    { hz: [440], ms: 250 },
    { hz: [], ms: 250 },
  ])
  t.same(tones.congestion.repeat, undefined)
  t.equal(emergency.length, 13)
  t.end()
})

t.test("a profile of one's own by path, laid over a shipped one", t => {
  const file = join(t.testdir(), 'mine.toml')
  writeFileSync(file, 'extends = "fr"\n[timers]\ninterDigit = 4000\n')
  const profile = profileOf(file, shipped)
  t.equal(profile.timers.interDigit, 4000)
  const plan = dialPlan(profile)
  t.match(dialOutcome('45', plan, { domain: 'a.test', hash: 'raw', interDigit: profile.timers.interDigit }), {
    class: 'open',
    afterMs: 4000,
  })
  t.end()
})

t.test('a profile that is missing or wrong is refused, all its mistakes at once', t => {
  t.throws(() => profileOf('atlantis', shipped), { code: 'VP-1008', message: /"atlantis"/ })
  const file = join(t.testdir(), 'wrong.toml')
  writeFileSync(file, 'extends = "fr"\n[hook]\nbounceMs = 99\n[timers]\nwindow = "soon"\n')
  t.throws(() => profileOf(file, shipped), { code: /^VP-1/, message: /wrong\.toml:3: .*\n.*wrong\.toml:5: / })
  t.throws(() => profileOf('./nowhere.toml', shipped), { code: /^VP-1/, message: /nowhere\.toml/ })
  t.end()
})
