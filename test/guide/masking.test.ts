// The chapter on withholding one's number (guide lines 147-155), from handset keys to the messages on the wire to the
// ear, in virtual time.

import type { Test } from 'tap'
import { headerOf } from '../../firmware/sip/wire/message.js'
import { type CodeHouse, inCodeHouse } from '../support/code-house.js'
import type { VirtualTelephone } from '../support/virtual-house.js'

const confirmed = async (house: CodeHouse, telephone: VirtualTelephone) => {
  await house.until('confirmation', () => telephone.tone === 'confirmation')
  await house.until('dial tone', () => telephone.tone === 'dial')
}

/** The next call of tel1, as tel2's side of the network sees it and as our side said it. */
const callSeen = async (house: CodeHouse, keys: string) => {
  const from = house.network.captured.length
  const { tel1, tel2 } = house
  await house.dial(tel1, keys)
  await house.until('it rings', () => tel2.ringing)
  const invites = house.network.captured
    .slice(from)
    .map(({ to, from: sender, data }) => ({ to, sender, text: Buffer.from(data).toString() }))
    .filter(({ text }) => text.startsWith('INVITE'))
  const sent = invites.findLast(({ to }) => to.address === '127.0.0.1')?.text ?? ''
  const arrived = invites.find(({ sender }) => sender.address === '127.0.0.1')?.text ?? ''
  await house.hangUp(tel1)
  await house.until('quiet', () => !tel2.ringing)
  return { sent, arrived }
}

const withheld = (t: Test, { sent, arrived }: { sent: string; arrived: string }, number: string) => {
  t.match(sent, /^From: "?Anonymous"? <sip:anonymous@anonymous\.invalid>/m)
  t.match(sent, /^Privacy: id$/m)
  t.match(sent, new RegExp(`^P-Preferred-Identity: <sip:${number}@operator\\.test>`, 'm'))
  t.notOk(arrived.includes(number), 'the called side does not learn it')
}

const shown = (t: Test, { sent, arrived }: { sent: string; arrived: string }, number: string) => {
  t.match(arrived, new RegExp(`^From: .*<sip:${number}@`, 'm'))
  t.notMatch(sent, /^Privacy:/m)
}

inCodeHouse('*92* and a number withholds it on that one call (guide line 151)', {}, async (t, house) => {
  const { tel1, tel2 } = house
  withheld(t, await callSeen(house, `*92*${tel2.number}`), tel1.number)
  shown(t, await callSeen(house, tel2.number), tel1.number)
})

inCodeHouse(
  '*93# withholds it for good: confirmation tone, then dial tone (guide line 153)',
  {},
  async (t, house) => {
    const { tel1, tel2 } = house
    const from = tel1.events.length
    await house.dial(tel1, '*93#')
    await confirmed(house, tel1)
    t.same(house.tones(tel1, from), ['dial', 'confirmation', 'dial'])
    t.ok(house.store.line('tel1').masking)
    t.notOk(house.store.line('tel2').masking, 'each line for itself')
    await house.hangUp(tel1)
    withheld(t, await callSeen(house, tel2.number), tel1.number)
    withheld(t, await callSeen(house, `*92*${tel2.number}`), tel1.number)
    withheld(t, await callSeen(house, tel2.number), tel1.number)
  },
)

inCodeHouse(
  '#93# shows it again (guide line 155)',
  { stored: { tel1: { masking: true } } },
  async (t, house) => {
    const { tel1, tel2 } = house
    withheld(t, await callSeen(house, tel2.number), tel1.number)
    await house.dial(tel1, '#93#')
    await confirmed(house, tel1)
    t.notOk(house.store.line('tel1').masking)
    await house.hangUp(tel1)
    shown(t, await callSeen(house, tel2.number), tel1.number)
  },
)

inCodeHouse(
  'what takes 5 s to be stored is confirmed after 5 s, not a tone before (guide line 153)',
  {},
  async (t, house) => {
    const { tel1, store } = house
    store.commitMs = 5000
    await house.dial(tel1, '*93#')
    const from = tel1.events.length
    const asked = house.clock.now()
    await house.advance(4800)
    t.same(house.tones(tel1, from), [])
    t.notOk(store.line('tel1').masking)
    await confirmed(house, tel1)
    const tone = tel1.events.find(event => event.ev === 'tone' && event.name === 'confirmation')
    t.ok(((tone?.us ?? 0) - asked) / 1000 > 4800)
    t.ok(store.line('tel1').masking)
    const steps = house.trace.steps()
    const stored = steps.findIndex(({ event }) => event.type === 'stored' && event.ok)
    const sounded = steps.findIndex(({ effects }) =>
      effects.some(effect => effect.type === 'tone' && effect.tone === 'confirmation'),
    )
    t.equal(sounded, stored, 'the tone begins at the news of the commit, in no earlier step')
  },
)

