// The chapter on the call that waits (guide lines 69-87), from the R key to the messages on the wire to every ear, in
// virtual time; and what happens when two people do something at once.

import type { FarParty } from '../support/far-party.js'
import { levelAt } from '../support/spectrum.js'
import { sine } from '../support/three-parties.js'
import { count, inTwoCalls, isHeld } from './two-calls.js'

/** In the tenth of a second number `i`. */
const levelIn = (pcm: Int16Array, hz: number, i: number): number =>
  levelAt(pcm, hz, i * 800, Math.min((i + 1) * 800, pcm.length))

const third = { far: [{ codec: 'PCMA' }, { codec: 'PCMU' }, { codec: 'PCMA' }] } as const

inTwoCalls(
  'a beep tells of a second caller, heard by nobody but the subscriber (guide line 73)',
  async (t, world) => {
    const { house, tel, a, b } = world
    await world.dial(a)
    await house.advance(1000)
    const from = house.clock.now()
    b.call(tel.number)
    await house.advance(15_000)
    const pcm = tel.tap.heard(from)
    const beeps = Array.from({ length: 150 }, (_, i) => levelIn(pcm, 440, i)).flatMap((dbm0, i, all) =>
      dbm0 > -20 && (all[i - 1] ?? -99) <= -20 ? [i / 10] : [],
    )
    t.equal(beeps.length, 2, `beeps at ${beeps} s`)
    t.ok(Math.abs((beeps[1] ?? 0) - (beeps[0] ?? 0) - 10.3) <= 0.1, 'again after 10.3 s')
    t.ok(levelAt(a.ear.heard(), 440) < -60, `the first party hears none: ${levelAt(a.ear.heard(), 440)} dBm0`)
    const ringing = world.said().find(({ from: who, what }) => who === 'box' && what === '180 INVITE')
    t.match(ringing?.text, /^Alert-Info: <urn:alert:service:call-waiting>\r$/m)
    t.same(await world.whoHears(), ['a hears tel', 'tel hears a'], 'the first conversation goes on')
  },
)

inTwoCalls(
  'R 2 takes the second call and holds the first, then swaps at every R 2 (guide lines 75, 81)',
  async (t, world) => {
    const { house, a, b } = world
    await world.callerWaits()
    const pressed = house.clock.now()
    await world.r('2')
    await world.in('active+held')
    await house.advance(500)
    t.same(await world.whoHears(), ['b hears tel', 'tel hears b'])
    t.ok(isHeld(a))
    const said = world.said().filter(({ us }) => us > pressed)
    const hold = said.findIndex(
      ({ from, what, text }) => from === 'box' && what === 'INVITE' && text.includes('a=sendonly'),
    )
    const held = said.findIndex(({ to, what }, i) => i > hold && to === 'box' && what === '200 INVITE')
    const taken = said.findIndex(({ from, what }) => from === 'box' && what === '200 INVITE')
    t.ok(
      hold >= 0 && held > hold && taken > held,
      `hold ${hold}, its 200 ${held}, the answer to the caller ${taken}`,
    )
    for (const [active, other] of [
      [a, b],
      [b, a],
    ] as const) {
      await world.r('2')
      await house.advance(1000)
      const name = active === a ? 'a' : 'b'
      t.same(await world.whoHears(), [`${name} hears tel`, `tel hears ${name}`])
      t.ok(isHeld(other) && !isHeld(active))
    }
  },
)

inTwoCalls('whoever is held never hears the other party, not for an instant', async (t, world) => {
  const { house, a, b } = world
  await world.callerWaits()
  a.ear.says = sine(800, -16)
  b.ear.says = sine(1200, -16)
  const from = house.clock.now()
  for (let i = 0; i < 4; i++) {
    await world.r('2')
    await house.advance(1500)
  }
  t.ok(levelAt(a.ear.heard(from), 1200) < -60)
  t.ok(levelAt(b.ear.heard(from), 800) < -60)
})

inTwoCalls('R 1 ends the second call and returns to the first (guide line 83)', async (t, world) => {
  const { house, a, b } = world
  await world.callerWaits()
  await world.r('2')
  await world.in('active+held')
  await house.advance(500)
  await world.r('1')
  await world.in('active')
  await house.advance(1000)
  t.equal(b.state, 'idle')
  t.equal(a.state, 'talking')
  t.same(await world.whoHears(), ['a hears tel', 'tel hears a'])
})

inTwoCalls('R 1 at the beep ends the first call and takes the second', async (t, world) => {
  const { house, a, b } = world
  await world.callerWaits()
  await world.r('1')
  await world.in('active')
  await house.advance(1000)
  t.equal(a.state, 'idle')
  t.equal(b.state, 'talking')
  t.same(await world.whoHears(), ['b hears tel', 'tel hears b'])
})

inTwoCalls('R 0 at the beep tells the caller that the line is busy', async (t, world) => {
  const { house, b } = world
  await world.callerWaits()
  await world.r('0')
  await house.until('refused', () => b.state === 'idle')
  t.equal(b.told.at(-1), 486)
  await house.advance(500)
  t.same(await world.whoHears(), ['a hears tel', 'tel hears a'])
})

inTwoCalls(
  'nothing done, the caller is sent on after 20 s, as to somebody who does not answer (guide line 87)',
  async (t, world) => {
    const { house, b } = world
    await world.callerWaits()
    const rang = world.said().find(({ from, what }) => from === 'box' && what === '180 INVITE')?.us ?? 0
    await house.until('sent on', () => b.state === 'idle', 25_000)
    const refusal = world.said().find(({ from, what }) => from === 'box' && what === '480 INVITE')
    t.match(refusal?.text, /^Reason: Q\.850 *; *cause=19/m)
    const seconds = ((refusal?.us ?? 0) - rang) / 1e6
    t.ok(Math.abs(seconds - 20) < 0.2, `${seconds} s after its 180`)
    await house.advance(500)
    t.equal(world.situation(), 'active')
    t.same(await world.whoHears(), ['a hears tel', 'tel hears a'])
  },
)

