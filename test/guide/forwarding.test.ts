// The chapters on forwarding and on turning services off (guide lines 41-55, 89-125, 157-171), from the handset's keys or
// the portal to who hears whom; the box there, busy, silent, or off.

import t, { type Test } from 'tap'
import type { Application, Dialogue } from '../operator/application.js'
import { initialProfile, type ProfilePatch, resetPatch } from '../operator/profiles.js'
import { spokenPairs } from '../operator/spoken.js'
import { levelAt } from '../support/spectrum.js'
import { isHeard } from '../support/spoken-words.js'
import { openThreeParties, sine, type ThreeParties } from '../support/three-parties.js'

t.setTimeout(120_000)

interface Subscriber extends ThreeParties {
  /** Calls that came to the voicemail. */
  readonly deposits: readonly Dialogue[]
  /** As the portal does. */
  set(patch: ProfilePatch): Promise<void>
  /** Lifts, dials a code, hears it to its end, hangs up. */
  code(keys: string): Promise<Int16Array>
  readonly profile: typeof initialProfile
  rings(): number
}

const inNetwork = (title: string, body: (t: Test, subscriber: Subscriber) => Promise<void>) =>
  t.test(title, async t => {
    const deposits: Dialogue[] = []
    const voicemail: Application = dialogue => {
      deposits.push(dialogue)
      dialogue.answer()
      return {}
    }
    const parties = await openThreeParties({
      far: [{ codec: 'PCMA' }, { codec: 'PCMA' }],
      operator: { voicemail: { number: '123', application: voicemail } },
    })
    const { house, tel, situation } = parties
    const { profiles } = house.operator as NonNullable<typeof house.operator>
    const number = tel.number
    const subscriber: Subscriber = {
      ...parties,
      deposits,
      set: async patch => {
        const done = profiles.change(number, patch, 'portal')
        await house.advance(1)
        await done
      },
      code: async keys => {
        await tel.act({ do: 'offhook' })
        await house.until('dial tone', () => tel.tone === 'dial')
        const from = house.clock.now()
        await tel.act({ do: 'dtmf', digits: keys })
        await house.until('the network is done with it', () => situation() === 'dial-tone', 40_000)
        const heard = tel.tap.heard(from)
        await tel.act({ do: 'onhook' })
        await house.until('idle', () => situation() === 'idle')
        return heard
      },
      get profile() {
        return profiles.of(number)
      },
      rings: () =>
        tel.events.filter(event => event.ev === 'ring' && event.on && event.kind === 'full').length,
    }
    try {
      await body(t, subscriber)
    } finally {
      await parties.close()
    }
  })

/** b calls the subscriber and speaks with a instead: each hears the other. */
const reachesA = async (t: Test, { house, tel, a, b }: Subscriber, withinMs = 2000) => {
  const from = house.clock.now()
  b.call(tel.number)
  await house.until('a answers', () => a.state === 'talking' && b.state === 'talking', withinMs)
  const took = (house.clock.now() - from) / 1000
  a.ear.says = sine(700, -20)
  b.ear.says = sine(900, -20)
  await house.advance(1000)
  t.ok(levelAt(a.ear.heard().subarray(-4000), 900) > -24, 'a hears b')
  t.ok(levelAt(b.ear.heard().subarray(-4000), 700) > -24, 'b hears a')
  b.hangUp()
  await house.until('all is over', () => a.state === 'idle')
  return took
}

const ringsAtHome = async ({ house, tel, b, situation }: Subscriber) => {
  b.call(tel.number)
  await house.until('it rings at home', () => tel.ringing)
  b.cancel()
  await house.until('quiet', () => !tel.ringing && situation() === 'idle')
}

inNetwork(
  '*21* and a number: confirmed in words, and every call goes there at once; #21# takes it back (guide lines 97, 117-119)',
  async (t, subscriber) => {
    const { a, code } = subscriber
    const heard = await code(`*21*${a.number}`)
    t.ok(isHeard(heard, ['calls-forwarded-to', ...spokenPairs(a.number)]), 'the number is read back')
    t.equal(subscriber.profile.forwardAlways, a.number)
    t.ok((await reachesA(t, subscriber)) < 1000)
    t.equal(subscriber.rings(), 0)
    t.ok(isHeard(await code('#21#'), ['calls-not-forwarded']))
    t.equal(subscriber.profile.forwardAlways, undefined)
    await ringsAtHome(subscriber)
  },
)

