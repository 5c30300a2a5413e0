// voiceport bench call-setup: how long a subscriber waits, in real time, from the finger to the wire and back to the ear.
// Every stamp is of the line, the machine or the far end, never of this file's own timers (call-rig.ts).

import { cpus, loadavg } from 'node:os'
import type { HandsetAction } from '../../hal/sim/handset-contract.js'
import { type CallRig, openCallRig, pause } from './call-rig.js'
import { soundEndUs, toneStartUs } from './sound-onset.js'
import { type Summary, summary } from './statistics.js'

export interface CallSetupOptions {
  /** Calls out, then as many in; >= 1. */
  readonly calls?: number
}

const defaultCalls = 30
const number = '0389000002'
/** The peer's tone (scripted-peer.ts). */
const peerHz = 1000
const keyMs = 50
/** Profile fr. */
const onHookMs = 600
const relift = 50
const patience = 5000
const dialToneKey = { onMs: keyMs, offMs: keyMs }

/** What is measured, from what to what, and which of its percentiles has which aim. */
const aims = {
  digitToInvite: { aim: 'median <= 20', from: 'last digit at the machine', to: 'INVITE at the peer' },
  toneToInvite: { aim: 'median <= 80', from: 'first sample of the last key', to: 'INVITE at the peer' },
  offHookToDialTone: { aim: 'p99 <= 150', from: 'first closing edge', to: 'first sample in the ear' },
  dialToneGone: {
    aim: 'max <= 60',
    from: 'first sample of the first key',
    to: 'last sample of dial tone in the ear',
  },
  answerInToEar: { aim: 'max <= 100', from: 'first closing edge', to: "peer's tone in the ear" },
  answerInToPeer: { aim: 'max <= 100', from: 'first closing edge', to: 'first RTP packet at the peer' },
  answerInBothWays: { aim: 'max <= 100', from: 'first closing edge', to: 'the later of both' },
  answerOutBothWays: { aim: 'max <= 100', from: '200 leaving the peer', to: 'audio in ear and at peer' },
  ringOff: { aim: 'none', from: 'first closing edge', to: 'ring voltage off' },
  onHookToIdle: { aim: 'max <= 50', from: 'valid on-hook', to: 'machine idle, BYE never answered' },
  onHookToNextInvite: {
    aim: 'max <= 50',
    from: 'valid on-hook',
    to: '180 to the next caller, who came with the unanswered BYE',
  },
  reliftToDialTone: {
    aim: 'p99 <= 150',
    from: `lifted ${relift} ms after the valid on-hook`,
    to: 'dial tone in the ear',
  },
  inviteToRing: { aim: 'median <= 20', from: 'INVITE leaving the peer', to: 'ring voltage at the terminals' },
} as const
type Figure = keyof typeof aims

type Measured = Record<Figure, number[]>

export const run = async (options: CallSetupOptions = {}): Promise<Record<string, unknown>> => {
  const calls = options.calls ?? defaultCalls
  const loadBefore = loadavg()[0] as number
  const measured = Object.fromEntries(Object.keys(aims).map(name => [name, []])) as unknown as Measured
  const rig = await openCallRig()
  const unfinished: string[] = []
  let ringBurstsInTheEar = 0
  try {
    await rig.registered(patience)
    for (let n = 0; n < calls; n++)
      await attempt(rig, unfinished, `call out ${n + 1}`, () => callOut(rig, measured))
    let before: number | undefined
    for (let n = 0; n < calls; n++) {
      const call = await attempt(rig, unfinished, `call in ${n + 1}`, () => callIn(rig, measured, before))
      before = call?.hungUp
      ringBurstsInTheEar += call?.bursts ?? 0
    }
    await rig.until('idle', patience)
  } finally {
    await rig.close()
  }
  return {
    calls: { out: calls, in: calls },
    cpus: cpus().length,
    load: { before: round(loadBefore), after: round(loadavg()[0] as number) },
    ...Object.fromEntries((Object.keys(aims) as Figure[]).map(name => [name, told(name, measured[name])])),
    ringBurstsInTheEar,
    unfinished,
  }
}

/** A starved machine may lose a call: it is told with its reason, and the others count. */
const attempt = async <T>(
  rig: CallRig,
  unfinished: string[],
  what: string,
  call: () => Promise<T>,
): Promise<T | undefined> => {
  try {
    return await call()
  } catch (error) {
    unfinished.push(`${what}: ${(error as Error).message}`)
    await rig.act({ do: 'onhook' })
    await pause(2 * onHookMs)
    await rig.until('idle', patience)
    return undefined
  }
}

const told = (name: Figure, us: readonly number[]): Summary & (typeof aims)[Figure] => ({
  ...summary(us.map(value => value / 1000)),
  ...aims[name],
})

/** A hook contact that bounces as real ones do, within 8 ms; the reply comes with the last edge. */
const lifting = (): { readonly action: HandsetAction; readonly lastMs: number } => {
  const away = 0.3 + Math.random() * 3
  const back = away + 0.3 + Math.random() * 4
  const edges = [
    { offHook: true, ms: 0 },
    { offHook: false, ms: away },
    { offHook: true, ms: back },
  ]
  return { action: { do: 'edges', edges }, lastMs: back }
}

