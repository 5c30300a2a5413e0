// What the lamps say of a line, how they blink, and what an eye makes of it, in virtual time.
import fc from 'fast-check'
import t from 'tap'
import { situations } from '../../firmware/phone/situation.js'
import { createBlinker } from '../../firmware/run/blinker.js'
import { type LampInput, type LampPattern, lampsOf, lampsOfBox } from '../../firmware/run/lamps.js'
import { createLampEye, type LedSeen } from '../../hal/sim/lamp-eye.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'

const well: LampInput = {
  hasAccount: true,
  fault: false,
  registration: 'registered',
  situation: 'idle',
  messages: false,
}
const lineLamp = (change: Partial<LampInput>): LampPattern => lampsOf({ ...well, ...change }).line

t.test('the lamp of the line', async t => {
  t.equal(lineLamp({}), 'steady', 'registered')
  for (const registration of ['registering', 'refused', 'unregistered'])
    t.equal(lineLamp({ registration }), 'slow', registration)
  for (const situation of situations)
    if (situation !== 'idle') {
      t.equal(lineLamp({ situation }), 'fast', situation)
      t.equal(
        lineLamp({ situation, registration: 'refused', hasAccount: false }),
        'fast',
        'an emergency call too',
      )
    }
  t.equal(lineLamp({ hasAccount: false }), 'off', 'no account: no line')
  t.equal(lineLamp({ fault: true, situation: 'ringing-in' }), 'off', 'a line that cannot be used is none')
})

t.test('the lamp of messages goes by messages alone', async t => {
  for (const situation of situations) {
    t.equal(lampsOf({ ...well, situation, messages: true }).messages, 'steady')
    t.equal(lampsOf({ ...well, situation }).messages, 'off')
  }
})

t.test('one pair of lamps for several lines: the most urgent one is shown', async () => {
  const patterns: readonly LampPattern[] = ['off', 'steady', 'slow', 'fast']
  const lamps = fc.record({ line: fc.constantFrom(...patterns), messages: fc.constantFrom(...patterns) })
  fc.assert(
    fc.property(fc.array(lamps, { maxLength: 8 }), lines => {
      const rank = (name: 'line' | 'messages') =>
        Math.max(0, ...lines.map(line => patterns.indexOf(line[name])))
      const all = lampsOfBox(lines)
      return all.line === patterns[rank('line')] && all.messages === patterns[rank('messages')]
    }),
  )
})

const rig = () => {
  const clock = new VirtualClock()
  const seen: LedSeen[] = []
  const problems: string[] = []
  const eye = createLampEye('line', clock, one => seen.push(one))
  const blinker = createBlinker({
    clock,
    name: 'line',
    output: eye,
    onProblem: error => problems.push(error.message),
  })
  return { clock, seen, problems, eye, blinker }
}

t.test('each pattern is what an eye sees, told once', async t => {
  const { clock, seen, blinker, eye } = rig()
  for (const pattern of ['steady', 'slow', 'fast', 'steady', 'fast', 'slow', 'off'] as const) {
    seen.length = 0
    blinker.show(pattern)
    await clock.advance(10_000)
    t.equal(seen.at(-1)?.pattern, pattern)
    t.equal(eye.seen.pattern, pattern)
    t.ok(seen.length <= 2, `${seen.map(one => one.pattern)}: told at most once on the way`)
  }
  blinker.show('slow')
  await clock.advance(3000)
  t.match(eye.seen, { pattern: 'slow', onMs: 500, offMs: 500 })
  blinker.show('fast')
  await clock.advance(3000)
  t.match(eye.seen, { pattern: 'fast', onMs: 125, offMs: 125 })
  blinker.close()
  blinker.close()
  blinker.show('steady')
  await clock.advance(3000)
  t.equal(eye.seen.pattern, 'fast', 'nobody looks any more')
  t.strictSame(clock.pending(), [])
})

t.test('whatever is shown in whatever order, the last pattern stays and one timer runs at most', async () => {
  const step = fc.tuple(fc.constantFrom('off', 'steady', 'slow', 'fast'), fc.integer({ min: 0, max: 1500 }))
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async steps => {
      const { clock, blinker, eye } = rig()
      for (const [pattern, forMs] of steps) {
        blinker.show(pattern as LampPattern)
        if (clock.pending().filter(({ name }) => name === 'lamp line').length > 1) return false
        await clock.advance(forMs)
      }
      await clock.advance(3000)
      return eye.seen.pattern === steps.at(-1)?.[0]
    }),
    { numRuns: 60 },
  )
})

t.test('a lamp that cannot be switched is given up and told once', async t => {
  const clock = new VirtualClock()
  const problems: string[] = []
  let writes = 0
  const blinker = createBlinker({
    clock,
    name: 'line',
    output: {
      write: () => {
        if (++writes > 2) throw new Error('the pin is gone')
      },
      close: () => {},
    },
    onProblem: error => problems.push(error.message),
  })
  blinker.show('fast')
  await clock.advance(5000)
  blinker.show('slow')
  await clock.advance(5000)
  blinker.close()
  t.strictSame(problems, ['the pin is gone'])
  t.equal(writes, 3)
  t.strictSame(clock.pending(), [])
})
