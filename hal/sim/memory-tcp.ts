// TCP connections of the network in memory: bytes arrive whole and in order, one latency after they were written;
// nothing is lost. A connection takes one round trip to stand, a refusal too.

import type { BytePort, BytePortSink } from '../byte-port.js'
import { HalError } from '../errors.js'
import type { Endpoint, TcpListener, TcpListenOptions } from '../network.js'

export interface MemoryTcpOptions {
  /** Lets `happen` happen one latency later; what was asked for first happens first. */
  soon(name: string, happen: () => void): void
  /** Own address on the route to a destination. */
  sourceOf(to: Endpoint): string
}

const firstEphemeralPort = 49_152
const anyAddress = new Set(['0.0.0.0', '::'])
const textOf = ({ address, port }: Endpoint): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port}`

/** One end of a connection. */
class End implements BytePort {
  readonly name: string
  readonly #soon: MemoryTcpOptions['soon']
  sink: BytePortSink | undefined
  other: End | undefined
  open = true

  constructor(name: string, soon: MemoryTcpOptions['soon']) {
    this.name = name
    this.#soon = soon
  }

  write(bytes: Uint8Array): boolean {
    const { other } = this
    if (!this.open || !other) return false
    const copy = Uint8Array.from(bytes)
    this.#soon('tcp bytes', () => {
      if (other.open) other.sink?.onBytes(copy)
    })
    return true
  }

  async close(): Promise<void> {
    if (!this.open) return
    const { other } = this
    this.#end()
    this.#soon('tcp end', () => {
      if (other) other.#end()
    })
  }

  #end(): void {
    if (!this.open) return
    this.open = false
    const { sink } = this
    this.#soon('tcp closed', () => sink?.onClose())
  }
}

export class MemoryTcp {
  readonly #options: MemoryTcpOptions
  readonly #listeners = new Map<string, TcpListenOptions>()
  #nextPort = firstEphemeralPort

  constructor(options: MemoryTcpOptions) {
    this.#options = options
  }

  connect(to: Endpoint, sink: BytePortSink): Promise<BytePort> {
    const { soon, sourceOf } = this.#options
    const from = { address: sourceOf(to), port: this.#nextPort++ }
    return new Promise((resolve, reject) => {
      soon('tcp connect', () => {
        const listener = this.#listenerAt(to)
        if (!listener) {
          soon('tcp refused', () => reject(new HalError('unreachable', `${textOf(to)} refused`)))
          return
        }
        const near = new End(`tcp:${textOf(to)}`, soon)
        const far = new End(`tcp:${textOf(from)}`, soon)
        near.other = far
        far.other = near
        near.sink = sink
        soon('tcp connected', () => resolve(near))
        far.sink = listener.onConnection(far, from)
      })
    })
  }

  async listen(options: TcpListenOptions): Promise<TcpListener> {
    const local = { address: options.address, port: options.port || this.#nextPort++ }
    if (this.#listenerAt(local)) throw new HalError('in-use', `${textOf(local)} is taken`)
    const key = textOf(local)
    this.#listeners.set(key, options)
    return {
      local,
      close: async () => {
        if (this.#listeners.get(key) === options) this.#listeners.delete(key)
      },
    }
  }

  #listenerAt({ address, port }: Endpoint): TcpListenOptions | undefined {
    if (anyAddress.has(address)) return this.#listeners.get(textOf({ address, port }))
    const wildcard = address.includes(':') ? '::' : '0.0.0.0'
    return (
      this.#listeners.get(textOf({ address, port })) ??
      this.#listeners.get(textOf({ address: wildcard, port }))
    )
  }
}
