// The socket pair of one RTP session: an even port for RTP and the next one for RTCP (RFC 3550 §11), from the
// configured range, starting at a random place so that a port is not used again at once by another call.

import type { Entropy } from '../../hal/entropy.js'
import { HalError, isHalError } from '../../hal/errors.js'
import type { Endpoint, Network, UdpSocket } from '../../hal/network.js'

export interface PortPairOptions {
  readonly network: Network
  readonly entropy: Entropy
  readonly address: string
  /** First and last port of the range, both included. */
  readonly ports: readonly [number, number]
  /** Where the whole range is taken, any free pair will do. */
  readonly anyPort?: boolean
  readonly dscp?: number | undefined
  readonly device?: string | undefined
  onRtp(data: Uint8Array, from: Endpoint): void
  onRtcp(data: Uint8Array, from: Endpoint): void
}

export interface PortPair {
  readonly rtp: UdpSocket
  readonly rtcp: UdpSocket
}

// A refused destination is no fault of the session: the far end may not listen yet, or has just hung up.
const ignoreError = () => {}

const openPair = async (options: PortPairOptions, port: number): Promise<PortPair> => {
  const common = {
    address: options.address,
    onError: ignoreError,
    ...(options.dscp === undefined ? {} : { dscp: options.dscp }),
    ...(options.device === undefined ? {} : { device: options.device }),
  }
  const rtp = await options.network.openUdp({ ...common, port, onDatagram: options.onRtp })
  try {
    const rtcp = await options.network.openUdp({ ...common, port: port + 1, onDatagram: options.onRtcp })
    return { rtp, rtcp }
  } catch (error) {
    await rtp.close()
    throw error
  }
}

/** Ports above the well-known ones. */
const anyRange = [1024, 65535] as const

/** Rejects with HalError 'in-use' when the whole range is taken, else with the network's error. */
export const openPortPair = async (options: PortPairOptions): Promise<PortPair> => {
  try {
    return await openPairWithin(options, options.ports)
  } catch (error) {
    if (!options.anyPort || !isHalError(error) || error.kind !== 'in-use') throw error
    return openPairWithin(options, anyRange)
  }
}

const openPairWithin = async (
  options: PortPairOptions,
  ports: readonly [number, number],
): Promise<PortPair> => {
  const first = ports[0] + (ports[0] % 2)
  const pairs = Math.floor((ports[1] - first + 1) / 2)
  if (pairs < 1) throw new HalError('invalid', `no port pair in ${ports[0]}-${ports[1]}`)
  const start = options.entropy.uint32() % pairs
  for (let i = 0; i < pairs; i++) {
    try {
      return await openPair(options, first + ((start + i) % pairs) * 2)
    } catch (error) {
      if (!isHalError(error) || error.kind !== 'in-use') throw error
    }
  }
  throw new HalError('in-use', `all RTP ports ${ports[0]}-${ports[1]} are in use`)
}
