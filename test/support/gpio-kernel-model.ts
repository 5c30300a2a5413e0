// The kernel's GPIO character device without a kernel: one chip whose pins a test turns. It reads and writes the bytes of
// linux/gpio.h by itself, keeps a queue for each requested input and drops the oldest events of a full one, as
// drivers/gpio/gpiolib-cdev.c does.

import type { GpioKernel } from '../../hal/linux/gpio-kernel.js'

export interface ModelOptions {
  readonly label: string
  readonly lines: number
  /** CLOCK_MONOTONIC, µs. */
  readonly now: () => number
  /** Number of the first event of a line; default 1. */
  readonly firstSequence?: number
}

interface Request {
  readonly offset: number
  readonly flags: number
  readonly queue: number
  events: Buffer[]
  sequence: number
  watcher?: () => void
}

const flags = { activeLow: 2, input: 4, output: 8, bothEdges: 0x30 }
const failure = (code: string) => Object.assign(new Error(`${code}: model`), { code })

export class GpioKernelModel implements GpioKernel {
  readonly #options: ModelOptions
  readonly #far: boolean[]
  readonly #out = new Map<number, boolean>()
  readonly #requests = new Map<number, Request>()
  readonly #chips = new Set<number>()
  #descriptor = 100
  /** Levels driven onto each pin so far. */
  readonly driven: boolean[][]
  /** The last request for a line. */
  lastRequest: Buffer = Buffer.alloc(0)
  /** What an ioctl with that number ends in. */
  readonly refuse = new Map<number, string>()
  /** What opening the device ends in. */
  refuseOpen: string | undefined

  constructor(options: ModelOptions) {
    this.#options = options
    this.#far = Array.from({ length: options.lines }, () => false)
    this.driven = Array.from({ length: options.lines }, () => [])
  }

  get descriptors(): number {
    return this.#requests.size + this.#chips.size
  }

  level(offset: number): boolean {
    return this.#out.get(offset) ?? this.#far[offset] === true
  }

  drive(offset: number, high: boolean): void {
    if (this.#far[offset] === high) return
    this.#far[offset] = high
    this.interrupt(offset)
  }

  /** The pin turns and no event tells. */
  turnUnheard(offset: number): void {
    this.#far[offset] = this.#far[offset] !== true
  }

  /** The interrupt of a pin, whose level may be back where it was. */
  interrupt(offset: number): void {
    const request = [...this.#requests.values()].find(request => request.offset === offset)
    if (!request || (request.flags & flags.bothEdges) === 0) return
    const event = Buffer.alloc(48)
    event.writeBigUInt64LE(BigInt(this.#options.now()) * 1000n + 999n, 0)
    event.writeUInt32LE(this.#logical(request) ? 1 : 2, 8)
    event.writeUInt32LE(offset, 12)
    event.writeUInt32LE(request.sequence, 16)
    event.writeUInt32LE(request.sequence, 20)
    request.sequence = (request.sequence + 1) >>> 0
    if (request.events.length === request.queue) request.events.shift()
    request.events.push(event)
    this.#wake(request)
  }

  #logical(request: Request): boolean {
    return this.level(request.offset) !== ((request.flags & flags.activeLow) !== 0)
  }

  // Level-triggered: told again until the queue is empty.
  #wake(request: Request): void {
    const { watcher } = request
    if (!watcher || request.events.length === 0) return
    setImmediate(() => {
      if (request.watcher !== watcher || request.events.length === 0) return
      watcher()
      this.#wake(request)
    })
  }

  async chips(): Promise<readonly string[]> {
    return ['/dev/gpiochip0']
  }

  open(path: string): number {
    if (this.refuseOpen) throw failure(this.refuseOpen)
    if (path !== '/dev/gpiochip0') throw failure('ENOENT')
    this.#chips.add(++this.#descriptor)
    return this.#descriptor
  }

  close(descriptor: number): void {
    if (!this.#requests.delete(descriptor) && !this.#chips.delete(descriptor)) throw failure('EBADF')
  }

  read(descriptor: number, into: Uint8Array): number {
    const request = this.#request(descriptor)
    const taken = request.events.splice(0, Math.floor(into.length / 48))
    into.set(Buffer.concat(taken))
    return 48 * taken.length
  }

  watch(descriptor: number, onReadable: () => void): () => void {
    const request = this.#request(descriptor)
    request.watcher = onReadable
    this.#wake(request)
    return () => {
      delete request.watcher
    }
  }

  #request(descriptor: number): Request {
    const request = this.#requests.get(descriptor)
    if (!request) throw failure('EBADF')
    return request
  }

  ioctl(descriptor: number, number: number, argument: Uint8Array): void {
    const refused = this.refuse.get(number)
    if (refused) throw failure(refused)
    const bytes = Buffer.from(argument.buffer, argument.byteOffset, argument.byteLength)
    if (this.#chips.has(descriptor) && number === 0x8044b401 && bytes.length === 68) this.#describe(bytes)
    else if (this.#chips.has(descriptor) && number === 0xc250b407 && bytes.length === 592) this.#take(bytes)
    else if (number === 0xc010b40e && bytes.length === 16) {
      const request = this.#request(descriptor)
      if (bytes.readBigUInt64LE(8) !== 1n) throw failure('EINVAL')
      bytes.writeBigUInt64LE(this.#logical(request) ? 1n : 0n, 0)
    } else if (number === 0xc010b40f && bytes.length === 16) {
      const request = this.#request(descriptor)
      if (bytes.readBigUInt64LE(8) !== 1n || !(request.flags & flags.output)) throw failure('EPERM')
      this.#set(request, (bytes.readUInt32LE(0) & 1) === 1)
    } else throw failure('ENOTTY')
  }

  #describe(bytes: Buffer): void {
    bytes.write('gpiochip0', 0, 'latin1')
    bytes.write(this.#options.label, 32, 'latin1')
    bytes.writeUInt32LE(this.#options.lines, 64)
  }

  #set(request: Request, high: boolean): void {
    const level = high !== ((request.flags & flags.activeLow) !== 0)
    this.#out.set(request.offset, level)
    this.driven[request.offset]?.push(level)
  }

  #take(bytes: Buffer): void {
    this.lastRequest = Buffer.from(bytes)
    const offset = bytes.readUInt32LE(0)
    const wanted = Number(bytes.readBigUInt64LE(288))
    if (bytes.readUInt32LE(560) !== 1 || offset >= this.#options.lines) throw failure('EINVAL')
    if (!(wanted & flags.input) === !(wanted & flags.output)) throw failure('EINVAL')
    if ([...this.#requests.values()].some(request => request.offset === offset)) throw failure('EBUSY')
    const request: Request = {
      offset,
      flags: wanted,
      queue: bytes.readUInt32LE(564) || 16,
      events: [],
      sequence: this.#options.firstSequence ?? 1,
    }
    this.#requests.set(++this.#descriptor, request)
    if (wanted & flags.input) this.#out.delete(offset)
    if (wanted & flags.output) {
      const given = bytes.readUInt32LE(296) === 1 && bytes.readUInt32LE(320) === 2
      this.#set(request, given && (bytes.readUInt32LE(328) & bytes.readUInt32LE(336) & 1) === 1)
    }
    bytes.writeInt32LE(this.#descriptor, 588)
  }
}
