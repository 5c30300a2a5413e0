// A masked call leaks nothing: a canary number and a canary name are looked for in every packet the box
// sends, SIP, SDP, RTP and RTCP, while everything happens to the call that makes it say who it is.

import type { Test } from 'tap'
import { kindsOf, sightings } from '../support/canary.js'
import { type CodeHouse, inCodeHouse } from '../support/code-house.js'

const number = '0389777123'
const name = 'kanarienvogel'
const proxy = { address: '127.0.0.1', port: 5060 }
const box = '127.0.0.5'

const canaryHouse = {
  network: 'scripted',
  numbers: [number, '0389000002'],
  account: { authUser: name },
  challenges: true,
} as const

const sentBy = (house: CodeHouse) => house.network.captured.filter(({ from }) => from.address === box)

/** A call with challenges to every request, a re-INVITE each way, 491, keys, RTCP, and a BYE. */
const eventfulCall = async (house: CodeHouse, keys: string) => {
  const { tel1, exchange } = house
  exchange.script = {
    first: 'announces',
    final: 200,
    afterMs: 1500,
    announces: true,
    sessionSeconds: 90,
  }
  await house.dial(tel1, keys)
  await house.until('answered', () =>
    house.box.status().some(({ line, situation }) => line === tel1.line && situation === 'active'),
  )
  await tel1.act({ do: 'dtmf', digits: '42' })
  await house.advance(3000)
  const moved = exchange.reinvite()
  await house.advance(2000)
  await moved
  exchange.insideStatuses.push(491)
  // Half of the session interval, then the wait after 491, and RTCP all the while.
  await house.advance(60_000)
  await house.hangUp(tel1)
  await house.advance(5000)
}

/** R, a second masked call, both joined, and on-hook: hold and resume on the wire, each challenged and once crossed. */
const consultation = async (house: CodeHouse, keys: string) => {
  const { tel1, exchange } = house
  const situation = () => house.box.status().find(({ line }) => line === tel1.line)?.situation
  exchange.script = { final: 200, announces: true }
  await house.dial(tel1, keys)
  await house.until('answered', () => situation() === 'active')
  await house.advance(3000)
  exchange.insideStatuses.push(491)
  await tel1.act({ do: 'flash', ms: 270 })
  await house.until('recall dial tone', () => situation() === 'consult-dial')
  await house.advance(500)
  await tel1.act({ do: 'dtmf', digits: keys })
  await house.until('both stand', () => situation() === 'active+held')
  await house.advance(2500)
  await tel1.act({ do: 'flash', ms: 270 })
  await tel1.act({ do: 'dtmf', digits: '3' })
  await house.until('joined', () => situation() === 'conference')
  await house.advance(6000)
  await house.hangUp(tel1)
  await house.advance(3000)
}

const abandonedCall = async (house: CodeHouse, keys: string) => {
  house.exchange.script = { first: 'rings' }
  await house.dial(house.tel1, keys)
  await house.until('ringback', () => house.tel1.tone === 'ringback')
  await house.hangUp(house.tel1)
  await house.advance(3000)
}

const refusedCall = async (house: CodeHouse, keys: string) => {
  house.exchange.script = { final: 486 }
  await house.dial(house.tel1, keys)
  await house.until('busy', () => house.tel1.tone === 'busy')
  await house.hangUp(house.tel1)
}

/** The called side hangs up. */
const endedCall = async (house: CodeHouse, keys: string) => {
  house.exchange.script = { final: 200, byeAfterMs: 2000 }
  await house.dial(house.tel1, keys)
  await house.until('busy tone', () => house.tel1.tone === 'busy')
  await house.hangUp(house.tel1)
}

const unseen = async (t: Test, house: CodeHouse, keys: string) => {
  await eventfulCall(house, keys)
  await abandonedCall(house, keys)
  await refusedCall(house, keys)
  await endedCall(house, keys)
  await consultation(house, keys)
  const sent = sentBy(house)
  t.same(sightings(sent, { number, name, proxy }), [])
  const kinds = kindsOf(sent)
  t.comment([...kinds].map(([kind, count]) => `${kind} ${count}`).join(', '))
  for (const kind of ['REGISTER', 'INVITE', 'ACK', 'BYE', 'CANCEL', '200', 'RTP', 'RTCP'])
    t.ok(kinds.get(kind), `${kind} was among what was searched`)
  const texts = house.messages().map(({ text }) => text)
  const count = (pattern: RegExp) => texts.filter(text => pattern.test(text)).length
  t.ok(count(/^SIP\/2\.0 407/) >= 4, 'challenged again and again')
  t.ok(count(/^SIP\/2\.0 491/) >= 2, 'crossed by a re-INVITE')
  t.ok(count(/^INVITE[\s\S]*\r\na=sendonly/) >= 1, 'held')
  const named = texts.filter(
    text => /^INVITE/.test(text) && !/^To: .*;tag=/m.test(text) && text.includes(`username="${name}"`),
  )
  t.ok(named.length >= 4)
  t.ok(
    named.every(text => text.includes(`P-Preferred-Identity: <sip:${number}@operator.test>`)),
    'the proxy knows whose call it is',
  )
}

inCodeHouse(
  'masked by *92*, on a consultation call too: not in any packet (guide lines 133, 151)',
  canaryHouse,
  async (t, house) => unseen(t, house, '*92*0612345678'),
)

inCodeHouse(
  'masked by *93#: not in any packet of any call (guide line 153)',
  { ...canaryHouse, stored: { tel1: { masking: true } } },
  async (t, house) => unseen(t, house, '0612345678'),
)

for (const [title, options] of [
  ['masked by *93#', { stored: { tel1: { masking: true } } }],
  ['no store that tells', { store: 'missing' }],
] as const)
  inCodeHouse(
    `${title}: not in any packet of a call that the box makes to test the line`,
    { ...canaryHouse, ...options },
    async (t, house) => {
      house.exchange.script = { first: 'announces', final: 200, afterMs: 1500, announces: true }
      const report = await house.ask(house.diagnosis.testCall('tel1', '0612345678'))
      t.match(report, { verdicts: [{ id: 'call-good' }] })
      await house.advance(5000)
      const sent = sentBy(house)
      t.ok(kindsOf(sent).get('INVITE') && kindsOf(sent).get('BYE'))
      t.same(sightings(sent, { number, name, proxy }), [])
    },
  )

inCodeHouse('the search finds what it should: an open call shows both', canaryHouse, async (t, house) => {
  await eventfulCall(house, '0612345678')
  const found = sightings(sentBy(house), { number, name, proxy })
  t.ok(
    found.some(place => /From: /.test(place)),
    `${found.length} places`,
  )
})
