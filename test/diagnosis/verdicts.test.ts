// Verdicts are total: whatever the facts, something is said, in both languages, and no sentence has a hole.

import fc from 'fast-check'
import t from 'tap'
import type { BoxFacts, LineFacts, StreamFacts } from '../../firmware/run/facts/facts.js'
import { concludeAudio, concludeRegistration, judge } from '../../firmware/run/verdicts/judge.js'
import { byImportance } from '../../firmware/run/verdicts/rule.js'
import { testVerdicts } from '../../firmware/run/verdicts/test-verdicts.js'
import type { Verdict } from '../../firmware/run/verdicts/verdict.js'
import { verdictText, verdictTexts } from '../../firmware/run/verdicts/verdict-texts.js'

const statistics = fc.record({
  stream: fc.constantFrom('tel1/out-1', 'tel1-in-1'),
  sentPackets: fc.nat(2000),
  receivedPackets: fc.nat(2000),
  lostPackets: fc.nat(300),
  latePackets: fc.nat(10),
  jitterMs: fc.double({ min: 0, max: 200, noNaN: true }),
})
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const call = fc.record(
  {
    direction: fc.constantFrom('out', 'in'),
    party: fc.constant('0389xxxxxx'),
    wallMs: fc.nat(),
    emergency: fc.boolean(),
    code: fc.boolean(),
    answeredMs: fc.nat(10_000),
    endedMs: fc.nat(20_000),
    status: fc.constantFrom(200, 404, 486, 503),
    media: statistics,
    ladder: fc.constant([]),
    left: fc.constant(0),
  },
  { requiredKeys: ['direction', 'wallMs', 'emergency', 'code', 'ladder', 'left'] },
)
const flash = fc.nat(50).chain(count =>
  fc.record({
    window: fc.constant([80, 600] as const),
    count: fc.constant(count),
    tooShort: fc.nat(count),
    tooLong: fc.nat(count),
    medianMs: optional(fc.nat(1200)),
    shortestMs: optional(fc.nat(1200)),
    longestMs: optional(fc.nat(1200)),
    bins: fc.constant([]),
  }),
)
const registration = fc.record(
  {
    hasAccount: fc.boolean(),
    state: fc.constantFrom('registered', 'registering', 'unregistered', 'refused'),
    sinceMs: fc.nat(),
    address: fc.constant('0389000001@operator.test'),
    status: fc.constantFrom(200, 401, 403, 404, 407, 408, 423, 500, 503),
    reason: fc.constantFrom('OK', 'Forbidden', ''),
    answered: fc.boolean(),
    proxies: fc.constantFrom([], ['192.0.2.1:5060']),
    names: fc.constantFrom('no-such-name', 'no-name-server'),
    challenged: fc.boolean(),
    wasRegistered: fc.boolean(),
    aheadSeconds: fc.integer(),
  },
  { requiredKeys: ['hasAccount', 'state', 'sinceMs', 'proxies', 'wasRegistered'] },
)
const line = fc.record(
  {
    line: fc.constantFrom('tel1', 'tel2'),
    situation: fc.constantFrom('idle', 'left-off-hook', 'failed', 'active', 'dial-tone', 'ringing-in'),
    situationMs: fc.nat(100_000),
    offHook: fc.boolean(),
    ringing: fc.boolean(),
    faults: fc.subarray(['short', 'ground', 'power', 'thermal', 'chip-reset', 'link-lost']),
    sense: fc.record({
      loopMa: fc.double({ min: -50, max: 50, noNaN: true }),
      tipRingVolts: fc.double({ min: -100, max: 100, noNaN: true }),
      batteryVolts: fc.double({ min: -100, max: 100, noNaN: true }),
    }),
    registration,
    flash,
    calls: fc.array(call, { maxLength: 3 }),
    codes: fc.constant([]),
    media: fc.array(statistics, { maxLength: 2 }),
  },
  {
    requiredKeys: [
      'line',
      'situation',
      'situationMs',
      'offHook',
      'ringing',
      'faults',
      'registration',
      'flash',
      'calls',
      'codes',
      'media',
    ],
  },
) as unknown as fc.Arbitrary<LineFacts>
const kinds = [
  'disk-full',
  'no-store',
  'store-failed',
  'clock-wrong',
  'clock-jumped',
  'one-way-audio',
  'pcm-xrun',
] as const
const alarm = fc.record(
  {
    kind: fc.constantFrom(...kinds),
    line: fc.constantFrom('tel1', 'tel2'),
    active: fc.boolean(),
    sinceMs: fc.nat(),
    lastMs: fc.nat(),
    count: fc.nat(),
    detail: fc.constant('3 frames'),
  },
  { requiredKeys: ['kind', 'active', 'sinceMs', 'lastMs', 'count'] },
)
const box = fc.record({
  wallMs: fc.integer(),
  upMs: fc.nat(),
  lines: fc.array(line, { maxLength: 2 }),
  alarms: fc.array(alarm, { maxLength: 4 }),
}) as unknown as fc.Arbitrary<BoxFacts>

