// Two calls on one telephone, heard at all three ends: who hears whom from which sample on, and in which order the wire
// says it (guide lines 75-83, 131-135).

import t, { type Test } from 'tap'
import type { Sound } from '../support/far-ear.js'
import type { FarParty } from '../support/far-party.js'
import { ladder } from '../support/sip-ladder.js'
import { levelAt } from '../support/spectrum.js'
import { openThreeParties, sine, type ThreeParties } from '../support/three-parties.js'

t.setTimeout(180_000)

const NEAR = 500
const A = 800
const B = 1100
/** They take turns of 300 ms, as people do: two tones at once are what no echo canceller can tell apart. */
const inTurn = (hz: number, turn: number): Sound => {
  const tone = sine(hz, -16)
  return n => (Math.floor(n / 2400) % 3 === turn ? tone(n) : 0)
}
const voices = (parties: ThreeParties) => {
  parties.tel.tap.says = inTurn(NEAR, 0)
  parties.a.ear.says = inTurn(A, 1)
  parties.b.ear.says = inTurn(B, 2)
}
/** Something of every frequency, the same each time. */
const murmur: Sound = n =>
  (((Math.imul(n, 0x9e3779b1) ^ (Math.imul(n, 0x85ebca6b) >>> 13)) >>> 16) % 6000) - 3000
const hush = ({ tel }: ThreeParties) => {
  tel.tap.says = () => 0
}

/** R, and a key of the command that follows it. */
const press = async ({ house, tel }: ThreeParties, command: string) => {
  await tel.act({ do: 'flash', ms: 270 })
  await house.advance(150)
  if (command !== '') await tel.act({ do: 'dtmf', digits: command })
}
/** When the machine was told of the last R. */
const lastFlash = ({ house }: ThreeParties) =>
  house.trace.steps().findLast(({ event }) => event.type === 'flash')?.us ?? 0

/** Packets under way, and 5 ms in which a wave dies away. */
const LAG_US = 45_000
const isSilent = (sound: Int16Array) => sound.length > 0 && sound.every(sample => Math.abs(sample) <= 8)

const hears = (t: Test, who: string, sound: Int16Array, wanted: readonly number[]) => {
  for (const hz of [NEAR, A, B]) {
    const level = sound.length === 0 ? Number.NEGATIVE_INFINITY : levelAt(sound, hz)
    if (wanted.includes(hz)) t.ok(level > -30, `${who} hears ${hz} Hz at ${level.toFixed(1)} dBm0`)
    else t.ok(level < -40, `${who} does not hear ${hz} Hz (${level.toFixed(1)} dBm0)`)
  }
}
/** One second of everybody, as it is heard at each end: by whom. */
const listen = async (
  t: Test,
  { house, tel, a, b }: ThreeParties,
  wanted: { readonly ear: readonly number[]; readonly a: readonly number[]; readonly b: readonly number[] },
  title: string,
) => {
  const from = house.clock.now()
  await house.advance(1800)
  hears(t, `${title}: the telephone`, tel.tap.heard(from), wanted.ear)
  hears(t, `${title}: a`, a.ear.heard(from), wanted.a)
  hears(t, `${title}: b`, b.ear.heard(from), wanted.b)
}

/** In conversation with a, who speaks alone for a while, so that the echo canceller learns the hybrid as in any call. */
const converse = async ({ house, a, dial }: ThreeParties) => {
  await dial(a)
  a.ear.says = murmur
  await house.advance(3000)
  a.ear.says = () => 0
}
/** In conversation with a, then R and b: a is held, b spoken to. */
const consult = async (parties: ThreeParties) => {
  const { house, tel, b } = parties
  await converse(parties)
  await press(parties, '')
  await house.until('recall dial tone', () => tel.tone === 'recall')
  await tel.act({ do: 'dtmf', digits: b.number })
  await house.until('b answers', () => b.state === 'talking')
  await house.advance(500)
}
const inParties = async (body: (parties: ThreeParties) => Promise<void>) => {
  const parties = await openThreeParties()
  try {
    await body(parties)
  } finally {
    await parties.close()
  }
}

