// A simulated line in virtual time whose box end plays what a test gives it: tones as [hz, ms] segments.
import { ms } from '../../hal/clock.js'
import type { FxsEvent, FxsPort } from '../../hal/fxs-port.js'
import { FRAME_SAMPLES } from '../../hal/pcm-port.js'
import type { HandsetAction, HandsetEvent, HandsetReply } from '../../hal/sim/handset-contract.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { createSimBoard } from '../../hal/sim/sim-board.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'

/** Frequencies (none: silence) and a length, ms. */
export type Segment = readonly [hz: readonly number[], ms: number]

const amplitude = (dbm0: number) => 32767 * 10 ** ((dbm0 - 3.14) / 20)

/** Samples of the segments; level of each frequency in dBm0. */
export const samplesOf = (segments: readonly Segment[], dbm0 = -12): Int16Array => {
  const samples: number[] = []
  for (const [hz, length] of segments)
    for (let n = 0; n < length * 8; n++) {
      const at = samples.length / 8000
      samples.push(
        Math.round(hz.reduce((sum, f) => sum + amplitude(dbm0) * Math.sin(2 * Math.PI * f * at), 0)),
      )
    }
  return Int16Array.from(samples)
}

export const repeat = (segments: readonly Segment[], times: number): Segment[] =>
  Array.from({ length: times }, () => segments).flat()

export const dbm0Of = (samples: Int16Array): number => {
  const mean = samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length)
  return mean === 0 ? -99 : 10 * Math.log10((2 * mean) / amplitude(0) ** 2)
}

export const profile = { impedances: ['ctr21'], loopMa: 23, ringHz: 50, ringVrms: 50 }

export interface SoundingLine {
  readonly clock: VirtualClock
  readonly fxs: FxsPort
  readonly fxsEvents: FxsEvent[]
  readonly heard: HandsetEvent[]
  /** Everything the box captured since the line was made. */
  readonly captured: number[]
  /** Frames that the box was given. */
  frames(): number
  play(samples: Int16Array): void
  /** Does it and advances time until the reply. */
  act(action: HandsetAction): Promise<HandsetReply>
  perform(action: HandsetAction): Promise<HandsetReply>
  sleep(): void
  wake(): void
  tones(): string[]
}

export const soundingLine = async (
  options: { seed?: number; echoLossDb?: number; country?: string } = {},
): Promise<SoundingLine> => {
  const clock = new VirtualClock()
  const board = createSimBoard({
    lines: ['tel1'],
    clock,
    entropy: new SeededEntropy(options.seed ?? 1),
    frames: 'virtual',
    ...(options.country === undefined ? {} : { country: options.country }),
    ...(options.echoLossDb === undefined ? {} : { echoLossDb: options.echoLossDb }),
  })
  const fxs = board.fxs('tel1')
  const handset = board.handset('tel1')
  const fxsEvents: FxsEvent[] = []
  const heard: HandsetEvent[] = []
  const captured: number[] = []
  const pcm = board.pcm.ports[0]!
  const frame = new Int16Array(FRAME_SAMPLES)
  let playing = new Int16Array(0)
  let at = 0
  let frames = 0
  handset.onEvent(event => heard.push(event))
  await fxs.open(profile, event => fxsEvents.push(event))
  board.pcm.start(
    () => {
      frames++
      pcm.read(frame)
      captured.push(...frame)
      for (let n = 0; n < FRAME_SAMPLES; n++) frame[n] = playing[at++] ?? 0
      pcm.write(frame)
    },
    () => {},
  )
  board.pcm.wake('tel1')
  return {
    clock,
    fxs,
    fxsEvents,
    heard,
    captured,
    frames: () => frames,
    play: samples => {
      playing = new Int16Array(samples)
      at = 0
    },
    perform: action => handset.perform(action),
    act: async action => {
      let reply: HandsetReply | undefined
      void handset.perform(action).then(answer => {
        reply = answer
      })
      await clock.runUntil(() => reply !== undefined, ms(700_000))
      return reply!
    },
    sleep: () => board.pcm.sleep('tel1'),
    wake: () => board.pcm.wake('tel1'),
    tones: () => heard.flatMap(event => (event.ev === 'tone' ? [event.name] : [])),
  }
}
