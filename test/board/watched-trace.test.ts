// Who watches the steps of the box at the console: he cannot stop them, and sees no whole number and no PIN.
import t from 'tap'
import { createConsoleBox } from '../../board/console-box.js'
import { keepLog } from '../../board/kept-log.js'
import { lineText, stepFacts, watchTrace } from '../../board/watched-trace.js'
import type { WatchTopic } from '../../firmware/console/console-box.js'
import { type Log, silentLog } from '../../firmware/log.js'
import type { PhoneEvent } from '../../firmware/phone/event.js'
import { reduce } from '../../firmware/phone/reduce.js'
import { initialState, type PhoneState } from '../../firmware/phone/state.js'
import { createBox } from '../../firmware/run/box.js'
import { createTraceRing, type TraceStep } from '../../firmware/trace/trace-ring.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { config } from '../phone/telephone.js'
import { type FakeSip, fakeMedia, fakePort, fakeSip } from '../run/fake-box-parts.js'
import { frenchHook } from '../support/french-line.js'
import { memoryStore } from '../support/memory-store.js'

const openBox = async () => {
  const clock = new VirtualClock()
  const errors: string[] = []
  const kept = keepLog(
    { ...silentLog, error: (message, fields) => errors.push(`${message} ${JSON.stringify(fields)}`) } as Log,
    clock,
  )
  const trace = watchTrace(createTraceRing(), kept.log)
  const port = fakePort('tel1', clock)
  const media = fakeMedia(event => box.onMedia(event))
  let sip: FakeSip | undefined
  let onStatus = (): void => undefined
  const box = createBox({
    clock,
    log: kept.log,
    media,
    sip: { line: (id, _account, sink) => (sip = fakeSip(id, sink)) },
    trace,
    store: Promise.resolve(memoryStore(clock)),
    onStatus: () => onStatus(),
    lines: [
      {
        id: 'tel1',
        fxs: port,
        electrical: { impedances: ['600'], loopMa: 23, ringHz: 50, ringVrms: 50 },
        hook: frenchHook,
        phone: config,
        account: { user: '0389000001', domain: 'operator.test', password: 'x', proxies: [], hash: 'escaped' },
      },
    ],
  })
  await box.open()
  await clock.settle()
  const throwing = (count: { told: number }) => (): void => {
    count.told++
    throw new Error('watcher')
  }
  return {
    clock,
    errors,
    kept,
    trace,
    port,
    media,
    box,
    sip: () => sip!,
    throwing,
    status: (sink: () => void) => {
      onStatus = sink
    },
  }
}

t.test('whoever throws while a telephone is hung up stops nothing and is told no more', async t => {
  const { clock, errors, kept, trace, port, media, box, sip, throwing, status } = await openBox()
  port.hook(true)
  await clock.advance(100)
  for (const digit of '0389000002') {
    box.onMedia({ type: 'digit-start', line: 'tel1', digit, us: clock.now(), dbm0: -10 })
    await clock.advance(70)
    box.onMedia({ type: 'digit-end', line: 'tel1', digit, us: clock.now(), ms: 70 })
    await clock.advance(70)
  }
  sip().emit({ type: 'answered', call: 'out-1' } as never)
  await clock.advance(100)
  const [ofTrace, ofLog, ofStatus] = [{ told: 0 }, { told: 0 }, { told: 0 }]
  let seen = 0
  trace.watch(throwing(ofTrace))
  trace.watch(() => seen++)
  kept.watch(throwing(ofLog))
  status(throwing(ofStatus))
  port.hook(false)
  await t.resolves(clock.advance(3000))
  t.match(sip().log.join('\n'), /hangUp/, 'the far end is told')
  t.match(media.log.join('\n'), /"do":"sleep"/, 'and the line is silent')
  t.equal(box.status()[0]?.situation, 'idle')
  t.ok(seen > 0, 'the others see it')
  t.same([ofTrace, ofLog, ofStatus], [{ told: 1 }, { told: 1 }, { told: 1 }])
  for (const what of ['trace', 'log', 'status'])
    t.equal(errors.filter(line => line.includes(`"what":"${what}"`)).length, 1, `${what}, once`)
})

