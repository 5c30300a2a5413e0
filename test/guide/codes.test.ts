// Codes of the network, from handset keys to the INVITE and back to the ear: forwarding and voicemail (guide lines
// 41-55, 115-123) and the code that turns all services off (lines 157-161).

import type { Test } from 'tap'
import { type CodeHouse, inCodeHouse } from '../support/code-house.js'

const scripted = { network: 'scripted' } as const

/** The dial tone of a telephone whose code has ended, and what was heard on the way there. */
const heardUntilDialTone = async (house: CodeHouse, from: number) => {
  const { tel1 } = house
  await house.until('dial tone', () => house.tones(tel1, from).at(-1) === 'dial')
  return house.tones(tel1, from).slice(0, -1)
}

const afterDialling = async (house: CodeHouse, keys: string) => {
  await house.dial(house.tel1, keys)
  const from = house.tel1.events.length
  const heard = await heardUntilDialTone(house, from)
  await house.hangUp(house.tel1)
  return heard
}

const errorToneIn = (house: CodeHouse) =>
  house.trace
    .steps()
    .some(({ effects }) => effects.some(effect => effect.type === 'tone' && effect.tone === 'error'))

inCodeHouse(
  'codes of the network go out as dialled, "#" escaped, and end in the confirmation tone (guide lines 53-55, 117-123)',
  scripted,
  async (t, house) => {
    house.exchange.script = { final: 200, byeAfterMs: 20 }
    for (const [keys, user] of [
      ['*75#', '*75%23'],
      ['#75#', '%2375%23'],
      ['*21*0612345678', '*21*0612345678%23'],
      ['*21*0612345678#', '*21*0612345678%23'],
      ['#21#', '%2321%23'],
      ['*23*0389000003', '*23*0389000003%23'],
      ['#23#', '%2323%23'],
      ['*21*112', '*21*112%23'],
      ['*61*0612345678*11*20#', '*61*0612345678*11*20%23'],
    ] as const) {
      t.same(await afterDialling(house, keys), ['confirmation'], keys)
      t.equal(house.exchange.called.at(-1), user, keys)
    }
    t.equal(house.exchange.called.length, 9)
    t.same(house.store.changes, [], 'nothing of it is kept in the box')
  },
)

for (const [hash, user] of [
  ['raw', '#21#'],
  ['strip', '%2321'],
] as const)
  inCodeHouse(
    `the form of "#" is the operator's choice: ${hash}`,
    { ...scripted, lineSettings: { codes: { hash, okFinals: [] } } },
    async (t, house) => {
      await house.dial(house.tel1, '#21#')
      await house.until('INVITE', () => house.messages().some(({ text }) => text.startsWith('INVITE')))
      const invite = house.messages().find(({ text }) => text.startsWith('INVITE'))
      t.ok(
        invite?.text.startsWith(`INVITE sip:${user}@operator.test`),
        invite?.text.split('\r\n')[0] ?? 'no INVITE',
      )
      await house.hangUp(house.tel1)
    },
  )

const announced = async (t: Test, house: CodeHouse, what: string) => {
  await house.dial(house.tel1, '*21*0612345678')
  const from = house.tel1.events.length
  await house.until(`${what}: the announcement is heard`, () =>
    house.tel1.events
      .slice(from)
      .some(event => event.ev === 'tone' && event.hz.some(hz => Math.abs(hz - 1000) < 30)),
  )
  const heard = await heardUntilDialTone(house, from)
  t.notOk(heard.includes('confirmation'), `${what}: it needs no tone beside it`)
  await house.hangUp(house.tel1)
}

inCodeHouse(
  "the network's announcement is heard, before its answer or after it, and then the dial tone",
  scripted,
  async (t, house) => {
    house.exchange.script = { first: 'announces', final: 200, afterMs: 2500, byeAfterMs: 100 }
    await announced(t, house, 'early')
    t.notOk(errorToneIn(house))
    house.exchange.script = { final: 200, announces: true, byeAfterMs: 2500 }
    await announced(t, house, 'answered')
    t.notOk(errorToneIn(house))
  },
)

inCodeHouse(
  'a yes without a word and without an end: the box confirms after 3 s and releases the call',
  scripted,
  async (t, house) => {
    house.exchange.script = { final: 200 }
    t.same(await afterDialling(house, '*75#'), ['confirmation'])
    t.equal(house.exchange.requests.filter(({ method }) => method === 'BYE').length, 1)
  },
)

