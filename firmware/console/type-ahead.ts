// Bytes that came while a command was still running. Bounded, however small the pieces are in which they come: whoever pastes
// a book loses its end and is told how much.

export interface TypeAhead {
  push(bytes: Uint8Array): void
  /** undefined: nothing is there. */
  next(): number | undefined
  readonly length: number
  /** How many bytes were lost since this was asked last. */
  lost(): number
  clear(): void
}

/** Ten thousand short commands, or five seconds of a serial line at full speed. */
const most = 64 * 1024

export const createTypeAhead = (): TypeAhead => {
  const ring = new Uint8Array(most)
  let at = 0
  let length = 0
  let lost = 0
  return {
    push: bytes => {
      const kept = bytes.subarray(0, most - length)
      const end = (at + length) % most
      const straight = kept.subarray(0, most - end)
      ring.set(straight, end)
      ring.set(kept.subarray(straight.length), 0)
      length += kept.length
      lost += bytes.length - kept.length
    },
    next: () => {
      if (length === 0) return undefined
      const byte = ring[at]
      at = (at + 1) % most
      length--
      return byte
    },
    get length() {
      return length
    },
    lost: () => {
      const count = lost
      lost = 0
      return count
    },
    clear: () => {
      // It may have been a secret.
      ring.fill(0)
      length = 0
    },
  }
}
