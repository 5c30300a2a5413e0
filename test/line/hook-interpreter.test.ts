import fc from 'fast-check'
import t from 'tap'
import type { HookContext, HookEvent, HookTimings } from '../../firmware/line/hook-event.js'
import { initialHook, interpret } from '../../firmware/line/hook-interpreter.js'
import type { HookInput } from '../../firmware/line/hook-state.js'
import { us } from '../../hal/clock.js'
import { frenchHook as timings } from '../support/french-line.js'

const contexts: readonly HookContext[] = ['collecting', 'talking', 'window', 'ringing', 'emergency']
const never = us(1e12)

const edge = (ms: number, offHook: boolean): HookInput => ({ offHook, us: us(Math.round(ms * 1000)) })
const notice = (ms: number): HookInput => ({ now: us(Math.round(ms * 1000)) })

interface Options {
  readonly offHook?: boolean
  readonly timings?: HookTimings
  readonly end?: boolean
}

const run = (inputs: readonly HookInput[], context: HookContext, options: Options = {}): HookEvent[] => {
  let state = initialHook(us(0), options.offHook ?? true)
  const events: HookEvent[] = []
  const all = (options.end ?? true) ? [...inputs, { now: never }] : inputs
  for (const input of all) {
    const step = interpret(state, input, options.timings ?? timings, context)
    state = step.state
    events.push(...step.events)
  }
  return events
}

const told = (event: HookEvent): string =>
  'ms' in event
    ? `${event.type === 'digit' ? event.digit : event.type} ${event.ms}@${event.us / 1000}`
    : `${event.type}@${event.us / 1000}`

/** What is whole: how digits begin and fail has tests of its own. */
const isWhole = ({ type }: HookEvent): boolean => type !== 'digit-begun' && type !== 'digit-lost'

const said = (inputs: readonly HookInput[], context: HookContext, options?: Options): string =>
  run(inputs, context, options).filter(isWhole).map(told).join(', ')

const saidAll = (inputs: readonly HookInput[], context: HookContext, options?: Options): string =>
  run(inputs, context, options).map(told).join(', ')

/** A break of `ms` from `at`. */
const hole = (at: number, ms: number): HookInput[] => [edge(at, false), edge(at + ms, true)]

/** `count` pulses; ends closed. */
const pulses = (at: number, count: number, breakMs = 66, makeMs = 33): HookInput[] =>
  Array.from({ length: count }, (_, i) => hole(at + i * (breakMs + makeMs), breakMs)).flat()

t.test('off-hook is believed after 40 ms closed, at once when the telephone rings', t => {
  const lift = (ms: number) =>
    hole(0, 100)
      .slice(1)
      .concat(edge(100 + ms, false))
  t.equal(said(lift(39), 'collecting', { offHook: false }), '')
  t.equal(said(lift(40), 'collecting', { offHook: false }), 'off-hook@100, on-hook 600@740')
  t.equal(said(lift(20), 'ringing', { offHook: false }), 'off-hook@100, on-hook 600@720')
  t.equal(said(lift(10), 'ringing', { offHook: false }), '', 'a spike as long as a bounce is no answer')
  t.end()
})

t.test('a ring trip is an answer at once, told once, whatever edges follow', t => {
  const trip: HookInput = { trippedAt: us(100_000) }
  const open = { offHook: false, end: false }
  t.equal(said([trip], 'ringing', open), 'off-hook@100')
  t.equal(said([trip, edge(100, true), edge(103, false), edge(105, true)], 'ringing', open), 'off-hook@100')
  t.equal(
    said([edge(95, true), trip, edge(900, false)], 'ringing', { offHook: false }),
    'off-hook@100, on-hook 600@1500',
  )
  t.equal(said([trip], 'talking', { end: false }), '', 'a telephone that is off-hook has answered before')
  t.end()
})

t.test('breaks of 10 to 2000 ms in every context', t => {
  const expected: Record<HookContext, (ms: number) => string> = {
    talking: ms => (ms < 80 ? '' : ms <= 600 ? `flash ${ms}@${1000 + ms}` : onHook(ms)),
    ringing: ms => (ms < 80 ? '' : ms <= 600 ? `flash ${ms}@${1000 + ms}` : onHook(ms)),
    collecting: ms =>
      ms < 30 ? '' : ms <= 90 ? `1 ${ms}@${1000 + ms}` : ms <= 600 ? `flash ${ms}@${1000 + ms}` : onHook(ms),
    window: ms =>
      ms < 30 ? '' : ms < 80 ? `1 ${ms}@${1000 + ms}` : ms <= 600 ? `flash ${ms}@${1000 + ms}` : onHook(ms),
    emergency: ms => (ms <= 1500 ? '' : `on-hook 1500@2500, off-hook@${1000 + ms}`),
  }
  const onHook = (ms: number): string => `on-hook 600@1600, off-hook@${1000 + ms}`
  for (const context of contexts)
    for (let ms = 10; ms <= 2000; ms += 10)
      if (said(hole(1000, ms), context) !== expected[context](ms))
        t.equal(said(hole(1000, ms), context), expected[context](ms), `${context} ${ms}`)
  t.pass('1000 breaks')
  t.end()
})