const lift = async (rig: CallRig): Promise<number> => {
  const { action, lastMs } = lifting()
  return (await rig.act(action)) - lastMs * 1000
}

const hearsDial = (rig: CallRig, fromUs: number) =>
  rig.heard(event => event.ev === 'tone' && event.name === 'dial', fromUs, patience)

const callOut = async (rig: CallRig, measured: Measured): Promise<void> => {
  const { peer } = rig
  await rig.until('idle', patience)
  peer.clear()
  rig.events.length = 0
  // Not always at the same place of the 10 ms grid of the line.
  await pause(30 + Math.random() * 20)
  const lifted = await lift(rig)
  const dial = await hearsDial(rig, lifted)
  measured.offHookToDialTone.push(dial.us - lifted)
  const recording = rig.record(400)
  const firstKey =
    (await rig.act({ do: 'dtmf', digits: number.slice(0, 1), ...dialToneKey })) - 2 * keyMs * 1000
  const toneEnd = soundEndUs(await recording)
  if (toneEnd === undefined) throw new Error('the dial tone did not end with the first key')
  measured.dialToneGone.push(toneEnd - firstKey)

  const rest = rig.act({ do: 'dtmf', digits: number.slice(1), ...dialToneKey })
  const invite = await peer.next('INVITE', 'in', lifted, patience)
  const answering = rig.record(700)
  const lastKey = (await rest) - 2 * keyMs * 1000
  measured.toneToInvite.push(invite.us - lastKey)
  const answer = await peer.next('200 INVITE', 'out', invite.us, patience)
  const sent = await peer.next('rtp', 'in', invite.us, patience)
  const heard = toneStartUs(await answering, peerHz)
  if (heard === undefined) throw new Error('the peer was not heard')
  measured.answerOutBothWays.push(Math.max(sent.us, heard) - answer.us)

  // The contact closes again 50 ms after the call is over: the line must be there.
  const reliftMs = onHookMs + relift
  const hungUp =
    (await rig.act({
      do: 'edges',
      edges: [
        { offHook: false, ms: 0 },
        { offHook: true, ms: reliftMs },
      ],
    })) -
    reliftMs * 1000
  const again = await hearsDial(rig, hungUp + reliftMs * 1000)
  measured.reliftToDialTone.push(again.us - hungUp - reliftMs * 1000)
  await rig.act({ do: 'onhook' })
  const steps = rig.steps(lifted)
  const placed = steps.find(({ effects }) => effects.some(({ type }) => type === 'place'))
  if (placed === undefined) throw new Error('no call in the trace')
  measured.digitToInvite.push(invite.us - placed.us)
  noteIdle(steps, hungUp, measured)
}

const noteIdle = (steps: ReturnType<CallRig['steps']>, hungUp: number, measured: Measured): void => {
  const idle = steps.find(({ us, event, to }) => us >= hungUp && event.type === 'on-hook' && to === 'idle')
  if (idle === undefined) throw new Error('the call did not end with the hook')
  measured.onHookToIdle.push(idle.us - hungUp - onHookMs * 1000)
}

/** Begins when the BYE of the call before it, hung up at `before`, is seen; that BYE is never answered. */
const callIn = async (
  rig: CallRig,
  measured: Measured,
  before: number | undefined,
): Promise<{ readonly hungUp: number; readonly bursts: number }> => {
  const { peer } = rig
  if (before === undefined) await rig.until('idle', patience)
  else {
    const [last] = peer.events
      .filter(({ kind, direction }) => kind === 'INVITE' && direction === 'out')
      .slice(-1)
    let bye = await peer.next('BYE', 'in', before, patience)
    // A late copy of an older BYE says nothing.
    while (bye.call !== last?.call) bye = await peer.next('BYE', 'in', bye.us + 1, patience)
  }
  rig.events.length = 0
  peer.clear()
  rig.callBox()
  const invite = await peer.next('INVITE', 'out', 0, patience)
  const ringing = await peer.next('180 INVITE', 'in', invite.us, patience)
  if (before !== undefined) measured.onHookToNextInvite.push(ringing.us - before - onHookMs * 1000)
  await pause(150 + Math.random() * 300)
  const recording = rig.record(800)
  const lifted = await lift(rig)
  const sent = await peer.next('rtp', 'in', lifted, patience)
  const heard = toneStartUs(await recording, peerHz)
  if (heard === undefined) throw new Error('the caller was not heard')
  measured.answerInToEar.push(heard - lifted)
  measured.answerInToPeer.push(sent.us - lifted)
  measured.answerInBothWays.push(Math.max(heard, sent.us) - lifted)
  const rings = rig.events.filter(event => event.ev === 'ring')
  const on = rings.find(event => event.on)
  const off = rings.find(event => !event.on)
  if (on === undefined || off === undefined) throw new Error('the telephone did not ring')
  measured.inviteToRing.push(on.us - invite.us)
  measured.ringOff.push(off.us - lifted)
  const bursts = rings.filter(event => event.on && event.us > lifted).length
  return { hungUp: await rig.act({ do: 'edges', edges: [{ offHook: false, ms: 0 }] }), bursts }
}

const round = (value: number): number => Math.round(value * 100) / 100
