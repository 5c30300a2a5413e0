// The telephone alone: dial tone, numbers that lead nowhere, a receiver left beside its cradle, a line that is damaged.

import { dialTones, pickUp } from './moves.js'
import type { Scenario } from './scenario.js'

const pickUpDialTone: Scenario = {
  name: 'pick-up-dial-tone',
  title: 'lifted, the telephone hears the dial tone; hung up and lifted again, the same',
  source: 'guide line 63',
  needs: ['tones'],
  lasts: 5,
  run: async stage => {
    for (let n = 0; n < 2; n++) {
      const lifted = await stage.tel.lift()
      const tone = await stage.tel.hears(dialTones, 'dialTone', lifted)
      stage.figure('pick-up to dial tone', ((tone.us as number) - lifted) / 1000, stage.limit('dialTone'))
      await stage.pause(400)
      await stage.tel.hangUp()
      await stage.pause(900)
    }
  },
}

const silentWhenIdle: Scenario = {
  name: 'idle-silence',
  title: 'hung up, the telephone neither rings nor draws current',
  source: 'on-hook always ends in silence and an idle line',
  needs: ['tones'],
  lasts: 4,
  run: async stage => {
    const { tel } = stage
    await pickUp(tel)
    const hungUp = await tel.hangUp()
    await tel.event(
      'no current flows',
      ({ ev, state }) => ev === 'loop' && state === 'open',
      hungUp,
      stage.limit('hangUp'),
    )
    const from = tel.mark()
    await tel.silentFor(
      'no ring, no current',
      ({ ev, state, on }) => (ev === 'loop' && state === 'closed') || (ev === 'ring' && on === true),
      2000,
      from,
    )
  },
}

const wrongNumber: Scenario = {
  name: 'wrong-number',
  title: 'a number that is nobody’s is answered by the special information tone, and hanging up ends it',
  source: 'RFC 3261 404; ITU-T E.180',
  needs: ['tones'],
  lasts: 8,
  run: async stage => {
    const { tel, target } = stage
    await pickUp(tel)
    const dialled = await tel.keys(target.numbers.nobody)
    await tel.hears('sit', 'refusal', dialled)
    await tel.hangUp()
  },
}

const leftOffHook: Scenario = {
  name: 'off-hook-left',
  title:
    'left off the hook: dial tone, busy tone after 15 s, howler 30 s later, and a dial tone again once it was hung up',
  source: 'profile timers firstDigit, busyTone; fault H4',
  needs: ['tones'],
  lasts: 55,
  run: async stage => {
    const { tel } = stage
    const lifted = await pickUp(tel)
    const tone = (names: readonly string[], withinMs: number, from: number) =>
      tel.event(
        `hears ${names.join(' or ')}`,
        event => event.ev === 'tone' && names.includes(event['name'] as string),
        lifted,
        withinMs,
        from,
      )
    const given = await tone(['busy', 'congestion'], 20_000, tel.mark())
    const afterMs = ((given.us as number) - lifted) / 1000
    stage.check('the dial tone lasts at least 10 s', afterMs > 10_000, `${afterMs} ms`)
    await tone(['howler'], afterMs + 35_000, tel.mark())
    await tel.hangUp()
    await stage.pause(900)
    const again = await tel.lift()
    await tel.hears(dialTones, 'lineBack', again)
    await tel.hangUp()
  },
}

const shortCircuit: Scenario = {
  name: 'short-circuit',
  title: 'a short circuit is nobody’s call; once it is gone the telephone works',
  source: 'fault H7',
  needs: ['tones', 'faults'],
  lasts: 10,
  run: async stage => {
    const { tel } = stage
    const from = tel.mark()
    await tel.fault('short', true)
    await tel.silentFor('no ring into a short circuit', ({ ev }) => ev === 'ring', 1500, from)
    await tel.fault('short', false)
    await stage.pause(1500)
    const lifted = await tel.lift()
    await tel.hears(dialTones, 'lineBack', lifted)
    await tel.hangUp()
  },
}

const chipFaults: Scenario = {
  name: 'chip-faults',
  title: 'the battery gone, the chip too hot or reset, its link lost: afterwards the line is back',
  source: 'faults H7 and H8',
  needs: ['tones', 'faults'],
  lasts: 30,
  run: async stage => {
    const { tel } = stage
    for (const kind of ['power', 'thermal', 'chip-reset', 'link-lost']) {
      await tel.fault(kind, true)
      await stage.pause(1200)
      await tel.fault(kind, false)
      // H8: within 5 s.
      await stage.pause(4000)
      const lifted = await tel.lift()
      await tel.hears(dialTones, 'lineBack', lifted)
      await tel.hangUp()
      await stage.pause(900)
    }
  },
}

export const lineScenarios = [
  pickUpDialTone,
  silentWhenIdle,
  wrongNumber,
  leftOffHook,
  shortCircuit,
  chipFaults,
] as const
