// The chapter on the conference of three (guide lines 125-135): asking somebody else while a party is held, returning
// to him from wherever one is, and talking to both; from handset keys to SIP to every ear, in virtual time.

import type { Test } from 'tap'
import { count, inTwoCalls, isHeld, type TwoCalls } from './two-calls.js'

const everybody = ['a hears b', 'a hears tel', 'b hears a', 'b hears tel', 'tel hears a', 'tel hears b']

/** tel and a as before R, b in no call. */
const backWithA = async (t: Test, world: TwoCalls, what: string) => {
  await world.in('active')
  await world.house.advance(1500)
  t.equal(world.a.state, 'talking', what)
  t.equal(world.b.state, 'idle', what)
  t.notOk(isHeld(world.a), what)
  t.same(await world.whoHears(), ['a hears tel', 'tel hears a'], what)
}

inTwoCalls(
  'R holds the party and gives a recall dial tone at once; the digits after it are a number (guide line 133)',
  async (t, world) => {
    const { house, tel, a, b, dial } = world
    await dial(a)
    const pressed = house.clock.now()
    await world.r()
    await world.hears('recall', 1000)
    const recall = tel.events.findLast(event => event.ev === 'tone' && event.name === 'recall')
    const known = house.trace.steps().findLast(({ event }) => event.type === 'flash')
    t.ok(
      (recall?.us ?? 0) - (known?.us ?? 0) <= 60_000,
      `${((recall?.us ?? 0) - (known?.us ?? 0)) / 1000} ms after R is recognised`,
    )
    await house.until('he is held on the wire', () => isHeld(a), 3000)
    await tel.act({ do: 'dtmf', digits: b.number })
    await world.in('active+held')
    await house.advance(500)
    t.same(a.ear.keys(pressed), [], 'the number is nobody else’s business')
    t.same(await world.whoHears(), ['b hears tel', 'tel hears b'])
  },
)

inTwoCalls(
  'numbers that begin with the digit of a command are numbers too: R 112, R 3100',
  async (t, world) => {
    const { house, tel, a, dial } = world
    await dial(a)
    await world.r()
    await world.hears('recall', 1000)
    await tel.act({ do: 'dtmf', digits: '3100' })
    await world.in('active+held')
    await world.r('1')
    await world.in('active')
    await house.advance(4000)
    await world.r()
    await world.hears('recall', 1000)
    const from = house.clock.now()
    await tel.act({ do: 'dtmf', digits: '112' })
    await house.until('an emergency call leaves', () =>
      world
        .said()
        .some(({ us, from: who, text }) => us >= from && who === 'box' && text.startsWith('INVITE sip:112@')),
    )
    t.ok(isHeld(a), 'the first party is held meanwhile')
  },
)

inTwoCalls('R 3 joins both, and all three hear each other (guide line 134)', async (t, world) => {
  await world.consulting()
  await world.r('3')
  await world.in('conference')
  await world.house.advance(1000)
  t.same(await world.whoHears(), everybody)
})

inTwoCalls('R 3 joins the call that waited just as well', async (t, world) => {
  await world.callerWaits()
  await world.r('2')
  await world.in('active+held')
  await world.house.advance(500)
  await world.r('3')
  await world.in('conference')
  await world.house.advance(1000)
  t.same(await world.whoHears(), everybody)
})

inTwoCalls('in a conference R 2 parts, and R 3 joins again', async (t, world) => {
  const { house, b } = world
  await world.consulting()
  await world.r('3')
  await world.in('conference')
  await house.advance(1000)
  await world.r('2')
  await world.in('active+held')
  await house.advance(1000)
  t.same(await world.whoHears(), ['a hears tel', 'tel hears a'], 'the last who joined is held')
  t.ok(isHeld(b))
  await world.r('3')
  await world.in('conference')
  await house.advance(1000)
  t.same(await world.whoHears(), everybody)
})

inTwoCalls('in a conference R 1 drops the last who joined', async (t, world) => {
  const { b } = world
  await world.consulting()
  await world.r('3')
  await world.in('conference')
  await world.house.advance(1000)
  await world.r('1')
  await world.house.until('b is released', () => b.state === 'idle')
  await backWithA(t, world, 'R 1')
})

