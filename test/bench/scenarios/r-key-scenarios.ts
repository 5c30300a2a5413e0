// The R key: which breaks of the loop are one, a second call, a caller who waits, a conference, a held party who is not lost.

import type { FarParty } from '../../support/far-party.js'
import type { Stage } from '../stage.js'
import {
  callOut,
  dialTones,
  earHears,
  hangUp,
  hearsNow,
  hzOf,
  isHeld,
  keysBothWays,
  speaks,
  talkAWhile,
} from './moves.js'
import type { Scenario } from './scenario.js'

const answersAfterMs = 900

/** R, then a key, as a finger does it. */
const press = async (stage: Stage, key: string): Promise<number> => {
  await stage.tel.flash()
  await stage.pause(150)
  return stage.tel.keys(key)
}

const becomes = (stage: Stage, who: FarParty, held: boolean, since: number): Promise<void> =>
  stage.until(
    `${who.number} is ${held ? 'held' : 'back'}`,
    () => isHeld(who) === held,
    stage.limit('held'),
    since,
  )

const released = (stage: Stage, who: FarParty, since: number): Promise<void> =>
  stage.until(`${who.number} is released`, () => who.state === 'idle', stage.limit('held'), since)

/** A call to the far party, R, a call to the second: the first is held. */
const consult = async (stage: Stage): Promise<void> => {
  const { tel, far, second } = stage
  second.answersAfter = answersAfterMs
  await callOut(stage, far)
  await talkAWhile(stage)
  const closed = await tel.flash()
  const tone = await tel.hears('recall', 'recallTone', closed)
  stage.figure('R to recall tone', ((tone.us as number) - closed) / 1000, stage.limit('recallTone'))
  await becomes(stage, far, true, closed)
  const dialled = await tel.keys(second.number)
  await stage.until(
    `${second.number} talks`,
    () => second.state === 'talking',
    stage.limit('ringback') + answersAfterMs,
    dialled,
  )
  await talkAWhile(stage)
}

const secondCall: Scenario = {
  name: 'r-second-call',
  title:
    'R holds the other party and gives a dial tone; a second number is called beside it; R 2 swaps, R 1 ends and returns',
  source: 'guide lines 129-133, 73-79',
  needs: ['tones', 'far party', 'second far party'],
  lasts: 20,
  run: async stage => {
    const { tel, far, second } = stage
    await consult(stage)
    const swapped = await press(stage, '2')
    await becomes(stage, far, false, swapped)
    await becomes(stage, second, true, swapped)
    await keysBothWays(stage, far)
    const back = await press(stage, '2')
    await becomes(stage, second, false, back)
    const ended = await press(stage, '1')
    await released(stage, second, ended)
    await becomes(stage, far, false, ended)
    await stage.pause(500)
    await keysBothWays(stage, far)
    await hangUp(stage, tel, far)
  },
}

/** A call stands, and the second party calls: the beep is heard. */
const waitedFor = async (stage: Stage): Promise<void> => {
  const { tel, far, second } = stage
  await callOut(stage, far)
  await talkAWhile(stage)
  const from = tel.mark()
  const at = stage.now
  second.call(tel.number)
  await tel.hears('waiting', 'waitingBeep', at, from)
}

const takeWaiting: Scenario = {
  name: 'r2-takes-the-waiting-call',
  title:
    'a caller who waits is told by a beep; R 2 holds the call and answers him, R 2 swaps, R 1 ends and returns',
  source: 'guide lines 73-79',
  needs: ['tones', 'far party', 'second far party', 'own number'],
  lasts: 20,
  run: async stage => {
    const { tel, far, second } = stage
    await waitedFor(stage)
    const taken = await press(stage, '2')
    await stage.until(
      `${second.number} is answered`,
      () => second.state === 'talking',
      stage.limit('held'),
      taken,
    )
    await becomes(stage, far, true, taken)
    await talkAWhile(stage)
    await keysBothWays(stage, second)
    const swapped = await press(stage, '2')
    await becomes(stage, far, false, swapped)
    await becomes(stage, second, true, swapped)
    const ended = await press(stage, '1')
    await released(stage, far, ended)
    await becomes(stage, second, false, ended)
    await hangUp(stage, tel, second)
  },
}

const endAndTake: Scenario = {
  name: 'r1-ends-and-takes',
  title: 'R 1 ends the call that stands and answers the caller who waits',
  source: 'guide line 77',
  needs: ['tones', 'far party', 'second far party', 'own number'],
  lasts: 14,
  run: async stage => {
    const { tel, far, second } = stage
    await waitedFor(stage)
    const taken = await press(stage, '1')
    await released(stage, far, taken)
    await stage.until(
      `${second.number} is answered`,
      () => second.state === 'talking',
      stage.limit('held'),
      taken,
    )
    await stage.pause(500)
    await keysBothWays(stage, second)
    await hangUp(stage, tel, second)
  },
}

