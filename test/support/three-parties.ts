// A telephone of the house, and two people elsewhere who can be called and can call: what tests of two calls begin with.

import type { Situation } from '../../firmware/phone/situation.js'
import type { Sound } from './far-ear.js'
import type { FarParty } from './far-party.js'
import { peakOf } from './spectrum.js'
import {
  type HouseOptions,
  openVirtualHouse,
  type VirtualHouse,
  type VirtualTelephone,
} from './virtual-house.js'

/** A tone by which one party is told from another. */
export const sine =
  (hz: number, dbm0: number): Sound =>
  n =>
    peakOf(dbm0) * Math.sin((2 * Math.PI * hz * (n % 8000)) / 8000)

export interface ThreeParties {
  readonly house: VirtualHouse
  readonly tel: VirtualTelephone
  /** G.711 A-law, answers after 300 ms. */
  readonly a: FarParty
  /** µ-law, answers after 300 ms. */
  readonly b: FarParty
  situation(): Situation | undefined
  /** Lifts the telephone and calls; the call stands when this resolves. */
  dial(to: FarParty): Promise<void>
  close(): Promise<void>
}

export const openThreeParties = async (options: HouseOptions = {}): Promise<ThreeParties> => {
  const house = await openVirtualHouse({
    numbers: ['0389000001'],
    far: [{ codec: 'PCMA' }, { codec: 'PCMU' }],
    ...options,
  })
  const [tel] = house.telephones as [VirtualTelephone]
  const [a, b] = house.far as [FarParty, FarParty]
  a.answersAfter = b.answersAfter = 300
  return {
    house,
    tel,
    a,
    b,
    situation: () => house.box.status()[0]?.situation,
    dial: async to => {
      await tel.act({ do: 'offhook' })
      await house.until('dial tone', () => tel.tone === 'dial')
      await tel.act({ do: 'dtmf', digits: to.number })
      await house.until('the call stands', () => to.state === 'talking')
    },
    close: () => house.close(),
  }
}
