// RTP that came before signalling named its sender. Who was sent an offer may speak at once (RFC 3264 §5.1), and the first
// packets after a 200 often overtake its way through the box: without this they are lost, and with them the first "allô".

import type { Endpoint } from '../../hal/network.js'
import { timestampDistance } from './rtp-packet.js'
import { TICKS_PER_MS } from './tick.js'

/** 80 ms of 10 ms packets, 160 ms of 20 ms ones: more than a busy main thread takes to hand on an answer. */
const SLOTS = 8
const KEPT = 120 * TICKS_PER_MS

interface Slot {
  data: Uint8Array
  from: Endpoint
  tick: number
}

export class EarlyPackets {
  readonly #slots: (Slot | undefined)[] = new Array(SLOTS).fill(undefined)
  #next = 0

  /** Keeps a datagram that arrived at `tick` and is believed by nobody yet, instead of the oldest one kept. */
  hold(data: Uint8Array, from: Endpoint, tick: number): void {
    this.#slots[this.#next] = { data, from, tick }
    this.#next = (this.#next + 1) % SLOTS
  }

  /** Hands over what `sender` sent in the last moments before `now`, in the order of arrival, and forgets all of it. */
  release(
    sender: Endpoint,
    now: number,
    take: (data: Uint8Array, from: Endpoint, tick: number) => void,
  ): void {
    const kept = [...this.#slots.slice(this.#next), ...this.#slots.slice(0, this.#next)]
    this.#slots.fill(undefined)
    for (const slot of kept) {
      if (slot === undefined || timestampDistance(slot.tick, now) > KEPT) continue
      if (slot.from.port === sender.port && slot.from.address === sender.address)
        take(slot.data, slot.from, slot.tick)
    }
  }
}
