// The faults of a line and its chip on a whole box, whatever the driver (test/README.md has the table): the box recovers in
// the stated time, the line is safe meanwhile, the log tells.

import type { Test } from 'tap'
import type { FaultDriver } from './fault-drivers.js'
import { type FaultHouse, openFaultHouse } from './fault-house.js'

type Part = (t: Test, it: FaultHouse, driver: FaultDriver) => Promise<void>

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

/** H2. */
const storm: Part = async (t, it, { stormSeconds }) => {
  it.steps()
  // Closed for 1 ms, open for 1 ms: 1,000 edges a second.
  const edges = Array.from({ length: edgesPerAction }, (_, n) => ({ offHook: n % 2 === 0, ms: n }))
  for (let second = 0; second < stormSeconds; second++) await it.act({ do: 'edges', edges })
  const took = await it.takes('idle', () => it.situation() === 'idle', 1000)
  await it.house.advance(200)
  const phantoms = it.steps().filter(type => type === 'digit' || type === 'flash')
  t.same(phantoms, [], 'nothing was dialled, no R')
  const placed = it.house.trace.steps().filter(({ effects }) => effects.some(({ type }) => type === 'place'))
  t.equal(placed.length, 0, 'nobody was called')
  const began = it.log.filter(({ message }) => message === 'hook storm')
  t.ok(began.length >= 1 && began[0]?.fields['line'] === 'tel1', 'the log tells of it')
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

/** tel2 calls tel1, which rings. */
const ring = async (it: FaultHouse): Promise<void> => {
  await it.other.act({ do: 'offhook' })
  await it.takes('dial tone', () => it.other.tone === 'dial', 400)
  await it.other.act({ do: 'dtmf', digits: it.tel.number })
  await it.takes('it rings', () => it.situation() === 'ringing-in', 1500)
}
const hangUpBoth = async (it: FaultHouse): Promise<void> => {
  await it.other.act({ do: 'onhook' })
  await it.act({ do: 'onhook' }, 1200)
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
  // Contacts of 6 ms at the pace of the mains, in bursts and pauses alike.
  const edges = Array.from({ length: 400 }, (_, n) => ({
    offHook: n % 2 === 0,
    ms: Math.floor(n / 2) * 20 + (n % 2) * 6,
  }))
  await it.act({ do: 'edges', edges })
  t.equal(it.situation(), 'ringing-in', 'nobody has answered')
  await it.house.advance(1000)
  t.ok(it.tel.events.filter(event => event.ev === 'ring' && event.on).length >= 1, 'it rings all the same')
  await it.other.act({ do: 'onhook' })
  await it.takes('idle', () => it.situation() === 'idle', 2000)
  await it.house.advance(500)
}

/** H7. */
const lineFaults: Part = async (t, it) => {
  const { tel, other } = it
  for (const kind of ['short', 'power', 'thermal'] as const) {
    const rang = () => tel.events.filter(event => event.ev === 'ring').length
    const before = rang()
    await it.act({ do: 'fault', kind, on: true }, 800)
    t.ok(
      it.log.some(
        ({ message, fields }) => message === 'line fault' && fields['kind'] === kind && fields['on'] === true,
      ),
      `${kind}: the log tells`,
    )
    await other.act({ do: 'offhook' })
    await it.takes('dial tone', () => other.tone === 'dial', 400)
    await other.act({ do: 'dtmf', digits: tel.number })
    await it.takes('the caller is refused', () => ['busy', 'congestion', 'sit'].includes(other.tone), 6000)
    t.equal(rang(), before, `${kind}: no ring into the fault`)
    await other.act({ do: 'onhook' })
    await it.house.advance(900)
    await it.act({ do: 'fault', kind, on: false }, 1000)
    t.ok((await it.works()) < 1000, `${kind}: the line is back`)
  }
}

/** H8. */
const breakdowns: Part = async (t, it) => {
  for (const { name, fault, begin, end } of it.hardware.breakdowns) {
    const registered = () => it.house.box.status()[0]?.registration
    await begin()
    await it.house.advance(3500)
    t.equal(registered(), 'registered', `${name}: SIP goes on`)
    await end()
    await it.house.advance(4000)
    t.ok(
      it.log.some(({ message, fields }) => message === 'line fault' && fields['kind'] === fault),
      `${name}: the log tells ${fault}`,
    )
    t.ok((await it.works()) < 1000, `${name}: works again within 5 s`)
    await ring(it)
    await it.act({ do: 'offhook' })
    await it.takes('answered', () => it.situation() === 'active', 400)
    await hangUpBoth(it)
  }
}

const parts: Readonly<Record<string, Part>> = {
  'H1 bounce: each lift and each hang-up is one event': bounce,
  'H2 storm: 1,000 edges a second are no digit, no R, no call; then the line works': storm,
  'H3 breaks of the loop: 80 to 600 ms are R, shorter ones nothing, longer ones a hang-up': flashLengths,
  'H5 lifted in the alert, the data, a burst or a pause: answered in 200 ms, silent in 100': ringTrip,
  'H6 mains noise on a ringing line is no answer': falseTrip,
  'H7 short circuit, power, heat: no ring into it, callers refused, back when it is over': lineFaults,
  'H8 chip or link gone: SIP stays registered, the line is back within 5 s': breakdowns,
}

/** The hook is one edge here, and all the rest the firmware's. */
const ofFirmware: Readonly<Record<string, Part>> = {
  'H4 left off the hook: howler, parked, engaged to others; hung up it works': stuckOffHook,
}

/** Each part on a fresh box. */
export const hardwareFaults = async (t: Test, driver: FaultDriver): Promise<void> => {
  for (const [title, body] of Object.entries({ ...parts, ...(driver.everything && ofFirmware) }))
    await t.test(title, async t => {
      const it = await openFaultHouse(driver)
      try {
        await body(t, it, driver)
      } finally {
        await it.house.close()
      }
    })
}