inCodeHouse('what cannot be stored gives the error tone, and nothing has changed', {}, async (t, house) => {
  const { tel1, tel2, store } = house
  store.broken = 'disk full'
  await house.dial(tel1, '*93#')
  const from = tel1.events.length
  await house.until('dial tone again', () => tel1.tone === 'dial')
  // The ear cannot tell the error tone from congestion by its cadence; it sounds exactly four times.
  t.notOk(house.tones(tel1, from).includes('confirmation'))
  t.ok(
    house.trace
      .steps()
      .some(({ effects }) => effects.some(effect => effect.type === 'tone' && effect.tone === 'error')),
  )
  await house.hangUp(tel1)
  shown(t, await callSeen(house, tel2.number), tel1.number)
})

inCodeHouse(
  'a number that is withheld stays so when #93# cannot be stored',
  { stored: { tel1: { masking: true } } },
  async (t, house) => {
    const { tel1, tel2, store } = house
    store.broken = 'disk full'
    await house.dial(tel1, '#93#')
    await house.until('dial tone again', () => tel1.tone === 'dial')
    await house.hangUp(tel1)
    withheld(t, await callSeen(house, tel2.number), tel1.number)
  },
)

inCodeHouse(
  'who hangs up before it is stored hears nothing of it; it counts as stored',
  {},
  async (t, house) => {
    const { tel1, tel2, store } = house
    store.commitMs = 3000
    await house.dial(tel1, '*93#')
    const from = tel1.events.length
    await house.hangUp(tel1)
    await house.advance(6000)
    t.same(house.tones(tel1, from), [])
    t.ok(store.line('tel1').masking)
    withheld(t, await callSeen(house, tel2.number), tel1.number)
  },
)

inCodeHouse(
  'masking needs no network: *93# is stored and confirmed while nobody is registered',
  { operator: false },
  async (t, house) => {
    const { tel1 } = house
    await house.dial(tel1, '*93#')
    await house.until('confirmation', () => tel1.tone === 'confirmation')
    t.ok(house.store.line('tel1').masking)
    await house.until('no-service tone again', () => tel1.tone === 'congestion')
  },
)

inCodeHouse(
  'an emergency service always sees the number: *92*112, and 112 while it is withheld for good',
  { stored: { tel1: { masking: true } } },
  async (t, house) => {
    const { tel1, exchange } = house
    exchange.script = { final: 200 }
    for (const keys of ['*92*112', '112']) {
      await house.dial(tel1, keys)
      await house.until('answered', () => exchange.requests.some(({ method }) => method === 'INVITE'))
      const invite = exchange.requests.find(({ method }) => method === 'INVITE')
      t.match(invite && headerOf(invite, 'From'), /<sip:0389000001@operator\.test>/, keys)
      t.equal(invite && headerOf(invite, 'Privacy'), undefined, keys)
      t.equal(exchange.called.at(-1), '112', keys)
      await house.advance(1000)
      await tel1.act({ do: 'onhook' })
      // An emergency call ends only 1.5 s later.
      await house.advance(3000)
      exchange.requests.length = 0
    }
  },
)

inCodeHouse(
  'until the store is read the number is withheld, and so it stays where it cannot be',
  { store: 'missing' },
  async (t, house) => {
    const { tel1, tel2 } = house
    withheld(t, await callSeen(house, tel2.number), tel1.number)
    await house.dial(tel1, '#93#')
    await house.advance(500)
    t.notOk(house.tones(tel1).includes('confirmation'))
  },
)

inCodeHouse(
  'where the network owns masking, its codes go out as dialled (guide lines 151-155)',
  {
    network: 'scripted',
    lineSettings: { masking: { owner: 'network' } },
    stored: { tel1: { masking: true } },
  },
  async (t, house) => {
    const { tel1, exchange } = house
    exchange.script = { final: 200, byeAfterMs: 50 }
    for (const [keys, user] of [
      ['*93#', '*93%23'],
      ['#93#', '%2393%23'],
      ['*95#', '*95%23'],
    ] as const) {
      await house.dial(tel1, keys)
      await confirmed(house, tel1)
      t.equal(exchange.called.at(-1), user)
      await house.hangUp(tel1)
    }
    exchange.script = { first: 'rings' }
    await house.dial(tel1, '*92*0389000009')
    await house.until('ringback', () => tel1.tone === 'ringback')
    t.equal(exchange.called.at(-1), '*92*0389000009%23')
    await house.hangUp(tel1)
    t.same(house.store.changes, [], 'the box stores nothing')
    t.notOk(house.messages().some(({ text }) => /^Privacy/m.test(text)))
  },
)
