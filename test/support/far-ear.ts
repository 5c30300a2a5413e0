// RTP of a far party: sends what it says in packets of 20 ms and keeps what it hears, sound and keys, with the instants
// of their arrival. Reads RTP and RFC 4733 by itself.

import { type Clock, ms, type Timer } from '../../hal/clock.js'
import type { Endpoint, Network, UdpSocket } from '../../hal/network.js'
import { type Law, laws } from './companding.js'

/** Sample of an instant, counted at 8 kHz by the clock of the world. */
export type Sound = (n: number) => number

export interface HeardKey {
  readonly key: string
  /** Length told, ms. */
  readonly ms: number
  readonly ended: boolean
}

export interface FarEar {
  readonly local: Endpoint
  /** What is said from now on. */
  says: Sound
  /** Where it goes; undefined: nothing is sent. */
  to: Endpoint | undefined
  /** Presses a key for so long, told as events. */
  press(key: string, duration: number): void
  /** Sound that came from instant `fromUs` on (and before `toUs`), monotonic µs of the world. */
  heard(fromUs?: number, toUs?: number): Int16Array
  keys(fromUs?: number): readonly HeardKey[]
  /** Instants of the packets that came. */
  readonly arrivals: readonly number[]
  close(): Promise<void>
}

const PACKET_MS = 20
const PACKET = 160
const EVENT_TYPE = 101
const KEYS = '0123456789*#ABCD'

interface Packet {
  readonly us: number
  readonly type: number
  readonly timestamp: number
  readonly payload: Uint8Array
}

export const openFarEar = async (
  network: Network,
  clock: Clock,
  local: Endpoint,
  codec: 'PCMA' | 'PCMU',
): Promise<FarEar> => {
  const law: Law = laws[codec]
  const packets: Packet[] = []
  let sequence = 1
  const ssrc = local.port * 65_537
  const socket: UdpSocket = await network.openUdp({
    ...local,
    onDatagram: data => {
      const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
      packets.push({
        us: clock.now(),
        type: view.getUint8(1) & 0x7f,
        timestamp: view.getUint32(4),
        payload: data.slice(12),
      })
    },
    onError: () => {},
  })
  const stamp = (): number => Math.round(clock.now() / 125)
  const send = (type: number, timestamp: number, payload: Uint8Array): void => {
    if (ear.to === undefined) return
    const data = new Uint8Array(12 + payload.length)
    const view = new DataView(data.buffer)
    view.setUint8(0, 0x80)
    view.setUint8(1, type)
    view.setUint16(2, sequence++ & 0xffff)
    view.setUint32(4, timestamp >>> 0)
    view.setUint32(8, ssrc >>> 0)
    data.set(payload, 12)
    socket.send(data, ear.to)
  }
  const speak = (): void => {
    const first = stamp()
    send(
      law.payloadType,
      first,
      Uint8Array.from({ length: PACKET }, (_, i) => law.encode(Math.round(ear.says(first + i)))),
    )
  }
  let timer: Timer | undefined
  const tick = (): void => {
    timer = clock.timer('far rtp', ms(PACKET_MS), tick)
    speak()
  }
  const ear: FarEar = {
    local,
    says: () => 0,
    to: undefined,
    press: (key, duration) => {
      const onset = stamp()
      for (let at = PACKET_MS; at <= duration + 2 * PACKET_MS; at += PACKET_MS)
        clock.timer('far key', ms(at), () => {
          const length = Math.min(at, duration) * 8
          const over = at >= duration ? 0x80 : 0
          send(EVENT_TYPE, onset, Uint8Array.of(KEYS.indexOf(key), over | 10, length >> 8, length & 0xff))
        })
    },
    heard: (fromUs = 0, toUs = Number.POSITIVE_INFINITY) => {
      const wanted = packets.filter(({ us, type }) => us >= fromUs && us < toUs && type === law.payloadType)
      return Int16Array.from(wanted.flatMap(({ payload }) => [...payload].map(law.decode)))
    },
    keys: (fromUs = 0) => {
      const found = new Map<number, HeardKey>()
      for (const { us, type, timestamp, payload } of packets) {
        if (type !== EVENT_TYPE || us < fromUs) continue
        const [event = 0, flags = 0, high = 0, low = 0] = payload
        found.set(timestamp, { key: KEYS[event] ?? '?', ms: ((high << 8) | low) / 8, ended: flags > 127 })
      }
      return [...found.values()]
    },
    get arrivals() {
      return packets.map(({ us }) => us)
    },
    close: async () => {
      timer?.cancel()
      await socket.close()
    },
  }
  tick()
  return ear
}