/** In order of importance, and in sentences without a gap. */
const isWellSaid = (verdicts: readonly Verdict[]): boolean => {
  const rank = { fault: 0, warning: 1, fine: 2 }
  const texts = verdicts.flatMap(verdict => [verdictText(verdict, 'en'), verdictText(verdict, 'fr')])
  return (
    verdicts.length > 0 &&
    verdicts.every((verdict, i) => i === 0 || rank[verdict.severity] >= rank[verdicts[i - 1]!.severity]) &&
    texts.every(
      ({ says, todo }) => says !== '' && !/[{}]/.test(says + todo) && !says.includes('?'.repeat(2)),
    ) &&
    texts.every(({ says }) => !/\(\?|\? ms/.test(says))
  )
}

t.test(
  'whatever the facts: a verdict, most important first, with whole sentences in both languages',
  async () => {
    fc.assert(
      fc.property(box, facts =>
        [judge, concludeRegistration, concludeAudio].every(of => isWellSaid(of(facts))),
      ),
      { numRuns: 500 },
    )
  },
)

t.test(
  'of a part of a line the same is said as of the whole, and that it is in order where it is',
  async () => {
    const faults = (verdicts: readonly Verdict[]) =>
      verdicts.flatMap(({ id, severity, line: of }) => (severity === 'fault' ? [`${of} ${id}`] : []))
    fc.assert(
      fc.property(box, facts => {
        const whole = new Set(faults(judge(facts)))
        const registration = concludeRegistration(facts)
        const audio = concludeAudio(facts)
        const registered = (of: string) =>
          facts.lines.some(each => each.line === of && each.registration.state === 'registered')
        return (
          [...faults(registration), ...faults(audio)].every(
            fault => fault.endsWith('no-such-line') || whole.has(fault),
          ) &&
          registration.every(({ id, line: of = '' }) => id !== 'registered' || registered(of)) &&
          facts.lines.every(({ line: of }) => registration.some(each => each.line === of)) &&
          facts.lines.every(({ line: of }) => audio.some(each => each.line === of))
        )
      }),
      { numRuns: 300 },
    )
  },
)

t.test('audio is in order when enough has come each way that was agreed on', async t => {
  const said = (sentPackets: number, receivedPackets: number, oneWay?: StreamFacts['oneWay']) => {
    const figures = { stream: 'a', sentPackets, receivedPackets, lostPackets: 0, latePackets: 0, jitterMs: 1 }
    const [each] = fc.sample(line, 1)
    const media = [{ ...figures, ...(oneWay && { oneWay }) }]
    const facts = { ...each, line: 'tel1', media, calls: [] } as unknown as LineFacts
    return concludeAudio({ wallMs: 0, upMs: 0, lines: [facts], alarms: [] }).map(({ id }) => id)
  }
  t.same(said(150, 148), ['audio-good'])
  t.same(said(50, 48), ['audio-unknown'])
  t.same(said(150, 0), ['nothing-received'])
  t.same(said(0, 150), ['nothing-sent'])
  t.same(said(0, 150, 'recvonly'), ['audio-good'])
  t.same(said(150, 0, 'sendonly'), ['audio-good'])
  t.same(said(0, 50, 'recvonly'), ['audio-unknown'])
})

t.test('a sentence and its translation are filled with the same values', async t => {
  const names = (text: string) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort()
  for (const [id, { en, fr }] of Object.entries(verdictTexts)) t.same(names(fr.join()), names(en.join()), id)
})

t.test('nobody is said to have refused who could not be asked: his name had no address', async t => {
  const [of] = fc.sample(line, 1) as [LineFacts]
  const told = (names: 'no-such-name' | undefined) => {
    const registration = {
      ...of.registration,
      hasAccount: true,
      state: 'unregistered',
      status: 503,
      answered: true,
    }
    const { names: _, ...heard } = registration
    const facts = { ...of, registration: names ? { ...heard, names } : heard }
    return judge({ wallMs: 0, upMs: 0, lines: [facts], alarms: [] }).map(({ id }) => id)
  }
  t.ok(told(undefined).includes('operator-refuses'))
  t.ok(told('no-such-name').includes('no-such-name'))
  t.notOk(told('no-such-name').includes('operator-refuses'))
})

t.test('every faulty line is told, and a fault comes before a warning', async () => {
  fc.assert(
    fc.property(line, line, (a, b) => {
      const lines = [
        { ...a, line: 'tel1', faults: ['short' as const] },
        { ...b, line: 'tel2', faults: ['thermal' as const] },
      ]
      const told = judge({ wallMs: 0, upMs: 0, lines, alarms: [] }).filter(
        ({ severity }) => severity === 'fault',
      )
      return (
        told.some(({ id, line: of }) => id === 'short' && of === 'tel1') &&
        told.some(({ id, line: of }) => id === 'too-hot' && of === 'tel2')
      )
    }),
    { numRuns: 100 },
  )
})

t.test('current that flows while it rings is no fault of the loop', async t => {
  const told = (facts: LineFacts) =>
    judge({ wallMs: 0, upMs: 0, lines: [facts], alarms: [] }).some(
      ({ id }) => id === 'short' || id === 'ground',
    )
  const drawing = { loopMa: 20, tipRingVolts: 1, batteryVolts: -48 }
  const ringing = fc.constantFrom(
    { ringing: true, situation: 'idle' },
    { ringing: false, situation: 'ringing-in' },
    { ringing: false, situation: 'recall-ringing' },
  )
  fc.assert(
    fc.property(line, ringing, fc.constantFrom(1, 40), (facts, how, tipRingVolts) => {
      const at = { ...facts, faults: [], offHook: false, sense: { ...drawing, tipRingVolts } }
      const still = { ...at, ringing: false, situation: 'idle' as const }
      return !told({ ...at, ...how } as LineFacts) && told(still)
    }),
    { numRuns: 200 },
  )
  t.equal(
    told({ ...fc.sample(line, 1)[0]!, faults: ['short'], ringing: true }),
    true,
    'the chip itself says so',
  )
})

t.test('measurements of the chip that fail always mean something', async t => {
  const result = fc.record({
    test: fc.constantFrom(
      'foreign-voltage',
      'resistive-fault',
      'receiver-off-hook',
      'ringers',
      'battery',
      'pcm-loopback',
    ),
    pass: fc.boolean(),
    values: fc.dictionary(
      fc.constantFrom('ren', 'tipRingOhms', 'ringGroundOhms', 'batteryVolts', 'loopMa'),
      fc.nat(1e7),
    ),
  }) as unknown as fc.Arbitrary<Parameters<typeof testVerdicts>[0][number]>
  fc.assert(
    fc.property(fc.array(result, { maxLength: 6 }), results => {
      const verdicts = testVerdicts(results, 'tel1')
      const texts = verdicts.map(verdict => verdictText(verdict, 'fr').says)
      return (
        results.some(({ pass }) => !pass) === verdicts.length > 0 && texts.every(text => !/\{/.test(text))
      )
    }),
  )
  t.same(byImportance([]), [])
})