inCodeHouse('a refused code gives the error tone, four times, then dial tone', scripted, async (t, house) => {
  for (const final of [403, 404, 486, 503, 603]) {
    house.exchange.script = { final }
    await house.dial(house.tel1, '*75#')
    const from = house.tel1.events.length
    t.notOk((await heardUntilDialTone(house, from)).includes('confirmation'), `${final}`)
    await house.hangUp(house.tel1)
  }
  const sounded = house.trace
    .steps()
    .filter(({ effects }) => effects.some(effect => effect.type === 'tone' && effect.tone === 'error'))
  t.equal(sounded.length, 5)
})

inCodeHouse(
  'a final the operator lists as a yes is confirmed (codes.okFinals); after an announcement nothing more is said',
  { ...scripted, lineSettings: { codes: { hash: 'escaped', okFinals: [480] } } },
  async (t, house) => {
    house.exchange.script = { final: 480 }
    t.same(await afterDialling(house, '#75#'), ['confirmation'])
    house.exchange.script = { first: 'announces', final: 480, afterMs: 2500 }
    await announced(t, house, 'listed')
    t.notOk(errorToneIn(house))
  },
)

inCodeHouse(
  '*95# asks the network first; after its yes the number is shown again (guide lines 157-161)',
  { ...scripted, stored: { tel1: { masking: true } } },
  async (t, house) => {
    const { tel1, exchange, store } = house
    exchange.script = { final: 200, afterMs: 3000, byeAfterMs: 50 }
    await house.dial(tel1, '*95#')
    const from = tel1.events.length
    await house.until('asked', () => exchange.called.length > 0)
    t.same(exchange.called, ['*95%23'])
    await house.advance(2500)
    t.ok(store.line('tel1').masking, 'not before the answer')
    t.same(await heardUntilDialTone(house, from), ['confirmation'])
    t.notOk(store.line('tel1').masking)
  },
)

inCodeHouse(
  '*95# refused, unanswered or not stored: error tone, and the number stays withheld',
  { ...scripted, stored: { tel1: { masking: true } } },
  async (t, house) => {
    const { tel1, exchange, store } = house
    for (const [what, script, broken] of [
      ['refused', { final: 403 }, undefined],
      ['announced and refused', { first: 'announces', final: 480, afterMs: 1500 }, undefined],
      ['not stored', { final: 200, byeAfterMs: 50 }, 'disk full'],
      ['announced, not stored', { final: 200, announces: true, byeAfterMs: 1500 }, 'disk full'],
    ] as const) {
      exchange.script = script
      store.broken = broken
      const steps = house.trace.steps().length
      t.notOk((await afterDialling(house, '*95#')).includes('confirmation'), what)
      const sounded = house.trace.steps().slice(steps)
      t.ok(
        sounded.some(({ effects }) =>
          effects.some(effect => effect.type === 'tone' && effect.tone === 'error'),
        ),
        what,
      )
      t.ok(store.line('tel1').masking, what)
    }
    exchange.script = { first: 'announces' }
    await house.dial(tel1, '*95#')
    await house.advance(2000)
    await house.hangUp(tel1)
    t.equal(exchange.cancelled, 1, 'hung up before the answer')
    t.ok(store.line('tel1').masking)
  },
)

inCodeHouse(
  '*95# hung up as the yes is on its way: the network has said yes, the box has not heard it and changes nothing',
  { ...scripted, stored: { tel1: { masking: true } } },
  async (t, house) => {
    const { tel1, exchange, store, network } = house
    exchange.script = { first: 'rings', final: 200, afterMs: 2000 }
    await house.dial(tel1, '*95#')
    // The 200 takes so long that the receiver is down before it arrives.
    network.filter = datagram =>
      Buffer.from(datagram).toString().startsWith('SIP/2.0 200') ? { delayMs: 1200 } : 'pass'
    await house.advance(1900)
    await house.hangUp(tel1)
    await house.advance(8000)
    t.ok(store.line('tel1').masking)
    t.ok(
      exchange.cancelled === 1 || exchange.requests.some(({ method }) => method === 'BYE'),
      'and no call is left standing',
    )
  },
)

inCodeHouse(
  '*95# without a registration: error tone, nothing changes',
  { operator: false, stored: { tel1: { masking: true } } },
  async (t, house) => {
    await house.dial(house.tel1, '*95#')
    await house.advance(3000)
    t.ok(errorToneIn(house))
    t.notOk(house.tones(house.tel1).includes('confirmation'))
    t.ok(house.store.line('tel1').masking)
  },
)
