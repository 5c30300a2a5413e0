// What the parts of the fault table do again and again: a call from the other telephone of the house, and its end.

import type { Test } from 'tap'
import type { FaultDriver } from './fault-drivers.js'
import type { FaultHouse } from './fault-house.js'

/** One line of the table, on a fresh box. */
export type Part = (t: Test, it: FaultHouse, driver: FaultDriver) => Promise<void>

/** tel2 dials tel1. */
export const dial = async ({ other, tel, takes }: FaultHouse): Promise<void> => {
  await other.act({ do: 'offhook' })
  await takes('dial tone', () => other.tone === 'dial', 400)
  await other.act({ do: 'dtmf', digits: tel.number })
}
/** tel2 calls tel1, which rings. */
export const ring = async (it: FaultHouse): Promise<void> => {
  await dial(it)
  await it.takes('it rings', () => it.situation() === 'ringing-in', 1500)
}
export const hangUpBoth = async (it: FaultHouse): Promise<void> => {
  await it.other.act({ do: 'onhook' })
  await it.act({ do: 'onhook' }, 1200)
}
