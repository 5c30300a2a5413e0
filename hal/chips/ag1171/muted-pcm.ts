// Any PcmBoard with the ring kept out of its capture: no hum of 50 Hz in anybody's ear, in the digit detector or in the echo
// canceller.

import type { Us } from '../../clock.js'
import { FRAME_SAMPLES, type PcmBoard, type PcmFault, type PcmPort } from '../../pcm-port.js'
import type { RingNoise } from './ring-noise.js'

/** Mean square of a sine of 0 dBm0 (a peak of 32,767 is +3.14 dBm0). */
const ZERO_DBM0 = (32767 / 10 ** (3.14 / 20)) ** 2 / 2

const level = (frame: Int16Array): number => {
  let sum = 0
  for (let n = 0; n < FRAME_SAMPLES; n++) sum += (frame[n] as number) ** 2
  return 10 * Math.log10(Math.max(sum / FRAME_SAMPLES / ZERO_DBM0, 1e-12))
}

class MutedPcmPort implements PcmPort {
  readonly id: string
  readonly loopOpenUntil?: Readonly<Float64Array>
  readonly #port: PcmPort
  readonly #noise: RingNoise
  readonly #tick: Readonly<Float64Array>
  readonly #mute: boolean

  constructor(port: PcmPort, noise: RingNoise, tick: Readonly<Float64Array>, mute: boolean) {
    this.id = port.id
    if (port.loopOpenUntil !== undefined) this.loopOpenUntil = port.loopOpenUntil
    this.#port = port
    this.#noise = noise
    this.#tick = tick
    this.#mute = mute
  }

  read(into: Int16Array): void {
    this.#port.read(into)
    if (!this.#noise.covers(this.#tick[0] as number)) return
    this.#noise.heard(level(into))
    if (this.#mute) into.fill(0)
  }

  write(frame: Int16Array): number {
    return this.#port.write(frame)
  }
}

export interface RingingPort {
  readonly noise: RingNoise
  /** False: the level is measured, and the frames are left as they are. */
  readonly mute: boolean
}

/** `ports`: by name; a port of the board that is not among them is passed through. */
export const muteWhileRinging = (board: PcmBoard, ports: ReadonlyMap<string, RingingPort>): PcmBoard => {
  const tick = new Float64Array(1)
  const wrapped = board.ports.map(port => {
    const ringing = ports.get(port.id)
    return ringing === undefined ? port : new MutedPcmPort(port, ringing.noise, tick, ringing.mute)
  })
  return {
    ports: wrapped,
    start: (onFrame: (us: Us) => void, onFault: (fault: PcmFault) => void) =>
      board.start(at => {
        tick[0] = at
        onFrame(at)
      }, onFault),
    wake: port => board.wake(port),
    sleep: port => board.sleep(port),
    stop: () => board.stop(),
  }
}