t.test(
  'consultation and swap: each hears its own conversation and never the other, to the sample',
  async t => {
    await inParties(async parties => {
      const { house, tel, a, b, dial } = parties
      await dial(a)
      voices(parties)
      await house.advance(2500)
      await listen(t, parties, { ear: [A], a: [NEAR], b: [] }, 'call')
      await press(parties, '')
      const held = lastFlash(parties)
      hush(parties)
      await house.until('recall dial tone', () => tel.tone === 'recall')
      await tel.act({ do: 'dtmf', digits: b.number })
      await house.until('b answers', () => b.state === 'talking')
      voices(parties)
      await house.advance(500)
      await listen(t, parties, { ear: [B], a: [], b: [NEAR] }, 'consultation')
      t.ok(isSilent(a.ear.heard(held + LAG_US)), 'a has heard nothing since R')
      const before = house.clock.now()
      hush(parties)
      await press(parties, '2')
      const swapped = lastFlash(parties)
      await house.until('a is back', () => a.direction === 'sendrecv' && b.direction === 'recvonly')
      const resume = ladder(house, before).find(
        ({ media, what, out }) => out && what === 'INVITE' && media === 'sendrecv',
      )
      voices(parties)
      await house.advance(500)
      await listen(t, parties, { ear: [A], a: [NEAR], b: [] }, 'swapped')
      t.ok(isSilent(b.ear.heard(swapped + LAG_US)), 'b has heard nothing since R')
      t.ok(isSilent(a.ear.heard(held + LAG_US, resume?.us)), 'nor a until it was fetched back')
      const said = ladder(house, before)
        .filter(({ what }) => /INVITE/.test(what) && !what.startsWith('100'))
        .map(({ out, what, media }) => `${out ? '>' : '<'} ${what} ${media ?? ''}`.trim())
      t.same(said, [
        '> INVITE sendonly',
        '< 200 INVITE recvonly',
        '> INVITE sendrecv',
        '< 200 INVITE sendrecv',
      ])
    })
  },
)

t.test(
  'the conference: each hears the two others and not itself, by codecs of their own; parted, plain calls again',
  async t => {
    await inParties(async parties => {
      const { house, a, b, situation } = parties
      await consult(parties)
      await press(parties, '3')
      await house.until('conference', () => situation() === 'conference' && a.direction === 'sendrecv')
      voices(parties)
      await house.advance(1500)
      await listen(t, parties, { ear: [A, B], a: [NEAR, B], b: [NEAR, A] }, 'conference')
      hush(parties)
      await press(parties, '2')
      await house.until('parted', () => situation() === 'active+held' && b.direction === 'recvonly')
      voices(parties)
      await house.advance(500)
      await listen(t, parties, { ear: [A], a: [NEAR], b: [] }, 'parted')
      hush(parties)
      await press(parties, '3')
      await house.until('joined again', () => situation() === 'conference' && b.direction === 'sendrecv')
      voices(parties)
      await house.advance(1500)
      await listen(t, parties, { ear: [A, B], a: [NEAR, B], b: [NEAR, A] }, 'joined again')
      a.hangUp()
      await house.until('a plain call', () => situation() === 'active')
      await house.advance(1500)
      await listen(t, parties, { ear: [B], a: [], b: [NEAR] }, 'a has left')
      t.equal(b.state, 'talking')
    })
  },
)

t.test('keys in a conference go to both, a far key to the other; keys of a command go to nobody', async t => {
  await inParties(async parties => {
    const { house, tel, a, b, situation } = parties
    await consult(parties)
    const told = (party: FarParty) =>
      party.ear
        .keys()
        .map(({ key }) => key)
        .join('')
    await press(parties, '3')
    await house.until('conference', () => situation() === 'conference' && a.direction === 'sendrecv')
    await house.advance(500)
    t.same([told(a), told(b)], ['', ''], 'neither the number nor R 3 reached anybody')
    await tel.act({ do: 'dtmf', digits: '47' })
    await house.advance(300)
    t.same([told(a), told(b)], ['47', '47'])
    a.ear.press('9', 100)
    await house.advance(500)
    t.same([told(a), told(b)], ['47', '479'])
    t.match(tel.events.filter(({ ev }) => ev === 'dtmf').at(-1), { digit: '9' }, 'and the ear hears it')
    await press(parties, '2')
    await house.until('parted', () => situation() === 'active+held')
    await press(parties, '4')
    await house.advance(5000)
    t.same([told(a), told(b)], ['47', '479'], 'nor did these commands')
  })
})