inTwoCalls('a caller who gives up takes the beep with him, and nothing is refused', async (t, world) => {
  const { house, b } = world
  await world.callerWaits()
  b.cancel()
  await world.in('active')
  await house.advance(25_000)
  t.equal(count(world, '480 INVITE'), 0)
  t.equal(count(world, '487 INVITE'), 1)
  t.equal(world.tel.tone, 'none')
})

inTwoCalls(
  'one caller waits at a time: a third hears busy, and so does who calls while somebody is dialling',
  async (t, world) => {
    const { house, tel } = world
    const [, , c] = house.far as [FarParty, FarParty, FarParty]
    await world.callerWaits()
    c.call(tel.number)
    await house.until('busy', () => c.state === 'idle')
    t.equal(c.told.at(-1), 486)
    await world.r('2')
    await world.in('active+held')
    c.call(tel.number)
    await house.until('busy with two', () => c.state === 'idle')
    t.equal(c.told.at(-1), 486)
    await tel.act({ do: 'onhook' })
    await world.rings('recall')
    c.call(tel.number)
    await house.until('busy with a recall', () => c.state === 'idle')
    t.equal(c.told.at(-1), 486)
  },
  third,
)

for (const keys of [undefined, '1', '2'] as const)
  inTwoCalls(
    `the first party hangs up while somebody waits: busy tone, and R${keys ? ` ${keys}` : ''} answers him`,
    async (t, world) => {
      const { house, tel, a, b } = world
      await world.callerWaits()
      a.hangUp()
      await world.hears('busy')
      await world.r(keys)
      await world.in('active')
      await house.advance(4000)
      t.equal(b.state, 'talking')
      t.same(b.ear.keys(), [], 'the command is no key for him')
      t.same(await world.whoHears(), ['b hears tel', 'tel hears b'])
      await tel.act({ do: 'onhook' })
      await world.in('idle')
    },
  )

inTwoCalls(
  'the first party hangs up while somebody waits: on-hook makes it an ordinary ringing, for longer than 20 s',
  async (t, world) => {
    const { house, tel, a, b } = world
    await world.callerWaits()
    a.hangUp()
    await world.hears('busy')
    await tel.act({ do: 'onhook' })
    await house.until('it rings', () => tel.ringing)
    await house.advance(30_000)
    t.equal(b.state, 'calling', 'nobody sent him on')
    await tel.act({ do: 'offhook' })
    await house.until('they speak', () => b.state === 'talking')
    await house.advance(500)
    t.same(await world.whoHears(), ['b hears tel', 'tel hears b'])
  },
)

inTwoCalls('on-hook while somebody waits: it rings at once, and lifting takes him', async (t, world) => {
  const { house, tel, a, b } = world
  await world.callerWaits()
  await tel.act({ do: 'onhook' })
  await world.rings('rp-as', 1500)
  t.equal(a.state, 'idle')
  await world.rings('full', 4000)
  await tel.act({ do: 'offhook' })
  await house.until('they speak', () => b.state === 'talking')
})

inTwoCalls(
  'the caller vanishes between R and 2: no call to a number "2", one error beep, the first party is back',
  async (t, world) => {
    const { house, tel, a, b } = world
    await world.callerWaits()
    await tel.act({ do: 'flash' })
    b.cancel()
    await house.advance(400)
    const from = house.clock.now()
    await tel.act({ do: 'dtmf', digits: '2' })
    await house.advance(15_000)
    t.notOk(
      world.said().some(({ us, text }) => us >= from && text.startsWith('INVITE sip:2@')),
      'nothing is dialled',
    )
    t.equal(a.state, 'talking')
    t.same(a.ear.keys(from), [], 'the command is no key for him')
    t.same(await world.whoHears(), ['a hears tel', 'tel hears a'])
    const beeps = house.trace
      .steps()
      .filter(({ effects }) => effects.some(effect => effect.type === 'tone' && effect.tone === 'error-beep'))
    t.equal(beeps.length, 1)
  },
)

inTwoCalls(
  'only a held party is left: R resumes him at once, and a 0 to 4 pressed after it is swallowed',
  async (t, world) => {
    const { house, a, b } = world
    await world.callerWaits()
    await world.r('2')
    await world.in('active+held')
    await house.advance(500)
    b.hangUp()
    await world.in('held-only')
    await world.hears('busy')
    await world.r('1')
    await world.in('active')
    await house.advance(500)
    t.same(a.ear.keys(), [])
    t.same(await world.whoHears(), ['a hears tel', 'tel hears a'])
    await house.advance(4000)
    await world.tel.act({ do: 'dtmf', digits: '1' })
    await house.advance(500)
    t.match(a.ear.keys(), [{ key: '1' }], 'later it is a key like any other')
  },
)

inTwoCalls('R while the first call is still ringing means nothing', async (t, world) => {
  const { house, tel, a } = world
  a.answersAfter = undefined
  await tel.act({ do: 'offhook' })
  await world.hears('dial')
  await tel.act({ do: 'dtmf', digits: a.number })
  await house.until('it rings there', () => a.state === 'ringing')
  await world.r()
  await house.advance(5000)
  t.equal(world.situation(), 'ringing-out')
  await world.hears('ringback')
  a.answer()
  await world.in('active')
  t.same(await world.whoHears(), ['a hears tel', 'tel hears a'])
})
