// Withholding one's number where the network keeps that setting too, so that the portal's reset is true at the telephone
// (guide lines 153-155 and 163-171): XCAP and NOTIFY on the wire, in virtual time.

import type { Test } from 'tap'
import type { SipRequest } from '../../firmware/sip/wire/message.js'
import { createWire } from '../../firmware/sip/wire/transactions.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { type CodeHouse, inCodeHouse } from '../support/code-house.js'

const number = '0389000001'
const both = { lineSettings: { masking: { owner: 'both' } }, numbers: [number, '0389000002'] } as const
const boxOwned = { lineSettings: { masking: { owner: 'box' } }, numbers: [number, '0389000002'] } as const

const xcapOf = (house: CodeHouse) => {
  if (!house.xcap) throw new Error('no XCAP server')
  return house.xcap
}

let notices = 0

/** NOTIFY out of a dialog from `from` to the box, as the operator sends it when a document changes. */
const notify = async (house: CodeHouse, event: string, from = { address: '127.0.0.1', port: 5062 }) => {
  const wire = await createWire(
    { listen: from },
    { network: house.network, clock: house.clock, entropy: new SeededEntropy(++notices) },
  )
  const request: SipRequest = {
    kind: 'request',
    method: 'NOTIFY',
    uri: `sip:${number}@127.0.0.5:5060`,
    headers: [
      ['Max-Forwards', '70'],
      ['From', '<sip:operator.test>;tag=n'],
      ['To', `<sip:${number}@operator.test>`],
      ['Call-ID', `notify-${house.clock.now()}`],
      ['CSeq', '1 NOTIFY'],
      ['Contact', '<sip:operator.test>'],
      ['Event', event],
      ['Subscription-State', 'terminated;reason=noresource'],
    ],
    body: '',
  }
  let status = 0
  wire.request(request, { address: '127.0.0.5', port: 5060 }, outcome => {
    status = outcome.type === 'response' ? outcome.response.status : -1
  })
  await house.advance(2000)
  await wire.close()
  return status
}

const masked = (house: CodeHouse) => house.store.line('tel1').masking

const dialAndHang = async (house: CodeHouse, keys: string, withinMs = 4000) => {
  const from = house.tel1.events.length
  await house.dial(house.tel1, keys)
  await house.advance(withinMs)
  await house.hangUp(house.tel1)
  return house.tones(house.tel1, from).includes('confirmation')
}

inCodeHouse(
  'both: *93# is written to the network, stored, and only then confirmed; #93# likewise (guide lines 153-155)',
  { ...both, xcap: {} },
  async (t, house) => {
    const xcap = xcapOf(house)
    await house.advance(100)
    const reads = ['GET 200', 'GET 200', 'GET 200', 'GET 200']
    t.same(xcap.log, reads, 'read at registration, for each line: for its number, for its forwards')
    xcap.delayMs = 1000
    await house.dial(house.tel1, '*93#')
    const from = house.tel1.events.length
    await house.advance(900)
    t.same(house.tones(house.tel1, from), [], 'nothing while the network is asked')
    await house.until('confirmation', () => house.tel1.tone === 'confirmation')
    t.ok(xcap.restricted(number))
    t.ok(masked(house))
    await house.hangUp(house.tel1)
    xcap.delayMs = 0
    t.ok(await dialAndHang(house, '#93#'))
    t.notOk(xcap.restricted(number))
    t.notOk(masked(house))
    t.notOk(xcap.restricted('0389000002'))
  },
)

inCodeHouse(
  'the portal resets all services: after its notice the number is shown again (guide lines 163-171)',
  { ...both, xcap: {} },
  async (t, house) => {
    const xcap = xcapOf(house)
    t.ok(await dialAndHang(house, '*93#'))
    xcap.change(number, false)
    await house.advance(5000)
    t.ok(masked(house), 'nothing is known of it yet')
    t.equal(await notify(house, 'xcap-diff;diff-processing=aggregate'), 200)
    t.notOk(masked(house))
    xcap.change(number, true)
    t.equal(await notify(house, 'ua-profile'), 200)
    t.ok(masked(house), 'the last change wins, this way too')
  },
)