const refuseWaiting: Scenario = {
  name: 'r0-refuses',
  title: 'R 0 refuses the caller who waits: to him the line is engaged, and the call goes on',
  source: 'guide line 75',
  needs: ['tones', 'far party', 'second far party', 'own number'],
  lasts: 14,
  run: async stage => {
    const { tel, far, second } = stage
    await waitedFor(stage)
    const refused = await press(stage, '0')
    await released(stage, second, refused)
    stage.check('he is told that the line is engaged', second.told.includes(486), second.told.join(' '))
    await becomes(stage, far, false, refused)
    await stage.pause(500)
    await keysBothWays(stage, far)
    await hangUp(stage, tel, far)
  },
}

const conference: Scenario = {
  name: 'r3-conference',
  title: 'R 3 joins both: all three hear each other; hanging up releases both',
  source: 'guide lines 127-135',
  needs: ['tones', 'far party', 'second far party'],
  lasts: 20,
  run: async stage => {
    const { tel, far, second } = stage
    speaks(far, hzOf.far)
    speaks(second, hzOf.second)
    await consult(stage)
    const joined = await press(stage, '3')
    await becomes(stage, far, false, joined)
    await stage.pause(1000)
    for (const [who, hz] of [
      [far, hzOf.second],
      [second, hzOf.far],
    ] as const) {
      const { heard, dbm0 } = hearsNow(stage, who, hz)
      stage.check(`${who.number} hears ${hz} Hz`, heard, `${dbm0.toFixed(1)} dBm0`)
    }
    if (stage.target.folder) await earHears(stage, tel, [hzOf.far, hzOf.second])
    else stage.note('the ear of the telephone was not measured: no folder is shared')
    await hangUp(stage, tel, far, second)
  },
}

const recallRing: Scenario = {
  name: 'recall-ring',
  title: 'hung up while a party is held, the telephone rings; lifted, it is back with who was held',
  source: 'a held party is never lost',
  needs: ['tones', 'ring voltage', 'far party', 'second far party'],
  lasts: 16,
  run: async stage => {
    const { tel, far, second } = stage
    await consult(stage)
    const hungUp = await tel.hangUp()
    await stage.until(
      `${second.number} is released`,
      () => second.state === 'idle',
      stage.limit('hangUp'),
      hungUp,
    )
    await tel.rings('recallRing', hungUp)
    stage.check(`${far.number} is still there`, far.state === 'talking')
    const lifted = await tel.lift()
    await becomes(stage, far, false, lifted)
    await stage.pause(500)
    await keysBothWays(stage, far)
    await hangUp(stage, tel, far)
  },
}

/** Breaks of the loop that are R: French keys take 270 ms, imported ones 100, and all from 80 to 600 count. */
const flashLengths = [85, 100, 120, 200, 270, 400, 590]
const shortBreakMs = 40
const longBreakMs = 700

const flashes: Scenario = {
  name: 'flash-lengths',
  title: 'a break of 80 to 600 ms is R; a shorter one is nothing',
  source: 'profile hook.flashMs; fault H3',
  needs: ['tones', 'far party'],
  lasts: 45,
  run: async stage => {
    const { tel, far } = stage
    await callOut(stage, far)
    await talkAWhile(stage)
    const from = tel.mark()
    await tel.breakLoop(shortBreakMs)
    await tel.silentFor(`${shortBreakMs} ms: nothing is heard`, ({ ev }) => ev === 'tone', 1200, from)
    stage.check(`${shortBreakMs} ms: the call stands`, far.state === 'talking' && !isHeld(far))
    for (const ms of flashLengths) {
      const closed = (await tel.breakLoop(ms)) + ms * 1000
      const tone = await tel.hears('recall', 'recallTone', closed)
      stage.figure(`R of ${ms} ms to recall tone`, ((tone.us as number) - closed) / 1000)
      await becomes(stage, far, true, closed)
      const back = await press(stage, '1')
      await becomes(stage, far, false, back)
      await stage.pause(700)
    }
    await hangUp(stage, tel, far)
  },
}

const longBreak: Scenario = {
  name: 'long-break',
  title: 'a break longer than R is a hang-up: the call is over, the dial tone is there',
  source: 'profile hook.onHookMs; fault H3',
  needs: ['tones', 'far party'],
  lasts: 8,
  run: async stage => {
    const { tel, far } = stage
    await callOut(stage, far)
    const opened = await tel.breakLoop(longBreakMs)
    await stage.until(`${far.number} is released`, () => far.state === 'idle', stage.limit('hangUp'), opened)
    await tel.hears(dialTones, 'dialTone', opened + longBreakMs * 1000)
    await tel.hangUp()
  },
}

export const rKeyScenarios = [
  flashes,
  longBreak,
  secondCall,
  takeWaiting,
  endAndTake,
  refuseWaiting,
  conference,
  recallRing,
] as const
