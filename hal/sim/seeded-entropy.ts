// Repeatable randomness for tests and simulations: a counter hashed by the 32-bit finalizer of MurmurHash3.
// Never for a real box: anybody who knows the seed knows every tag, branch and SSRC.

import type { Entropy } from '../entropy.js'

export class SeededEntropy implements Entropy {
  #state: number

  constructor(seed = 1) {
    this.#state = seed >>> 0
  }

  uint32(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0
    let hash = this.#state
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    return (hash ^ (hash >>> 16)) >>> 0
  }

  hex(bytes: number): string {
    let text = ''
    while (text.length < bytes * 2) text += this.uint32().toString(16).padStart(8, '0')
    return text.slice(0, bytes * 2)
  }
}