inCodeHouse(
  'box: the store decides, and the portal’s reset clears it all the same (guide line 171)',
  { ...boxOwned, xcap: {} },
  async (t, house) => {
    const xcap = xcapOf(house)
    xcap.fault = 'refuses'
    t.ok(await dialAndHang(house, '*93#'), 'confirmed without the network')
    t.ok(masked(house))
    t.notOk(xcap.restricted(number))
    xcap.fault = undefined
    await house.advance(65_000)
    t.ok(xcap.restricted(number), 'told as soon as it listens again')
    xcap.touch(number)
    await notify(house, 'xcap-diff')
    t.ok(masked(house), 'another service changed')
    xcap.change(number, false)
    await notify(house, 'xcap-diff')
    t.notOk(masked(house))
  },
)

inCodeHouse(
  'a notice is only a hint: without an authenticated reading the number stays withheld',
  { ...both, xcap: {}, stored: { tel1: { masking: true } } },
  async (t, house) => {
    const xcap = xcapOf(house)
    await house.advance(1000)
    t.ok(xcap.restricted(number), 'the first meeting keeps it withheld on both sides')
    for (const fault of ['refuses', 'silent', 'garbage', 'impostor'] as const) {
      xcap.change(number, false)
      xcap.fault = fault
      t.equal(await notify(house, 'xcap-diff'), 200, fault)
      await house.advance(8000)
      t.ok(masked(house), fault)
      xcap.fault = undefined
      xcap.change(number, true)
    }
    xcap.change(number, false)
    xcap.fault = 'unauthenticated'
    await notify(house, 'xcap-diff')
    t.ok(masked(house), 'a document that anybody may have sent')
    xcap.fault = undefined
    await house.advance(200_000)
    t.notOk(masked(house), 'read again later, and believed then')
  },
)

inCodeHouse('strangers give no hints', { ...both, xcap: {} }, async (t, house) => {
  await house.advance(500)
  const before = xcapOf(house).log.length
  t.equal(await notify(house, 'xcap-diff', { address: '127.0.0.66', port: 5062 }), 0, 'no answer')
  t.equal(xcapOf(house).log.length, before, 'and nothing is read')
})

const failing = async (t: Test, house: CodeHouse) => {
  const xcap = xcapOf(house)
  for (const fault of ['refuses', 'silent', 'read-only'] as const) {
    xcap.fault = fault
    t.notOk(await dialAndHang(house, '#93#', 9000), fault)
    t.ok(masked(house), fault)
  }
  xcap.fault = undefined
  house.store.broken = 'disk full'
  t.notOk(await dialAndHang(house, '#93#'))
  t.ok(masked(house))
}
inCodeHouse(
  'both: what the network does not take is not confirmed, and the number stays withheld',
  { ...both, xcap: { withheld: [number] }, stored: { tel1: { masking: true } } },
  failing,
)

inCodeHouse(
  '*95# clears it in the network and in the box, in this order (guide lines 157-161)',
  { ...both, network: 'scripted', xcap: { withheld: [number] }, stored: { tel1: { masking: true } } },
  async (t, house) => {
    const xcap = xcapOf(house)
    house.exchange.script = { final: 403 }
    t.notOk(await dialAndHang(house, '*95#'))
    t.ok(masked(house))
    t.ok(xcap.restricted(number))
    house.exchange.script = { final: 200, byeAfterMs: 50 }
    t.ok(await dialAndHang(house, '*95#'))
    t.notOk(xcap.restricted(number))
    t.notOk(masked(house))
  },
)

inCodeHouse(
  'what changed while the box was off is read at its registration',
  {
    ...both,
    xcap: {},
    stored: { tel1: { masking: true, simservs: { etag: '"r0"', restricted: true, owed: false } } },
  },
  async (t, house) => {
    await house.advance(500)
    t.notOk(masked(house))
  },
)

inCodeHouse(
  'a box that has ended does not ask the network again',
  { ...both, xcap: {} },
  async (t, house) => {
    xcapOf(house).fault = 'refuses'
    await notify(house, 'xcap-diff')
    const asksLater = () => house.clock.pending().some(({ name }) => name === 'tel1:settings')
    t.ok(asksLater())
    const closed = house.box.close(500)
    await house.advance(600)
    await closed
    t.notOk(asksLater())
  },
)
