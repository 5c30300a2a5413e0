// The lamps of the box. On the simulated board each line has its own, and who looks at them stands at the bench channel.

import type { Log } from '../firmware/log.js'
import { type Blinker, createBlinker } from '../firmware/run/blinker.js'
import type { Lamps } from '../firmware/run/lamps.js'
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
