// Bytes that came while a command was still running. Bounded: whoever pastes a book loses its end and is told how much.

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
  let chunks: Uint8Array[] = []
  let at = 0
  let length = 0
  let lost = 0
  return {
    push: bytes => {
      const room = most - length
      if (bytes.length > room) lost += bytes.length - room
      if (room <= 0) return
      // The caller's buffer may be used again.
      const kept = Uint8Array.from(bytes.subarray(0, room))
      if (kept.length === 0) return
      chunks.push(kept)
      length += kept.length
    },
    next: () => {
      const chunk = chunks[0]
      if (chunk === undefined) return undefined
      const byte = chunk[at++]
      length--
      if (at === chunk.length) {
        chunks.shift()
        at = 0
      }
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
      chunks = []
      at = 0
      length = 0
    },
  }
}
