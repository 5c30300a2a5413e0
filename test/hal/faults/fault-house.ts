// A box of two telephones on the hardware under test, with what its log and its trace tell of faults.

import type { Log, LogFields } from '../../../firmware/log.js'
import type { Situation } from '../../../firmware/phone/situation.js'
import type { Alarm } from '../../../firmware/run/facts/facts.js'
import type { HandsetAction } from '../../../hal/sim/handset-contract.js'
import { technicianIn } from '../../diagnosis/technician.js'
import { openVirtualHouse, type VirtualHouse, type VirtualTelephone } from '../../support/virtual-house.js'
import type { BrokenHardware, FaultDriver } from './fault-drivers.js'

export interface LogLine {
  readonly message: string
  readonly fields: LogFields
}

export interface FaultHouse {
  readonly house: VirtualHouse
  readonly hardware: BrokenHardware
  readonly tel: VirtualTelephone
  readonly other: VirtualTelephone
  readonly log: readonly LogLine[]
  /** Events of the machine of tel1, by type, since the last call of this. */
  steps(): readonly string[]
  situation(): Situation | undefined
  /** Acts, and lets `ms` pass. */
  act(action: HandsetAction, ms?: number): Promise<void>
  /** Milliseconds until it holds; throws when that is longer than `withinMs`. */
  takes(what: string, holds: () => boolean, withinMs: number): Promise<number>
  /** What a technician is told by `show line` and `show alarms`. */
  console(): Promise<{ readonly verdicts: readonly string[]; readonly alarms: readonly Alarm[] }>
  /** Lifts, hears the dial tone, hangs up: the line works. Milliseconds to the onset of the dial tone. */
  works(): Promise<number>
}

export const openFaultHouse = async (driver: FaultDriver): Promise<FaultHouse> => {
  const log: LogLine[] = []
  const keep = (message: string, fields: LogFields = {}) => void log.push({ message, fields })
  const keeping: Log = { debug: () => {}, info: keep, warn: keep, error: keep }
  let hardware: BrokenHardware | undefined
  const house = await openVirtualHouse({
    log: keeping,
    hardware: async (clock, lines) => {
      hardware = await driver.open(clock, lines)
      return hardware
    },
  })
  const [tel, other] = house.telephones as [VirtualTelephone, VirtualTelephone]
  let told = 0
  const act: FaultHouse['act'] = async (action, ms = 0) => {
    await tel.act(action)
    if (ms > 0) await house.advance(ms)
  }
  const takes: FaultHouse['takes'] = async (what, holds, withinMs) => {
    const since = house.clock.now()
    await house.until(what, holds, withinMs)
    return (house.clock.now() - since) / 1000
  }
  const technician = technicianIn(house)
  const all = () => house.trace.steps().filter(({ line }) => line === 'tel1')
  return {
    house,
    hardware: hardware as BrokenHardware,
    tel,
    other,
    log,
    steps: () => {
      const steps = all()
      const fresh = steps.slice(told).map(({ event }) => event.type)
      told = steps.length
      return fresh
    },
    situation: () => house.box.status()[0]?.situation,
    act,
    takes,
    console: async () => {
      const { verdicts } = await technician.type('show line tel1')
      const { data } = await technician.type('show alarms')
      const [{ alarms }] = data as unknown as readonly [{ readonly alarms: readonly Alarm[] }]
      return { verdicts, alarms: alarms.filter(({ line }) => line === 'tel1') }
    },
    works: async () => {
      const lifted = await tel.act({ do: 'offhook' })
      await takes('dial tone', () => tel.tone === 'dial', 5000)
      const heard = tel.events.findLast(event => event.ev === 'tone')
      const took = lifted.ok && heard ? (heard.us - lifted.us) / 1000 : Number.NaN
      await tel.act({ do: 'onhook' })
      await house.advance(1000)
      return took
    },
  }
}
