// One lamp: a pattern in, a pin high or low out. A lamp that cannot be switched is let be: no telephone depends on it.

import { type Clock, ms, type Timer } from '../../hal/clock.js'
import type { GpioOutput } from '../../hal/gpio.js'
import type { LampPattern } from './lamps.js'

/** How long it is on, and off, ms: 1 Hz and 4 Hz. */
export const blinkMs = { slow: 500, fast: 125 } as const

export interface Blinker {
  show(pattern: LampPattern): void
  /** Dark, and the pin is let go. Idempotent. */
  close(): void
}

export interface BlinkerOptions {
  readonly clock: Clock
  /** Names its timer. */
  readonly name: string
  /** Low when given. */
  readonly output: GpioOutput
  /** Told once: the lamp is given up. */
  readonly onProblem: (error: Error) => void
}

export const createBlinker = ({ clock, name, output, onProblem }: BlinkerOptions): Blinker => {
  let shown: LampPattern = 'off'
  let timer: Timer | undefined
  let ended = false

  const attempt = (act: () => void): void => {
    if (ended) return
    try {
      act()
    } catch (error) {
      ended = true
      timer?.cancel()
      onProblem(error as Error)
    }
  }
  const blink = (high: boolean, halfMs: number): void =>
    attempt(() => {
      output.write(high)
      timer = clock.timer(`lamp ${name}`, ms(halfMs), () => blink(!high, halfMs))
    })
  const show = (pattern: LampPattern): void => {
    if (pattern === shown || ended) return
    shown = pattern
    timer?.cancel()
    if (pattern === 'slow' || pattern === 'fast') blink(true, blinkMs[pattern])
    else attempt(() => output.write(pattern === 'steady'))
  }

  return {
    show,
    close: () => {
      if (ended) return
      show('off')
      attempt(() => output.close())
      ended = true
    },
  }
}
