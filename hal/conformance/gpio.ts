// What every GpioChip must do. The rig wires the far end of two inputs and one output, and lets time pass.

import type { Test } from 'tap'
import type { Us } from '../clock.js'
import { isHalError } from '../errors.js'
import type { GpioChip, GpioEdge, GpioInput, GpioOutput } from '../gpio.js'

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

const kindOf = (work: () => unknown): string => {
  try {
    work()
    return 'no error'
  } catch (error) {
    return isHalError(error) ? error.kind : String(error)
  }
}
const rejection = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    error => (isHalError(error) ? error.kind : String(error)),
  )

interface Watched {
  readonly input: GpioInput
  readonly edges: GpioEdge[]
}

/** A chip for one test, and lines on it; all closed at its end. */
const chipFor = async (t: Test, under: GpioUnderTest) => {
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
const turn = async (under: GpioUnderTest, { edges }: Watched, offset: number, high: boolean) => {
  const before = edges.length
  await under.drive(offset, high)
  return under.until(() => edges.length > before)
}

export const gpioConformance = (t: Test, under: GpioUnderTest): void => {
  inputRules(t, under)
  lossRules(t, under)
  closingRules(t, under)
  outputRules(t, under)
  refusalRules(t, under)
}

const inputRules = (t: Test, under: GpioUnderTest): void => {
  const [pin, other] = under.inputs

  for (const high of [false, true])
    t.test(`a pin that is ${high ? 'high' : 'low'} at open says so when read, and by no edge`, async t => {
      await under.drive(pin, high)
      const { watch } = await chipFor(t, under)
      const watched = await watch(pin)
      t.equal(watched.input.read(), high)
      await under.wait(30)
      t.strictSame(watched.edges, [])
      t.ok(await turn(under, watched, pin, !high), 'its first edge comes')
      t.equal(watched.edges[0]?.high, !high)
      t.equal(watched.edges[0]?.overrun, false)
      t.equal(watched.input.read(), !high)
    })

  t.test(
    'edges come in order, alternating, none lost, each with an instant of the monotonic clock',
    async t => {
      await under.drive(pin, false)
      const { watch } = await chipFor(t, under)
      const watched = await watch(pin)
      const bounds: [Us, Us][] = []
      for (let n = 0; n < 10; n++) {
        const before = under.now()
        if (!(await turn(under, watched, pin, n % 2 === 0))) t.fail(`edge ${n} did not come`)
        bounds.push([before, under.now()])
        await under.wait(3)
      }
      const { edges } = watched
      t.strictSame(
        edges.map(edge => edge.high),
        Array.from({ length: 10 }, (_, n) => n % 2 === 0),
      )
      t.ok(edges.every(edge => edge.overrun === false))
      for (const [n, { us }] of edges.entries()) {
        const [from, to] = bounds[n] ?? [0, 0]
        if (us < from || us > to) t.fail(`edge ${n} at ${us}, not in ${from}..${to}`)
        if (n > 0 && us < edges[n - 1]!.us) t.fail(`edge ${n} before the one before it`)
        if (!Number.isInteger(us)) t.fail(`edge ${n}: ${us} is no whole number of µs`)
      }
    },
  )

  t.test('activeLow turns levels and edges of an input round', async t => {
    await under.drive(pin, false)
    const { watch } = await chipFor(t, under)
    const watched = await watch(pin, true)
    t.equal(watched.input.read(), true)
    t.ok(await turn(under, watched, pin, true))
    t.equal(watched.edges[0]?.high, false)
    t.equal(watched.input.read(), false)
  })

  t.test('activeLow of an earlier user of the line is gone', async t => {
    await under.drive(pin, false)
    const { chip, watch } = await chipFor(t, under)
    const first = await watch(pin, true)
    first.input.close()
    const second = await watch(pin)
    t.equal(second.input.read(), false)
    await chip.close()
  })

  t.test('two inputs of a chip do not hear each other', async t => {
    for (const offset of [pin, other]) await under.drive(offset, false)
    const { watch } = await chipFor(t, under)
    const [one, two] = [await watch(pin), await watch(other)]
    t.ok(await turn(under, one, pin, true))
    await under.wait(30)
    t.equal(two.edges.length, 0)
    t.ok(await turn(under, two, other, true))
    t.equal(one.edges.length, 1)
    t.strictSame([one.input.read(), two.input.read()], [true, true])
  })

  t.test('reading the level takes no edge away', async t => {
    for (const offset of [pin, other]) await under.drive(offset, false)
    const { watch } = await chipFor(t, under)
    const [{ input, edges }, before] = [await watch(pin), await watch(other)]
    // Whoever fetches edges in the background is kept waiting by those of the other pin.
    under.burst(other, 15)
    under.burst(pin, 1)
    t.equal(input.read(), true)
    t.equal(edges.length, 0, 'nothing is told in the same turn of the loop')
    t.ok(await under.until(() => edges.length > 0 && before.edges.length > 0))
    t.strictSame(
      edges.map(({ high, overrun }) => ({ high, overrun })),
      [{ high: true, overrun: false }],
    )
  })
}

const lossRules = (t: Test, under: GpioUnderTest): void => {
  const [pin] = under.inputs
  const burst = async (t: Test, count: number) => {
    await under.drive(pin, false)
    const { chip, watch } = await chipFor(t, under)
    const watched = await watch(pin)
    const from = under.now()
    under.burst(pin, count)
    const to = under.now()
    await under.until(() => watched.edges.length > 0)
    await under.wait(100)
    return { ...watched, chip, from, to }
  }

  t.test('a burst that fits the queue is told edge by edge where the kernel stamps', async t => {
    const { edges, chip, from, to, input } = await burst(t, 16)
    t.equal(input.read(), false)
    t.equal(edges.at(-1)?.high ?? true, false, 'the last edge tells the level')
    if (chip.timestamps === 'process') {
      t.ok(
        edges.some(edge => edge.overrun),
        'merged edges are told as lost',
      )
    } else {
      // A pin that turns faster than its interrupt is served loses pairs, which is contact bounce.
      t.ok(edges.length % 2 === 0 && edges.length > 0, `${edges.length} edges`)
      t.ok(edges.every((edge, n) => edge.high === (n % 2 === 0) && !edge.overrun))
      t.ok(edges.every(edge => edge.us >= from && edge.us <= to))
    }
  })

  for (const odd of [0, 1])
    t.test(
      `a burst of ${odd ? 'odd' : 'even'} length beyond the queue is flagged, and the last level is right`,
      async t => {
        const { edges, chip, input } = await burst(t, 4 * under.queue + odd)
        t.equal(input.read(), odd === 1)
        t.equal(edges.at(-1)?.high, odd === 1)
        t.ok(edges.length > 0 && edges.length < 4 * under.queue)
        // Nobody can tell three merged edges from one.
        if (chip.timestamps === 'kernel' || odd === 0) t.ok(edges.some(edge => edge.overrun))
        t.ok(edges.every((edge, n) => n === 0 || edge.us >= edges[n - 1]!.us))
        const before = edges.length
        t.ok(await turn(under, { input, edges }, pin, odd === 0))
        t.strictSame(
          edges.slice(before).map(({ high, overrun }) => ({ high, overrun })),
          [{ high: odd === 0, overrun: false }],
          'the next edge is an ordinary one',
        )
      },
    )
}

const closingRules = (t: Test, under: GpioUnderTest): void => {
  const [pin] = under.inputs

  t.test('no edge comes behind close, not even one that waits', async t => {
    await under.drive(pin, false)
    const { watch } = await chipFor(t, under)
    const { input, edges } = await watch(pin)
    under.burst(pin, 1)
    input.close()
    input.close()
    await under.drive(pin, false)
    await under.wait(30)
    t.strictSame(edges, [])
    t.equal(
      kindOf(() => input.read()),
      'closed',
    )
  })

  t.test('an input closed from inside an edge hears no other', async t => {
    await under.drive(pin, false)
    const { chip } = await chipFor(t, under)
    const edges: GpioEdge[] = []
    const input = await chip.openInput(pin, {}, edge => {
      edges.push(edge)
      input.close()
    })
    under.burst(pin, 6)
    await under.until(() => edges.length > 0)
    await under.wait(30)
    t.equal(edges.length, 1)
  })

  t.test('a closed line is free again, for this chip and for another', async t => {
    const { chip, watch } = await chipFor(t, under)
    const { input } = await watch(pin)
    input.close()
    const again = await watch(pin)
    await chip.close()
    await chip.close()
    t.equal(
      kindOf(() => again.input.read()),
      'closed',
    )
    const next = await chipFor(t, under)
    t.equal((await next.watch(pin)).input.read(), await under.level(pin))
  })

  t.test('a closed chip opens no line', async t => {
    const { chip } = await chipFor(t, under)
    await chip.close()
    t.equal(await rejection(chip.openInput(pin, {}, () => {})), 'closed')
    t.equal(await rejection(chip.openOutput(under.output, { initial: false })), 'closed')
  })
}

const outputRules = (t: Test, under: GpioUnderTest): void => {
  const pin = under.output

  for (const activeLow of [false, true])
    for (const initial of [false, true])
      t.test(
        `an output starts at ${initial}${activeLow ? ', active low,' : ''} with no other level before`,
        async t => {
          const { chip } = await chipFor(t, under)
          const before = (await under.driven?.(pin))?.length ?? 0
          const output = await chip.openOutput(pin, { initial, activeLow })
          t.equal(await under.level(pin), initial !== activeLow)
          const driven = await under.driven?.(pin)
          // Seen from the far end, a level that stands already is no change.
          if (driven) t.ok(driven.slice(before).every(level => level === (initial !== activeLow)))
          for (const high of [!initial, !initial, initial]) {
            output.write(high)
            t.equal(await under.level(pin), high !== activeLow)
          }
        },
      )

  t.test(
    'an output that is closed, or whose chip is, cannot be written; closing twice is harmless',
    async t => {
      const { chip } = await chipFor(t, under)
      const write = (output: GpioOutput) => kindOf(() => output.write(true))
      const first = await chip.openOutput(pin, { initial: false })
      first.close()
      first.close()
      t.equal(write(first), 'closed')
      const second = await chip.openOutput(pin, { initial: false })
      await chip.close()
      second.close()
      t.equal(write(second), 'closed')
    },
  )
}

const refusalRules = (t: Test, under: GpioUnderTest): void => {
  t.test('a chip that is not there is told by its name', async t => {
    const error = await under.open('no-such-chip').then(
      () => undefined,
      (error: unknown) => error,
    )
    t.ok(isHalError(error) && error.kind === 'missing', String(error))
    t.match(String(error), /no-such-chip/)
  })

  t.test('an offset the chip does not have is refused, and the range told', async t => {
    const { chip } = await chipFor(t, under)
    for (const offset of [under.lines, -1, 0.5, Number.NaN]) {
      t.equal(await rejection(chip.openInput(offset, {}, () => {})), 'invalid', `input ${offset}`)
      t.equal(await rejection(chip.openOutput(offset, { initial: false })), 'invalid', `output ${offset}`)
    }
    await t.rejects(
      chip.openInput(under.lines, {}, () => {}),
      { message: new RegExp(`${under.lines - 1}`) },
    )
  })

  t.test('a line that is open cannot be opened again', async t => {
    const { chip } = await chipFor(t, under)
    await chip.openInput(under.inputs[0], {}, () => {})
    await chip.openOutput(under.output, { initial: false })
    for (const offset of [under.inputs[0], under.output]) {
      t.equal(await rejection(chip.openInput(offset, {}, () => {})), 'in-use')
      t.equal(await rejection(chip.openOutput(offset, { initial: false })), 'in-use')
    }
  })
}
