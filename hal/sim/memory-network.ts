// A network in memory on the virtual clock: every datagram is a clock event with a latency, and may be lost, doubled
// or delayed by a script or by seeded chance. Names and routes come from tables. All actors of a test share one.
// Its TCP connections stand in memory-tcp.ts.

import type { BytePort, BytePortSink } from '../byte-port.js'
import { type Clock, ms, type Us } from '../clock.js'
import type { Entropy } from '../entropy.js'
import { HalError } from '../errors.js'
import type {
  Endpoint,
  NaptrRecord,
  Network,
  SrvRecord,
  TcpListener,
  TcpListenOptions,
  UdpOptions,
  UdpSocket,
} from '../network.js'
import { MemoryTcp } from './memory-tcp.js'

/** What happens to a datagram; a delay is added to the network's latency. */
export type Verdict = 'pass' | 'drop' | 'duplicate' | { readonly delayMs: number }

/** `index` counts every datagram sent on this network, from 0. */
export type DatagramFilter = (datagram: Uint8Array, from: Endpoint, to: Endpoint, index: number) => Verdict

export interface CapturedDatagram {
  readonly index: number
  /** When it was sent. */
  readonly us: Us
  readonly from: Endpoint
  readonly to: Endpoint
  readonly data: Uint8Array
  readonly dscp: number | undefined
  readonly verdict: Verdict
}

export interface MemoryNetworkOptions {
  readonly clock: Clock
  /** One-way latency in ms; default 1. */
  readonly latencyMs?: number
  /** Probability of loss for datagrams the filter passes, 0-1; needs `entropy`. */
  readonly loss?: number
  readonly entropy?: Entropy
  readonly filter?: DatagramFilter
  readonly hosts?: Readonly<Record<string, readonly string[]>>
  readonly srv?: Readonly<Record<string, readonly SrvRecord[]>>
  readonly naptr?: Readonly<Record<string, readonly NaptrRecord[]>>
  /** Interface name to address. */
  readonly interfaces?: Readonly<Record<string, string>>
  /** Own address on the route to a destination; undefined: no route. Default: always 127.0.0.1. */
  readonly route?: (destination: Endpoint) => string | undefined
  /** How many datagrams `captured` keeps, the oldest going first; default 20,000. */
  readonly captureLimit?: number
}

interface OpenSocket extends UdpSocket {
  readonly options: UdpOptions
  open: boolean
}

const anyAddress = new Set(['0.0.0.0', '::'])
const firstEphemeralPort = 49_152
const keyOf = (endpoint: Endpoint): string => `${endpoint.address} ${endpoint.port}`

export class MemoryNetwork implements Network {
  readonly captured: CapturedDatagram[] = []
  /** May be replaced at any time. */
  filter: DatagramFilter | undefined
  /** Probability of loss, 0-1; may be changed at any time. */
  loss: number
  readonly #options: MemoryNetworkOptions
  readonly #sockets = new Map<string, OpenSocket>()
  readonly #tcp: MemoryTcp
  #index = 0
  #nextPort = firstEphemeralPort

