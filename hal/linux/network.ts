// The kernel's network: UDP sockets on node:dgram with DSCP, interface binding and reports of refused destinations;
// TCP in tcp.ts, names in names.ts.
// Sending a datagram through Node makes some 700 bytes of garbage; to IPv4, once koffi is there, it is one sendto(2) and
// none. What is received costs what Node makes of it, a buffer and a record of the sender for each datagram.

import { createSocket, type Socket } from 'node:dgram'
import { isIP, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { BytePort, BytePortSink } from '../byte-port.js'
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
import { Names, type NamesOptions } from './names.js'
import {
  descriptorOf,
  loadSocketOptions,
  type SocketOptions,
  socketAddress,
  socketOptionsIfLoaded,
} from './socket-options.js'
import { halErrorFrom, systemCode } from './system-error.js'
import { connectTcp, listenTcp } from './tcp.js'

// A socket without marks does not pay for loading koffi while the box starts; SIP sends its first copy again after 500 ms.
const refusalsAfterMs = 250
const icmpCodes = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EPROTO',
  'EACCES',
  'ENOPROTOOPT',
])

export class LinuxNetwork implements Network {
  readonly #names: Names

  constructor(options: NamesOptions = {}) {
    this.#names = new Names(options)
  }

  /** Besides the contract: refused destinations are reported at once with `dscp` or `device`, else from 250 ms after opening. */
  async openUdp(options: UdpOptions): Promise<UdpSocket> {
    const where = `${options.address}:${options.port}`
    if (!isIP(options.address)) throw new HalError('invalid', `${options.address} is not a numeric address`)
    const socket = await bind(options).catch(error => {
      throw halErrorFrom(error, `opening UDP ${where}`)
    })
    try {
      if (options.dscp !== undefined || options.device !== undefined) await mark(socket, options)
      return new KernelUdpSocket(socket, options)
    } catch (error) {
      socket.close()
      throw halErrorFrom(error, `opening UDP ${where}`)
    }
  }

  connectTcp(to: Endpoint, sink: BytePortSink): Promise<BytePort> {
    return connectTcp(to, sink)
  }

  listenTcp(options: TcpListenOptions): Promise<TcpListener> {
    return listenTcp(options)
  }

  resolveHost(name: string): Promise<readonly string[]> {
    return this.#names.host(name)
  }

  resolveSrv(name: string): Promise<readonly SrvRecord[]> {
    return this.#names.srv(name)
  }

  resolveNaptr(name: string): Promise<readonly NaptrRecord[]> {
    return this.#names.naptr(name)
  }

  async localAddressFor(destination: Endpoint): Promise<string> {
    const socket = createSocket(isIPv6(destination.address) ? 'udp6' : 'udp4')
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject)
        // Connecting a UDP socket only asks the routing table.
        socket.connect(destination.port, destination.address, resolve)
      })
      return socket.address().address
    } catch (error) {
      throw new HalError('unreachable', `no route to ${destination.address}`, { cause: error })
    } finally {
      socket.close()
    }
  }

  interfaceAddress(device: string): string | undefined {
    const addresses = networkInterfaces()[device] ?? []
    return (addresses.find(entry => entry.family === 'IPv4') ?? addresses.find(entry => !entry.scopeid))
      ?.address
  }
}

const bind = async (options: UdpOptions): Promise<Socket> => {
  const socket = createSocket({
    type: isIPv6(options.address) ? 'udp6' : 'udp4',
    ...(options.receiveBuffer === undefined ? {} : { recvBufferSize: options.receiveBuffer }),
    // Destinations are numeric; the default look-up would delay every datagram by a turn of the event loop.
    lookup: (name, _options, done) => done(null, name, isIP(name)),
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('error', error => {
      // It keeps its descriptor, and whoever waits for an address tries again and again.
      socket.close()
      reject(error)
    })
    socket.bind({ port: options.port, address: options.address, exclusive: true }, () => {
      socket.removeAllListeners('error')
      resolve()
    })
  })
  return socket
}

const mark = async (socket: Socket, options: UdpOptions): Promise<void> => {
  const kernel = await loadSocketOptions()
  if (options.device !== undefined) kernel.bindToDevice(socket, options.device)
  if (options.dscp === undefined) return
  if (!Number.isInteger(options.dscp) || options.dscp < 0 || options.dscp > 63)
    throw new HalError('invalid', `DSCP ${options.dscp} is outside 0-63`)
  kernel.setDscp(socket, options.dscp)
}

