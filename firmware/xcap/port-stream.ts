// A byte port of the HAL as a Node stream, for node:http and node:tls, which want nothing but a stream.

import { Duplex } from 'node:stream'
import type { BytePort, BytePortSink } from '../../hal/byte-port.js'

export class PortStream extends Duplex {
  #port: BytePort | undefined
  #drained: (() => void) | undefined

  /** What the connection's bytes are given to; hand it over before `attach`. */
  readonly sink: BytePortSink = {
    onBytes: bytes => void this.push(bytes),
    onDrain: () => {
      const drained = this.#drained
      this.#drained = undefined
      drained?.()
    },
    onClose: () => {
      this.push(null)
      this.destroy()
    },
  }

  attach(port: BytePort): void {
    this.#port = port
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    if (!this.#port) done(new Error('not connected'))
    else if (this.#port.write(chunk)) done()
    else this.#drained = done
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    void this.#port?.close()
    done(error)
  }
}
