// An Ag1171 with a telephone at its loop, in virtual time, and its driver on its pins (ag1171-board.ts).

import { muteWhileRinging } from '../../hal/chips/ag1171/muted-pcm.js'
import type { FxsRig } from '../../hal/conformance/fxs-port.js'
import type { PcmRig } from '../../hal/conformance/pcm-port.js'
import type { FxsEvent } from '../../hal/fxs-port.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { type Ag1171BoardOptions, createAg1171Board } from './ag1171-board.js'
import { fxsRig, pcmRig, virtualTime } from './sim-rigs.js'
import { profile } from './sounding-line.js'

export type Ag1171RigOptions = Ag1171BoardOptions

export const openAg1171Rig = async (options: Ag1171RigOptions = {}) => {
  const clock = new VirtualClock()
  const time = virtualTime(clock)
  const { board, bare, module: moduleOf } = createAg1171Board(clock, ['tel1'], options)
  const { model, decoder, digits, loop, connect } = moduleOf('tel1')
  const events: FxsEvent[] = []
  const module = await time.finish(connect())
  const handset = board.handset('tel1')
  return {
    clock,
    model,
    decoder,
    board,
    handset,
    loop,
    module,
    connect,
    port: module.fxs,
    /** What the sound device captures, ring and all. */
    bare,
    pcm: muteWhileRinging(bare, new Map([['tel1', module.ringing]])),
    digits,
    events,
    finish: time.finish,
    pass: (ms: number) => clock.advance(ms),
    open: () => time.finish(module.fxs.open(profile, event => events.push(event))),
    act: (action: Parameters<typeof handset.perform>[0]) => time.finish(handset.perform(action)),
    hooks: () => events.flatMap(event => (event.type === 'hook' ? [event] : [])),
    feeds: () =>
      events.flatMap(event => (event.type === 'linefeed' ? [`${event.state} ${event.cause}`] : [])),
    faults: () =>
      events.flatMap(event => (event.type === 'fault' ? [`${event.kind} ${event.on ? 'on' : 'off'}`] : [])),
    close: () => time.finish(module.close()),
  }
}
export type Ag1171Rig = Awaited<ReturnType<typeof openAg1171Rig>>

export const ag1171FxsRig = async (options: Ag1171RigOptions = {}): Promise<FxsRig> => {
  const rig = await openAg1171Rig(options)
  const control = { fxs: () => rig.port, handset: () => rig.handset }
  const made = fxsRig(control, { ...virtualTime(rig.clock), finish: rig.finish }, rig.close)
  if (options.ring !== 'rm-only') return made
  // Nobody makes a waveform: what rings is the pin.
  return { ...made, bell: () => ({ ringing: rig.model.ringMode, hz: 0 }) }
}

export const ag1171PcmRig = async (): Promise<PcmRig> => {
  const rig = await openAg1171Rig()
  const parts = { pcm: rig.pcm, fxs: () => rig.port, handset: () => rig.handset }
  const made = pcmRig(parts, { ...virtualTime(rig.clock), finish: rig.finish })
  return {
    ...made,
    close: async () => {
      await made.close()
      await rig.close()
    },
  }
}