const nowhere: Endpoint = { address: '', port: 0 }

class KernelUdpSocket implements UdpSocket {
  readonly local: Endpoint
  readonly #socket: Socket
  readonly #options: UdpOptions
  readonly #descriptor: number
  #kernel: SocketOptions | undefined
  #closed = false
  /** Datagrams that Node still has: none may overtake them. */
  #handedOver = 0
  /** The last destination in the kernel's form, the last source in ours. */
  #to: Endpoint = nowhere
  #toAddress: Uint8Array | undefined
  #from: Endpoint = nowhere

  constructor(socket: Socket, options: UdpOptions) {
    const { address, port } = socket.address()
    this.local = { address, port }
    this.#socket = socket
    this.#options = options
    this.#descriptor = descriptorOf(socket)
    socket.on('message', (data, { address, port }) => {
      if (port !== this.#from.port || address !== this.#from.address) this.#from = { address, port }
      options.onDatagram(data, this.#from)
    })
    socket.on('error', error => this.#socketFailed(error))
    const kernel = socketOptionsIfLoaded()
    if (kernel) this.#reportRefusals(kernel)
    else this.#reportRefusalsLater()
  }

  send(data: Uint8Array, to: Endpoint): void {
    if (this.#sendNow(data, to)) return
    // The kernel may be busy and Node keep the buffer until later, when the caller has long reused it.
    this.#transmit(Buffer.from(data), to, true)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await new Promise<void>(resolve => this.#socket.close(resolve))
  }

  #sendNow(data: Uint8Array, to: Endpoint): boolean {
    const kernel = this.#kernel
    if (kernel === undefined || this.#closed || this.#handedOver > 0) return false
    if (to.port !== this.#to.port || to.address !== this.#to.address) {
      this.#to = { address: to.address, port: to.port }
      this.#toAddress = socketAddress(to)
    }
    if (this.#toAddress === undefined) return false
    if (kernel.sendNow(this.#descriptor, data, this.#toAddress)) return true
    this.#tellRefusalsSoon()
    return false
  }

  /** What sendto refuses may be the refusal of an earlier datagram, and then nobody else will read the error queue. */
  #tellRefusalsSoon(): void {
    setImmediate(() => this.#tellRefusals())
  }

  #transmit(data: Buffer, to: Endpoint, mayRepeat: boolean): void {
    const failed = (error: unknown): void => {
      this.#tellRefusals()
      // The kernel tells the refusal of an earlier datagram to whoever sends next (sock_error): this one did not leave.
      if (mayRepeat && this.#kernel && icmpCodes.has(systemCode(error))) this.#transmit(data, to, false)
      else this.#tell(halErrorFrom(error, `sending to ${to.address}:${to.port}`), to)
    }
    if (this.#closed) {
      setImmediate(() => this.#options.onError(new HalError('closed', 'socket is closed'), to))
      return
    }
    try {
      this.#handedOver++
      this.#socket.send(data, to.port, to.address, error => {
        this.#handedOver--
        if (error) failed(error)
      })
    } catch (error) {
      this.#handedOver--
      // A port or an address that is none: Node throws, the contract says onError.
      setImmediate(() =>
        this.#tell(new HalError('invalid', `sending to ${to.address}:${to.port}`, { cause: error }), to),
      )
    }
  }

  #socketFailed(error: Error): void {
    if (this.#tellRefusals() === 0)
      this.#tell(halErrorFrom(error, `UDP ${this.local.address}:${this.local.port}`))
  }

  #tellRefusals(): number {
    const refusals = this.#closed ? [] : (this.#kernel?.takeRefusals(this.#socket) ?? [])
    for (const to of refusals) this.#tell(new HalError('unreachable', `${to.address}:${to.port} refused`), to)
    return refusals.length
  }

  #tell(error: HalError, to?: Endpoint): void {
    if (!this.#closed) this.#options.onError(error, to)
  }

  #reportRefusals(kernel: SocketOptions): void {
    kernel.reportRefusals(this.#socket)
    this.#kernel = kernel
  }

  #reportRefusalsLater(): void {
    const timer = setTimeout(async () => {
      try {
        const kernel = await loadSocketOptions()
        if (!this.#closed) this.#reportRefusals(kernel)
      } catch (error) {
        // The socket works all the same; a dead destination just shows by its silence.
        this.#tell(halErrorFrom(error, 'no reports of refused destinations'))
      }
    }, refusalsAfterMs)
    timer.unref()
    this.#socket.once('close', () => clearTimeout(timer))
  }
}
