// Test signals for the line echo canceller: speech-like audio (pulses at a wandering pitch through wandering formants,
// in syllables with pauses), hybrids with a given delay, ringing and echo return loss. Own signal code.

import { random } from './dtmf-vectors.js'

const RATE = 8000

interface Resonator {
  a1: number
  a2: number
  y1: number
  y2: number
}

const tune = (r: Resonator, hz: number, bandwidth: number): void => {
  const radius = Math.exp((-Math.PI * bandwidth) / RATE)
  r.a1 = 2 * radius * Math.cos((2 * Math.PI * hz) / RATE)
  r.a2 = -radius * radius
}

const ring = (r: Resonator, x: number): number => {
  const y = x + r.a1 * r.y1 + r.a2 * r.y2
  r.y2 = r.y1
  r.y1 = y
  return y
}

/** `seconds` of speech-like sound whose rms while it sounds is about `rms`. */
export const speechLike = (seconds: number, rms: number, seed: number): Int16Array => {
  const next = random(seed)
  const raw = new Float64Array(seconds * RATE)
  const formants = [0, 0, 0].map(() => ({ a1: 0, a2: 0, y1: 0, y2: 0 }))
  let left = 0
  let voiced = false
  let pause = false
  let length = 1
  let pitch = 120 + 90 * next()
  let phase = 0
  for (let i = 0; i < raw.length; i++) {
    if (left-- <= 0) {
      pause = next() < 0.15
      voiced = next() < 0.75
      length = Math.floor((0.07 + 0.2 * next()) * RATE)
      left = length
      const [f1, f2, f3] = formants as [Resonator, Resonator, Resonator]
      tune(f1, voiced ? 250 + 550 * next() : 1200, voiced ? 80 : 800)
      tune(f2, voiced ? 900 + 1400 * next() : 2500, voiced ? 110 : 800)
      tune(f3, 2400 + 600 * next(), 200)
      pitch *= 0.85 + 0.3 * next()
      pitch = Math.max(90, Math.min(260, pitch))
    }
    phase += (pitch * (1 + 0.1 * Math.sin(i / 700))) / RATE
    let source = (next() - 0.5) * (voiced ? 0.05 : 0.4)
    if (voiced && phase >= 1) source += 1
    phase -= Math.floor(phase)
    const shape = pause ? 0 : Math.sin((Math.PI * (length - left)) / length)
    let y = source * shape
    for (const formant of formants) y = ring(formant, y) * 0.3
    raw[i] = y
  }
  let sum = 0
  let n = 0
  for (const x of raw)
    if (Math.abs(x) > 1e-4) {
      sum += x * x
      n++
    }
  const gain = rms / Math.sqrt(sum / Math.max(1, n))
  return Int16Array.from(raw, x => Math.max(-32768, Math.min(32767, Math.round(x * gain))))
}

/** Impulse response of a hybrid: `delayMs`, then `ringMs` of decaying noise, `erlDb` of loss in all (at most 32 ms long). */
export const hybrid = (delayMs: number, ringMs: number, erlDb: number, seed: number): Float64Array => {
  const next = random(seed)
  const h = new Float64Array(256)
  let energy = 0
  for (let i = 0; i < ringMs * 8; i++) {
    const v = (next() * 2 - 1) * Math.exp(-i / (ringMs * 2))
    h[delayMs * 8 + i] = v
    energy += v * v
  }
  const gain = Math.sqrt(10 ** (-erlDb / 10) / energy)
  return h.map(v => v * gain)
}

/** `far` through the hybrid `h`. */
export const echoOf = (far: ArrayLike<number>, h: Float64Array): Float64Array => {
  const taps = [...h.entries()].filter(([, v]) => v !== 0)
  const y = new Float64Array(far.length)
  for (const [delay, v] of taps)
    for (let i = delay; i < y.length; i++) y[i] = (y[i] as number) + v * (far[i - delay] as number)
  return y
}

/** Mean square over [from, to) seconds. */
export const meanSquare = (x: ArrayLike<number>, from: number, to: number): number => {
  let sum = 0
  for (let i = from * RATE; i < to * RATE; i++) sum += (x[i] as number) ** 2
  return sum / ((to - from) * RATE)
}
