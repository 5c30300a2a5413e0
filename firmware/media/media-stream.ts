// One RTP stream of a call as the frame loop sees it: 10 ms in from the far end (jitter buffer, concealment, regenerated
// keys), 10 ms out (packets of the agreed time, keys as RFC 4733 events instead of sound). No allocation per frame.

import type { Clock } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import type { Endpoint } from '../../hal/network.js'
import { FRAME_SAMPLES } from '../../hal/pcm-port.js'
import { COMFORT_NOISE, ComfortNoise } from './comfort-noise.js'
import { Concealment } from './concealment.js'
import { DtmfSender } from './dtmf-sender.js'
import { type G711, g711 } from './g711.js'
import { JitterBuffer } from './jitter-buffer.js'
import type { MediaAddress, StreamId, StreamParameters, StreamStatistics } from './media-contract.js'
import type { PortPair } from './port-pair.js'
import { RTP_HEADER_BYTES, type RtpHeader, timestampDistance } from './rtp-packet.js'
import { RtpSession, type RtpSink } from './rtp-session.js'
import { splice } from './splice.js'
import {
  EVENT_BYTES,
  eventOf,
  type FarKeys,
  TelephoneEventReceiver,
  TelephoneEventSender,
} from './telephone-event.js'
import { TICKS_PER_MS, tickAt } from './tick.js'

const LONGEST_PACKET = 480
/** Longest payload taken: 175 ms, more than any peer sends. */
const LONGEST_PAYLOAD = 1400
const SILENT = 10_000 * TICKS_PER_MS
/** The detector tells a release at most this long after it (firmware/media/dtmf-detector.ts). */
const RELEASE_LAG_MS = 45

export interface StreamEvents {
  started(stream: StreamId, from: MediaAddress): void
  silent(stream: StreamId, ms: number): void
  /** A key of the far telephone went down, or up (null). */
  farKey(stream: StreamId, digit: string | null): void
}

