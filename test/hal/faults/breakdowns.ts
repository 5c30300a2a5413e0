// H5, H7 and H8 of the fault table: what breaks in the line, in its chip and on the way to it, while nothing happens, as a call
// comes in, and as it is being answered.

import type { Test } from 'tap'
import type { LineFault } from '../../../firmware/run/facts/facts.js'
import { dial, hangUpBoth, type Part, ring } from './fault-calls.js'
import { type Breakdown, type FaultDriver, faultKinds } from './fault-drivers.js'
import type { FaultHouse } from './fault-house.js'

/** A line has recovered, ms. */
const recoveredMs = 5000
/** Of ring into a line on which a ring trips by itself, before that is known, ms. */
const mostRingMs = 700

const refusals: readonly string[] = ['busy', 'congestion', 'sit']

/** Of ring voltage on tel1 since `from`, ms. */
const ringingMs = ({ tel, house }: FaultHouse, from: number): number => {
  let since: number | undefined
  let all = 0
  for (const event of tel.events) {
    if (event.ev !== 'ring' || event.us < from) continue
    if (event.on) since ??= event.us
    else if (since !== undefined) {
      all += event.us - since
      since = undefined
    }
  }
  return (all + (since === undefined ? 0 : house.clock.now() - since)) / 1000
}

const isLogged = ({ log }: FaultHouse, fault: LineFault): boolean =>
  log.some(
    ({ message, fields }) =>
      message === 'line fault' &&
      fields['kind'] === fault &&
      fields['on'] === true &&
      fields['line'] === 'tel1',
  )

const isTold = async (it: FaultHouse, { fault, verdict }: Breakdown): Promise<string> => {
  const { verdicts, alarms } = await it.console()
  const alarm = alarms.find(({ kind }) => kind === fault)
  if (!verdicts.includes(verdict)) return `show line: ${verdicts.join(', ')}`
  return alarm?.active === true ? 'told' : `show alarms: ${JSON.stringify(alarms)}`
}

/** H7. */
const lineFaults: Part = async (t, it, driver) => {
  const { other, house } = it
  for (const fault of it.hardware.lineFaults) {
    const from = house.clock.now()
    await fault.begin()
    await house.advance(800)
    await dial(it)
    await it.takes('the caller is refused', () => refusals.includes(other.tone), 6000)
    const rang = ringingMs(it, from)
    t.ok(rang <= (fault.fault === 'ground' ? mostRingMs : 0), `${fault.name}: ${rang} ms of ring into it`)
    t.ok(isLogged(it, fault.fault), `${fault.name}: the log tells ${fault.fault}`)
    t.equal(await isTold(it, fault), 'told', `${fault.name}: the console tells ${fault.verdict}`)
    await other.act({ do: 'onhook' })
    await house.advance(900)
    await fault.end()
    await house.advance(Math.max(1000, driver.ringAgainMs ?? 0))
    t.ok((await it.works()) < 1000, `${fault.name}: the line is back`)
    await ringsAndAnswers(it)
  }
}

const ringsAndAnswers = async (it: FaultHouse): Promise<void> => {
  await ring(it)
  await it.act({ do: 'offhook' })
  await it.takes('answered', () => it.situation() === 'active', 400)
  await hangUpBoth(it)
}

/** H8. */
const breakdowns: Part = async (t, it) => {
  for (const breakdown of it.hardware.breakdowns) {
    const { name, fault, begin, end } = breakdown
    const registered = () => it.house.box.status()[0]?.registration
    await begin()
    await it.house.advance(3500)
    const meanwhile = await isTold(it, breakdown)
    t.equal(registered(), 'registered', `${name}: SIP goes on`)
    await end()
    await it.house.advance(recoveredMs - 1000)
    t.ok(isLogged(it, fault), `${name}: the log tells ${fault}`)
    const told = meanwhile === 'told' ? meanwhile : await isTold(it, breakdown)
    t.equal(told, 'told', `${name}: the console tells ${breakdown.verdict}`)
    t.ok((await it.works()) < 1000, `${name}: works again within 5 s`)
    await ringsAndAnswers(it)
  }
}