  constructor(options: MemoryNetworkOptions) {
    if (options.loss && !options.entropy) throw new HalError('invalid', 'seeded loss needs an entropy')
    this.#options = options
    this.#tcp = new MemoryTcp({
      soon: (name, happen) => this.#soon(name, 0, happen),
      sourceOf: to => options.route?.(to) ?? '127.0.0.1',
    })
    this.filter = options.filter
    this.loss = options.loss ?? 0
  }

  async openUdp(options: UdpOptions): Promise<UdpSocket> {
    if (options.device !== undefined && this.interfaceAddress(options.device) === undefined)
      throw new HalError('missing', `no network interface ${options.device}`)
    const local = { address: options.address, port: options.port || this.#freePort(options.address) }
    if (this.#isTaken(local)) throw new HalError('in-use', `${local.address}:${local.port} is taken`)
    const socket: OpenSocket = {
      options,
      open: true,
      local,
      send: (data, to) => this.#send(socket, data, to),
      close: async () => {
        socket.open = false
        if (this.#sockets.get(keyOf(local)) === socket) this.#sockets.delete(keyOf(local))
      },
    }
    this.#sockets.set(keyOf(local), socket)
    return socket
  }

  /** Local addresses of the sockets that are open. */
  get openSockets(): readonly Endpoint[] {
    return [...this.#sockets.values()].map(({ local }) => local)
  }

  connectTcp(to: Endpoint, sink: BytePortSink): Promise<BytePort> {
    return this.#tcp.connect(to, sink)
  }

  listenTcp(options: TcpListenOptions): Promise<TcpListener> {
    return this.#tcp.listen(options)
  }

  async resolveHost(name: string): Promise<readonly string[]> {
    return found(this.#options.hosts?.[name], 'address', name)
  }

  async resolveSrv(name: string): Promise<readonly SrvRecord[]> {
    return found(this.#options.srv?.[name], 'SRV record', name)
  }

  async resolveNaptr(name: string): Promise<readonly NaptrRecord[]> {
    return found(this.#options.naptr?.[name], 'NAPTR record', name)
  }

  async localAddressFor(destination: Endpoint): Promise<string> {
    const route = this.#options.route ?? (() => '127.0.0.1')
    const address = route(destination)
    if (address === undefined) throw new HalError('unreachable', `no route to ${destination.address}`)
    return address
  }

  interfaceAddress(device: string): string | undefined {
    return this.#options.interfaces?.[device]
  }

  #send(socket: OpenSocket, data: Uint8Array, to: Endpoint): void {
    if (!socket.open) {
      this.#soon('datagram', 0, () => socket.options.onError(new HalError('closed', 'socket is closed'), to))
      return
    }
    // Not slice(): a Buffer would share its bytes.
    const copy = Uint8Array.from(data)
    const from = anyAddress.has(socket.local.address)
      ? { address: this.#options.route?.(to) ?? '127.0.0.1', port: socket.local.port }
      : socket.local
    const index = this.#index++
    let verdict = this.filter?.(copy, from, to, index) ?? 'pass'
    if (verdict === 'pass' && this.loss > 0 && this.#chance() < this.loss) verdict = 'drop'
    const { clock, captureLimit = 20_000 } = this.#options
    this.captured.push({ index, us: clock.now(), from, to, data: copy, dscp: socket.options.dscp, verdict })
    if (this.captured.length > captureLimit) this.captured.shift()
    if (verdict === 'drop') return
    const extra = typeof verdict === 'object' ? verdict.delayMs : 0
    const copies = verdict === 'duplicate' ? 2 : 1
    for (let n = 0; n < copies; n++)
      this.#soon('datagram', extra, () => this.#deliver(socket, copy, from, to))
  }

  #deliver(sender: OpenSocket, data: Uint8Array, from: Endpoint, to: Endpoint): void {
    const target = this.#socketAt(to)
    if (target) {
      target.options.onDatagram(Uint8Array.from(data), from)
      return
    }
    this.#soon('datagram refused', 0, () => {
      if (!sender.open) return
      sender.options.onError(new HalError('unreachable', `${to.address}:${to.port} refused`), to)
    })
  }

  #soon(name: string, extraMs: number, happen: () => void): void {
    this.#options.clock.timer(name, ms((this.#options.latencyMs ?? 1) + extraMs), happen)
  }

  #socketAt(to: Endpoint): OpenSocket | undefined {
    const wildcard = to.address.includes(':') ? '::' : '0.0.0.0'
    return this.#sockets.get(keyOf(to)) ?? this.#sockets.get(keyOf({ address: wildcard, port: to.port }))
  }

  #isTaken(local: Endpoint): boolean {
    if (!anyAddress.has(local.address)) return this.#socketAt(local) !== undefined
    return [...this.#sockets.values()].some(socket => socket.local.port === local.port)
  }

  #freePort(address: string): number {
    while (this.#isTaken({ address, port: this.#nextPort })) this.#nextPort++
    return this.#nextPort++
  }

  #chance(): number {
    const { entropy } = this.#options
    if (!entropy) throw new HalError('invalid', 'seeded loss needs an entropy')
    return entropy.uint32() / 2 ** 32
  }
}

const found = <T>(records: readonly T[] | undefined, what: string, name: string): readonly T[] => {
  if (records === undefined || records.length === 0) throw new HalError('missing', `no ${what} for ${name}`)
  return records
}
