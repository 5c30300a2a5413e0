// The lamps of the box on its pins: one pair for all lines on a real board; on the simulated one each line has its own, and
// who looks at them stands at the bench channel. A lamp that cannot be had is logged and no more.

import type { Log } from '../firmware/log.js'
import { type Blinker, createBlinker } from '../firmware/run/blinker.js'
import { type Lamps, lampsOfBox } from '../firmware/run/lamps.js'
import type { Board } from '../firmware/settings/board-schema.js'
import type { Clock } from '../hal/clock.js'
import type { GpioOutput } from '../hal/gpio.js'

export interface BoxLamps {
  show(line: string, lamps: Lamps): void
  /** All dark. */
  close(): Promise<void>
}

type Lamp = keyof Lamps
const names: readonly Lamp[] = ['line', 'messages']

interface LampTools {
  readonly clock: Clock
  readonly log: Log
}

/** Opens one GPIO chip of the board, by its name there. */
export type OpenOutput = (pin: NonNullable<NonNullable<Board['leds']>['line']>) => Promise<GpioOutput>

/** The lamps of a real board; undefined where it has none. */
export const openLamps = async (
  leds: NonNullable<Board['leds']>,
  open: OpenOutput,
  tools: LampTools,
): Promise<BoxLamps> => {
  const blinkers = new Map<Lamp, Blinker>()
  for (const name of names) {
    const pin = leds[name]
    if (pin === undefined) continue
    try {
      blinkers.set(name, blinkerOf(name, await open(pin), tools))
    } catch (error) {
      tools.log.error('a lamp cannot be had', { lamp: name, reason: (error as Error).message })
    }
  }
  const lines = new Map<string, Lamps>()
  return {
    show: (line, lamps) => {
      lines.set(line, lamps)
      const all = lampsOfBox([...lines.values()])
      for (const [name, blinker] of blinkers) blinker.show(all[name])
    },
    close: async () => {
      for (const blinker of blinkers.values()) blinker.close()
    },
  }
}

/** Lamps of each line, made when first shown. */
export const simulatedLamps = (
  output: (line: string, lamp: Lamp) => GpioOutput,
  tools: LampTools,
): BoxLamps => {
  const lines = new Map<string, Record<Lamp, Blinker>>()
  const make = (line: string, lamp: Lamp): Blinker => blinkerOf(`${line} ${lamp}`, output(line, lamp), tools)
  return {
    show: (line, lamps) => {
      const pair = lines.get(line) ?? { line: make(line, 'line'), messages: make(line, 'messages') }
      lines.set(line, pair)
      for (const name of names) pair[name].show(lamps[name])
    },
    close: async () => {
      for (const pair of lines.values()) for (const name of names) pair[name].close()
    },
  }
}

const blinkerOf = (name: string, output: GpioOutput, { clock, log }: LampTools): Blinker =>
  createBlinker({
    clock,
    name,
    output,
    onProblem: error => log.error('a lamp is given up', { lamp: name, reason: error.message }),
  })
