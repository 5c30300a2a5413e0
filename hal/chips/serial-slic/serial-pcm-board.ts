// The audio of the lines behind the serial line: the microcontroller's codec is the clock. A tick is over when every line
// that is awake has sent its frame; a frame that was lost on the way leaves silence and is counted.

import { type Us, us } from '../../clock.js'
import { HalError } from '../../errors.js'
import { FRAME_MS, FRAME_SAMPLES, type PcmBoard, type PcmFault, type PcmPort } from '../../pcm-port.js'
import type { SerialSlicLink } from './link.js'
import type { PcmLaw } from './numbers.js'
import { decodeCaptured, encodePcm } from './pcm-frames.js'

class SerialPcmPort implements PcmPort {
  readonly id: string
  readonly captured = new Int16Array(FRAME_SAMPLES)
  readonly loopOpenUntil = Float64Array.of(Number.NaN)
  readonly #send: (frame: Int16Array) => void
  awake = false
  /** Of the frame that comes next; unknown when frames begin to flow. */
  expected: number | undefined
  /** Frames written for which none has been captured yet. */
  ahead = 0
  /** Its frame of the present tick is here. */
  fresh = false

  constructor(id: string, send: (frame: Int16Array) => void) {
    this.id = id
    this.#send = send
  }

  read(into: Int16Array): void {
    into.set(this.captured)
    this.captured.fill(0)
  }

  write(frame: Int16Array): number {
    if (!this.awake) return 0
    this.#send(frame)
    this.ahead++
    return this.ahead * FRAME_SAMPLES
  }
}

export class SerialPcmBoard implements PcmBoard {
  readonly ports: readonly SerialPcmPort[]
  readonly #link: SerialSlicLink
  readonly #law: PcmLaw
  readonly #sent: number[]
  #sinks: { readonly frame: (us: Us) => void; readonly fault: (fault: PcmFault) => void } | undefined
  #tick: Us = us(0)

  constructor(lines: readonly string[], link: SerialSlicLink, law: PcmLaw) {
    this.#link = link
    this.#law = law
    this.#sent = lines.map(() => 0)
    this.ports = lines.map(
      (id, line) =>
        new SerialPcmPort(id, frame => {
          const seq = this.#sent[line] as number
          this.#sent[line] = (seq + 1) & 255
          link.pcm(line, seq, encodePcm(frame, law))
        }),
    )
  }

  start(onFrame: (us: Us) => void, onFault: (fault: PcmFault) => void): void {
    if (this.#sinks !== undefined) throw new HalError('in-use', 'the frame clock runs already')
    this.#sinks = { frame: onFrame, fault: onFault }
    for (const port of this.ports) if (port.awake) this.#flow(port, true)
  }

  wake(id: string): void {
    this.#set(id, true)
  }

  sleep(id: string): void {
    this.#set(id, false)
  }

  async stop(): Promise<void> {
    this.#sinks = undefined
    for (const port of this.ports) if (port.awake) this.#set(port.id, false)
  }

  /** A microcontroller that was not heard of for a while has stopped the audio. */
  linkHere(): void {
    for (const port of this.ports) if (port.awake) this.#flow(port, true)
  }

  frame(line: number, seq: number, payload: Uint8Array, at: Us): void {
    const port = this.ports[line]
    const sinks = this.#sinks
    if (port === undefined || sinks === undefined || !port.awake) return
    // The next tick begins before every line has ended this one: frames were lost.
    if (port.fresh) this.#run()
    const closed = decodeCaptured(payload, this.#law, port.captured)
    if (closed === undefined) return
    port.loopOpenUntil[0] = at + FRAME_MS * 1000 - closed
    port.ahead = Math.max(port.ahead - 1, 0)
    const lost = port.expected === undefined ? 0 : (seq - port.expected) & 255
    port.expected = (seq + 1) & 255
    if (lost > 0) sinks.fault({ port: port.id, kind: 'pcm-xrun', lostFrames: lost, us: at })
    port.fresh = true
    this.#tick = at
    if (this.ports.every(one => one.fresh || !one.awake)) this.#run()
  }

  #run(): void {
    for (const port of this.ports) port.fresh = false
    this.#sinks?.frame(this.#tick)
  }

  #set(id: string, on: boolean): void {
    const port = this.ports.find(one => one.id === id)
    if (port === undefined) throw new HalError('missing', `the board has no line ${id}`)
    if (port.awake === on) return
    port.awake = on
    port.captured.fill(0)
    if (this.#sinks !== undefined || !on) this.#flow(port, on)
  }

  #flow(port: SerialPcmPort, on: boolean): void {
    port.expected = undefined
    port.ahead = 0
    port.fresh = false
    this.#link
      .command(this.ports.indexOf(port), { do: 'audio', on, law: this.#law })
      // Without a link nothing flows, and what to do is known when it comes back.
      .catch(() => {})
  }
}
