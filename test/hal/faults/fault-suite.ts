// The faults of a line and its chip on a whole box, whatever the driver (test/README.md has the table): the box recovers in
// the stated time, the line is safe meanwhile, log and console tell. Here those of the hook; of line and chip: breakdowns.ts.

import type { Test } from 'tap'
import { breakdownParts } from './breakdowns.js'
import { hangUpBoth, type Part, ring } from './fault-calls.js'
import type { FaultDriver } from './fault-drivers.js'
import { openFaultHouse } from './fault-house.js'

/** H1. */
const bounce: Part = async (t, it) => {
  it.steps()
  for (let n = 0; n < 12; n++) {
    await it.act({ do: 'offhook' }, 300)
    await it.act({ do: 'onhook' }, 900)
  }
  const moves = it.steps().filter(type => type === 'off-hook' || type === 'on-hook')
  t.same(moves, Array.from({ length: 12 }, () => ['off-hook', 'on-hook']).flat())
}

const edgesPerAction = 1000
/** Lines of the log for a minute of storm. */
const mostLogged = 40

/** H2. */
const storm: Part = async (t, it, { stormSeconds }) => {
  it.steps()
  const before = it.log.length
  // Closed for 1 ms, open for 1 ms: 1,000 edges a second.
  const edges = Array.from({ length: edgesPerAction }, (_, n) => ({ offHook: n % 2 === 0, ms: n }))
  for (let second = 0; second < stormSeconds - 1; second++) await it.act({ do: 'edges', edges })
  const during = await it.console()
  t.ok(during.verdicts.includes('hook-storm'), 'show line tells of it')
  t.ok(
    during.alarms.some(({ kind, active }) => kind === 'hook-storm' && active),
    'so does show alarms',
  )
  await it.act({ do: 'edges', edges })
  const took = await it.takes('idle', () => it.situation() === 'idle', 1000)
  await it.house.advance(200)
  const phantoms = it.steps().filter(type => type === 'digit' || type === 'flash')
  t.same(phantoms, [], 'nothing was dialled, no R')
  const placed = it.house.trace.steps().filter(({ effects }) => effects.some(({ type }) => type === 'place'))
  t.equal(placed.length, 0, 'nobody was called')
  const began = it.log.filter(({ message }) => message === 'hook storm')
  t.ok(began.length >= 1 && began[0]?.fields['line'] === 'tel1', 'the log tells of it')
  const logged = it.log.length - before
  t.ok(logged <= mostLogged, `${logged} lines of log`)
  t.ok(took <= 800, `idle ${took} ms after the storm`)
  t.ok((await it.works()) < 300)
}

/** H3. */
const flashLengths: Part = async (t, it) => {
  await it.act({ do: 'offhook' }, 400)
  await it.act({ do: 'dtmf', digits: '3100' })
  await it.takes('the call stands', () => it.situation() === 'active', 5000)
  await it.house.advance(2200)
  for (const ms of [20, 40, 60, 75, 85, 120, 270, 400, 595]) {
    it.steps()
    await it.act({
      do: 'edges',
      edges: [
        { offHook: false, ms: 0 },
        { offHook: true, ms },
      ],
    })
    await it.house.advance(100)
    const flashes = it.steps().filter(type => type === 'flash').length
    t.equal(flashes, ms >= 80 ? 1 : 0, `${ms} ms`)
    if (flashes === 0) continue
    await it.act({ do: 'flash', ms: 270 }, 120)
    await it.act({ do: 'dtmf', digits: '1' })
    await it.takes('back in the call', () => it.situation() === 'active', 3000)
    await it.house.advance(2200)
  }
  await it.act({
    do: 'edges',
    edges: [
      { offHook: false, ms: 0 },
      { offHook: true, ms: 640 },
    ],
  })
  await it.takes('hung up and lifted again', () => it.situation() === 'dial-tone', 200)
}

/** H4. */
const stuckOffHook: Part = async (t, it) => {
  const { tel, other, house } = it
  await it.act({ do: 'offhook' })
  await it.takes('dial tone', () => tel.tone === 'dial', 400)
  const dialTone = await it.takes('no dial tone any more', () => tel.tone !== 'dial', 21_000)
  t.ok(dialTone > 10_000, `${dialTone} ms`)
  await it.takes('howler', () => tel.tone === 'howler', 40_000)
  await it.takes('parked', () => tel.tone === 'none', 70_000)
  await other.act({ do: 'offhook' })
  await it.takes('dial tone', () => other.tone === 'dial', 400)
  await other.act({ do: 'dtmf', digits: tel.number })
  await it.takes('the caller hears that it is engaged', () => other.tone === 'busy', 4000)
  await other.act({ do: 'onhook' })
  await it.act({ do: 'onhook' }, 700)
  t.ok((await it.works()) < 300)
  await house.advance(500)
}

/** H5: in the alert, in the data, in a burst, in a pause. */
const ringTrip: Part = async (t, it) => {
  for (const afterMs of [120, 700, 1300, 2600, 4200]) {
    await ring(it)
    await it.house.advance(afterMs)
    const lifted = it.house.clock.now()
    await it.act({ do: 'offhook' })
    const answered = await it.takes('answered', () => it.situation() === 'active', 400)
    t.ok(answered <= 200, `${afterMs} ms into the ring: answered after ${answered} ms`)
    await it.house.advance(300)
    const rings = it.tel.events.filter(event => event.ev === 'ring' && event.us > lifted + 100_000)
    t.same(rings, [], `${afterMs} ms into the ring: silent 100 ms later`)
    await hangUpBoth(it)
  }
}

/** H6. */
const falseTrip: Part = async (t, it) => {
  await ring(it)
  it.steps()
  // Contacts of 6 ms at the pace of the mains, in bursts and pauses alike.
  const edges = Array.from({ length: 400 }, (_, n) => ({
    offHook: n % 2 === 0,
    ms: Math.floor(n / 2) * 20 + (n % 2) * 6,
  }))
  await it.act({ do: 'edges', edges })
  t.notOk(it.steps().includes('off-hook'), 'nobody has answered')
  t.equal(it.situation(), 'ringing-in', 'the caller waits on')
  await it.house.advance(1000)
  const rang = () => it.tel.events.filter(event => event.ev === 'ring' && event.on).length
  const before = rang()
  await it.house.advance(6000)
  t.ok(rang() > before, 'it rings when the noise is over')
  await it.other.act({ do: 'onhook' })
  await it.takes('idle', () => it.situation() === 'idle', 2000)
  await it.house.advance(500)
}

const parts: Readonly<Record<string, Part>> = {
  'H1 bounce: each lift and each hang-up is one event': bounce,
  'H2 storm: 1,000 edges a second are no digit, no R, no call; then the line works': storm,
  'H3 breaks of the loop: 80 to 600 ms are R, shorter ones nothing, longer ones a hang-up': flashLengths,
  'H5 lifted in the alert, the data, a burst or a pause: answered in 200 ms, silent in 100': ringTrip,
  'H6 mains noise on a ringing line is no answer': falseTrip,
  'H4 left off the hook: howler, parked, engaged to others; hung up it works': stuckOffHook,
  ...breakdownParts,
}

/** Each part on a fresh box. */
export const hardwareFaults = async (t: Test, driver: FaultDriver): Promise<void> => {
  for (const [title, body] of Object.entries(parts))
    await t.test(title, async t => {
      const it = await openFaultHouse(driver)
      try {
        await body(t, it, driver)
      } finally {
        await it.house.close()
      }
    })
}