inNetwork(
  '*23* and a number: 20 s or four rings at home, then there; #23# takes it back (guide lines 99, 121-123)',
  async (t, subscriber) => {
    const { a, b, code, house, tel } = subscriber
    const heard = await code(`*23*${a.number}`)
    t.ok(isHeard(heard, ['no-reply-forwarded-to', ...spokenPairs(a.number)]))
    const took = await reachesA(t, subscriber, 30_000)
    t.ok(Math.abs(took - 20_300) < 500, `${took} ms, answered 300 ms after it rang there`)
    t.equal(subscriber.rings(), 4)
    t.equal(tel.ringing, false)
    t.ok(isHeard(await code('#23#'), ['no-reply-not-forwarded']))
    b.call(tel.number)
    await house.until('voicemail', () => subscriber.deposits.length === 1, 30_000)
    t.same(subscriber.deposits[0]?.diversion, { user: tel.number, reason: 'no-answer' })
  },
)

inNetwork('who lifts in time has the call, forward or not (guide line 99)', async (t, subscriber) => {
  const { a, b, house, tel, set } = subscriber
  await set({ forwardNoReply: a.number })
  b.call(tel.number)
  await house.until('third ring', () => subscriber.rings() === 3)
  await tel.act({ do: 'offhook' })
  await house.until('they speak', () => b.state === 'talking')
  await house.advance(30_000)
  t.equal(a.state, 'idle')
  t.equal(b.state, 'talking')
})

for (const seconds of [40, 60])
  inNetwork(
    `${seconds} s set on the portal are ${seconds / 5} rings before voicemail or forward (guide lines 57-67)`,
    async (t, subscriber) => {
      const { a, b, house, tel, set } = subscriber
      await set({ ringSeconds: seconds })
      b.call(tel.number)
      await house.until('voicemail', () => subscriber.deposits.length === 1, 70_000)
      t.equal(subscriber.rings(), seconds / 5)
      b.hangUp()
      await house.advance(1000)
      await set({ forwardNoReply: a.number })
      await reachesA(t, subscriber, 70_000)
      t.equal(subscriber.rings(), (2 * seconds) / 5)
    },
  )

inNetwork(
  'a line that is busy: the number set for it on the portal, else voicemail (guide lines 93, 107)',
  async (t, subscriber) => {
    const { a, b, house, tel, set } = subscriber
    await tel.act({ do: 'offhook' })
    await house.until('dial tone: no second call can come', () => tel.tone === 'dial')
    b.call(tel.number)
    await house.until('voicemail', () => subscriber.deposits.length === 1)
    t.equal(subscriber.deposits[0]?.diversion?.reason, 'user-busy')
    b.hangUp()
    await house.advance(500)
    await set({ forwardBusy: a.number })
    await reachesA(t, subscriber)
    t.equal(subscriber.rings(), 0)
  },
)

inNetwork(
  '*75# sends every call to voicemail without a ring, #75# ends that (guide lines 41-55)',
  async (t, subscriber) => {
    const { b, code, house, tel } = subscriber
    t.ok(isHeard(await code('*75#'), ['voicemail-always']))
    b.call(tel.number)
    await house.until('voicemail', () => subscriber.deposits.length === 1, 1000)
    t.same(subscriber.deposits[0]?.diversion, { user: tel.number, reason: 'unconditional' })
    t.equal(subscriber.rings(), 0)
    b.hangUp()
    await house.advance(500)
    t.ok(isHeard(await code('#75#'), ['voicemail-not-always']))
    await ringsAtHome(subscriber)
  },
)

inNetwork('of *21* and *75# the one dialled last holds', async (t, subscriber) => {
  const { a, b, code, house, tel } = subscriber
  await code('*75#')
  await code(`*21*${a.number}`)
  await reachesA(t, subscriber)
  await code('*75#')
  b.call(tel.number)
  await house.until('voicemail', () => subscriber.deposits.length === 1, 1000)
  t.equal(subscriber.profile.forwardAlways, undefined)
})

