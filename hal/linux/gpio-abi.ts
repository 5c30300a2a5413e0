// The bytes of the kernel's GPIO character device, version 2 (linux/gpio.h, Linux 5.10 and later): requests, their
// arguments, and the events read from a line. Little-endian, as every machine Node has a package for but IBM Z.

/** ioctl numbers: direction, size of the argument, 0xB4, number. */
export const gpioRequest = {
  /** gpiochip_info, 68 bytes, from the kernel. */
  chipInfo: 0x8044_b401,
  /** gpio_v2_line_request, 592 bytes, both ways. */
  getLine: 0xc250_b407,
  /** gpio_v2_line_values, 16 bytes, both ways. */
  getValues: 0xc010_b40e,
  setValues: 0xc010_b40f,
} as const

const flag = { activeLow: 1 << 1, input: 1 << 2, output: 1 << 3, rising: 1 << 4, falling: 1 << 5 }
const attributeOutputValues = 2

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const text = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0)
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end))
}

export interface ChipInfo {
  /** "gpiochip0". */
  readonly name: string
  readonly label: string
  readonly lines: number
}

export const chipInfoBytes = 68

export const parseChipInfo = (bytes: Uint8Array): ChipInfo => ({
  name: text(bytes.subarray(0, 32)),
  label: text(bytes.subarray(32, 64)),
  lines: view(bytes).getUint32(64, true),
})

export type LineUse =
  /** Both edges, stamped by CLOCK_MONOTONIC, not debounced. `queue`: events the kernel is to keep. */
  | { readonly direction: 'in'; readonly queue: number }
  | { readonly direction: 'out'; readonly initial: boolean }

/** The request for one line. `consumer` (31 bytes at most) is what gpioinfo shows. */
export const lineRequest = (
  offset: number,
  consumer: string,
  activeLow: boolean,
  use: LineUse,
): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(592)
  const to = view(bytes)
  to.setUint32(0, offset, true)
  bytes.set(new TextEncoder().encode(consumer).subarray(0, 31), 256)
  const direction = use.direction === 'in' ? flag.input | flag.rising | flag.falling : flag.output
  to.setUint32(288, direction | (activeLow ? flag.activeLow : 0), true)
  if (use.direction === 'out') {
    to.setUint32(296, 1, true)
    to.setUint32(320, attributeOutputValues, true)
    to.setUint32(328, use.initial ? 1 : 0, true)
    // The attribute is that of the request's first line.
    to.setUint32(336, 1, true)
  }
  to.setUint32(560, 1, true)
  if (use.direction === 'in') to.setUint32(564, use.queue, true)
  return bytes
}

/** The line's descriptor, out of an answered request. */
export const lineDescriptor = (answered: Uint8Array): number => view(answered).getInt32(588, true)

/** The argument that reads or writes the level of a request's only line. */
export const lineValues = (high: boolean): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(16)
  bytes[0] = high ? 1 : 0
  bytes[8] = 1
  return bytes
}

export const lineLevel = (answered: Uint8Array): boolean => ((answered[0] ?? 0) & 1) === 1

export interface LineEvent {
  /** From inactive to active. */
  readonly rising: boolean
  /** CLOCK_MONOTONIC, whole µs. */
  readonly us: number
  /** Counts the events of the line from 1, modulo 2^32, those the queue dropped included. */
  readonly sequence: number
}

export const eventBytes = 48
const risingEdge = 1

/** The whole events in `bytes`; the kernel never writes a part of one. */
export const parseEvents = (bytes: Uint8Array): readonly LineEvent[] => {
  const from = view(bytes)
  return Array.from({ length: Math.floor(bytes.length / eventBytes) }, (_, n) => {
    const at = n * eventBytes
    return {
      rising: from.getUint32(at + 8, true) === risingEdge,
      us: Number(from.getBigUint64(at, true) / 1000n),
      sequence: from.getUint32(at + 20, true),
    }
  })
}
