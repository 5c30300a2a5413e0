// What both ways to the kernel's GPIO lines have in common: which lines of a chip are open, and what a refusal of the
// kernel means to whoever set up the board.

import { HalError, type HalErrorKind } from '../errors.js'
import { halErrorFrom, systemCode } from './system-error.js'

/** The lines of one open chip. */
export class GpioLines {
  readonly #label: string
  readonly #count: number
  readonly #open = new Map<number, { close(): void }>()
  #closed = false

  constructor(label: string, count: number) {
    this.#label = label
    this.#count = count
  }

  name(offset: number): string {
    return `line ${offset} of GPIO chip ${this.#label}`
  }

  /** Opens a line with `open` and keeps it until `released`. Throws HalError 'closed', 'invalid' or 'in-use'. */
  hold<T extends { close(): void }>(offset: number, open: () => T): T {
    if (this.#closed) throw new HalError('closed', `GPIO chip ${this.#label} is closed`)
    if (!Number.isInteger(offset) || offset < 0 || offset >= this.#count) {
      const range = `GPIO chip ${this.#label} has lines 0 to ${this.#count - 1}`
      throw new HalError(
        'invalid',
        `${range}, not ${offset}: give the offset on the chip, not a global number`,
      )
    }
    if (this.#open.has(offset)) throw new HalError('in-use', `${this.name(offset)} is open already`)
    const line = open()
    this.#open.set(offset, line)
    return line
  }

  released(offset: number): void {
    this.#open.delete(offset)
  }

  close(): void {
    this.#closed = true
    for (const line of [...this.#open.values()]) line.close()
  }
}

const refusals: Readonly<Record<string, readonly [HalErrorKind, string]>> = {
  EBUSY: ['in-use', 'is held by another program or a kernel driver: "gpioinfo" tells by which'],
  EACCES: ['permission', 'may not be used: run as root, or in the group that owns it (often "gpio")'],
  EPERM: ['permission', 'may not be used: run as root, or in the group that owns it (often "gpio")'],
  ENXIO: ['unsupported', 'cannot interrupt, so it cannot be watched: take another pin'],
  EIO: ['unsupported', 'cannot be set up that way'],
  EINVAL: ['unsupported', 'cannot be set up that way'],
  EOPNOTSUPP: ['unsupported', 'cannot be set up that way'],
  ENODEV: ['lost', 'is gone: its chip was taken away'],
}

/** `name` says which line or file ("line 3 of GPIO chip slic"). A HalError goes through unchanged. */
export const gpioError = (error: unknown, name: string): HalError => {
  const refusal = error instanceof HalError ? undefined : refusals[systemCode(error)]
  if (!refusal) return halErrorFrom(error, name)
  return new HalError(refusal[0], `${name} ${refusal[1]}`, { cause: error })
}
