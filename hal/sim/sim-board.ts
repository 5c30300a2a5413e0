// The audio half of the simulated box: line models, telephones and the PCM clock that drives them. Frames flow only
// while a port is awake or a telephone sends or records; otherwise nothing runs at all.

import { us } from '../clock.js'
import { HalError } from '../errors.js'
import type { FxsPort } from '../fxs-port.js'
import { FRAME_MS, type PcmBoard, type PcmFault } from '../pcm-port.js'
import { type FrameClock, type FrameSink, realFrameClock, virtualFrameClock } from './frame-clock.js'
import { SimHandset } from './handset.js'
import type { Handset } from './handset-contract.js'
import { LineModel } from './line-model.js'
import type { SimBoard, SimBoardOptions } from './sim-board-contract.js'
import { SimFxsPort } from './sim-fxs.js'
import { SimPcmPort } from './sim-pcm.js'

/** Trans-hybrid loss with a matched impedance, dB. */
const defaultEchoLossDb = 12

interface SimLine {
  readonly model: LineModel
  readonly fxs: FxsPort
  readonly handset: SimHandset
  readonly pcm: SimPcmPort
  /** Its frame is under way. */
  moving: boolean
}

/** Throws HalError 'invalid' when no line or the same line twice is asked for. */
export const createSimBoard = (options: SimBoardOptions): SimBoard => {
  const { clock, entropy } = options
  const lines = new Map<string, SimLine>()
  let started: { frame: (at: ReturnType<typeof us>) => void; fault: (fault: PcmFault) => void } | undefined
  let cutFrames = new Map<string, number>()

  const awake = (line: SimLine): boolean => started !== undefined && line.pcm.awake
  const all: SimLine[] = []
  const live = (): SimLine[] => all.filter(line => awake(line) || line.handset.needsFrames)

  const frameClock = (sink: FrameSink): FrameClock =>
    options.frames === 'real'
      ? realFrameClock(clock, sink, options.sleepUntil)
      : virtualFrameClock(clock, sink)
  const frames = frameClock({
    frame: (end, lost) => {
      let anyAwake = false
      for (let n = 0; n < all.length; n++) {
        const line = all[n] as SimLine
        const isAwake = awake(line)
        line.moving = isAwake || line.handset.needsFrames
        if (!line.moving) continue
        line.pcm.step(end)
        anyAwake ||= isAwake
        countCut(line, isAwake, end)
      }
      if (anyAwake && !lost) started?.frame(us(end - FRAME_MS * 1000))
      // After the box: its timing is not that of the ear, which may think about a sound for longer than a frame takes.
      for (let n = 0; n < all.length; n++) {
        const line = all[n] as SimLine
        if (line.moving) line.pcm.hear(end)
      }
    },
    overrun: (lostFrames, at) => {
      for (const line of live())
        if (awake(line)) started?.fault({ port: line.model.id, kind: 'pcm-xrun', lostFrames, us: at })
    },
  })

  /** A cut in the PCM highway is told with its length once it is over. */
  const countCut = (line: SimLine, isAwake: boolean, at: number): void => {
    const { id, faults } = line.model
    const lostFrames = cutFrames.get(id) ?? 0
    if (faults.has('pcm-xrun') && isAwake) cutFrames.set(id, lostFrames + 1)
    else if (lostFrames > 0) {
      cutFrames.delete(id)
      started?.fault({ port: id, kind: 'pcm-xrun', lostFrames, us: us(at) })
    }
  }

  const demand = (line: SimLine): void => {
    if (!awake(line) && !line.handset.needsFrames) line.handset.framesStopped()
    frames.run(live().length > 0)
  }

  for (const id of options.lines) {
    if (lines.has(id)) throw new HalError('invalid', `line ${id} given twice`)
    const echoLossDb = options.echoLossDb ?? defaultEchoLossDb
    const model = options.newLine?.(id, clock, echoLossDb) ?? new LineModel(id, clock, echoLossDb)
    const handset = new SimHandset({
      line: model,
      clock,
      entropy,
      ...(options.country !== undefined && { country: options.country }),
      onBusy: () => demand(line),
    })
    const line: SimLine = {
      model,
      fxs: new SimFxsPort(model, clock, echoLossDb),
      handset,
      pcm: new SimPcmPort(model, handset),
      moving: false,
    }
    lines.set(id, line)
    all.push(line)
  }
  if (lines.size === 0) throw new HalError('invalid', 'a board has at least one line')

  const lineOf = (id: string): SimLine => {
    const line = lines.get(id)
    if (line === undefined) throw new HalError('missing', `the board has no line ${id}`)
    return line
  }
  const setAwake = (id: string, on: boolean): void => {
    const line = lineOf(id)
    line.pcm.setAwake(on)
    demand(line)
  }
  const pcm: PcmBoard = {
    ports: all.map(line => line.pcm),
    start: (frame, fault) => {
      if (started !== undefined) throw new HalError('in-use', 'the frame clock runs already')
      started = { frame, fault }
      for (const line of lines.values()) demand(line)
    },
    wake: id => setAwake(id, true),
    sleep: id => setAwake(id, false),
    stop: async () => {
      started = undefined
      cutFrames = new Map()
      for (const line of lines.values()) {
        line.pcm.setAwake(false)
        demand(line)
      }
    },
  }
  return {
    pcm,
    fxs: (id): FxsPort => lineOf(id).fxs,
    handset: (id): Handset => lineOf(id).handset,
  }
}
