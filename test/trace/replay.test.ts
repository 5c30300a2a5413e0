// A trace replays to the same effects; whatever is changed in it, replay says so.

import fc from 'fast-check'
import t from 'tap'
import type { PhoneEvent } from '../../firmware/phone/event.js'
import { reduce } from '../../firmware/phone/reduce.js'
import { initialState } from '../../firmware/phone/state.js'
import { replay } from '../../firmware/trace/replay.js'
import { formatTrace, parseTrace } from '../../firmware/trace/trace-file.js'
import { createTraceRing, type TraceRing } from '../../firmware/trace/trace-ring.js'
import { phoneEvent } from '../phone/phone-event.js'
import { config } from '../phone/telephone.js'

const record = (ring: TraceRing, line: string, events: readonly PhoneEvent[]): void => {
  let state = initialState
  events.forEach((event, i) => {
    const [after, effects] = reduce(state, event, config)
    ring.record({ us: 1000 * i, line, before: state, event, after, effects, config })
    state = after
  })
}

const keys = (digits: string): PhoneEvent[] =>
  [...digits].map(digit => ({ type: 'digit', digit, source: 'dtmf' }))

const callOut: readonly PhoneEvent[] = [
  { type: 'registration', registered: true },
  { type: 'off-hook' },
  ...keys('0389000002'),
  { type: 'progress', call: 'out-1', status: 180 },
  { type: 'answered', call: 'out-1' },
  { type: 'flash', ms: 270 },
  { type: 'timer', name: 'first-digit' },
  { type: 'on-hook' },
]

const traceOf = (events: readonly PhoneEvent[], capacity?: number): string => {
  const ring = createTraceRing(capacity)
  record(ring, 'tel1', events)
  return formatTrace(ring.steps(), '0.1.0')
}

t.test('a recorded call replays to the same effects', async t => {
  const result = replay(parseTrace(traceOf(callOut)))
  t.match(result, { steps: callOut.length, lines: ['tel1'], differences: [], altered: [], same: true })
})

t.test('a ring that has lost its beginning still replays, several telephones in one', async t => {
  const ring = createTraceRing(20)
  record(ring, 'tel1', callOut)
  record(ring, 'tel2', callOut)
  const steps = ring.steps()
  t.equal(steps.length, 20)
  t.equal(steps[0]?.line, 'tel1')
  t.equal(steps.at(-1)?.event.type, 'on-hook')
  const result = replay(parseTrace(formatTrace(steps, '0.1.0')))
  t.match(result, { steps: 20, lines: ['tel1', 'tel2'], same: true })
})

t.test('any events at all replay', async t => {
  const replays = fc.property(
    fc.array(phoneEvent, { maxLength: 60 }),
    fc.integer({ min: 1, max: 80 }),
    (events, capacity) => {
      const result = replay(parseTrace(traceOf(events, capacity)))
      return result.same && result.steps === Math.min(events.length, capacity)
    },
  )
  t.doesNotThrow(() => fc.assert(replays, { numRuns: 200 }))
})

t.test('one event or effect altered is found on its line', async t => {
  const text = traceOf(callOut)
  const alterations = [
    ['"digit":"3"', '"digit":"4"'],
    ['"ms":270', '"ms":271'],
    ['"tone":"ringback"', '"tone":"busy"'],
    ['"type":"hang-up","call":"out-1"', '"type":"hang-up","call":"out-2"'],
    ['"us":3000', '"us":3001'],
    ['"hook":"on"', '"hook":"off"'],
    ['"noAnswer":180000', '"noAnswer":180001'],
  ] as const
  for (const [was, becomes] of alterations) {
    t.ok(text.includes(was), was)
    const line = text.slice(0, text.indexOf(was)).split('\n').length
    const result = replay(parseTrace(text.replace(was, becomes)))
    t.notOk(result.same, was)
    t.ok(result.altered.includes(line), `${was}: line ${line} of ${result.altered}`)
  }
})

t.test('a changed effect is found by the machine itself, not only by the digest', async t => {
  const trace = parseTrace(traceOf(callOut).replace('"tone":"ringback"', '"tone":"busy"'))
  const { differences } = replay({ ...trace, altered: [] })
  t.match(differences, [{ line: 'tel1', event: /progress/, recorded: /busy/, computed: /ringback/ }])
})

t.test('lines left out, doubled or swapped are found', async t => {
  const lines = traceOf(callOut).trimEnd().split('\n')
  const changed = [
    lines.slice(0, -1),
    [...lines.slice(0, 3), ...lines.slice(4)],
    [...lines.slice(0, 4), ...lines.slice(3)],
    [...lines.slice(0, 3), lines[4] ?? '', lines[3] ?? '', ...lines.slice(5)],
  ]
  for (const other of changed) t.notOk(replay(parseTrace(other.join('\n'))).same)
})

t.test('white space does not alter a trace', async t => {
  const spaced = traceOf(callOut)
    .trimEnd()
    .split('\n')
    .map(line => ` ${line.replace(/^\{/, '{ ')} `)
    .join('\n')
  t.ok(replay(parseTrace(spaced)).same)
})

t.test('what is no trace is refused with its line', async t => {
  const [header = '', first = ''] = traceOf(callOut).split('\n')
  for (const [text, message] of [
    ['', /line 1 is no header/],
    ['nonsense', /line 1 is no JSON object/],
    ['[1]', /line 1 is no JSON object/],
    ['{"trace":"other"}', /line 1 is no header/],
    [header.replace('"format":2', '"format":9'), /format 9, this is 2/],
    ['{"trace":"voiceport","format":2}', /version, steps and configs/],
    [`${header}\n{`, /line 2 is no JSON object/],
    [`${header}\n{}`, /line 2: line, event, to and effects/],
    [`${header}\n${first.replace('"config":0', '"config":7')}`, /config 7 is not in the header/],
  ] as const)
    t.throws(() => parseTrace(text), { code: 'VP-7101', message }, text.slice(0, 40))
})

t.test('a state edited by hand is a difference, not a crash', async t => {
  const text = traceOf([{ type: 'off-hook' }]).replace('"calls":{"kind":"none"}', '"calls":null')
  const result = replay(parseTrace(text))
  t.notOk(result.same)
  t.match(result.differences, [{ computed: /not a state/ }])
})
