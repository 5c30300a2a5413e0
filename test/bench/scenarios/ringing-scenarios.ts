// Being called: the bell and its cadence, who calls, lifting in a burst and in a pause, a caller who gives up.

import type { BenchEvent } from '../bench-client.js'
import type { Stage } from '../stage.js'
import { hangUp, keysBothWays, pickUp } from './moves.js'
import type { Scenario } from './scenario.js'

/** Of the profile, ms; a ring is 5 s. */
const cadence = { onMs: 1500, offMs: 3500, toleranceMs: 150 }

/** The far party calls; resolves with the instant. */
const called = (stage: Stage, prefix = ''): { readonly at: number; readonly from: number } => {
  const from = stage.tel.mark()
  const at = stage.now
  stage.far.call(`${prefix}${stage.tel.number}`)
  return { at, from }
}

const isBurst = (event: BenchEvent, on: boolean): boolean =>
  event.ev === 'ring' && event['on'] === on && event['kind'] === 'full'

const ringAndAnswer: Scenario = {
  name: 'ring-and-answer',
  title: 'called, it rings; lifted in a burst, the bell is silent at once and both hear each other',
  source: 'guide line 67; fault H5',
  needs: ['ring voltage', 'far party', 'own number'],
  lasts: 12,
  run: async stage => {
    const { tel, far } = stage
    const { at, from } = called(stage)
    const alert = await tel.rings('firstRing', at, undefined, from)
    stage.figure('call to first ring voltage', ((alert.us as number) - at) / 1000)
    await tel.rings('fullRing', at, 'full', from)
    const lifted = await tel.lift()
    const off = await tel.event(
      'the bell is silent',
      event => isBurst(event, false) && (event.us as number) >= lifted - 50_000,
      lifted,
      stage.limit('ringOff'),
    )
    stage.figure(
      'lifting to silence of the bell',
      ((off.us as number) - lifted) / 1000,
      stage.limit('ringOff'),
    )
    await stage.until('the call stands', () => far.state === 'talking', stage.limit('audio'), lifted)
    await keysBothWays(stage, far)
    await hangUp(stage, tel, far)
  },
}

const answerInPause: Scenario = {
  name: 'answer-in-the-pause',
  title: 'lifted between two bursts the call is answered, and no ring voltage comes after it',
  source: 'fault H5',
  needs: ['ring voltage', 'far party', 'own number'],
  lasts: 12,
  run: async stage => {
    const { tel, far } = stage
    const { at, from } = called(stage)
    await tel.rings('fullRing', at, 'full', from)
    await tel.event('the burst ends', event => isBurst(event, false), at, 8000, from)
    await stage.pause(700)
    const quiet = tel.mark()
    const lifted = await tel.lift()
    await stage.until('the call stands', () => far.state === 'talking', stage.limit('audio'), lifted)
    await tel.silentFor(
      'no ring voltage after lifting',
      ({ ev, on }) => ev === 'ring' && on === true,
      2500,
      quiet,
    )
    await keysBothWays(stage, far)
    await hangUp(stage, tel, far)
  },
}

const ringCadence: Scenario = {
  name: 'ring-cadence',
  title:
    'it rings 1.5 s and pauses 3.5 s, so that the number of rings means what it says; then the caller gives up',
  source: 'profile ring.cadences; ETSI TR 101 041-2',
  needs: ['ring voltage', 'far party', 'own number'],
  lasts: 16,
  run: async stage => {
    const { tel, far } = stage
    const { at, from } = called(stage)
    const burst = (on: boolean, after: number, what: string) =>
      tel.event(what, event => isBurst(event, on) && (event.us as number) > after, at, 15_000, from)
    const first = await burst(true, 0, 'the first burst')
    const end = await burst(false, first.us as number, 'its end')
    const second = await burst(true, end.us as number, 'the second burst')
    const onMs = ((end.us as number) - (first.us as number)) / 1000
    const offMs = ((second.us as number) - (end.us as number)) / 1000
    stage.figure('length of a burst', onMs)
    stage.figure('pause between bursts', offMs)
    stage.check('a burst of 1.5 s', Math.abs(onMs - cadence.onMs) <= cadence.toleranceMs, `${onMs} ms`)
    stage.check('a pause of 3.5 s', Math.abs(offMs - cadence.offMs) <= cadence.toleranceMs, `${offMs} ms`)
    const hz = Number(second['hz'])
    stage.check('ring voltage of 16 to 54 Hz', hz >= 16 && hz <= 54, `${hz} Hz`)
    const gaveUp = stage.now
    const after = tel.mark()
    far.cancel()
    await tel.ringEnds('ringStops', gaveUp, after)
    await tel.silentFor('it rings no more', ({ ev, on }) => ev === 'ring' && on === true, 4000, tel.mark())
  },
}

const clip: Scenario = {
  name: 'clip',
  title: 'the number of the caller is displayed before the first full ring',
  source: 'ETSI EN 300 659-1; guide line 145',
  needs: ['display', 'ring voltage', 'far party', 'own number'],
  lasts: 8,
  run: async stage => {
    const { tel, far } = stage
    const { at, from } = called(stage)
    const shown = await tel.event(
      'the display shows a caller',
      ({ ev }) => ev === 'clip' || ev === 'clip-refused',
      at,
      stage.limit('fullRing'),
      from,
    )
    stage.check(`it is ${far.number}`, shown['number'] === far.number, JSON.stringify(shown))
    const ring = await tel.rings('fullRing', at, 'full', from)
    const ahead = ((ring.us as number) - (shown.us as number)) / 1000
    stage.figure('display to first full ring', ahead)
    stage.check('before the ring', ahead > 0, `${ahead} ms`)
    far.cancel()
    await stage.pause(800)
  },
}

const clipWithheld: Scenario = {
  name: 'clip-withheld',
  title: 'a caller who withholds the number is displayed as such',
  source: 'ETSI EN 300 659-3 §5.4.4',
  needs: ['display', 'far party', 'own number'],
  lasts: 8,
  run: async stage => {
    const { tel, far } = stage
    const { at, from } = called(stage, '*92*')
    const shown = await tel.event(
      'the display shows a caller',
      ({ ev }) => ev === 'clip' || ev === 'clip-refused',
      at,
      stage.limit('fullRing'),
      from,
    )
    stage.check('withheld', shown['absence'] === 'P' && shown['number'] === undefined, JSON.stringify(shown))
    far.cancel()
    await stage.pause(800)
  },
}

const calledBack: Scenario = {
  name: 'called-back',
  title: 'the call-back number rings the telephone after it was hung up; lifted, it is answered',
  source: 'ringing with nobody at the other end',
  needs: ['tones', 'ring voltage', 'call-back number'],
  lasts: 25,
  run: async stage => {
    const { tel, target } = stage
    const from = tel.mark()
    await pickUp(tel)
    await tel.keys(target.numbers.callBack as string)
    // It says what will happen.
    await stage.pause(5000)
    const hungUp = await tel.hangUp()
    await tel.event('rings', event => isBurst(event, true), hungUp, 20_000 * target.scale, from)
    const lifted = await tel.lift()
    await tel.event('the bell is silent', event => isBurst(event, false), lifted, stage.limit('ringOff'))
    await stage.pause(1000)
    await tel.hangUp()
  },
}

export const ringingScenarios = [
  ringAndAnswer,
  answerInPause,
  ringCadence,
  clip,
  clipWithheld,
  calledBack,
] as const
