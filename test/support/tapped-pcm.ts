// A board's audio half with a microphone in front of each line and a recorder behind it: what the telephone says beside
// keys and echo, and every sample the box plays to it. Samples are counted at 8 kHz by the clock of the world.

import { FRAME_SAMPLES, type PcmBoard } from '../../hal/pcm-port.js'
import type { Sound } from './far-ear.js'

export interface LineTap {
  says: Sound
  /** What the box played to the line from instant `fromUs` on (and before `toUs`), monotonic µs. */
  heard(fromUs?: number, toUs?: number): Int16Array
}

/** Frames kept: ten minutes. */
const KEPT = 60_000

const clip = (sample: number): number => Math.max(-32768, Math.min(32767, Math.round(sample)))

export const tapPcm = (
  board: PcmBoard,
): { readonly pcm: PcmBoard; readonly taps: ReadonlyMap<string, LineTap> } => {
  let frameUs = 0
  const taps = new Map<string, LineTap>()
  const ports = board.ports.map(port => {
    const played: { readonly us: number; readonly frame: Int16Array }[] = []
    const tap: LineTap = {
      says: () => 0,
      heard: (fromUs = 0, toUs = Number.POSITIVE_INFINITY) => {
        const frames = played.filter(({ us }) => us >= fromUs && us < toUs)
        const all = new Int16Array(frames.length * FRAME_SAMPLES)
        for (const [i, { frame }] of frames.entries()) all.set(frame, i * FRAME_SAMPLES)
        return all
      },
    }
    taps.set(port.id, tap)
    return {
      id: port.id,
      ...(port.loopOpenUntil && { loopOpenUntil: port.loopOpenUntil }),
      read: (into: Int16Array) => {
        port.read(into)
        const first = Math.round(frameUs / 125)
        for (let i = 0; i < into.length; i++) into[i] = clip((into[i] as number) + tap.says(first + i))
      },
      write: (frame: Int16Array) => {
        if (played.length === KEPT) played.splice(0, KEPT / 2)
        played.push({ us: frameUs, frame: frame.slice() })
        return port.write(frame)
      },
    }
  })
  const pcm: PcmBoard = {
    ports,
    start: (onFrame, onFault) =>
      board.start(us => {
        frameUs = us
        onFrame(us)
      }, onFault),
    wake: port => board.wake(port),
    sleep: port => board.sleep(port),
    stop: () => board.stop(),
  }
  return { pcm, taps }
}
