// The virtual telephone's switch bounces and its dial is mechanical; the box may be late by seconds. What the line is
// heard to do must be the same.
import t from 'tap'
import type { HookContext, HookEvent } from '../../firmware/line/hook-event.js'
import { createHookWatch } from '../../firmware/run/hook-watch.js'
import type { HandsetAction } from '../../hal/sim/handset-contract.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { createSimBoard } from '../../hal/sim/sim-board.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { frenchHook as timings } from '../support/french-line.js'
import { createStallingLoop } from '../support/stalling-loop.js'

const heard = async (
  actions: readonly (HandsetAction | { wait: number } | { context: HookContext })[],
  options: { readonly seed?: number; readonly stallMs?: number } = {},
): Promise<string[]> => {
  const clock = new VirtualClock()
  const entropy = new SeededEntropy(options.seed ?? 1)
  const board = createSimBoard({ lines: ['tel1'], clock, entropy, frames: 'virtual' })
  const fxs = board.fxs('tel1')
  const handset = board.handset('tel1')
  const loop = createStallingLoop(clock)
  const events: HookEvent[] = []
  const watch = createHookWatch({
    clock: loop.clock,
    line: 'tel1',
    fxs: loop.latePort(fxs),
    timings,
    onEvent: event => events.push(event),
    onQuiet: now => loop.arrive(() => watch.quiet(now)),
    onResync: edge => loop.arrive(() => watch.edge(edge)),
  })
  await loop.latePort(fxs).open({ impedances: ['ctr21'], loopMa: 23, ringHz: 50, ringVrms: 50 }, event => {
    if (event.type === 'hook') watch.edge(event)
  })
  await fxs.setLinefeed('active')
  const pass = async (duration: number): Promise<void> => {
    const { stallMs } = options
    for (let left = duration; left > 0; left -= stallMs ?? left) {
      if (stallMs) loop.block()
      await clock.advance(Math.min(left, stallMs ?? left))
      await loop.release()
    }
  }
  for (const action of actions) {
    if ('wait' in action) await pass(action.wait)
    else if ('context' in action) watch.setContext(action.context)
    else {
      let over = false
      void handset.perform(action).then(() => {
        over = true
      })
      while (!over) await pass(options.stallMs ?? 50)
    }
  }
  watch.close()
  return events.flatMap(event => {
    if (event.type === 'digit-begun' || event.type === 'digit-lost') return []
    if (event.type === 'off-hook') return ['off-hook']
    return [`${event.type === 'digit' ? event.digit : event.type} ${event.ms}`]
  })
}

const rotaryMs = (pulses: number): number => pulses * 66 + (pulses - 1) * 33
const dialled = [...'1234567890*#'].map((digit, i) => `${digit} ${rotaryMs(i + 1)}`)

t.test(
  'a rotary telephone dials every digit, its R and its hanging up are heard to the millisecond',
  async t => {
    for (const seed of [1, 2, 3]) {
      const events = await heard(
        [
          { do: 'offhook' },
          { wait: 500 },
          { do: 'pulse', digits: '1234567890*#' },
          { wait: 500 },
          { context: 'talking' },
          { do: 'flash', ms: 270 },
          { wait: 500 },
          { do: 'flash', ms: 85 },
          { wait: 500 },
          { do: 'flash', ms: 600 },
          { wait: 500 },
          { context: 'window' },
          { do: 'pulse', digits: '2' },
          { wait: 500 },
          { context: 'talking' },
          { do: 'onhook' },
          { wait: 1000 },
        ],
        { seed },
      )
      t.same(
        events,
        ['off-hook', ...dialled, 'flash 270', 'flash 85', 'flash 600', `2 ${rotaryMs(2)}`, 'on-hook 600'],
        `bounce of seed ${seed}`,
      )
    }
  },
)

t.test('an emergency call survives a knocked cradle', async t => {
  t.same(
    await heard([
      { do: 'offhook' },
      { wait: 500 },
      { context: 'emergency' },
      { do: 'flash', ms: 270 },
      { wait: 300 },
      { do: 'flash', ms: 1400 },
      { wait: 300 },
      { do: 'onhook' },
      { wait: 1400 },
      { do: 'offhook' },
      { wait: 300 },
      { do: 'onhook' },
      { wait: 1700 },
    ]),
    ['off-hook', 'on-hook 1500'],
  )
})

t.test('a stalled event loop changes nothing', async t => {
  const talk: HandsetAction[] = [
    { do: 'edges', edges: [{ offHook: true, ms: 0 }] },
    {
      do: 'edges',
      edges: [
        { offHook: false, ms: 1000 },
        { offHook: true, ms: 1270 },
        { offHook: false, ms: 2000 },
        { offHook: true, ms: 2599 },
        { offHook: false, ms: 4000 },
        { offHook: true, ms: 4700 },
        { offHook: false, ms: 4730 },
        { offHook: true, ms: 5000 },
        { offHook: false, ms: 6000 },
        { offHook: true, ms: 6012 },
      ],
    },
  ]
  const digits = [{ wait: 300 }, { do: 'pulse', digits: '70' }, { wait: 3000 }] as const
  for (const context of ['talking', 'collecting', 'window'] as const) {
    const actions = [{ context }, ...talk, ...digits]
    const prompt = await heard(actions)
    t.ok(prompt.length >= 5, `${context}: ${prompt.join(', ')}`)
    for (const stallMs of [7, 100, 650, 2000, 5000])
      t.same(await heard(actions, { stallMs }), prompt, `${context}, ${stallMs} ms at a time`)
  }
})
