// What the suite of the GpioChip contract runs on, and what its parts have in common.

import type { Test } from 'tap'
import type { Us } from '../clock.js'
import type { GpioChip, GpioEdge, GpioInput } from '../gpio.js'

export interface GpioUnderTest {
  /** Opens the chip by label. */
  open(label: string): Promise<GpioChip>
  readonly label: string
  readonly lines: number
  readonly inputs: readonly [number, number]
  readonly output: number
  /** The far end of a pin, in levels of the pin; an event loop that waits for `drive` delivers nothing else meanwhile. */
  drive(offset: number, high: boolean): void | Promise<void>
  level(offset: number): boolean | Promise<boolean>
  /** Every level the box has driven onto the output so far; absent where the far end cannot tell. */
  driven?(offset: number): readonly boolean[] | Promise<readonly boolean[]>
  /** Turns a pin `count` times within one turn of the event loop; more often than edges are queued. */
  burst(offset: number, count: number): void
  readonly queue: number
  now(): Us
  /** Lets at least so many ms pass, and what was due in them happen. */
  wait(ms: number): Promise<void>
  /** Lets time pass until it holds; false when it does not within some seconds. */
  until(holds: () => boolean): Promise<boolean>
}

export interface Watched {
  readonly input: GpioInput
  readonly edges: GpioEdge[]
}

/** A chip for one test, and lines on it; all closed at its end. */
export const chipFor = async (t: Test, under: GpioUnderTest) => {
  const chip = await under.open(under.label)
  t.teardown(() => chip.close())
  return {
    chip,
    watch: async (offset: number, activeLow?: boolean): Promise<Watched> => {
      const edges: GpioEdge[] = []
      const options = activeLow === undefined ? {} : { activeLow }
      const input = await chip.openInput(offset, options, edge => edges.push(edge))
      return { input, edges }
    },
  }
}

/** Turns the pin and waits until that edge, at least, has been told. */
export const turn = async (under: GpioUnderTest, { edges }: Watched, offset: number, high: boolean) => {
  const before = edges.length
  await under.drive(offset, high)
  return under.until(() => edges.length > before)
}
