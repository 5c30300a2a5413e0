// Messages and forwards at the telephone (guide lines 5-9, 41-55, 93-123): the operator's voicemail and services, the
// box, and what the subscriber hears when he lifts and sees when he does not. All in virtual time.

import t, { type Test } from 'tap'
import type { PhoneEffect } from '../../firmware/phone/effect.js'
import type { Mailboxes } from '../operator/voicemail/mailboxes.js'
import { openVirtualHouse, type VirtualHouse, type VirtualTelephone } from '../support/virtual-house.js'

type Mode = 'subscribe' | 'unsolicited' | 'off'
type Shown = Extract<PhoneEffect, { type: 'show-messages' }> & { readonly us: number }

interface AtHome {
  readonly house: VirtualHouse
  readonly tel: VirtualTelephone
  readonly box: Mailboxes
  /** Somebody leaves a message. */
  leave(): Promise<void>
  /** The dial tone after lifting; hung up again. */
  dialTone(): Promise<string>
  /** What the telephone's lamp was told. */
  lamp(): readonly Shown[]
}

const atHome = (title: string, mwi: Mode, body: (t: Test, at: AtHome) => Promise<void>) =>
  t.test(title, async t => {
    const house = await openVirtualHouse({
      numbers: ['0389000001'],
      lineSettings: { mwi },
      operator: { voicemail: { number: '123' } },
    })
    const [tel] = house.telephones as [VirtualTelephone]
    const box = house.operator?.voicemail?.mailboxes as Mailboxes
    const recording = new Uint8Array(8000)
    try {
      await body(t, {
        house,
        tel,
        box,
        leave: async () => void (await box.add(tel.number, { from: '0389000011', recording, mail: false })),
        dialTone: () => dialToneOf(house, tel),
        lamp: () =>
          house.trace
            .steps()
            .flatMap(({ us, effects }) =>
              effects.flatMap(effect => (effect.type === 'show-messages' ? [{ ...effect, us }] : [])),
            ),
      })
    } finally {
      await house.close()
    }
  })

const dialToneOf = async (house: VirtualHouse, tel: VirtualTelephone): Promise<string> => {
  const from = tel.events.length
  await tel.act({ do: 'offhook' })
  await house.until('a tone', () => tel.tone !== 'none')
  // A stutter is told from a steady tone by its pauses.
  await house.advance(2500)
  const { tone } = tel
  const heard = tel.events.slice(from).flatMap(event => (event.ev === 'tone' ? [event.name] : []))
  await tel.act({ do: 'onhook' })
  await house.advance(1500)
  return heard.includes('stutter') && tone === 'dial' ? 'stutter' : tone
}

/** As the telephone's own receiver has it; undefined: it was told nothing. */
const lit = ({ events }: VirtualTelephone): boolean | undefined =>
  events.flatMap(event => (event.ev === 'mwi' ? [event.on] : [])).at(-1)

for (const mwi of ['subscribe', 'unsolicited'] as const)
  atHome(
    `a message lights the lamp and makes the dial tone stutter within a second; the last one read, both end (${mwi}, guide line 9)`,
    mwi,
    async (t, { house, tel, box, leave, dialTone, lamp }) => {
      await house.advance(10_000)
      t.equal(await dialTone(), 'dial')
      await house.advance(5000)
      const begun = house.clock.now()
      await leave()
      await house.until('the lamp', () => lamp().some(({ waiting }) => waiting), 1000)
      const first = lamp().at(-1)
      t.match(first, { waiting: true, count: 1 })
      t.ok((first?.us ?? 0) - begun < 1_000_000)
      await house.until('the telephone knows', () => lit(tel) === true, 1000)
      t.ok(house.clock.now() - begun < 1_000_000, 'its lamp is lit within a second')
      t.equal(await dialTone(), 'stutter')
      const rang = tel.events.some(event => event.ev === 'ring')
      t.notOk(rang, 'without a ring')
      await house.advance(5000)
      const [message] = await box.messages(tel.number)
      await box.archive(tel.number, message?.id ?? 0)
      await house.until('dark', () => lamp().at(-1)?.waiting === false, 1000)
      await house.until('the telephone knows that too', () => lit(tel) === false, 1000)
      t.equal(await dialTone(), 'dial')
    },
  )

atHome('off: the network may say what it likes', 'off', async (t, { house, leave, dialTone, lamp }) => {
  await leave()
  await house.advance(5000)
  t.same(lamp(), [])
  t.equal(await dialTone(), 'dial')
})

atHome(
  'a telephone in use is left alone; 3 s after it was hung up its lamp is lit',
  'subscribe',
  async (t, { house, tel, leave, lamp }) => {
    await tel.act({ do: 'offhook' })
    await house.until('dial tone', () => tel.tone === 'dial')
    const before = lamp().length
    await leave()
    await house.until('it stutters', () => tel.tone === 'stutter', 1000)
    await house.advance(5000)
    t.equal(lamp().length, before)
    await tel.act({ do: 'onhook' })
    const hungUp = house.clock.now()
    await house.until('the lamp', () => lamp().length > before, 5000)
    const seconds = (house.clock.now() - hungUp) / 1e6
    t.ok(seconds >= 3 && seconds < 4, `${seconds} s after the loop opened`)
  },
)

atHome(
  'an operator that has lost its subscriptions is subscribed to again as soon as it tells something',
  'subscribe',
  async (t, { house, leave, lamp }) => {
    await house.advance(10_000)
    t.equal(house.operator?.notifier.subscriptions, 1)
    house.operator?.notifier.forget()
    await leave()
    await house.until('the lamp', () => lamp().some(({ waiting }) => waiting), 1000)
    await house.advance(5000)
    t.equal(house.operator?.notifier.subscriptions, 1)
    house.operator?.notifier.forget()
    // Nothing to tell: found out when it is refreshed, at half its life.
    await house.advance(1_810_000)
    t.equal(house.operator?.notifier.subscriptions, 1)
    await leave()
    await house.until('the lamp', () => lamp().at(-1)?.count === 2, 1000)
  },
)

t.test(
  'where the network says that calls are forwarded, the dial tone is the special one (guide lines 93-123)',
  async t => {
    const house = await openVirtualHouse({
      numbers: ['0389000001'],
      xcap: 'operator',
      operator: { voicemail: { number: '123' } },
    })
    const [tel] = house.telephones as [VirtualTelephone]
    const profiles = house.operator?.profiles
    await house.advance(2000)
    t.equal(await dialToneOf(house, tel), 'dial')
    await profiles?.change(tel.number, { forwardAlways: '0389000011' }, 'portal')
    await house.advance(2000)
    t.equal(await dialToneOf(house, tel), 'special')
    await house.operator?.voicemail?.mailboxes.add(tel.number, {
      from: undefined,
      recording: new Uint8Array(8000),
      mail: false,
    })
    await house.advance(2000)
    t.equal(await dialToneOf(house, tel), 'special', 'before the one for messages')
    await profiles?.change(tel.number, { forwardAlways: undefined }, 'portal')
    await house.advance(2000)
    t.equal(await dialToneOf(house, tel), 'stutter')
    await house.close()
  },
)