for (const leaving of ['a', 'b'] as const)
  inTwoCalls(`${leaving} leaves a conference: a plain call with the other`, async (t, world) => {
    const { house } = world
    await world.consulting()
    await world.r('3')
    await world.in('conference')
    await house.advance(1000)
    world[leaving].hangUp()
    await world.in('active')
    await house.advance(1500)
    const other = leaving === 'a' ? 'b' : 'a'
    t.same(await world.whoHears(), [`${other} hears tel`, `tel hears ${other}`])
  })

inTwoCalls('hanging up in a conference releases both', async (t, world) => {
  const { house, tel, a, b } = world
  await world.consulting()
  await world.r('3')
  await world.in('conference')
  await house.advance(1000)
  await tel.act({ do: 'onhook' })
  await house.until('both released', () => a.state === 'idle' && b.state === 'idle')
  await house.advance(3000)
  t.notOk(tel.ringing)
  t.equal(world.situation(), 'idle')
})

/** Where a consultation can be when R 1 is pressed. */
const places: readonly (readonly [string, (world: TwoCalls) => Promise<void>])[] = [
  ['the recall dial tone', async world => world.r()],
  [
    'the middle of a number',
    async world => {
      await world.r()
      await world.hears('recall', 1000)
      await world.tel.act({ do: 'dtmf', digits: '03890' })
    },
  ],
  [
    'ringing',
    async world => {
      world.b.answersAfter = undefined
      await world.consult()
      await world.in('consult-ringing')
      await world.hears('ringback')
    },
  ],
  [
    'a busy tone',
    async world => {
      world.b.answersAfter = undefined
      await world.consult()
      await world.house.until('it rings there', () => world.b.state === 'ringing')
      world.b.reject(486)
      await world.in('consult-failed')
      await world.hears('busy')
    },
  ],
  [
    'an announcement',
    async world => {
      await world.r()
      await world.hears('recall', 1000)
      await world.tel.act({ do: 'dtmf', digits: '0399999999' })
      await world.in('consult-failed')
      await world.hears('sit')
    },
  ],
  ['a conversation', async world => world.consult().then(() => world.in('active+held'))],
]

for (const [place, reach] of places)
  inTwoCalls(`R 1 returns to the first party from ${place} (guide line 135)`, async (t, world) => {
    const { house, a, dial } = world
    await dial(a)
    await reach(world)
    await house.advance(1000)
    const from = house.clock.now()
    await world.r('1')
    await backWithA(t, world, place)
    t.same(a.ear.keys(from), [], 'the command is no key for him')
  })

inTwoCalls(
  'a misdialled consultation by itself: error tone or silence, and the party is there again',
  async (t, world) => {
    const { house, tel, a, dial } = world
    await dial(a)
    await world.r()
    await world.hears('recall', 1000)
    await house.advance(40_000)
    await backWithA(t, world, 'nothing dialled')
    await world.r()
    await world.hears('recall', 1000)
    await tel.act({ do: 'dtmf', digits: '0049' })
    await house.advance(8000)
    t.equal(world.situation(), 'consult-dial', 'a wrong number is an error tone and a new dial tone')
    t.equal(a.state, 'talking')
    await world.r('1')
    await backWithA(t, world, 'after a wrong number')
  },
)

inTwoCalls('R 2 swaps between the two of a consultation', async (t, world) => {
  const { house, a, b } = world
  await world.consulting()
  for (const active of ['a', 'b', 'a'] as const) {
    await world.r('2')
    await house.advance(1000)
    t.same(await world.whoHears(), [`${active} hears tel`, `tel hears ${active}`])
    t.ok(isHeld(active === 'a' ? b : a))
  }
})

inTwoCalls('R 0 releases who is held, the conversation goes on', async (t, world) => {
  const { house, a } = world
  await world.consulting()
  await world.r('0')
  await house.until('a is released', () => a.state === 'idle')
  await world.in('active')
  await house.advance(500)
  t.same(await world.whoHears(), ['b hears tel', 'tel hears b'])
})

inTwoCalls(
  'a command without a key changes nothing: one beep after 3.5 s, everybody as before',
  async (t, world) => {
    const { house, tel } = world
    await world.consulting()
    await tel.act({ do: 'flash' })
    await house.advance(200)
    t.same(await world.whoHears(), [], 'while the command is awaited nobody hears anybody')
    await house.advance(4000)
    t.equal(world.situation(), 'active+held')
    t.same(await world.whoHears(), ['b hears tel', 'tel hears b'])
  },
)

