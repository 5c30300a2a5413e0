// What every GpioChip must do: its edges here, its lines and outputs in gpio-lines.ts. The rig wires the far end of two
// inputs and one output, and lets time pass.

import type { Test } from 'tap'
import type { Us } from '../clock.js'
import { closingRules, outputRules, refusalRules } from './gpio-lines.js'
import { chipFor, type GpioUnderTest, turn } from './gpio-rig.js'

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
