// Codes answered by the reference operator itself, which stores them and says so: from handset keys to the subscriber's
// profile and back to the ear (guide lines 41-55, 115-123, 147-161).

import type { Test } from 'tap'
import { type CodeHouse, inCodeHouse } from '../support/code-house.js'

const profileOf = (house: CodeHouse) => {
  if (!house.operator) throw new Error('no operator')
  return house.operator.profiles.of(house.tel1.number)
}

/** Dials, hears the operator to its end, and the dial tone after it. */
const dialAndListen = async (t: Test, house: CodeHouse, keys: string) => {
  const { tel1 } = house
  await house.dial(tel1, keys)
  const from = tel1.events.length
  await house.until('the operator speaks', () =>
    house.trace.steps().some(({ event }) => event.type === 'early-media' || event.type === 'audio'),
  )
  await house.until('dial tone', () => house.tones(tel1, from).at(-1) === 'dial', 60_000)
  t.notOk(house.tones(tel1, from).includes('confirmation'), `${keys}: the announcement is enough`)
  await house.hangUp(tel1)
}

const errorTones = (house: CodeHouse) =>
  house.trace
    .steps()
    .filter(({ effects }) => effects.some(effect => effect.type === 'tone' && effect.tone === 'error')).length

inCodeHouse(
  'forwarding and voicemail by code: stored by the network, announced, and nothing kept in the box (guide lines 53-55, 117-123)',
  {},
  async (t, house) => {
    await dialAndListen(t, house, '*21*0612345678')
    t.equal(profileOf(house).forwardAlways, '0612345678')
    await dialAndListen(t, house, '#21#')
    t.equal(profileOf(house).forwardAlways, undefined)
    await dialAndListen(t, house, '*23*0612345678')
    t.equal(profileOf(house).forwardNoReply, '0612345678')
    await dialAndListen(t, house, '*75#')
    t.ok(profileOf(house).voicemailAlways)
    t.equal(errorTones(house), 0)
    t.same(house.store.changes, [])
  },
)

inCodeHouse(
  'a code the network refuses: its words, then the error tone (forwarding to 112)',
  {},
  async (t, house) => {
    await dialAndListen(t, house, '*21*112')
    t.equal(errorTones(house), 1)
    t.equal(profileOf(house).forwardAlways, undefined)
  },
)

inCodeHouse(
  '*95# turns off what the network keeps and what the box keeps (guide lines 157-161)',
  { stored: { tel1: { masking: true } } },
  async (t, house) => {
    await dialAndListen(t, house, '*21*0612345678')
    t.ok(house.store.line('tel1').masking)
    await dialAndListen(t, house, '*95#')
    t.equal(profileOf(house).forwardAlways, undefined)
    t.notOk(house.store.line('tel1').masking)
    t.equal(errorTones(house), 0)
  },
)

inCodeHouse(
  'where the network owns masking it stores *93# and #93# itself (guide lines 153-155)',
  { lineSettings: { masking: { owner: 'network' } } },
  async (t, house) => {
    await dialAndListen(t, house, '*93#')
    t.ok(profileOf(house).masking)
    await dialAndListen(t, house, '#93#')
    t.notOk(profileOf(house).masking)
    t.same(house.store.changes, [])
  },
)