t.test('hold refused (488, 603): one beep, and the party is back as if nothing had been', async t => {
  for (const status of [488, 603])
    await inParties(async parties => {
      const { house, tel, a, situation } = parties
      await converse(parties)
      a.onReoffer = status
      a.reofferDelay = 1200
      await press(parties, '')
      await house.until('recall dial tone meanwhile', () => tel.tone === 'recall')
      await tel.act({ do: 'dtmf', digits: '038' })
      await house.until('back', () => situation() === 'active', 5000)
      await house.until('the beep is over', () => tel.tone === 'none')
      voices(parties)
      await house.advance(500)
      await listen(t, parties, { ear: [A], a: [NEAR], b: [] }, `${status}`)
      t.equal(
        ladder(house).filter(({ what, out }) => out && what === 'INVITE').length <= 4,
        true,
        'no second call',
      )
    })
})

t.test('a hold that nobody answers delays the second call by 2 s at most, and is never heard', async t => {
  await inParties(async parties => {
    const { house, tel, a, b } = parties
    await converse(parties)
    a.onReoffer = 'ignore'
    const from = house.clock.now()
    await press(parties, '')
    const held = lastFlash(parties)
    await house.until('recall dial tone', () => tel.tone === 'recall')
    await tel.act({ do: 'dtmf', digits: b.number, onMs: 60, offMs: 60 })
    const dialled = house.clock.now()
    await house.until('b is called', () => b.state !== 'idle', 5000)
    const [hold, ...rest] = ladder(house, from).filter(({ out, what }) => out && what === 'INVITE')
    const second = rest.find(({ callId }) => callId !== hold?.callId)
    t.equal(hold?.media, 'sendonly')
    t.ok(
      second && second.us - dialled < 2_100_000,
      `${((second?.us ?? 0) - dialled) / 1000} ms after the last key`,
    )
    await house.until('b talks', () => b.state === 'talking')
    voices(parties)
    await house.advance(500)
    await listen(t, parties, { ear: [B], a: [], b: [NEAR] }, 'unanswered hold')
    t.ok(isSilent(a.ear.heard(held + LAG_US)), 'a hears nothing, though nobody told its network')
  })
})

t.test('the held party is gone for the network (481): the other call goes on', async t => {
  await inParties(async parties => {
    const { house, a, b, situation } = parties
    await consult(parties)
    a.onReoffer = 481
    await press(parties, '3')
    await house.until('a plain call with b', () => situation() === 'active', 5000)
    voices(parties)
    await house.advance(1500)
    await listen(t, parties, { ear: [B], a: [], b: [NEAR] }, '481')
    t.equal(b.state, 'talking')
  })
})

t.test(
  'both hold each other, and the far end asks for more meanwhile: silence until both are back',
  async t => {
    await inParties(async parties => {
      const { house, a, b } = parties
      await consult(parties)
      void a.offer('sendonly')
      await house.advance(1000)
      t.equal(a.direction, 'inactive')
      void a.offer('sendrecv')
      await house.advance(1000)
      t.equal(a.direction, 'recvonly', 'an offer of theirs does not end our hold')
      voices(parties)
      await house.advance(500)
      await listen(t, parties, { ear: [B], a: [], b: [NEAR] }, 'still held')
      hush(parties)
      await press(parties, '2')
      await house.until('swapped', () => a.direction === 'sendrecv' && b.direction === 'recvonly')
    })
  },
)