t.test('the microsecond decides at the edges of the windows', t => {
  t.equal(said(hole(1000, 79.999), 'talking'), '')
  t.equal(said(hole(1000, 600), 'talking'), 'flash 600@1600')
  t.equal(said(hole(1000, 600.001), 'talking'), 'on-hook 600@1600, off-hook@1600.001')
  t.equal(said(hole(1000, 90.001), 'collecting'), 'flash 90.001@1090.001')
  t.end()
})

t.test('edges up to 15 ms apart are one bounce group, which counts from outside to outside', t => {
  const spike = (ms: number) => [edge(1000, true), edge(1000 + ms, false)]
  t.equal(said(spike(15), 'ringing', { offHook: false }), '')
  t.equal(said(spike(15.001), 'ringing', { offHook: false }), 'off-hook@1000, on-hook 600@1615.001')
  const reclosed = [edge(1000, false), edge(1595, true), edge(1598, false), edge(1605, true)]
  t.equal(said(reclosed, 'talking'), 'on-hook 600@1600, off-hook@1605', 'bounce across the deadline')
  t.end()
})

t.test('without rotary dialling a short break while collecting is R or nothing', t => {
  const tones = { ...timings, pulse: false }
  t.equal(said(hole(1000, 66), 'collecting', { timings: tones }), '')
  t.equal(said(hole(1000, 85), 'collecting', { timings: tones }), 'flash 85@1085')
  t.end()
})

t.test('rotary digits from 8 to 14 pulses a second, 11 is "*" and 12 is "#"', t => {
  for (const context of ['collecting', 'window'] as const)
    for (const rate of [8, 10, 12, 14])
      for (const part of [0.5, 0.6, 2 / 3]) {
        const breakMs = Math.round((1000 / rate) * part)
        const makeMs = Math.round(1000 / rate) - breakMs
        if (context === 'window' && breakMs >= 80) continue
        for (let count = 1; count <= 12; count++) {
          const digit = '?1234567890*#'.charAt(count)
          const ms = count * breakMs + (count - 1) * makeMs
          const name = `${count} pulses at ${rate} Hz, ${breakMs} ms open, ${context}`
          t.equal(said(pulses(1000, count, breakMs, makeMs), context), `${digit} ${ms}@${1000 + ms}`, name)
        }
      }
  t.end()
})

t.test('a rotary number is told digit by digit', t => {
  const train = [...pulses(1000, 1), ...pulses(1500, 12), ...pulses(3500, 2)]
  t.equal(
    run(train, 'collecting')
      .filter(isWhole)
      .map(e => (e.type === 'digit' ? e.digit : e.type))
      .join(''),
    '1#2',
  )
  t.equal(said([...hole(1000, 270), ...pulses(1320, 2)], 'window'), 'flash 270@1270, 2 165@1485')
  t.end()
})

t.test('pulses count for nothing in a call', t => {
  for (const context of ['talking', 'ringing', 'emergency'] as const)
    t.equal(said(pulses(1000, 7), context), '', context)
  t.end()
})

t.test('a digit that was not dialled cleanly is not guessed', t => {
  t.equal(said(pulses(1000, 13), 'collecting'), '', 'thirteen pulses')
  t.equal(said([...hole(1000, 66), ...hole(1100, 165), ...hole(1300, 66)], 'collecting'), '', 'a lost make')
  t.equal(said([...hole(1000, 66), ...hole(1200, 66)], 'collecting'), '', 'a lost break')
  t.equal(said([...hole(1000, 66), edge(1100, false)], 'collecting'), 'on-hook 600@1700', 'hung up half-way')
  t.equal(
    said([...pulses(1000, 13), ...pulses(3000, 5)], 'collecting'),
    '5 462@3462',
    'the next digit counts',
  )
  t.end()
})