/** H7 and H8 where the hardware tells nothing: dead meanwhile, and safe. */
const untold: Part = async (t, it) => {
  const { other, house } = it
  for (const { name, begin, end } of it.hardware.untold) {
    const from = house.clock.now()
    await begin()
    await house.advance(3500)
    t.equal(house.box.status()[0]?.registration, 'registered', `${name}: SIP goes on`)
    await dial(it)
    await house.advance(4000)
    t.equal(ringingMs(it, from), 0, `${name}: no ring into it`)
    await other.act({ do: 'onhook' })
    await end()
    await house.advance(recoveredMs - 1000)
    t.ok((await it.works()) < 1000, `${name}: works again within 5 s`)
    await ringsAndAnswers(it)
  }
}

/** Offsets of a fault from the instant the telephone is lifted, ms: before, in and after the ring trip. */
const tripOffsets = [-10, 3, 25, 60, 150, 600]

/** Everybody hangs up and the fault is mended: nothing rings on, nothing is left open, the line works. */
const restored = async (
  { t, it, driver }: { t: Test; it: FaultHouse; driver: FaultDriver },
  { name, end }: Breakdown,
  when: string,
): Promise<void> => {
  await it.other.act({ do: 'onhook' })
  await it.act({ do: 'onhook' }, 1200)
  await end()
  await it.house.advance(Math.max(recoveredMs - 1000, driver.ringAgainMs ?? 0))
  t.notOk(it.tel.ringing, `${name}, ${when}: silent`)
  for (const { line, situation } of it.house.box.status())
    t.equal(situation, 'idle', `${name}, ${when}: ${line}`)
  t.ok((await it.works()) < 1000, `${name}, ${when}: works`)
}

/** H5 with H7 and H8: it breaks as the call comes in, and before, in and after the ring trip of its answer. */
const races: Part = async (t, it, driver) => {
  const all = [...it.hardware.lineFaults, ...it.hardware.breakdowns]
  for (const fault of all) {
    await dial(it)
    await it.takes('the call comes', () => it.situation() === 'ringing-in', 1500)
    await fault.begin()
    await it.house.advance(2000)
    await restored({ t, it, driver }, fault, 'as the call comes')
  }
  for (const [n, offset] of tripOffsets.entries()) {
    const fault = all[n % all.length] as Breakdown
    await ring(it)
    await it.house.advance(1900)
    if (offset < 0) await fault.begin()
    await it.house.advance(Math.max(0, -offset))
    it.tel.begin({ do: 'offhook' })
    await it.house.advance(Math.max(0, offset))
    if (offset >= 0) await fault.begin()
    await it.house.advance(1500)
    await restored({ t, it, driver }, fault, `${offset} ms after it was lifted`)
  }
}

/** H7 and H8 name every kind of fault that a port can tell: shown above, or the driver does not claim it and says why. */
const everyKind: Part = async (t, it, { cannotTell }) => {
  const { lineFaults, breakdowns } = it.hardware
  const claimed = it.hardware.fxs('tel1').capabilities.faults
  const shown = new Set([...lineFaults, ...breakdowns].map(({ fault }) => fault))
  // Told by whatever carries the sound, not by the line's port.
  shown.delete('sound-lost')
  t.same([...claimed].sort(), [...shown].sort(), 'what the driver claims to tell was shown')
  for (const kind of faultKinds) {
    const why = cannotTell[kind]
    t.equal(shown.has(kind), why === undefined, `${kind}: ${why ?? 'shown'}`)
  }
}

export const breakdownParts: Readonly<Record<string, Part>> = {
  'H5 a fault as the call comes in or is being answered: nothing rings on, the line works': races,
  'H7 the line or its feed: no ring into it, callers refused, console tells, back when it is over':
    lineFaults,
  'H8 chip, link, interrupts: SIP stays registered, console tells, the line is back within 5 s': breakdowns,
  'H7, H8 what this hardware cannot tell: no ring into it, works when it is over': untold,
  'H7, H8 every kind of fault is shown, or the driver says by name why it has none': everyKind,
}
