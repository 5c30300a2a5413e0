// A ring of PCM frames in shared memory: one writer thread, one reader thread, no locks, no copies beyond the frame.
// Counters run modulo 2^32 and their difference is the fill level (single producer, single consumer).

import { FRAME_SAMPLES } from './pcm-port.js'

const HEADER_WORDS = 4 // written, read, dropped, reserved

export interface PcmRing {
  readonly memory: SharedArrayBuffer
  /** False (and counted as dropped) when the reader has not kept up. */
  write(frame: Int16Array): boolean
  /** False when empty; `into` is then untouched. */
  read(into: Int16Array): boolean
  /** Blocks this thread until a frame is there or `timeoutMs` passed. Not allowed on the main thread of a browser; fine in Node workers. */
  wait(timeoutMs: number): boolean
  readonly frames: number
  readonly dropped: number
}

/** Bytes of shared memory for `frames` frames, a power of two (so that slots stay in step when counters wrap). */
export const pcmRingBytes = (frames: number): number => HEADER_WORDS * 4 + frames * FRAME_SAMPLES * 2

/** Both ends call this on the same memory. */
export const openPcmRing = (memory: SharedArrayBuffer): PcmRing => {
  const header = new Int32Array(memory, 0, HEADER_WORDS)
  const capacity = Math.floor((memory.byteLength - HEADER_WORDS * 4) / (FRAME_SAMPLES * 2))
  const samples = new Int16Array(memory, HEADER_WORDS * 4, capacity * FRAME_SAMPLES)
  const fill = () => (Atomics.load(header, 0) - Atomics.load(header, 1)) | 0
  const slot = (counter: number) => ((counter >>> 0) % capacity) * FRAME_SAMPLES
  return {
    memory,
    write: frame => {
      if (fill() >= capacity) {
        Atomics.add(header, 2, 1)
        return false
      }
      const written = Atomics.load(header, 0)
      samples.set(frame, slot(written))
      Atomics.store(header, 0, (written + 1) | 0)
      Atomics.notify(header, 0)
      return true
    },
    read: into => {
      if (fill() <= 0) return false
      const read = Atomics.load(header, 1)
      const at = slot(read)
      for (let i = 0; i < FRAME_SAMPLES; i++) into[i] = samples[at + i] as number
      Atomics.store(header, 1, (read + 1) | 0)
      return true
    },
    wait: timeoutMs => {
      if (fill() > 0) return true
      Atomics.wait(header, 0, Atomics.load(header, 0), timeoutMs)
      return fill() > 0
    },
    get frames() {
      return fill()
    },
    get dropped() {
      return Atomics.load(header, 2)
    },
  }
}
