// What the chapters on two calls share: a telephone with two people elsewhere, R and a key, who hears whom, and what was
// said on the wire.

import t, { type Test } from 'tap'
import type { FarParty } from '../support/far-party.js'
import { levelAt } from '../support/spectrum.js'
import { openThreeParties, sine, type ThreeParties } from '../support/three-parties.js'
import type { HouseOptions } from '../support/virtual-house.js'

export interface TwoCalls extends ThreeParties {
  /** R, and then this key. */
  r(key?: string): Promise<void>
  /** The first call stands and another party calls; the beep has been heard. */
  callerWaits(): Promise<void>
  /** R and the number of the second party. */
  consult(): Promise<void>
  /** tel speaks with b while a is held. */
  consulting(): Promise<void>
  /** Everybody speaks for a moment: "a hears tel" and so on, in alphabetical order. */
  whoHears(): Promise<readonly string[]>
  /** tel hears this tone within `withinMs`. */
  hears(tone: string, withinMs?: number): Promise<void>
  /** First lines of the SIP messages since `from` (an index), with the box's direction: "box INVITE …", "b 200 INVITE". */
  said(): readonly Said[]
  /** The telephone rings like this within `withinMs`; a burst is known by its whole length, so that it is told late. */
  rings(kind: 'full' | 'recall' | 'rp-as', withinMs?: number): Promise<void>
  /** The machine is in this situation. */
  in(situation: string, withinMs?: number): Promise<void>
}

export interface Said {
  readonly us: number
  readonly from: string
  readonly to: string
  /** "INVITE", "200 INVITE". */
  readonly what: string
  readonly text: string
}

const boxAt = '127.0.0.5'

const nameOf = (text: string): string => {
  const status = /^SIP\/2\.0 (\d+)/.exec(text)?.[1]
  return status === undefined
    ? text.slice(0, text.indexOf(' '))
    : `${status} ${/^CSeq: \d+ (\S+)/m.exec(text)?.[1]}`
}

const HEARD_DBM0 = -30

const twoCallsIn = (world: ThreeParties): TwoCalls => {
  const { house, tel, a, b, dial, situation } = world
  const voices = { tel: 500, a: 800, b: 1200 } as const
  const speak = (on: boolean): void => {
    const voice = (hz: number) => (on ? sine(hz, -16) : () => 0)
    tel.tap.says = voice(voices.tel)
    a.ear.says = voice(voices.a)
    b.ear.says = voice(voices.b)
  }
  const self: TwoCalls = {
    ...world,
    r: async key => {
      await tel.act({ do: 'flash' })
      await house.advance(300)
      if (key !== undefined) await tel.act({ do: 'dtmf', digits: key })
      await house.advance(200)
    },
    callerWaits: async () => {
      await dial(a)
      b.call(tel.number)
      await self.in('active+waiting')
      await self.hears('waiting')
    },
    consult: async () => {
      await self.r()
      await self.hears('recall', 1000)
      await tel.act({ do: 'dtmf', digits: b.number })
    },
    consulting: async () => {
      await dial(a)
      await self.consult()
      await self.in('active+held')
      await house.advance(500)
    },
    whoHears: async () => {
      speak(true)
      await house.advance(500)
      const from = house.clock.now()
      await house.advance(600)
      speak(false)
      const ears = { a: a.ear.heard(from), b: b.ear.heard(from), tel: tel.tap.heard(from) }
      await house.advance(300)
      return Object.entries(ears)
        .flatMap(([who, pcm]) =>
          Object.entries(voices)
            .filter(([other, hz]) => other !== who && pcm.length > 0 && levelAt(pcm, hz) > HEARD_DBM0)
            .map(([other]) => `${who} hears ${other}`),
        )
        .sort()
    },
    hears: (tone, withinMs) => house.until(`tel hears ${tone}`, () => tel.tone === tone, withinMs),
    rings: async (kind, withinMs) => {
      const from = tel.events.length
      const told = () => tel.events.slice(from).some(event => event.ev === 'ring' && event.kind === kind)
      await house.until(`tel rings: ${kind}`, told, withinMs)
    },
    said: () =>
      house.network.captured
        .map(({ us, from, to, data }) => ({ us, from, to, text: Buffer.from(data).toString('latin1') }))
        .filter(({ text }) => /^[A-Z]+ sip:|^SIP\/2\.0 /.test(text))
        .map(({ us, from, to, text }) => ({
          us,
          from: placeOf(from.address),
          to: placeOf(to.address),
          what: nameOf(text),
          text,
        })),
    in: (wanted, withinMs) => house.until(wanted, () => situation() === wanted, withinMs),
  }
  return self
}

const placeOf = (address: string): string =>
  ({ [boxAt]: 'box', '127.0.0.1': 'network', '127.0.0.11': 'a', '127.0.0.12': 'b', '127.0.0.13': 'c' })[
    address
  ] ?? address

export const inTwoCalls = (
  title: string,
  body: (t: Test, world: TwoCalls) => Promise<void>,
  options: HouseOptions = {},
) =>
  t.test(title, async t => {
    const world = twoCallsIn(await openThreeParties(options))
    try {
      await body(t, world)
    } finally {
      await world.close()
    }
  })

/** What the box told this party's side, and it told the box, of one kind, since an instant. */
export const count = (world: TwoCalls, what: string, from = 0): number =>
  world.said().filter(one => one.what === what && one.us >= from && one.from === 'box').length

export const isHeld = (party: FarParty): boolean =>
  party.direction === 'recvonly' || party.direction === 'inactive'
