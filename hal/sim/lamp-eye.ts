// A lamp of the simulated box and the eye that looks at it: it is written like any pin, and what a person would say of it is
// told: dark, lit, blinking slowly or fast. Measured from the changes alone.

import { type Clock, ms, type Timer, type Us } from '../clock.js'
import type { GpioOutput } from '../gpio.js'

export interface LedSeen {
  readonly ev: 'led'
  readonly led: string
  readonly pattern: 'off' | 'steady' | 'slow' | 'fast'
  /** Of a blinking lamp, ms. */
  readonly onMs?: number
  readonly offMs?: number
  readonly us: Us
}

/** A lamp that does not change for so long is dark or lit, ms. */
const steadyAfterMs = 700
/** A period from here on is slow, ms. */
const slowFromMs = 500

export interface LampEye extends GpioOutput {
  /** What it says of itself now. */
  readonly seen: LedSeen
}

/** `onSeen` is told when the pattern changes: blinking after one period, dark or lit after 700 ms. */
export const createLampEye = (led: string, clock: Clock, onSeen: (seen: LedSeen) => void): LampEye => {
  let seen: LedSeen = { ev: 'led', led, pattern: 'off', us: clock.now() }
  let high = false
  /** Of its last changes, the latest first. */
  let changes: readonly Us[] = [clock.now()]
  let rest: Timer | undefined

  const tell = (next: Omit<LedSeen, 'ev' | 'led'>): void => {
    if (next.pattern === seen.pattern) return
    seen = { ev: 'led', led, ...next }
    onSeen(seen)
  }
  const change = (): void => {
    const now = clock.now()
    changes = [now, ...changes].slice(0, 3)
    rest?.cancel()
    rest = clock.timer(`eye on lamp ${led}`, ms(steadyAfterMs), () =>
      tell({ pattern: high ? 'steady' : 'off', us: now }),
    )
    const [last, middle, first] = changes
    if (last === undefined || middle === undefined || first === undefined) return
    const halves = [Math.round((last - middle) / 1000), Math.round((middle - first) / 1000)] as const
    if (Math.max(...halves) >= steadyAfterMs) return
    const [onMs, offMs] = high ? [halves[1], halves[0]] : halves
    tell({ pattern: onMs + offMs >= slowFromMs ? 'slow' : 'fast', onMs, offMs, us: first })
  }
  return {
    get seen() {
      return seen
    },
    write: next => {
      if (next === high) return
      high = next
      change()
    },
    close: () => rest?.cancel(),
  }
}