t.test('a rotary digit is told to have begun at its first pulse, and never where R is meant', t => {
  t.equal(saidAll(pulses(1000, 3), 'collecting'), 'digit-begun@1066, 3 264@1264')
  const firstPulse = [...hole(1000, 66), notice(1081.001)]
  t.equal(
    saidAll(firstPulse, 'collecting', { end: false }),
    'digit-begun@1066',
    'as soon as its bounce is over',
  )
  t.equal(saidAll(hole(1000, 66), 'window'), 'digit-begun@1066, 1 66@1066')
  t.equal(saidAll(hole(1000, 91), 'collecting'), 'flash 91@1091')
  t.equal(saidAll(hole(1000, 85), 'window'), 'flash 85@1085')
  for (const context of ['talking', 'ringing', 'emergency'] as const)
    t.equal(saidAll(pulses(1000, 7), context), '', context)
  t.equal(saidAll(pulses(1000, 7), 'collecting', { timings: { ...timings, pulse: false } }), '')
  t.equal(saidAll(pulses(1000, 13), 'collecting'), 'digit-begun@1066, digit-lost@2254')
  t.equal(saidAll([...hole(1000, 66), edge(1100, false)], 'collecting'), 'digit-begun@1066, on-hook 600@1700')
  t.end()
})

t.test('an edge stamped after a deadline brings the event of the deadline first', t => {
  t.equal(said([edge(1000, false), edge(5000, true)], 'talking', { end: false }), 'on-hook 600@1600')
  t.equal(
    said([...pulses(1000, 3), ...pulses(1700, 2), edge(9000, false)], 'collecting', { end: false }),
    '3 264@1264, 2 165@1865',
  )
  t.end()
})

t.test('"now" at the deadline itself does not hang up: an edge with that very stamp may come', t => {
  t.equal(said([edge(1000, false), notice(1600), edge(1600, true)], 'talking'), 'flash 600@1600')
  t.equal(said([edge(1000, false), notice(1600.001)], 'talking', { end: false }), 'on-hook 600@1600')
  t.end()
})

t.test('lost edges make no flash and no digit', t => {
  const lost = (ms: number, offHook: boolean): HookInput => ({
    offHook,
    us: us(ms * 1000),
    overrun: true,
  })
  t.equal(said([edge(1000, false), lost(1300, true)], 'talking'), '')
  t.equal(said([edge(1000, false), lost(1300, false)], 'talking'), 'on-hook 600@1900')
  t.equal(said([lost(1300, false)], 'talking'), 'on-hook 600@1900')
  t.equal(said([...pulses(1000, 3), lost(1300, true), ...pulses(1330, 2)], 'collecting'), '')
  t.equal(said([lost(1300, true)], 'collecting', { offHook: false }), 'off-hook@1300')
  t.equal(said([edge(1000, true), lost(1010, false)], 'collecting', { offHook: false }), '')
  t.equal(said([edge(1000, false), lost(1700, true)], 'talking'), 'on-hook 600@1600, off-hook@1700')
  t.end()
})

/** Contact bounce around one change of level at `at`: an odd number of edges, ending at `level`. */
const bounced = (level: boolean) =>
  fc
    .tuple(
      fc.integer({ min: 0, max: 10 }),
      fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), { minLength: 20, maxLength: 20 }),
    )
    .map(([pairs, gaps]) => {
      let at = 0
      const edges = [{ at, level }]
      for (let i = 0; i < pairs * 2; i++) {
        at += gaps[i] ?? 1
        edges.push({ at, level: i % 2 === 0 ? !level : level })
      }
      return edges
    })

const place = (edges: readonly { at: number; level: boolean }[], from: number): HookInput[] =>
  edges.map(e => edge(from + e.at, e.level))

t.test(
  'property: bounce of 0.1 to 10 ms, up to 21 edges, gives exactly one event, measured outside to outside',
  t => {
    fc.assert(
      fc.property(
        bounced(false),
        bounced(true),
        fc.integer({ min: 230, max: 380 }),
        (opening, closing, gap) => {
          const last = closing.at(-1)?.at ?? 0
          const events = run([...place(opening, 1000), ...place(closing, 1000 + gap)], 'talking')
          const end = Math.round((1000 + gap + last) * 1000)
          return (
            events.length === 1 &&
            events[0]?.type === 'flash' &&
            events[0].us === end &&
            Math.abs(events[0].ms - (gap + last)) < 0.002
          )
        },
      ),
      { numRuns: 300 },
    )
    fc.assert(
      fc.property(bounced(true), bounced(false), (lifting, hanging) => {
        const events = run([...place(lifting, 1000), ...place(hanging, 3000)], 'collecting', {
          offHook: false,
        })
        return events.map(e => e.type).join() === 'off-hook,on-hook' && events[1]?.us === 3_600_000
      }),
      { numRuns: 300 },
    )
    t.end()
  },
)

