// Keeps what a caller says: RTP payloads put in their place by timestamp (RFC 3550 §5.1), so that lost, late and doubled
// packets leave silence or nothing, and a key press leaves its own length.

import { type Clock, ms, type Timer } from '../../hal/clock.js'
import { loudness, SILENCE } from './alaw.js'
import type { Recording, RecordOptions } from './application.js'

/** Mean magnitude of a packet that counts as speech. */
export const SPEECH = 150
/** A jump of more samples is a new stream, not a gap. */
const LARGEST_GAP = 8000 * 10

export interface Recorder extends Recording {
  packet(timestamp: number, payload: Uint8Array): void
}

export const createRecorder = (clock: Clock, options: RecordOptions): Recorder => {
  const parts: { readonly at: number; readonly payload: Uint8Array }[] = []
  let origin: number | undefined
  let length = 0
  let running = true
  let lastSpeech = clock.now()
  let silence: Timer | undefined
  const end = (): void => {
    running = false
    limit.cancel()
    silence?.cancel()
  }
  const endBy = (why: 'limit' | 'silence') => (): void => {
    end()
    options.onEnd(why)
  }
  const limit = clock.timer('operator record', ms(options.maxMs), endBy('limit'))
  const { silenceMs } = options
  const watch = (): void => {
    if (silenceMs === undefined) return
    const left = silenceMs - (clock.now() - lastSpeech) / 1000
    if (left <= 0) endBy('silence')()
    else silence = clock.timer('operator silence', ms(left), watch)
  }
  watch()

  return {
    packet: (timestamp, payload) => {
      if (!running) return
      if (loudness(payload) > SPEECH) lastSpeech = clock.now()
      origin ??= timestamp
      // Modulo 2^32, signed.
      let at = (timestamp - origin) | 0
      if (Math.abs(at - length) > LARGEST_GAP) {
        origin = (timestamp - length) >>> 0
        at = length
      }
      if (at < 0) return
      parts.push({ at, payload: Uint8Array.from(payload) })
      length = Math.max(length, at + payload.length)
    },
    stop: () => {
      if (running) end()
      const whole = new Uint8Array(Math.min(length, options.maxMs * 8)).fill(SILENCE)
      for (const { at, payload } of parts)
        if (at < whole.length) whole.set(payload.subarray(0, whole.length - at), at)
      return whole
    },
  }
}