t.test(
  'a call waits: 180 says so, R 2 holds the first and takes it, its caller hears nothing before',
  async t => {
    await inParties(async parties => {
      const { house, tel, a, b, situation } = parties
      await converse(parties)
      b.call(tel.number)
      await house.until('waiting', () => situation() === 'active+waiting')
      const ringing = ladder(house).find(({ what, out }) => out && what === '180 INVITE')
      t.match(ringing?.text, 'Alert-Info: <urn:alert:service:call-waiting>')
      // The beep, and the display that asks to show who it is, have the line to themselves.
      await house.advance(1500)
      voices(parties)
      await listen(t, parties, { ear: [A], a: [NEAR], b: [] }, 'waiting')
      const before = house.clock.now()
      hush(parties)
      await press(parties, '2')
      const held = lastFlash(parties)
      await house.until('taken', () => b.state === 'talking')
      voices(parties)
      await house.advance(500)
      await listen(t, parties, { ear: [B], a: [], b: [NEAR] }, 'taken')
      t.ok(isSilent(a.ear.heard(held + LAG_US)))
      const said = ladder(house, before)
        .filter(({ what }) => what === 'INVITE' || what === '200 INVITE')
        .map(({ out, what, media }) => `${out ? '>' : '<'} ${what} ${media}`)
      t.same(said, ['> INVITE sendonly', '< 200 INVITE recvonly', '> 200 INVITE sendrecv'])
    })
  },
)

t.test(
  'nobody takes the waiting call: 480 with cause 19 after 20 s; R 0: 486; a second one: 486 at once',
  async t => {
    await inParties(async parties => {
      const { house, tel, a, b, dial, situation } = parties
      await dial(a)
      await house.advance(2500)
      b.call(tel.number)
      await house.until('waiting', () => situation() === 'active+waiting')
      const rang = ladder(house).find(({ what, out }) => out && what === '180 INVITE')?.us ?? 0
      await house.until('refused', () => b.told.at(-1) === 480, 25_000)
      const refusal = ladder(house).find(({ what, out }) => out && what === '480 INVITE')
      t.match(refusal?.text, 'Reason: Q.850;cause=19')
      t.ok(
        Math.abs(((refusal?.us ?? 0) - rang) / 1000 - 20_000) < 50,
        `${((refusal?.us ?? 0) - rang) / 1000} ms`,
      )
      b.call(tel.number)
      await house.until('waiting again', () => situation() === 'active+waiting')
      await press(parties, '0')
      await house.until('refused', () => b.told.at(-1) === 486)
      t.equal(situation(), 'active')
      t.equal(a.state, 'talking')
    })
    const third = await openThreeParties({ far: [{ codec: 'PCMA' }, { codec: 'PCMU' }, { codec: 'PCMA' }] })
    const c = third.house.far[2] as FarParty
    await third.dial(third.a)
    third.b.call(third.tel.number)
    await third.house.until('waiting', () => third.situation() === 'active+waiting')
    c.call(third.tel.number)
    await third.house.until('refused', () => c.told.at(-1) === 486)
    t.equal(third.situation(), 'active+waiting')
    await third.close()
  },
)

t.test(
  'on-hook with two: the held one rings and is fetched back; out of a conference all are released',
  async t => {
    await inParties(async parties => {
      const { house, tel, a, b, situation } = parties
      await consult(parties)
      await tel.act({ do: 'onhook' })
      await house.until('recall', () =>
        tel.events.some(event => event.ev === 'ring' && event.kind === 'recall'),
      )
      await house.until('b is released', () => b.state === 'idle')
      t.equal(a.state, 'talking')
      await tel.act({ do: 'offhook' })
      await house.until('a is back', () => a.direction === 'sendrecv')
      voices(parties)
      await house.advance(1000)
      await listen(t, parties, { ear: [A], a: [NEAR], b: [] }, 'recalled')
      hush(parties)
      await tel.act({ do: 'onhook' })
      await house.until('idle', () => situation() === 'idle' && a.state === 'idle')
      await house.advance(2000)
      await consult(parties)
      await press(parties, '3')
      await house.until('conference', () => situation() === 'conference')
      await tel.act({ do: 'onhook' })
      await house.until('all are released', () => a.state === 'idle' && b.state === 'idle')
      t.equal(situation(), 'idle')
      const open = house.network.openSockets.filter(
        ({ address, port }) => address === '127.0.0.5' && port !== 5060,
      )
      t.same(open, [], 'both port pairs are free')
    })
  },
)
