// The key decoder beside the module: every key with its instants, none twice, and none at all rather than a wrong one.

import fc from 'fast-check'
import t from 'tap'
import { modelPins } from '../../../../hal/chips/ag1171/model.js'
import { type ChipDigit, Mt8870 } from '../../../../hal/chips/ag1171/mt8870.js'
import { ms, us } from '../../../../hal/clock.js'
import type { GpioChip, GpioEdge } from '../../../../hal/gpio.js'
import { VirtualClock } from '../../../../hal/sim/virtual-clock.js'
import { openAg1171Rig } from '../../../support/ag1171-rig.js'

const keys = '1234567890*#ABCD'

const fitted = async () => {
  const rig = await openAg1171Rig({ dtmf: true })
  await rig.open()
  await rig.act({ do: 'edges', edges: [{ offHook: true, ms: 0 }] })
  await rig.pass(100)
  const press = async (key: string, onMs: number, offMs: number) => {
    rig.decoder.tone(key)
    await rig.pass(onMs)
    rig.decoder.tone(undefined)
    await rig.pass(offMs)
  }
  return { ...rig, press }
}
const pressed = (digits: readonly ChipDigit[]) =>
  digits.flatMap(({ digit, phase }) => (phase === 'on' ? [digit] : [])).join('')

t.test('sixteen keys, each on and off once, 40 ms after the tone', async t => {
  const rig = await fitted()
  for (const key of keys) {
    const from = rig.clock.now()
    const before = rig.digits.length
    await rig.press(key, 70, 70)
    const [on, off, ...more] = rig.digits.slice(before)
    t.match(on, { digit: key, phase: 'on' })
    t.match(off, { digit: key, phase: 'off' })
    t.equal(more.length, 0)
    t.equal(Math.round(((on?.us as number) - from) / 1000), 40)
    t.equal(Math.round(((off?.us as number) - from) / 1000), 110)
  }
  t.same(rig.faults(), [], 'keys of a lifted telephone are no fault')
  await rig.close()
})

t.test('any row of keys arrives as it was pressed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          key: fc.constantFrom(...keys),
          on: fc.integer({ min: 45, max: 200 }),
          off: fc.integer({ min: 65, max: 200 }),
        }),
        { maxLength: 12 },
      ),
      async presses => {
        const rig = await fitted()
        for (const { key, on, off } of presses) await rig.press(key, on, off)
        await rig.pass(200)
        const phases = rig.digits.map(({ phase }) => phase)
        const stamps = rig.digits.map(({ us }) => us)
        await rig.close()
        return (
          pressed(rig.digits) === presses.map(({ key }) => key).join('') &&
          phases.every((phase, n) => phase === (n % 2 === 0 ? 'on' : 'off')) &&
          stamps.every((at, n) => n === 0 || at > (stamps[n - 1] as number))
        )
      },
    ),
    { numRuns: 25, seed: 8870 },
  )
})

t.test('a tone too short is no key, a drop-out is no second key', async t => {
  const rig = await fitted()
  await rig.press('5', 30, 100)
  t.equal(pressed(rig.digits), '')
  await rig.press('5', 60, 25)
  await rig.press('5', 60, 100)
  t.equal(pressed(rig.digits), '5')
  await rig.close()
})

/** A decoder on pins that a test moves, whose edges come when the test says. */
const bare = async () => {
  const clock = new VirtualClock()
  const levels = new Map<number, boolean>()
  let std: (edge: GpioEdge) => void = () => {}
  const chip: GpioChip = {
    timestamps: 'kernel',
    openOutput: () => Promise.reject(new Error('no output')),
    openInput: async (offset, _, onEdge) => {
      if (offset === modelPins.std) std = onEdge
      return { read: () => levels.get(offset) ?? false, close: () => {} }
    },
    close: async () => {},
  }
  const pin = (offset: number) => ({ chip, offset })
  const digits: ChipDigit[] = []
  const decoder = await Mt8870.open(
    'tel1',
    clock,
    {
      std: pin(modelPins.std),
      q1: pin(modelPins.q1),
      q2: pin(modelPins.q2),
      q3: pin(modelPins.q3),
      q4: pin(modelPins.q4),
    },
    digit => digits.push(digit),
  )
  const latch = (key: string) => {
    const code = 'D1234567890*#ABC'.indexOf(key)
    for (const [bit, offset] of [modelPins.q1, modelPins.q2, modelPins.q3, modelPins.q4].entries())
      levels.set(offset, (code & (1 << bit)) !== 0)
  }
  const edge = (high: boolean, at: number, overrun = false) => std({ high, us: us(at * 1000), overrun })
  return { clock, decoder, digits, latch, edge }
}

t.test('a key told late is read from the latch, as long as no other has come', async t => {
  const { clock, digits, latch, edge, decoder } = await bare()
  await clock.advance(500)
  latch('7')
  edge(true, 100)
  edge(false, 180)
  await clock.advance(100)
  t.same(digits, [
    { digit: '7', us: 100_000, phase: 'on' },
    { digit: '7', us: 180_000, phase: 'off' },
  ])
  decoder.close()
})

t.test('of two keys told late only the last is known: better one too few than a wrong one', async t => {
  const { clock, digits, latch, edge, decoder } = await bare()
  await clock.advance(600)
  latch('8')
  edge(true, 100)
  edge(false, 180)
  edge(true, 300)
  edge(false, 380)
  await clock.advance(100)
  t.equal(pressed(digits), '8')
  t.equal(digits[0]?.us, 300_000)
  t.equal(decoder.unreadable, 1)
  decoder.close()
})

t.test('StD that drops out for less than any pause is one key still', async t => {
  const { clock, digits, latch, edge, decoder } = await bare()
  await clock.advance(100)
  latch('3')
  edge(true, 100)
  await clock.advance(60)
  edge(false, 160)
  await clock.advance(10)
  edge(true, 170)
  await clock.advance(60)
  edge(false, 230)
  await clock.advance(50)
  t.same(digits, [
    { digit: '3', us: 100_000, phase: 'on' },
    { digit: '3', us: 230_000, phase: 'off' },
  ])
  decoder.close()
})

t.test('a key whose end was lost is let go when the next begins', async t => {
  const { clock, digits, latch, edge, decoder } = await bare()
  await clock.advance(100)
  latch('1')
  edge(true, 100)
  await clock.advance(200)
  latch('2')
  edge(true, 300, true)
  await clock.advance(50)
  edge(false, 350)
  await clock.advance(50)
  t.same(
    digits.map(({ digit, phase }) => `${digit} ${phase}`),
    ['1 on', '1 off', '2 on', '2 off'],
  )
  t.equal(clock.pending().length, 0)
  decoder.close()
})

t.test('what the decoder makes of the ring is no key', async t => {
  const rig = await openAg1171Rig({ dtmf: true })
  await rig.open()
  await rig.finish(rig.port.ringBurst(true))
  rig.decoder.tone('1')
  await rig.pass(200)
  rig.decoder.tone(undefined)
  await rig.finish(rig.port.ringBurst(false))
  t.same(rig.digits, [])
  rig.clock.timer('after the ring', ms(300), () => {})
  await rig.pass(300)
  t.same(rig.digits, [])
  await rig.close()
})
