// The scenarios in virtual time: all of them hold on the whole house, and on a house with one thing wrong those fail that
// are there to see it. A bench that cannot fail shows nothing.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { pageOf } from './report/page.js'
import { pictureOf } from './report/picture.js'
import { runScenarios } from './runner.js'
import { scenarios, scenariosNamed } from './scenarios/all.js'
import type { Scenario } from './scenarios/scenario.js'
import {
  type ChannelMessage,
  openVirtualTarget,
  type Spoil,
  type SpoilRequest,
  type VirtualTarget,
} from './virtual-target.js'

t.setTimeout(200_000)

const target = async (t: Test): Promise<VirtualTarget> => {
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-runner-'))
  const made = await openVirtualTarget(folder)
  t.teardown(async () => {
    await made.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return made
}

/** Left to runs by hand: a minute of howler, half a minute of faults. */
const long: ReadonlySet<string> = new Set(['off-hook-left', 'chip-faults'])

t.test('every scenario holds on a house that works, and each leaves a picture', async t => {
  const { target: it, run } = await target(t)
  const wanted = scenarios.filter(({ name }) => !long.has(name))
  const report = await run(runScenarios(it, wanted))
  for (const { name, outcome, reason } of report.scenarios) t.equal(outcome, 'passed', `${name}: ${reason}`)
  t.equal(report.failed, 0)
  t.equal(report.skipped, 0)
  for (const scenario of report.scenarios.filter(({ outcome }) => outcome === 'passed')) {
    const picture = pictureOf(scenario)
    t.match(picture, /^<svg [^>]*xmlns=/, scenario.name)
    t.notMatch(picture, /NaN|undefined|Infinity/, scenario.name)
  }
  const page = pageOf(report)
  for (const { name } of wanted) t.ok(page.includes(`>${name}<`), name)
})

t.test('a scenario that fails while somebody speaks takes no other one with it', async t => {
  const { target: it, run } = await target(t)
  const failing: Scenario = {
    name: 'fails',
    title: 'fails while somebody speaks',
    source: 'none',
    needs: ['audio files'],
    lasts: 2,
    run: async stage => {
      await stage.tel.lift()
      const spoken = stage.tel.speak(800, 1200)
      await stage.pause(300)
      stage.check('this holds', false)
      await spoken
    },
  }
  const { scenarios: played } = await run(
    runScenarios(it, [failing, ...scenariosNamed(['pick-up-dial-tone'])]),
  )
  t.same(
    played.map(({ outcome }) => outcome),
    ['failed', 'passed'],
  )
})

interface Wrong {
  readonly what: string
  readonly spoil?: Spoil
  readonly spoilRequest?: SpoilRequest
  /** Those that must see it. */
  readonly seenBy: readonly string[]
}

const without =
  (unwanted: (message: ChannelMessage) => boolean): Spoil =>
  message =>
    unwanted(message) ? undefined : message

const wrong: readonly Wrong[] = [
  {
    what: 'no dial tone',
    spoil: without(({ ev, name }) => ev === 'tone' && name === 'dial'),
    seenBy: ['pick-up-dial-tone', 'hang-up-idle'],
  },
  {
    what: 'a dial tone that is late by 400 ms',
    spoil: message =>
      message['ev'] === 'tone' && message['name'] === 'dial'
        ? { ...message, us: Number(message['us']) + 400_000 }
        : message,
    seenBy: ['pick-up-dial-tone'],
  },
  {
    what: 'busy told as congestion',
    spoil: message =>
      message['ev'] === 'tone' && message['name'] === 'busy' ? { ...message, name: 'congestion' } : message,
    seenBy: ['busy'],
  },
  {
    what: 'a bell that goes on ringing',
    spoil: without(({ ev, on }) => ev === 'ring' && on === false),
    seenBy: ['ring-and-answer'],
  },
  {
    what: 'bursts of 2.5 s',
    spoil: message =>
      message['ev'] === 'ring' && message['on'] === false && message['kind'] === 'full'
        ? { ...message, us: Number(message['us']) + 1_000_000 }
        : message,
    seenBy: ['ring-cadence'],
  },
  {
    what: 'another number on the display',
    spoil: message => (message['ev'] === 'clip' ? { ...message, number: '0389000099' } : message),
    seenBy: ['clip', 'clip-withheld'],
  },
  {
    what: 'an R key that is too short',
    spoilRequest: request => (request['do'] === 'flash' ? { ...request, ms: 40 } : request),
    seenBy: ['r-second-call'],
  },
  {
    what: 'a receiver that is never put back',
    spoilRequest: request => (request['do'] === 'onhook' ? { ...request, do: 'state' } : request),
    seenBy: ['hang-up-idle', 'idle-silence'],
  },
  {
    what: 'a key that is another',
    spoilRequest: request =>
      request['do'] === 'dtmf' && request['digits'] === '7' ? { ...request, digits: '8' } : request,
    seenBy: ['keys-in-a-call'],
  },
  {
    what: 'a microphone that is silent',
    spoilRequest: request =>
      request['do'] === 'play' ? { ...request, do: 'state', wav: undefined } : request,
    seenBy: ['talk-both-ways', 'mouth-to-ear'],
  },
]

t.test('one thing wrong, and the scenarios that are there for it fail', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-runner-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  for (const { what, spoil, spoilRequest, seenBy } of wrong)
    for (const name of seenBy) {
      const made = await openVirtualTarget(folder)
      Object.assign(made, { ...(spoil && { spoil }), ...(spoilRequest && { spoilRequest }) })
      const report = await made.run(runScenarios(made.target, scenariosNamed([name])))
      const [only] = report.scenarios
      t.equal(only?.outcome, 'failed', `${what}: ${name}`)
      t.notMatch(only?.reason, /the bench itself/, `${what}: ${only?.reason}`)
      await made.close()
    }
})

t.test('what a target lacks is skipped with the reason, and no name is guessed', async t => {
  const { target: it, run } = await target(t)
  const poor = { ...it, far: [], folder: undefined, lacks: () => undefined }
  const report = await run(runScenarios(poor, scenariosNamed(['busy', 'talk-both-ways', 'echo-call'])))
  t.match(
    report.scenarios.map(({ outcome, reason }) => `${outcome}: ${reason}`),
    [
      /skipped: needs far party: .*--far/,
      /skipped: needs far party/,
      /skipped: needs audio files: .*--wav-dir/,
    ],
  )
  t.match(
    { passed: report.passed, failed: report.failed, skipped: report.skipped },
    { passed: 0, failed: 0, skipped: 3 },
  )
  t.throws(() => scenariosNamed(['busy', 'bussy']), /"bussy"/)
})
