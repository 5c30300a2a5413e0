// RTP that came before signalling named its sender. Who was sent an offer may speak at once (RFC 3264 §5.1), and the first
// packets after a 200 often overtake its way through the box: without this they are lost, and with them the first "allô".

import type { Endpoint } from '../../hal/network.js'

/** 80 ms of 10 ms packets, 160 ms of 20 ms ones: more than a busy main thread takes to hand on an answer. */
const SLOTS = 8
const KEPT_US = 120_000

interface Slot {
  data: Uint8Array
  from: Endpoint
  us: number
}

export class EarlyPackets {
  readonly #slots: (Slot | undefined)[] = new Array(SLOTS).fill(undefined)
  #next = 0

  /** Keeps a datagram that arrived at `us` and is believed by nobody yet, instead of the oldest one kept. */
  hold(data: Uint8Array, from: Endpoint, us: number): void {
    this.#slots[this.#next] = { data, from, us }
    this.#next = (this.#next + 1) % SLOTS
  }

  /** Hands over what `sender` sent in the last moments before `us`, in the order of arrival, and forgets all of it. */
  release(sender: Endpoint, us: number, take: (data: Uint8Array, from: Endpoint, us: number) => void): void {
    const kept = [...this.#slots.slice(this.#next), ...this.#slots.slice(0, this.#next)]
    this.#slots.fill(undefined)
    for (const slot of kept) {
      if (slot === undefined || us - slot.us > KEPT_US) continue
      if (slot.from.port === sender.port && slot.from.address === sender.address)
        take(slot.data, slot.from, slot.us)
    }
  }
}
