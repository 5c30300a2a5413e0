// The operator's audio: RTP (RFC 3550) with pre-encoded A-law, made µ-law for who has no other. Plays clips at 20 ms a
// packet, sends back or records what it hears, reads telephone-events (RFC 4733 §2.3).

import { type Clock, ms, type Timer, type Us } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import { isHalError } from '../../hal/errors.js'
import type { Endpoint, Network, UdpSocket } from '../../hal/network.js'
import { SILENCE } from './alaw.js'
import type { Recording, RecordOptions } from './application.js'
import { type AudioOffer, PCMA, PCMU } from './offer.js'
import { createRecorder, type Recorder } from './recorder.js'
import { alawToUlaw, ulawToAlaw } from './ulaw.js'

export interface AudioOptions {
  readonly network: Network
  readonly clock: Clock
  readonly entropy: Entropy
  readonly address: string
  /** First and last port, even to odd; RTCP is the next one after RTP. */
  readonly ports: readonly [number, number]
  onDigit(digit: string): void
  /** What is played from now on. */
  onPlay?(clips: readonly Uint8Array[]): void
}

export interface Audio {
  readonly local: Endpoint
  /** Where to send, or nowhere (held), and by which payload types; packets may come from anywhere near it. */
  setRemote(
    remote: Endpoint | undefined,
    formats: Pick<AudioOffer, 'payloadType' | 'eventPayloadType'> | undefined,
  ): void
  /** When a packet came last, or the socket was opened. */
  readonly heardAt: Us
  /** Sends A-law clips one after the other, 20 ms a packet; `onEnd` runs when the last packet has had its time. */
  play(clips: readonly Uint8Array[], onEnd: () => void): void
  /** Sends back what comes. */
  echo(): void
  /** Ends playing and echoing. */
  silence(): void
  record(options: RecordOptions): Recording
  close(): void
}

const PACKET = 160
const PACKET_MS = 20
const EVENTS = '0123456789*#ABCD'

interface RtpPacket {
  readonly marker: boolean
  readonly payloadType: number
  readonly timestamp: number
  readonly payload: Buffer
}

/** Undefined for what is no RTP (RFC 3550 §A.1). */
const readRtp = (bytes: Uint8Array): RtpPacket | undefined => {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (data.length < 12) return undefined
  const flags = data.readUInt8(0)
  if (flags >> 6 !== 2) return undefined
  let from = 12 + (flags & 0x0f) * 4
  if (flags & 0x10) {
    if (data.length < from + 4) return undefined
    from += 4 + data.readUInt16BE(from + 2) * 4
  }
  const padding = flags & 0x20 ? data.readUInt8(data.length - 1) : 0
  if (from + padding > data.length) return undefined
  const second = data.readUInt8(1)
  return {
    marker: second > 127,
    payloadType: second & 0x7f,
    timestamp: data.readUInt32BE(4),
    payload: data.subarray(from, data.length - padding),
  }
}

/** Rejects with HalError 'in-use' when no pair of ports is left. */
export const openAudio = async (options: AudioOptions): Promise<Audio> => {
  const { network, clock, entropy, address } = options
  const ssrc = entropy.uint32()
  const offset = entropy.uint32()
  let sequence = entropy.uint32() & 0xffff
  let mode: 'silent' | 'playing' | 'echo' = 'silent'
  let remote: Endpoint | undefined
  let payloadType: number = PCMA
  let eventPayloadType: number | undefined
  let lastEvent: number | undefined
  let pacing: Timer | undefined
  let recorder: Recorder | undefined
  let heardAt = clock.now()
  /** RTP timestamps go on from one clip to the next (RFC 3550 §5.1). */
  const clockOffset = clock.now()
  let closed = false

  const send = (type: number, timestamp: number, marker: boolean, payload: Uint8Array): void => {
    if (remote === undefined || closed) return
    const packet = Buffer.alloc(12 + payload.length)
    packet[0] = 0x80
    packet[1] = type | (marker ? 0x80 : 0)
    packet.writeUInt16BE(sequence, 2)
    packet.writeUInt32BE((offset + timestamp) >>> 0, 4)
    packet.writeUInt32BE(ssrc, 8)
    packet.set(payload, 12)
    sequence = (sequence + 1) & 0xffff
    rtp.send(packet, remote)
  }
  const onDatagram = (data: Uint8Array, from: Endpoint): void => {
    const packet = readRtp(data)
    if (packet === undefined || closed) return
    heardAt = clock.now()
    if (remote !== undefined && from.address === remote.address) remote = from
    if (packet.payloadType === eventPayloadType) {
      const digit = EVENTS[packet.payload[0] ?? 255]
      // All packets of one key press carry the same timestamp.
      if (digit !== undefined && packet.payload.length >= 4 && packet.timestamp !== lastEvent) {
        lastEvent = packet.timestamp
        options.onDigit(digit)
      }
    } else if (packet.payloadType === PCMA || packet.payloadType === PCMU) {
      recorder?.packet(
        packet.timestamp,
        packet.payloadType === PCMA ? packet.payload : ulawToAlaw(packet.payload),
      )
      if (mode === 'echo') send(packet.payloadType, packet.timestamp, packet.marker, packet.payload)
    }
  }
  const openPair = async (): Promise<[UdpSocket, UdpSocket]> => {
    const [first, last] = options.ports
    for (let port = first; port < last; port += 2) {
      try {
        const even = await network.openUdp({ address, port, onDatagram, onError() {} })
        try {
          return [even, await network.openUdp({ address, port: port + 1, onDatagram() {}, onError() {} })]
        } catch (error) {
          await even.close()
          throw error
        }
      } catch (error) {
        if (!isHalError(error) || error.kind !== 'in-use' || port + 2 >= last) throw error
      }
    }
    throw new RangeError('no media ports')
  }
  const [rtp, rtcp] = await openPair()

  return {
    local: rtp.local,
    setRemote: (next, formats) => {
      remote = next
      payloadType = formats?.payloadType ?? PCMA
      eventPayloadType = formats?.eventPayloadType
    },
    get heardAt() {
      return heardAt
    },
    play: (clips, onEnd) => {
      pacing?.cancel()
      mode = 'playing'
      options.onPlay?.(clips)
      const sound = Buffer.concat(clips)
      const start = clock.now()
      const first = Math.round((start - clockOffset) / 125)
      const packets = Math.ceil(sound.length / PACKET)
      const next = (index: number): void => {
        if (closed) return
        if (index >= packets) {
          mode = 'silent'
          onEnd()
          return
        }
        const payload = Buffer.alloc(PACKET, SILENCE)
        payload.set(sound.subarray(index * PACKET, (index + 1) * PACKET))
        send(
          payloadType,
          first + index * PACKET,
          index === 0,
          payloadType === PCMA ? payload : alawToUlaw(payload),
        )
        // Counted from the start, so that late timers do not add up.
        const due = (index + 1) * PACKET_MS - (clock.now() - start) / 1000
        pacing = clock.timer('operator packet', ms(Math.max(0, due)), () => next(index + 1))
      }
      if (packets > 0) next(0)
      else pacing = clock.timer('operator packet', ms(0), () => next(0))
    },
    echo: () => {
      pacing?.cancel()
      mode = 'echo'
    },
    silence: () => {
      pacing?.cancel()
      mode = 'silent'
    },
    record: recordOptions => {
      recorder?.stop()
      const started = createRecorder(clock, recordOptions)
      recorder = started
      return started
    },
    close: () => {
      closed = true
      pacing?.cancel()
      recorder?.stop()
      void rtp.close()
      void rtcp.close()
    },
  }
}
