// Hook timing while the event loop is late: what the line interpreter of the firmware makes of a hook-flash of 120 ms and
// of a rotary "5" (66 ms break, 33 ms make), read by each way to the kernel's GPIO, the loop blocked again and again.

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { HookContext } from '../../../firmware/line/hook-event.js'
import { initialHook, interpret } from '../../../firmware/line/hook-interpreter.js'
import { us } from '../../../hal/clock.js'
import type { GpioChip, GpioEdge } from '../../../hal/gpio.js'
import { frenchHook } from '../../support/french-line.js'
import type { Wave } from './gpio-wave.js'

export interface StressOptions {
  readonly chip: string
  readonly offset: number
  /** The pull file of that pin. */
  readonly pull: string
  /** Runs of each case. */
  readonly repeat: number
}

interface StressRow {
  readonly backEnd: string
  readonly wave: string
  readonly blockedMs: number
  right: number
  wrong: number
  /** Runs made once more, because the telephone itself had moved its hook too late. */
  again: number
  /** The greatest error of a break or make that was seen, ms; null where the number of edges was wrong. */
  worstMs: number | null
  /** What each run was taken for. */
  readonly taken: string[]
}

// Instants of the edges, ms.
const waves = {
  flash: { context: 'talking', says: 'flash', edges: [0, 120] },
  'bouncing flash': {
    context: 'talking',
    says: 'flash',
    edges: [0, 2, 5, 6, 9, 120, 122, 126, 127, 131],
  },
  'rotary 5': {
    context: 'collecting',
    says: 'digit 5',
    edges: Array.from({ length: 10 }, (_, n) => 99 * (n >> 1) + 66 * (n % 2)),
  },
} as const satisfies Record<string, { context: HookContext; says: string; edges: readonly number[] }>

/** The loop is blocked so long before the first edge, ms; another time in each run. */
const leadMs = (run: number): number => 20 + ((run * 37) % 90)
const settleMs = 60
const mostAgain = 5
/** The first edge opens the loop. */
const isClosing = (n: number): boolean => n % 2 === 1
const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
const bed = new Int32Array(new SharedArrayBuffer(4))

export const stressReport = async (
  backEnds: Record<string, (chip: string) => Promise<GpioChip>>,
  options: StressOptions,
): Promise<{ readonly rows: readonly StressRow[] }> => {
  const telephone = new Telephone(options.pull)
  const rows: StressRow[] = []
  for (const [backEnd, open] of Object.entries(backEnds))
    for (const wave of Object.keys(waves) as (keyof typeof waves)[])
      for (const blockedMs of [0, 100, 250]) {
        const row: StressRow = {
          backEnd,
          wave,
          blockedMs,
          right: 0,
          wrong: 0,
          again: 0,
          worstMs: 0,
          taken: [],
        }
        for (let n = 0; row.taken.length < options.repeat; n++)
          await run(row, n, await open(options.chip), telephone, options)
        rows.push(row)
      }
  telephone.close()
  return { rows }
}

const run = async (
  row: StressRow,
  number: number,
  chip: GpioChip,
  telephone: Telephone,
  { offset }: StressOptions,
): Promise<void> => {
  const { context, says, edges: instants } = waves[row.wave as keyof typeof waves]
  await telephone.turn({ startMs: 0, edges: [{ high: true, ms: 0 }] })
  const heard: GpioEdge[] = []
  await chip.openInput(offset, {}, edge => heard.push(edge))
  const lead = leadMs(number)
  const turning = telephone.turn({
    startMs: settleMs + lead,
    edges: instants.map((ms, n) => ({ high: isClosing(n), ms })),
  })
  await sleep(settleMs)
  // Asleep, not busy: the pin is turned on time even where there is one processor.
  for (let ms = 0; row.blockedMs > 0 && ms < (instants.at(-1) ?? 0) + lead; ms += row.blockedMs) {
    Atomics.wait(bed, 0, 0, row.blockedMs)
    await new Promise(resolve => setImmediate(resolve))
  }
  const turned = await turning
  await sleep(100)
  await chip.close()
  const truth = turned.map((at, n) => ({ high: isClosing(n), us: us(at), overrun: false }))
  if (row.again < mostAgain && interpreted(truth, context) !== says) {
    row.again++
    return
  }
  const taken = interpreted(heard, context)
  row.taken.push(taken)
  if (taken === says) row.right++
  else row.wrong++
  row.worstMs = worst(row.worstMs, heard, turned)
}

/** What the firmware would make of these edges. */
const interpreted = (edges: readonly GpioEdge[], context: HookContext): string => {
  const start = edges[0]?.us ?? us(0)
  let state = initialHook(us(start - 1), true)
  const meant: string[] = []
  const inputs = [
    ...edges.map(({ high, us, overrun }) => ({ offHook: high, us, overrun })),
    { now: us((edges.at(-1)?.us ?? 0) + 3e6) },
  ]
  for (const input of inputs) {
    const step = interpret(state, input, frenchHook, context)
    state = step.state
    for (const event of step.events)
      if (event.type !== 'digit-begun')
        meant.push(event.type === 'digit' ? `digit ${event.digit}` : event.type)
  }
  return meant.join(', ') || 'nothing'
}

const worst = (
  before: number | null,
  heard: readonly GpioEdge[],
  turned: readonly number[],
): number | null => {
  if (before === null || heard.length !== turned.length) return null
  const errors = heard
    .slice(1)
    .map(({ us }, n) => Math.abs(us - heard[n]!.us - (turned[n + 1]! - turned[n]!)) / 1000)
  return Math.max(before, Math.round(10 * Math.max(...errors)) / 10)
}

/** gpio-wave.ts in a process of its own. */
class Telephone {
  readonly #child: ChildProcess
  readonly #answers: AsyncIterator<string>
  readonly #lines: Interface

  constructor(pull: string) {
    const program = fileURLToPath(new URL('./gpio-wave.js', import.meta.url))
    this.#child = spawn(process.execPath, [program, pull], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#child.stdout! })
    this.#answers = this.#lines[Symbol.asyncIterator]()
  }

  async turn(wave: Wave): Promise<readonly number[]> {
    this.#child.stdin?.write(`${JSON.stringify(wave)}\n`)
    const answer = await this.#answers.next()
    if (answer.done) throw new Error('gpio-wave ended')
    return (JSON.parse(answer.value) as { turned: number[] }).turned
  }

  close(): void {
    this.#child.stdin?.end()
  }
}