/** Random edge trains with gaps that favour the limits of the windows. */
const gap = fc.oneof(
  fc.constantFrom(
    0.1,
    5,
    15,
    15.001,
    20,
    30,
    33,
    40,
    66,
    75,
    79.999,
    80,
    90,
    90.001,
    250,
    270,
    600,
    600.001,
    1500.001,
  ),
  fc.double({ min: 0.01, max: 900, noNaN: true }),
)
const train = fc.array(gap, { maxLength: 60 }).map(gaps => {
  let at = 1000
  let level = true
  return gaps.map(g => {
    at += g
    level = !level
    return edge(at, level)
  })
})

t.test('property: notices that time passed, late, early or many, change no event', t => {
  fc.assert(
    fc.property(
      train,
      fc.constantFrom(...contexts),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 61, maxLength: 61 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 61, maxLength: 61 }),
      (edges, context, fractions, counts) => {
        const plain = run(edges, context)
        const noticed = edges.flatMap((input, i) => {
          const from = i === 0 ? us(0) : (edges[i - 1] as { us: number }).us
          const to = (input as { us: number }).us
          const count = counts[i] ?? 0
          const notices = Array.from({ length: count }, (_, n): HookInput => {
            const fraction = Math.min(1, ((fractions[i] ?? 0) * (n + 1)) / count)
            return { now: us(Math.round(from + (to - from) * fraction)) }
          })
          return [...notices, input]
        })
        return JSON.stringify(run(noticed, context)) === JSON.stringify(plain)
      },
    ),
    { numRuns: 500 },
  )
  t.end()
})

t.test(
  'property: a digit that began ends once: told, lost, or hung up; and none is told that did not begin',
  t => {
    fc.assert(
      fc.property(train, fc.constantFrom(...contexts), (edges, context) => {
        let begun = 0
        for (const { type } of run(edges, context)) {
          if (type === 'digit-begun') begun++
          else if (type === 'digit' || type === 'digit-lost') begun--
          else if (type === 'on-hook') begun = 0
          else if (begun !== 0) return false
          if (begun < 0 || begun > 1) return false
        }
        return begun === 0
      }),
      { numRuns: 500 },
    )
    t.end()
  },
)

t.test('property: waking exactly when asked gives the same events as one look at the end', t => {
  fc.assert(
    fc.property(train, fc.constantFrom(...contexts), (edges, context) => {
      let state = initialHook(us(0), true)
      const events: HookEvent[] = []
      let wakeAt: number | undefined
      const take = (input: HookInput): void => {
        const step = interpret(state, input, timings, context)
        state = step.state
        events.push(...step.events)
        if (step.wakeAt !== undefined && step.wakeAt <= state.at) throw new Error('wakes in the past')
        wakeAt = step.wakeAt
      }
      for (const input of edges) {
        while (wakeAt !== undefined && wakeAt <= (input as { us: number }).us) take({ now: us(wakeAt) })
        take(input)
      }
      while (wakeAt !== undefined) take({ now: us(wakeAt) })
      return JSON.stringify(events) === JSON.stringify(run(edges, context))
    }),
    { numRuns: 300 },
  )
  t.end()
})

t.test('property: storms of any input never throw, and the last level wins', t => {
  const any = fc.oneof(
    fc.record({
      offHook: fc.boolean(),
      us: fc.oneof(
        fc.integer({ min: -1000, max: 5_000_000 }),
        fc.constantFrom(Number.NaN, Number.NEGATIVE_INFINITY),
      ),
    }),
    fc.record({ offHook: fc.boolean(), us: fc.integer({ min: 0, max: 5_000_000 }), overrun: fc.boolean() }),
    fc.record({ now: fc.integer({ min: 0, max: 5_000_000 }) }),
  )
  fc.assert(
    fc.property(
      fc.array(any, { maxLength: 80 }),
      fc.boolean(),
      fc.constantFrom(...contexts),
      (storm, last, context) => {
        const inputs = [...(storm as HookInput[]), edge(10_000, last)]
        let offHook = false
        for (const event of run(inputs, context, { offHook })) {
          if (event.type === 'off-hook') {
            if (offHook) return false
            offHook = true
          } else if (!offHook) return false
          else if (event.type === 'on-hook') offHook = false
        }
        return offHook === last
      },
    ),
    { numRuns: 500 },
  )
  t.end()
})
