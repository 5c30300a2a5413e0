// A simulated line with a telephone on the hook, the audio half that shows it things, and a main thread between the two that
// can be blocked; what the line did and what the receiver carried, with instants.

import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../../firmware/log.js'
import type { CallerIdSettings } from '../../firmware/media/display/caller-id-settings.js'
import type { Display } from '../../firmware/media/display/display.js'
import { MediaEngine } from '../../firmware/media/media-engine.js'
import type { Caller } from '../../firmware/phone/event.js'
import { createCallTable } from '../../firmware/run/call-table.js'
import type { LineContext } from '../../firmware/run/line-context.js'
import { ringShowing } from '../../firmware/run/line-display.js'
import { onLineMediaEvent } from '../../firmware/run/media-events.js'
import type { SipLine } from '../../firmware/sip/sip-line.js'
import { MemoryNetwork } from '../../hal/sim/memory-network.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { createSimBoard } from '../../hal/sim/sim-board.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { readWav } from '../../hal/sim/wav.js'
import { profile } from './sounding-line.js'
import { createStallingLoop } from './stalling-loop.js'

/** The French sequence. */
export const french: CallerIdSettings = {
  scheme: 'v23',
  alert: 'rp-as',
  pulseMs: 250,
  reversalMs: 300,
  toneMs: 100,
  toneDbm0: -14,
  gapMs: 600,
  ringGapMs: 600,
  afterMs: 300,
  dbm0: -14,
  twistDb: 2,
  seizureBits: 300,
  markBits: 180,
  offHookMarkBits: 80,
  inCall: true,
  inCallDelayMs: 800,
  inCallGapMs: 60,
  message: 'mdmf',
  dtmf: 'a-c',
  mwiAlert: 'none',
}

export interface FeedChange {
  readonly state: string
  readonly reversed: boolean
  /** From the command on. */
  readonly ms: number
}

/** A stretch of sound at the receiver; silence is exact zeros. */
export interface Sound {
  readonly fromMs: number
  readonly toMs: number
  readonly samples: Int16Array
}

export interface Shown {
  readonly feeds: readonly FeedChange[]
  readonly sounds: readonly Sound[]
}

export interface DisplayLineOptions {
  readonly cid?: Partial<CallerIdSettings>
  readonly cadence?: readonly number[]
  readonly afterRing1?: boolean
  readonly caller?: Caller
  /** Is shown without ringing, in place of a call. */
  readonly display?: Display
  /** How long is looked at, ms. */
  readonly ms?: number
  /** The main thread is blocked for so long from this instant on, ms; 0: in the turn that gives the command. */
  readonly stall?: { readonly at: number; readonly ms: number }
  /** What happens on the way, by ms. */
  readonly events?: readonly (readonly [ms: number, act: (acts: Acts) => void])[]
}

export interface Acts {
  lift(): void
  /** The caller gives up: as the box does it. */
  giveUp(): void
  /** Another call. */
  ringAgain(): void
}

/** Sounds that are closer than this are one, samples. */
const JOINED = 240

const soundsOf = (pcm: Int16Array): readonly Sound[] => {
  const sounds: { from: number; to: number }[] = []
  for (let i = 0; i < pcm.length; i++) {
    if (pcm[i] === 0) continue
    const last = sounds.at(-1)
    if (last !== undefined && i - last.to < JOINED) last.to = i + 1
    else sounds.push({ from: i, to: i + 1 })
  }
  return sounds.map(({ from, to }) => ({ fromMs: from / 8, toMs: to / 8, samples: pcm.slice(from, to) }))
}

/** One call, or one thing shown, from the command on. */
export const displayLine = async (options: DisplayLineOptions = {}): Promise<Shown> => {
  const clock = new VirtualClock()
  const loop = createStallingLoop(clock)
  const board = createSimBoard({ lines: ['tel1'], clock, entropy: new SeededEntropy(3), frames: 'virtual' })
  const fxs = board.fxs('tel1')
  const told: { state: string; reversed: boolean; us: number }[] = []
  await fxs.open(profile, event => void (event.type === 'linefeed' && told.push(event)))
  const cid = { ...french, ...options.cid }
  const rings = { normal: options.cadence ?? [1500, 3500] }
  const engine = new MediaEngine({
    board: board.pcm,
    network: new MemoryNetwork({ clock, entropy: new SeededEntropy(4) }),
    clock,
    entropy: new SeededEntropy(5),
    onEvent: event => loop.arrive(() => void ('line' in event && onLineMediaEvent(event, line))),
  })
  engine.command({
    do: 'configure',
    config: { address: '10.0.0.1', ports: [16384, 16399], tones: {}, rings, cid },
  })
  const calls = createCallTable()
  const party = options.caller ?? { number: '0389000002', name: 'Anne', withheld: false }
  calls.add({
    line: 'tel1',
    call: 'in-1',
    id: 'in-1',
    sip: {} as SipLine,
    party,
    earlyMedia: false,
    answered: false,
    heard: false,
  })
  const line = {
    id: 'tel1',
    fxs,
    media: engine,
    calls,
    clock,
    log: silentLog,
    onHookJob: 1,
    display: {
      timezone: 'Europe/Paris',
      callerId: options.afterRing1 ? 'after-ring1' : 'profile',
      cid,
      rings,
    },
  } as unknown as LineContext
  // As the box does for the effects of the feature machine (firmware/run/media-effects.ts).
  const forget = () => {
    line.onHookJob++
    void fxs.ringBurst(false).catch(() => undefined)
  }
  const ring = () => ringShowing('normal', 'in-1', line, change => onLineMediaEvent(change, line))
  const acts: Acts = {
    lift: () => void board.handset('tel1').perform({ do: 'offhook' }),
    giveUp: () => {
      forget()
      engine.command({ do: 'ring', line: 'tel1', cadence: null })
      engine.command({ do: 'sleep', line: 'tel1' })
      void fxs.setLinefeed('standby')
    },
    ringAgain: () => {
      forget()
      ring()
    },
  }
  // Not on the grid of the frames.
  await clock.advance(1234.5)
  const lasting = options.ms ?? 8000
  const wav = join(tmpdir(), `voiceport-${randomBytes(6).toString('hex')}.wav`)
  let recorded = false
  const began = clock.now()
  board
    .handset('tel1')
    .perform({ do: 'record', wav, ms: lasting + 20 })
    .then(() => void (recorded = true))
  await clock.settle()
  told.length = 0
  if (options.display === undefined) ring()
  else engine.command({ do: 'show', line: 'tel1', id: 1, display: options.display })
  const turns: (readonly [number, () => void | Promise<void>])[] = (options.events ?? []).map(
    ([at, act]) => [at, () => act(acts)] as const,
  )
  if (options.stall !== undefined) {
    const { at, ms } = options.stall
    turns.push([at, () => loop.block()], [at + ms, () => loop.release()])
  }
  for (const [at, act] of turns.sort(([a], [b]) => a - b)) {
    await clock.advance(at - (clock.now() - began) / 1000)
    await act()
  }
  await clock.runUntil(() => recorded, 60_000)
  const pcm = await readWav(wav)
  rmSync(wav)
  await engine.close()
  // The recorder takes whole frames.
  const firstMs = (Math.floor(began / 10_000) * 10_000 - began) / 1000
  return {
    feeds: told.map(({ state, reversed, us }) => ({ state, reversed, ms: (us - began) / 1000 })),
    sounds: soundsOf(pcm).map(({ fromMs, toMs, samples }) => ({
      fromMs: fromMs + firstMs,
      toMs: toMs + firstMs,
      samples,
    })),
  }
}