export class MediaStream {
  readonly id: StreamId
  /** What the far end says in this frame, after `pull`. */
  readonly far = new Int16Array(FRAME_SAMPLES)
  /** What it is to hear in this frame; silence unless a line writes it before `push`. */
  readonly near = new Int16Array(FRAME_SAMPLES)
  readonly session: RtpSession
  readonly #events: StreamEvents
  readonly #clock: Clock
  readonly #jitter = new JitterBuffer()
  readonly #concealment = new Concealment()
  readonly #noise = new ComfortNoise()
  readonly #present = new Uint8Array(FRAME_SAMPLES)
  readonly #decoded = new Int16Array(LONGEST_PAYLOAD)
  readonly #pcm = new Int16Array(LONGEST_PACKET)
  readonly #keysOut = new TelephoneEventSender(RELEASE_LAG_MS)
  readonly #keysIn = new TelephoneEventReceiver()
  readonly #regenerated = new DtmfSender()
  readonly #farKeys: FarKeys = {
    down: digit => {
      this.#regenerated.press(digit)
      this.#events.farKey(this.id, digit)
    },
    up: () => {
      this.#regenerated.release()
      this.#events.farKey(this.id, null)
    },
  }
  #to: StreamParameters | undefined
  #codec: G711 = g711.PCMA
  #packet = this.#pcm
  #fill = 0
  /** Of the next sample sent, signed (tick.ts says why). */
  #timestamp = 0
  #sends = false
  #receives = false
  #marker = true
  #started = false
  /** When the far end was heard last, and when its silence was told last. */
  #heard = 0
  #told = 0
  /** The sample last sent, and whether what follows comes from other sources. */
  #last = 0
  #changed = false

  constructor(id: StreamId, clock: Clock, entropy: Entropy, events: StreamEvents) {
    this.id = id
    this.#clock = clock
    this.#events = events
    const sink: RtpSink = {
      takes: payloadType => this.#takes(payloadType),
      packet: (header, data, tick, from) => this.#received(header, data, tick, from),
      newSource: () => {
        this.#jitter.reset()
        this.#keysIn.reset(this.#farKeys)
        this.#noise.stop()
      },
    }
    this.session = new RtpSession(clock, entropy, sink)
    this.#timestamp = entropy.uint32() | 0
  }

  /** Its port pair is bound. */
  attach(pair: PortPair): void {
    this.session.attach(pair)
  }

  /** Starts or changes sending and receiving. */
  connect(to: StreamParameters): void {
    const received = this.#receives
    this.#to = to
    this.#codec = g711[to.codec]
    this.#sends = to.direction === 'sendrecv' || to.direction === 'sendonly'
    this.#receives = to.direction === 'sendrecv' || to.direction === 'recvonly'
    const samples = Math.min(60, Math.max(10, Math.round(to.ptime / 10) * 10)) * TICKS_PER_MS
    if (this.#packet.length !== samples) {
      this.#packet = this.#pcm.subarray(0, samples)
      this.#fill = 0
    }
    if (!this.#sends || to.eventPayloadType === undefined) this.#keysOut.cancel()
    if (received && !this.#receives) {
      this.#jitter.reset()
      this.#keysIn.reset(this.#farKeys)
    }
    this.#started = false
    this.#heard = this.#told = tickAt(this.#clock.now())
    this.session.connect(to)
  }

  /** Whether keys pressed on the line go out as events (else they stay in the sound). */
  get relaysKeys(): boolean {
    return this.#sends && this.#to?.eventPayloadType !== undefined
  }

  /** What the far end says now is the tone of a key that came as an event. */
  get keying(): boolean {
    return this.#regenerated.busy
  }

  /** From the next frame on it hears somebody else. */
  changeSources(): void {
    this.#changed = true
  }

  /** This key is being regenerated toward the telephone: what the line gives back of it is no key of the subscriber. */
  regenerates(digit: string): boolean {
    return this.#regenerated.echoes(digit)
  }

  /** A key is down since `samplesAgo` before the first sample of the present frame. */
  keyDown(digit: string, samplesAgo: number, dbm0: number): void {
    const event = eventOf(digit)
    if (event < 0 || !this.relaysKeys) return
    while (this.#keysOut.active) this.#flushKey()
    this.#keysOut.start(event, this.#timestamp - samplesAgo, dbm0)
    this.#sendKey()
  }

  /** The key was released after `samples`. */
  keyUp(samples: number): void {
    if (!this.#keysOut.held) return
    this.#keysOut.end(samples)
    this.#sendKey()
  }

  /** Fills `far` for the frame that ends at `tick`. */
  pull(tick: number): void {
    this.#keysIn.tick(tick, this.#farKeys)
    if (this.#receives) {
      this.#play(tick)
      this.#watch(tick)
    } else this.far.fill(0)
    // A key replaces the talk: the far end may send its tone in the sound as well.
    if (this.#regenerated.busy) this.#regenerated.fill(this.far)
  }

  /** Sends `near`, the frame that ends at `tick`, and clears it. */
  push(tick: number): void {
    this.session.tick(tick, this.#timestamp)
    if (this.#changed) splice(this.near, this.#last)
    this.#changed = false
    this.#last = this.near[FRAME_SAMPLES - 1] as number
    if (this.#sends) {
      this.#pcm.set(this.near, this.#fill)
      this.#fill += FRAME_SAMPLES
      if (this.#fill >= this.#packet.length) this.#sendPacket()
    }
    this.#timestamp = (this.#timestamp + FRAME_SAMPLES) | 0
    this.near.fill(0)
  }

  /** No frame flowed for `samples`. */
  skip(samples: number): void {
    this.#timestamp = (this.#timestamp + samples) | 0
    this.#fill = 0
    this.#marker = true
    this.#jitter.skip(samples)
  }

  close(): Promise<void> {
    this.#sends = this.#receives = false
    return this.session.close(this.#timestamp)
  }

  statistics(): StreamStatistics {
    const { source, sent, roundTripMs } = this.session
    return {
      stream: this.id,
      sentPackets: sent,
      receivedPackets: source.totalReceived,
      lostPackets: source.totalLost,
      latePackets: this.#jitter.late,
      jitterMs: source.jitter / TICKS_PER_MS,
      ...(roundTripMs === undefined ? {} : { roundTripMs }),
    }
  }

  #codecOf(payloadType: number): G711 | undefined {
    if (payloadType === this.#to?.payloadType) return this.#codec
    // A peer may change to the other G.711 law without a word (both have static types, RFC 3551).
    return payloadType === 0 ? g711.PCMU : payloadType === 8 ? g711.PCMA : undefined
  }

  #takes(payloadType: number): boolean {
    const to = this.#to
    if (to === undefined) return false
    return (
      payloadType === to.eventPayloadType ||
      payloadType === COMFORT_NOISE ||
      this.#codecOf(payloadType) !== undefined
    )
  }

  #received(header: RtpHeader, data: Uint8Array, tick: number, from: Endpoint): void {
    this.#heard = this.#told = tick
    if (!this.#receives) return
    if (!this.#started) {
      this.#started = true
      this.#events.started(this.id, from)
    }
    const { payloadType, payloadOffset, payloadLength, timestamp } = header
    if (payloadType === this.#to?.eventPayloadType) {
      this.#keysIn.packet(data, payloadOffset, payloadLength, timestamp, tick, this.#farKeys)
      return
    }
    if (payloadLength === 0 || payloadLength > LONGEST_PAYLOAD) return
    if (payloadType === COMFORT_NOISE) {
      this.#noise.start(data[payloadOffset] as number)
      return
    }
    const codec = this.#codecOf(payloadType)
    if (codec === undefined) return
    this.#noise.stop()
    codec.decode(data, this.#decoded, payloadOffset, payloadLength)
    this.#jitter.put(timestamp, this.#decoded, payloadLength, tick)
  }

  #play(tick: number): void {
    const { far } = this
    const present = this.#present
    if (!this.#jitter.take(far, present, tick)) return
    for (let at = 0; at < FRAME_SAMPLES; ) {
      const there = present[at]
      let end = at + 1
      while (end < FRAME_SAMPLES && present[end] === there) end++
      if (there) this.#concealment.received(far, at, end - at)
      else if (end - at === FRAME_SAMPLES && this.#noise.on) this.#noise.fill(far)
      else this.#concealment.lost(far, at, end - at)
      at = end
    }
  }

  #watch(tick: number): void {
    if (timestampDistance(this.#told, tick) < SILENT) return
    this.#told = (this.#told + SILENT) | 0
    this.#events.silent(this.id, Math.round(timestampDistance(this.#heard, tick) / TICKS_PER_MS))
  }

  #sendPacket(): void {
    this.#fill = 0
    if (this.#keysOut.active) {
      this.#sendKey()
      return
    }
    const { session } = this
    const samples = this.#packet.length
    this.#codec.encode(this.#packet, session.packet, RTP_HEADER_BYTES)
    const begin = (this.#timestamp + FRAME_SAMPLES - samples) | 0
    session.send(this.#to?.payloadType as number, this.#marker, begin, samples)
    this.#marker = false
  }

  /** One event packet as of the sample after the present frame. */
  #sendKey(): void {
    const keys = this.#keysOut
    const { timestamp, marker } = keys
    keys.write(this.session.packet, RTP_HEADER_BYTES, (this.#timestamp + FRAME_SAMPLES) | 0)
    this.session.send(this.#to?.eventPayloadType as number, marker, timestamp, EVENT_BYTES)
  }

  /** The next key cannot wait for the last one's end packets. */
  #flushKey(): void {
    if (this.#keysOut.held) this.#keysOut.end(0)
    this.#sendKey()
  }
}
