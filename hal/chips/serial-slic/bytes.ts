// Payload fields in the order in which they stand, little-endian.

import { HalError } from '../../errors.js'

export class ByteWriter {
  readonly #bytes: number[] = []

  u8(value: number): this {
    this.#bytes.push(value & 255)
    return this
  }
  u16(value: number): this {
    return this.u8(value).u8(value >> 8)
  }
  u32(value: number): this {
    return this.u16(value).u16(value >>> 16)
  }
  /** Two's complement. */
  i16(value: number): this {
    return this.u16(Math.round(value))
  }
  f32(value: number): this {
    for (const byte of new Uint8Array(Float32Array.of(value).buffer)) this.u8(byte)
    return this
  }
  f64(value: number): this {
    for (const byte of new Uint8Array(Float64Array.of(value).buffer)) this.u8(byte)
    return this
  }
  flag(value: boolean): this {
    return this.u8(value ? 1 : 0)
  }
  /** Its length, then its bytes (at most 255). */
  text(value: string): this {
    const bytes = Buffer.from(value, 'utf8').subarray(0, 255)
    this.u8(bytes.length)
    for (const byte of bytes) this.u8(byte)
    return this
  }
  done(): Uint8Array {
    return Uint8Array.from(this.#bytes)
  }
}

/** Reading past the end throws HalError 'io': the sender speaks another protocol than it says. */
export class ByteReader {
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  #take(length: number): number {
    const at = this.#at
    this.#at += length
    if (this.#at > this.#view.byteLength) throw new HalError('io', 'serial-slic: a frame is too short')
    return at
  }
  u8(): number {
    return this.#view.getUint8(this.#take(1))
  }
  u16(): number {
    return this.#view.getUint16(this.#take(2), true)
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4), true)
  }
  i16(): number {
    return this.#view.getInt16(this.#take(2), true)
  }
  f32(): number {
    return this.#view.getFloat32(this.#take(4), true)
  }
  f64(): number {
    return this.#view.getFloat64(this.#take(8), true)
  }
  flag(): boolean {
    return this.u8() !== 0
  }
  text(): string {
    const length = this.u8()
    const at = this.#take(length)
    return Buffer.from(this.#view.buffer, this.#view.byteOffset + at, length).toString('utf8')
  }
  /** How many values of a list: a list is never longer than `most`. */
  count(most: number): number {
    const count = this.u8()
    if (count > most) throw new HalError('io', `serial-slic: a list of ${count}, at most ${most}`)
    return count
  }
}
