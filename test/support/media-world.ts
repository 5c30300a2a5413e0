// The audio half of one or two boxes on an in-memory network, and a far end that reads RTP by itself; shared by the tests
// of the media engine.

import { g711 } from '../../firmware/media/g711.js'
import type { MediaConfig, MediaEvent, StreamParameters } from '../../firmware/media/media-contract.js'
import { MediaEngine } from '../../firmware/media/media-engine.js'
import type { UdpSocket } from '../../hal/network.js'
import { MemoryNetwork } from '../../hal/sim/memory-network.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { FrameBoard } from './frame-board.js'

export const config = (address: string): MediaConfig => ({
  address,
  ports: [16384, 16399],
  dscp: 46,
  tones: {
    dial: { cadence: [{ hz: [440] }], dbm0: -10 },
    error: {
      cadence: [
        { hz: [440], ms: 250 },
        { hz: [], ms: 250 },
      ],
      repeat: 4,
      dbm0: -10,
    },
  },
  rings: { normal: [1500, 3500], odd: [33.5, 66.5] },
})

export const world = (seed = 5, loss = 0) => {
  const clock = new VirtualClock()
  const network = new MemoryNetwork({ clock, latencyMs: 1, loss, entropy: new SeededEntropy(seed) })
  /** One box: its board, engine and events. */
  const box = (address: string, lines: readonly string[] = ['tel1']) => {
    const board = new FrameBoard(lines, clock)
    const events: MediaEvent[] = []
    const engine = new MediaEngine({
      board,
      network,
      clock,
      entropy: new SeededEntropy(seed + address.length),
      onEvent: event => events.push(event),
    })
    engine.command({ do: 'configure', config: config(address) })
    const of = <T extends MediaEvent['type']>(type: T) =>
      events.filter((event): event is Extract<MediaEvent, { type: T }> => event.type === type)
    const open = async (stream: string) => {
      engine.command({ do: 'open', stream })
      await clock.advance(0)
      return of('opened').find(event => event.stream === stream)?.local ?? { address: '', port: 0 }
    }
    return { board, engine, events, of, open }
  }
  return { clock, network, box }
}

export const parameters = (
  remote: { address: string; port: number },
  more: Partial<StreamParameters> = {},
): StreamParameters => ({
  remote,
  codec: 'PCMA',
  payloadType: 8,
  eventPayloadType: 101,
  ptime: 20,
  direction: 'sendrecv',
  ...more,
})

export interface Packet {
  readonly type: number
  readonly marker: boolean
  readonly sequence: number
  readonly timestamp: number
  readonly payload: Uint8Array
  readonly us: number
}

/** A far end that parses by itself. */
export const peerOn = async (network: MemoryNetwork, clock: VirtualClock, address: string, port = 4000) => {
  const packets: Packet[] = []
  const socket: UdpSocket = await network.openUdp({
    address,
    port,
    onDatagram: data => {
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
      packets.push({
        type: view.getUint8(1) & 0x7f,
        marker: view.getUint8(1) > 127,
        sequence: view.getUint16(2),
        timestamp: view.getUint32(4),
        payload: data.slice(12),
        us: clock.now(),
      })
    },
    onError: () => {},
  })
  let sequence = 65_500
  let timestamp = 0xfffff000
  const send = (to: { address: string; port: number }, payload: Uint8Array, type = 8, at = timestamp) => {
    const data = new Uint8Array(12 + payload.length)
    const view = new DataView(data.buffer)
    view.setUint8(0, 0x80)
    view.setUint8(1, type)
    view.setUint16(2, sequence++ & 0xffff)
    view.setUint32(4, at >>> 0)
    view.setUint32(8, 0x5eed)
    data.set(payload, 12)
    socket.send(data, to)
  }
  /** Talks `count` packets of 20 ms; `codes` gives the octets. */
  const talk = async (
    to: { address: string; port: number },
    count: number,
    codes: (n: number) => number = () => 0xd5,
  ) => {
    for (let p = 0; p < count; p++) {
      const start = p * 160
      send(
        to,
        Uint8Array.from({ length: 160 }, (_, i) => codes(start + i)),
      )
      timestamp = (timestamp + 160) >>> 0
      await clock.advance(20)
    }
  }
  return { packets, send, talk, now: () => timestamp }
}

/** A-law octets that decode to loud, lively samples. */
export const lively = (n: number) => (Math.imul(n + 7, 2654435761) >>> 24) & 0xff

export const keyHz: Record<string, readonly [number, number]> = {
  '1': [697, 1209],
  '2': [697, 1336],
  '5': [770, 1336],
  '9': [852, 1477],
  '0': [941, 1336],
  '#': [941, 1477],
}
/** The telephone sends `keys`, each `onMs` on and `offMs` off, from `from` µs. */
export const typing =
  (keys: string, from: number, onMs = 80, offMs = 80) =>
  (_line: string, into: Int16Array, at: number) => {
    for (let i = 0; i < into.length; i++) {
      const time = (at - from) / 1000 + i / 8
      const n = Math.floor(time / (onMs + offMs))
      if (time < 0 || n >= keys.length || time - n * (onMs + offMs) >= onMs) continue
      const [low, high] = keyHz[keys[n] as string] as readonly [number, number]
      const s = time / 1000
      into[i] = Math.round(6000 * Math.sin(2 * Math.PI * low * s) + 7500 * Math.sin(2 * Math.PI * high * s))
    }
  }

export const rms = (samples: Int16Array) =>
  Math.sqrt(samples.reduce((sum, s) => sum + s * s, 0) / samples.length)

export const decoded = (payload: Uint8Array) => {
  const into = new Int16Array(payload.length)
  g711.PCMA.decode(payload, into)
  return into
}