inTwoCalls(
  'hanging up while somebody is held: the telephone rings for him, and lifting resumes him',
  async (t, world) => {
    const { house, tel, a, b } = world
    await world.consulting()
    await tel.act({ do: 'onhook' })
    await world.rings('recall')
    t.equal(b.state, 'idle', 'the conversation is over')
    t.equal(a.state, 'talking')
    await house.advance(20_000)
    await tel.act({ do: 'offhook' })
    await backWithA(t, world, 'lifted')
  },
)

inTwoCalls(
  'a recall nobody answers ends after a minute, and the held party is released',
  async (t, world) => {
    const { house, tel, a } = world
    await world.consulting()
    const from = house.clock.now()
    await tel.act({ do: 'onhook' })
    await house.until('a is released', () => a.state === 'idle', 70_000)
    const seconds = (house.clock.now() - from) / 1e6
    t.ok(seconds > 59 && seconds < 63, `${seconds} s`)
    await house.advance(1000)
    t.notOk(tel.ringing)
    t.equal(world.situation(), 'idle')
  },
)

inTwoCalls(
  'a hang-up right after R with no key between is one that bounced: all is released',
  async (t, world) => {
    const { house, tel, a, b } = world
    await world.consulting()
    await tel.act({
      do: 'edges',
      edges: [
        { offHook: false, ms: 0 },
        { offHook: true, ms: 270 },
        { offHook: false, ms: 600 },
      ],
    })
    await house.until('both released', () => a.state === 'idle' && b.state === 'idle', 5000)
    await house.advance(2000)
    t.notOk(tel.ringing)
    t.equal(world.situation(), 'idle')
  },
)

inTwoCalls(
  'a hold that is refused: the digits are forgotten, an error beep, and the party is there',
  async (t, world) => {
    const { house, tel, a, dial } = world
    await dial(a)
    a.onReoffer = 488
    a.reofferDelay = 1000
    const from = house.clock.now()
    await world.r()
    await world.hears('recall', 1000)
    await tel.act({ do: 'dtmf', digits: '03' })
    await world.in('active')
    await house.advance(6000)
    t.equal(
      world
        .said()
        .filter(
          ({ us, what, text }) =>
            us > from && what === 'INVITE' && !/;tag=.*\r\nCall-ID/.test(text) && text.includes('sip:03@'),
        ).length,
      0,
    )
    a.onReoffer = 'accept'
    await backWithA(t, world, 'refused')
    t.same(a.ear.keys(from), [], 'no digit of the number reaches him')
  },
)

inTwoCalls('a swap that is refused leaves everybody where he was', async (t, world) => {
  const { house, b } = world
  await world.consulting()
  b.onReoffer = 488
  await world.r('2')
  await house.advance(3000)
  t.equal(world.situation(), 'active+held')
  t.same(await world.whoHears(), ['b hears tel', 'tel hears b'])
})

inTwoCalls('the held party leaves: the conversation goes on', async (t, world) => {
  const { house, a } = world
  await world.consulting()
  a.hangUp()
  await world.in('active')
  await house.advance(1500)
  t.same(await world.whoHears(), ['b hears tel', 'tel hears b'])
})

inTwoCalls(
  'a masked call can be the second call too: R *92* and a number (guide line 151)',
  async (t, world) => {
    const { house, tel, a, b, dial } = world
    await dial(a)
    await world.r()
    await world.hears('recall', 1000)
    const from = house.clock.now()
    await tel.act({ do: 'dtmf', digits: `*92*${b.number}` })
    await world.in('active+held')
    await house.advance(500)
    const invite = world
      .said()
      .find(
        ({ us, from: who, what, text }) =>
          us > from && who === 'box' && what === 'INVITE' && text.includes(`sip:${b.number}@`),
      )
    t.match(invite?.text, /^Privacy: id\r$/m)
    t.match(invite?.text, /^From: "?Anonymous"? <sip:anonymous@anonymous\.invalid>/m)
    t.equal(count(world, 'BYE', from), 0)
  },
)
