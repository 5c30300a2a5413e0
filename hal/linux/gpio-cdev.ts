// GPIO through the kernel's character device, version 2 (linux/gpio.h): every edge carries the kernel's instant on
// CLOCK_MONOTONIC, the clock of LinuxClock, and waits in the kernel's queue while the event loop is late. The kernel's own
// debouncing is never asked for: it shifts the intervals of a rotary dial by up to 20 ms.

import type { Clock } from '../clock.js'
import { HalError } from '../errors.js'
import type { GpioChip, GpioEdge, GpioInput, GpioOutput } from '../gpio.js'
import {
  eventBytes,
  gpioRequest,
  type LineEvent,
  type LineUse,
  lineDescriptor,
  lineLevel,
  lineRequest,
  lineValues,
  parseEvents,
} from './gpio-abi.js'
import { type OpenGpioChip, openGpioChip } from './gpio-chips.js'
import { type GpioKernel, loadGpioKernel } from './gpio-kernel.js'
import { LineEdges } from './gpio-line-edges.js'
import { GpioLines, gpioError } from './gpio-lines.js'
import { systemCode } from './system-error.js'

export interface CdevOptions {
  readonly clock: Clock
  /** What gpioinfo shows as the user of the lines; default "voiceport". */
  readonly consumer?: string
  /** Default: this machine's. */
  readonly kernel?: GpioKernel
}

/** Events the kernel keeps for a line: two seconds of a bouncing hook. A power of two, as the kernel rounds up to one. */
export const cdevQueue = 256

/**
 * `chip` is the chip's label ("pinctrl-bcm2835"), its name ("gpiochip0") or its path. Rejects with HalError 'missing',
 * 'permission', 'invalid' (label not unique) or 'unsupported' (kernel older than 5.10, no koffi).
 */
export const openCdevChip = async (chip: string, options: CdevOptions): Promise<GpioChip> => {
  const kernel = options.kernel ?? (await loadGpioKernel())
  const { descriptor, info } = await findChip(kernel, chip)
  const lines = new GpioLines(chip, info.lines)
  let closed = false

  const request = (offset: number, activeLow: boolean, use: LineUse): Line => {
    const bytes = lineRequest(offset, options.consumer ?? 'voiceport', activeLow, use)
    try {
      kernel.ioctl(descriptor, gpioRequest.getLine, bytes)
    } catch (error) {
      throw lineError(error, lines.name(offset))
    }
    return new Line(kernel, lineDescriptor(bytes), lines.name(offset), () => lines.released(offset))
  }
  return {
    timestamps: 'kernel',
    openOutput: async (offset, { initial, activeLow = false }) =>
      lines.hold(offset, () => outputOn(request(offset, activeLow, { direction: 'out', initial }))),
    openInput: async (offset, { activeLow = false }, onEdge) =>
      lines.hold(offset, () =>
        inputOn(request(offset, activeLow, { direction: 'in', queue: cdevQueue }), options.clock, onEdge),
      ),
    close: async () => {
      if (closed) return
      closed = true
      lines.close()
      kernel.close(descriptor)
    },
  }
}

const lineError = (error: unknown, name: string): HalError => {
  if (systemCode(error) !== 'ENOTTY') return gpioError(error, name)
  const fix = 'cannot be had from this kernel: it is older than Linux 5.10; use onoff'
  return new HalError('unsupported', `${name} ${fix}`, { cause: error })
}

const findChip = async (kernel: GpioKernel, chip: string): Promise<OpenGpioChip> => {
  const found: OpenGpioChip[] = []
  const there: string[] = []
  let denied: unknown
  for (const path of await kernel.chips()) {
    try {
      const one = openGpioChip(kernel, path)
      there.push(`${one.info.label} (${one.info.name})`)
      if ([one.info.label, one.info.name, path].includes(chip)) found.push(one)
      else kernel.close(one.descriptor)
    } catch (error) {
      denied = gpioError(error, path)
    }
  }
  const [first, another] = found
  if (first && !another) return first
  for (const { descriptor } of found) kernel.close(descriptor)
  const known = there.length > 0 ? `there is ${there.join(', ')}` : 'there is none'
  if (first) throw new HalError('invalid', `"${chip}" is several GPIO chips, give the name: ${known}`)
  // What could not be looked at may well be the one.
  throw denied ?? new HalError('missing', `no GPIO chip ${chip}: ${known}`)
}

/** One requested line: its level, and the end of it. */
class Line {
  readonly kernel: GpioKernel
  readonly descriptor: number
  readonly #name: string
  readonly #released: () => void
  closed = false

  constructor(kernel: GpioKernel, descriptor: number, name: string, released: () => void) {
    this.kernel = kernel
    this.descriptor = descriptor
    this.#name = name
    this.#released = released
  }

  /** Reads the level, or writes it. */
  level(written?: boolean): boolean {
    if (this.closed) throw new HalError('closed', `${this.#name} is closed`)
    const bytes = lineValues(written === true)
    try {
      this.kernel.ioctl(
        this.descriptor,
        written === undefined ? gpioRequest.getValues : gpioRequest.setValues,
        bytes,
      )
    } catch (error) {
      throw gpioError(error, this.#name)
    }
    return lineLevel(bytes)
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.kernel.close(this.descriptor)
    this.#released()
  }
}

const outputOn = (line: Line): GpioOutput => ({
  write: high => void line.level(high),
  close: () => line.close(),
})

const inputOn = (line: Line, clock: Clock, onEdge: (edge: GpioEdge) => void): GpioInput => {
  try {
    return watched(line, clock, onEdge)
  } catch (error) {
    line.close()
    throw error
  }
}

const watched = (line: Line, clock: Clock, onEdge: (edge: GpioEdge) => void): GpioInput => {
  const edges = new LineEdges(line.level(), cdevQueue)
  const buffer = new Uint8Array(cdevQueue * eventBytes)

  const fetch = (): LineEvent[] => {
    const events: LineEvent[] = []
    let bytes = buffer.length
    // An input that never rests must not keep the event loop: what is left is told in its next turn.
    for (let n = 0; n < 4 && bytes === buffer.length; n++) {
      bytes = line.kernel.read(line.descriptor, buffer)
      events.push(...parseEvents(buffer.subarray(0, bytes)))
    }
    return events
  }
  const deliver = (told: readonly GpioEdge[]): void => {
    for (const edge of told) if (!line.closed) onEdge(edge)
  }
  /** What waits. A chip that was taken away is watched no longer; reading the level says so. */
  const taken = (): readonly GpioEdge[] => {
    try {
      return edges.take(fetch())
    } catch {
      stop()
      return []
    }
  }
  /** The level after a loss, where no edge tells it. One that cannot be read is told to whoever reads it next. */
  const missing = (): readonly GpioEdge[] => {
    try {
      const edge = edges.resync(line.level(), clock.now())
      return edge ? [edge] : []
    } catch {
      return []
    }
  }
  const stop = line.kernel.watch(line.descriptor, () => {
    const told = taken()
    deliver(told)
    if (!line.closed && told.some(edge => edge.overrun)) deliver([...taken(), ...missing()])
  })
  return {
    read: () => line.level(),
    close: () => {
      if (!line.closed) stop()
      line.close()
    },
  }
}