inNetwork('*95# turns all services off at once (guide lines 157-161)', async (t, subscriber) => {
  const { a, code, set } = subscriber
  await set({
    forwardAlways: a.number,
    forwardNoReply: a.number,
    forwardBusy: a.number,
    masking: true,
    ringSeconds: 40,
  })
  t.ok(isHeard(await code('*95#'), ['services-off']))
  t.same(subscriber.profile, { ...initialProfile, ringSeconds: 40 }, 'the rings are no service')
  await ringsAtHome(subscriber)
})

inNetwork(
  'the portal’s return to the initial state: 20 s, nothing masked, nothing forwarded (guide lines 163-171)',
  async (t, subscriber) => {
    const { a, b, set, house, tel } = subscriber
    await set({
      voicemailAlways: true,
      forwardNoReply: a.number,
      forwardBusy: a.number,
      masking: true,
      ringSeconds: 60,
    })
    await set(resetPatch)
    t.same(subscriber.profile, initialProfile)
    b.call(tel.number)
    await house.until('voicemail', () => subscriber.deposits.length === 1, 30_000)
    t.equal(subscriber.rings(), 4)
  },
)

inNetwork(
  'a number that cannot be is refused in words and with the error tone, and nothing changes',
  async (t, subscriber) => {
    const { tel, code, house } = subscriber
    t.ok(isHeard(await code(`*21*${tel.number}`), ['number-own']))
    t.ok(isHeard(await code('*23*112'), ['number-emergency']))
    t.same(subscriber.profile, initialProfile)
    const tones = house.trace
      .steps()
      .flatMap(({ effects }) => effects.flatMap(effect => (effect.type === 'tone' ? [effect.tone] : [])))
    t.equal(tones.filter(tone => tone === 'error').length, 2)
    t.notOk(tones.includes('confirmation'))
    await ringsAtHome(subscriber)
  },
)

inNetwork(
  'a waiting call that nobody takes is no reply after 20 s, one refused by R 0 is busy (guide lines 85-87)',
  async (t, subscriber) => {
    const { a, b, dial, house, tel, set } = subscriber
    await set({ ringSeconds: 60 })
    await dial(a)
    b.call(tel.number)
    await house.until('voicemail', () => subscriber.deposits.length === 1, 25_000)
    t.equal(subscriber.deposits[0]?.diversion?.reason, 'no-answer')
    t.equal(a.state, 'talking')
    b.hangUp()
    await house.advance(2000)
    b.call(tel.number)
    await house.until('he waits', () => b.told.includes(180))
    await house.advance(1000)
    await tel.act({ do: 'flash', ms: 270 })
    await house.advance(200)
    await tel.act({ do: 'dtmf', digits: '0' })
    await house.until('voicemail', () => subscriber.deposits.length === 2, 3000)
    t.equal(subscriber.deposits[1]?.diversion?.reason, 'user-busy')
    t.equal(a.state, 'talking')
  },
)

for (const [how, off] of [
  [
    'stopped in order',
    async ({ house }: Subscriber) => {
      const closed = house.box.close(500)
      await house.advance(1000)
      await closed
    },
  ],
  [
    'cut off from the network',
    async ({ house }: Subscriber) => {
      house.network.filter = (_data, from, to) =>
        from.address === '127.0.0.5' || to.address === '127.0.0.5' ? 'drop' : 'pass'
    },
  ],
] as const)
  inNetwork(
    `forwards work with the modem ${how}: all calls at once, no reply as soon as nobody is there (guide line 97)`,
    async (t, subscriber) => {
      const { a, b, house, tel, set } = subscriber
      await set({ forwardAlways: a.number })
      await off(subscriber)
      t.ok((await reachesA(t, subscriber)) < 1000)
      await set({ forwardAlways: undefined, forwardNoReply: a.number })
      const took = await reachesA(t, subscriber, 10_000)
      t.ok(took < 5000, `${took} ms`)
      await set({ forwardNoReply: undefined })
      b.call(tel.number)
      await house.until('voicemail', () => subscriber.deposits.length === 1, 10_000)
      t.equal(subscriber.deposits[0]?.diversion?.reason, 'unavailable')
    },
  )
