// GPIO pins without hardware: what a model at their far end may rely on.

import fc from 'fast-check'
import t from 'tap'
import { kindOf } from '../../../hal/conformance/hal-kind.js'
import type { GpioEdge } from '../../../hal/gpio.js'
import { SimGpio } from '../../../hal/sim/sim-gpio.js'
import { VirtualClock } from '../../../hal/sim/virtual-clock.js'

const made = (lines = 2) => {
  const clock = new VirtualClock()
  return { clock, pins: new SimGpio({ clock, lines }) }
}

t.test('a model that answers an output at once is heard, but not inside the write', async t => {
  const { clock, pins } = made()
  const chip = await pins.open()
  const edges: GpioEdge[] = []
  await chip.openInput(0, {}, edge => edges.push(edge))
  const output = await chip.openOutput(1, { initial: false })
  pins.listen(1, high => pins.drive(0, high))
  await clock.advance(7)
  output.write(true)
  t.strictSame(edges, [])
  await clock.advance(0)
  t.strictSame(edges, [{ high: true, us: 7000, overrun: false }])
})

t.test('the far end hears levels, not writes', async t => {
  const { clock, pins } = made()
  const chip = await pins.open()
  const heard: [boolean, number][] = []
  const deaf = pins.listen(1, (high, at) => heard.push([high, at]))
  const output = await chip.openOutput(1, { initial: true, activeLow: true })
  await clock.advance(5)
  output.write(true)
  output.write(false)
  deaf()
  output.write(true)
  t.strictSame(heard, [
    [false, 0],
    [true, 5000],
  ])
})

t.test('a pin the box drives keeps its level, closed or not, until it becomes an input', async t => {
  const { pins } = made()
  const chip = await pins.open()
  const output = await chip.openOutput(0, { initial: true })
  pins.drive(0, false)
  t.equal(pins.level(0), true)
  output.close()
  t.equal(pins.level(0), true)
  await chip.openInput(0, {}, () => {})
  t.equal(pins.level(0), false)
})

t.test('a pin that is not there cannot be driven', async t => {
  const { pins } = made()
  t.equal(await kindOf(() => pins.drive(2, true)), 'invalid')
})

t.test('whatever the far end does, edges that fit the queue are told with their own instants', async () => {
  const steps = fc.array(fc.record({ high: fc.boolean(), after: fc.integer({ min: 0, max: 20 }) }), {
    maxLength: 60,
  })
  await fc.assert(
    fc.asyncProperty(steps, fc.boolean(), async (steps, activeLow) => {
      const { clock, pins } = made()
      const edges: GpioEdge[] = []
      await (await pins.open()).openInput(0, { activeLow }, edge => edges.push(edge))
      const expected: GpioEdge[] = []
      for (const { high, after } of steps) {
        if (high !== pins.level(0))
          expected.push({ high: high !== activeLow, us: clock.now(), overrun: false })
        pins.drive(0, high)
        if (after > 0) await clock.advance(after)
      }
      await clock.advance(0)
      return JSON.stringify(edges) === JSON.stringify(expected)
    }),
    { numRuns: 200 },
  )
})