/** Steps of a telephone on which these keys are pressed. */
const dialled = (keys: string): readonly TraceStep[] => {
  let state: PhoneState = initialState
  const events: PhoneEvent[] = [
    { type: 'registration', registered: true },
    { type: 'off-hook' },
    ...[...keys].flatMap((digit): PhoneEvent[] => [
      { type: 'digit', digit, source: 'dtmf' },
      { type: 'digit-end', digit },
    ]),
  ]
  return events.map((event, i) => {
    const before = state
    const [after, effects] = reduce(before, event, config)
    state = after
    return { us: 1000 * i, line: 'tel1', before, event, after, effects, config }
  })
}

/** The keys that can be read off what is shown: of the presses, and of their ends. */
const readable = (texts: readonly (string | undefined)[], word: string): string =>
  texts.flatMap(text => new RegExp(`^${word} ([0-9*#])`).exec(text ?? '')?.[1] ?? []).join('')

for (const [keys, shown] of [
  ['0389000002', '0389'],
  ['3179', '3179'],
  ['112', '112'],
  ['*99*1234#', '*99'],
  ['*92*0389000002', '*92'],
  ['*21*0389000002#', '*21'],
  ['#31#0389000002', '#31'],
] as const)
  t.test(`of ${keys} no more than ${shown} is shown`, async t => {
    const steps = dialled(keys)
    t.ok(
      shown.startsWith(
        readable(
          steps.map(step => stepFacts(step).event),
          'digit',
        ),
      ),
    )
    t.ok(
      readable(
        steps.map(step => stepFacts(step).event),
        'digit',
      ).length >= Math.min(3, shown.length),
    )
    t.ok(shown.startsWith(readable(steps.map(lineText), 'digit')))
    t.ok(
      shown.startsWith(
        readable(
          steps.map(step => stepFacts(step).event),
          'digit-end',
        ),
      ),
    )
  })

t.test('debug sip shows the beginning of a number and the head of a code', async t => {
  const clock = new VirtualClock()
  const log = keepLog(silentLog, clock)
  const box = createConsoleBox({
    clock,
    log,
    trace: watchTrace(createTraceRing(), log.log),
    version: '0.1.0',
    restart: () => undefined,
    diagnosis: {} as never,
    desk: {} as never,
  })
  const seen: string[] = []
  box.watch('sip' satisfies WatchTopic, ({ text }) => void seen.push(text))
  for (const [line, shown] of [
    ['INVITE sip:0389000002@operator.test SIP/2.0', 'INVITE sip:0389xxxxxx@operator.test SIP/2.0'],
    ['INVITE sip:*99*1234%23@operator.test SIP/2.0', 'INVITE sip:*99*xxxx#@operator.test SIP/2.0'],
    ['INVITE sip:*92*0389000002@operator.test SIP/2.0', 'INVITE sip:*92*xxxxxxxxxx@operator.test SIP/2.0'],
    [
      'INVITE sip:%2A21%2A0389000002%23@operator.test SIP/2.0',
      'INVITE sip:*21*xxxxxxxxxx#@operator.test SIP/2.0',
    ],
    [
      'INVITE sip:0389000002;phone-context=+33@h;user=phone SIP/2.0',
      'INVITE sip:xxxxxxxxxx;phone-context=+xx@h;user=phone SIP/2.0',
    ],
    ['INVITE tel:+33389000002 SIP/2.0', 'INVITE tel:+333xxxxxxxx SIP/2.0'],
    ['INVITE sip:112@operator.test SIP/2.0', 'INVITE sip:112@operator.test SIP/2.0'],
    ['REGISTER sip:operator.test SIP/2.0', 'REGISTER sip:operator.test SIP/2.0'],
    ['SIP/2.0 180 Ringing', 'SIP/2.0 180 Ringing'],
  ] as const) {
    log.log.debug('sip', { direction: 'out', peer: '192.0.2.1:5060', line })
    t.equal(seen.at(-1), `out 192.0.2.1:5060 ${shown}`)
  }
})
