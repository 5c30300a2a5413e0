// How long a sound takes from mouth to ear: bursts of a tone are spoken and recorded, on one clock.

import type { Stage } from '../stage.js'
import type { BenchTelephone, Heard } from '../telephone.js'
import { toneOnsets } from '../tone-onsets.js'
import { callOut, hangUp, pickUp } from './moves.js'
import type { Scenario } from './scenario.js'

const bursts = 5
const burstMs = 60
/** Longer than any delay that anybody would bear, so that each onset is of the burst before it. */
const periodMs = 1000
const leadMs = 300
const sidetoneMs = 15
const hz = 1000
const peak = 8000
const rate = 8000

/** Bursts of a tone with silence between them. */
const burstSignal = (): Int16Array => {
  const samples = new Int16Array(((leadMs + bursts * periodMs) * rate) / 1000)
  for (let n = 0; n < bursts; n++) {
    const from = ((leadMs + n * periodMs) * rate) / 1000
    for (let i = 0; i < (burstMs * rate) / 1000; i++)
      samples[from + i] = Math.round(peak * Math.sin((2 * Math.PI * hz * i) / rate))
  }
  return samples
}

/** Delay of each burst, ms: spoken at one telephone, heard at another (or the same). */
const measured = async (
  stage: Stage,
  mouth: BenchTelephone,
  listening: (ms: number) => Promise<Heard>,
): Promise<readonly number[]> => {
  const signal = burstSignal()
  const hearing = listening(leadMs + bursts * periodMs + 1200)
  const spokenUs = await mouth.play(signal, `says ${bursts} bursts of ${hz} Hz`)
  const heard = await hearing
  const sinceSpoken = toneOnsets(heard.samples, hz).map(ms => (heard.startUs - spokenUs) / 1000 + ms - leadMs)
  // What a mouth says is heard in its own ear at once: that is not what is measured. Of each burst the first onset counts:
  // a frame that a busy machine lost may part it.
  const delays = Array.from({ length: bursts }, (_, n) =>
    sinceSpoken.map(ms => ms - n * periodMs).find(ms => ms > sidetoneMs && ms < periodMs - sidetoneMs),
  ).filter(ms => ms !== undefined)
  const onsets = sinceSpoken.map(ms => Math.round(ms)).join(', ')
  stage.check(`${bursts} bursts are heard`, delays.length === bursts, `${delays.length}: at ${onsets} ms`)
  return delays
}

const told = (stage: Stage, what: string, delays: readonly number[], limitMs: number): void => {
  const sorted = [...delays].sort((a, b) => a - b)
  stage.figure(`${what}, median of ${delays.length}`, sorted[sorted.length >> 1] as number, limitMs)
  stage.figure(`${what}, longest`, sorted.at(-1) as number)
}

/** ITU-T G.114: up to 150 ms one way nobody notices. */
const oneWayMs = 150

const mouthToEar: Scenario = {
  name: 'mouth-to-ear',
  title: 'what is said at one telephone of the box is soon heard at another',
  source: 'ITU-T G.114: at most 150 ms one way',
  needs: ['tones', 'audio files', 'second line', 'own number'],
  lasts: 20,
  run: async stage => {
    const { tel, other } = stage
    await pickUp(tel)
    const dialled = await tel.keys(other.number)
    await other.rings('fullRing', dialled, undefined, 0)
    await other.lift()
    await stage.pause(1500)
    const forth = await measured(stage, tel, ms => other.record(ms))
    told(stage, `${tel.line} to ${other.line}`, forth, oneWayMs * stage.target.scale)
    const back = await measured(stage, other, ms => tel.record(ms))
    told(stage, `${other.line} to ${tel.line}`, back, oneWayMs * stage.target.scale)
    await other.hangUp()
    await tel.hangUp()
  },
}

const echoDelay: Scenario = {
  name: 'echo-delay',
  title: 'from the mouth through the network and back to the ear',
  source: 'ITU-T G.114, both ways: at most 300 ms',
  needs: ['tones', 'audio files', 'echo number'],
  lasts: 13,
  run: async stage => {
    const { tel } = stage
    await pickUp(tel)
    await tel.keys(stage.target.numbers.echo as string)
    await stage.pause(1500)
    const delays = await measured(stage, tel, ms => tel.record(ms))
    told(stage, 'there and back', delays, 2 * oneWayMs * stage.target.scale)
    await tel.hangUp()
  },
}

const answerToAudio: Scenario = {
  name: 'answer-to-audio',
  title: 'who is called speaks at once when he has answered, and is heard',
  source: 'no clipped first word',
  needs: ['tones', 'far party', 'audio files'],
  lasts: 8,
  run: async stage => {
    const { tel, far } = stage
    far.ear.says = n => peak * Math.sin((2 * Math.PI * hz * n) / rate)
    const recording = (async () => {
      await stage.until('the far party rings', () => far.state === 'ringing', 30_000)
      return tel.record(2500)
    })()
    await callOut(stage, far)
    const answered = stage.steps.findLast(({ what }) => what === `${far.number} talks`)?.us ?? 0
    const heard = await recording
    const [onset] = toneOnsets(heard.samples, hz)
    stage.check('the far party is heard', onset !== undefined)
    const us = heard.startUs + (onset as number) * 1000
    stage.figure('answer to audio', (us - answered) / 1000, stage.limit('audio'))
    await hangUp(stage, tel, far)
  },
}

export const latencyScenarios = [mouthToEar, echoDelay, answerToAudio] as const
