// A house with two telephones and an exchange behind the operator that a test scripts: for star codes and masking,
// from handset keys to the messages on the wire to the ear.

import t, { type Test } from 'tap'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { type Exchange, openExchange } from './scripted-exchange.js'
import {
  type HouseOptions,
  openVirtualHouse,
  type VirtualHouse,
  type VirtualTelephone,
} from './virtual-house.js'

export interface CodeHouse extends VirtualHouse {
  readonly tel1: VirtualTelephone
  readonly tel2: VirtualTelephone
  readonly exchange: Exchange
  /** Lifts, waits for the dial tone, dials. */
  dial(telephone: VirtualTelephone, keys: string): Promise<void>
  hangUp(telephone: VirtualTelephone): Promise<void>
  /** Tones the telephone heard since `from` (an index into its events), silences left out. */
  tones(telephone: VirtualTelephone, from?: number): readonly string[]
  /** Every SIP message so far as text, with who sent it to whom. */
  messages(): readonly { readonly from: string; readonly to: string; readonly text: string }[]
}

const operatorAt = { address: '127.0.0.1', port: 5060 }
const exchangeAt = { address: '127.0.0.3', port: 5060 }

export interface CodeHouseOptions extends HouseOptions {
  /** "scripted": the exchange is the operator itself, and all codes are its own. */
  readonly network?: 'scripted'
  /** It asks for credentials. */
  readonly challenges?: boolean
}

export const openCodeHouse = async (options: CodeHouseOptions = {}): Promise<CodeHouse> => {
  const scripted = options.network === 'scripted'
  const house = await openVirtualHouse({
    ...options,
    ...(scripted && { operator: false }),
    ...(!scripted &&
      options.operator !== false && { operator: { gateway: exchangeAt, ...options.operator } }),
  })
  const exchange = await openExchange(scripted ? operatorAt : exchangeAt, {
    network: house.network,
    clock: house.clock,
    entropy: new SeededEntropy(99),
  })
  exchange.challenges = options.challenges ?? false
  if (scripted)
    await house.until('registered', () =>
      house.box.status().every(({ registration }) => registration === 'registered'),
    )
  const [tel1, tel2] = house.telephones as [VirtualTelephone, VirtualTelephone]
  return {
    ...house,
    tel1,
    tel2,
    exchange,
    dial: async (telephone, keys) => {
      await telephone.act({ do: 'offhook' })
      await house.until('dial tone', () => telephone.tone === 'dial' || telephone.tone === 'congestion')
      await telephone.act({ do: 'dtmf', digits: keys })
    },
    hangUp: async telephone => {
      await telephone.act({ do: 'onhook' })
      await house.until('idle', () =>
        house.box.status().some(({ line, situation }) => line === telephone.line && situation === 'idle'),
      )
      await house.advance(500)
    },
    tones: (telephone, from = 0) =>
      telephone.events
        .slice(from)
        .flatMap(event => (event.ev === 'tone' && event.name !== 'none' ? [event.name] : [])),
    messages: () =>
      house.network.captured
        .map(({ from, to, data }) => ({
          from: `${from.address}:${from.port}`,
          to: `${to.address}:${to.port}`,
          text: Buffer.from(data).toString('latin1'),
        }))
        .filter(({ text }) => /^[A-Z]+ sip|^SIP\/2/.test(text)),
    close: async () => {
      await exchange.close()
      await house.close()
    },
  }
}

export const inCodeHouse = (
  title: string,
  options: CodeHouseOptions,
  body: (t: Test, house: CodeHouse) => Promise<void>,
) =>
  t.test(title, async t => {
    const house = await openCodeHouse(options)
    try {
      await body(t, house)
    } finally {
      await house.close()
    }
  })
