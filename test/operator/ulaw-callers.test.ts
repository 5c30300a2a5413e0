// Telephones that speak µ-law only: announcements, refusals, echo, call back and voicemail are theirs as well.

import { readFileSync } from 'node:fs'
import t from 'tap'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { laws } from '../support/companding.js'
import { type FarParty, openFarParty } from '../support/far-party.js'
import { domain, offer, openEar, operatorWorld, prompt, sip } from '../support/operator-world.js'
import { findSound, isHeard } from '../support/spoken-words.js'
import { clip } from './clips.js'

t.setTimeout(240_000)

const owner = '0389000001'
const spoken = Int16Array.from(
  readFileSync(new URL('../../../test/operator/prompts/speaking.al', import.meta.url)),
  laws.PCMA.decode,
)
const offering = (payloads: string): string =>
  offer('127.0.0.11', 4000).replace('RTP/AVP 8 101', `RTP/AVP ${payloads}`)

const telephone = async () => {
  const world = await operatorWorld()
  const phone = await world.phone(1)
  phone.answering(200)
  const ear = await openEar(world.network, '127.0.0.11')
  return {
    ...world,
    ear,
    /** Calls with this offer and hears for so long. */
    dial: async (number: string, payloads: string, forMs: number) => {
      ear.heard.length = 0
      const call = phone.call(`sip:${number}@${domain}`, offering(payloads))
      await world.clock.advance(forMs)
      return { call, types: [...new Set(ear.heard.map(({ payloadType }) => payloadType))] }
    },
  }
}

/** The recording in µ-law, each sample within half a step of what it is in A-law. */
const isSame = (heard: Uint8Array, recording: Uint8Array): boolean =>
  heard.length >= recording.length &&
  recording.every((code, n) => {
    const wanted = laws.PCMA.decode(code)
    return Math.abs(laws.PCMU.decode(heard[n]!) - wanted) <= 8 + Math.abs(wanted) * 0.035
  })

t.test('an announcement is played in the law that was offered, A-law where there is a choice', async t => {
  const { dial, ear } = await telephone()
  const seconds = prompt.length / 8 + 1000
  const only = await dial('3101', '0 101', seconds)
  t.match(only.call.answer?.body, /m=audio \d+ RTP\/AVP 0 101\r\na=rtpmap:0 PCMU\/8000\r\n/)
  t.same(only.types, [0])
  t.ok(isSame(Buffer.concat(ear.heard.map(({ payload }) => payload)), prompt), 'all of it')
  const both = await dial('3101', '0 8 101', seconds)
  t.match(both.call.answer?.body, /m=audio \d+ RTP\/AVP 8 101\r\n/)
  t.same(both.types, [8])
  const neither = await dial('3101', '18 101', 1000)
  t.same(neither.call.heard, [488])
})

t.test('a refusal is spoken to him as well before it is one', async t => {
  const { dial, ear } = await telephone()
  const { call, types } = await dial('*99%23', '0 101', 10_000)
  t.same(
    call.heard.filter(status => status !== 100),
    [183, 404],
  )
  t.same(types, [0])
  t.ok(isSame(Buffer.concat(ear.heard.map(({ payload }) => payload)), clip('code-unknown')))
})

/** The owner's telephone and another one; 123 is the voicemail, and nobody answers at the owner's. */
const house = async (codecs: { readonly owner: 'PCMA' | 'PCMU'; readonly other: 'PCMA' | 'PCMU' }) => {
  const world = await operatorWorld({ voicemail: { number: '123' } })
  const { clock, network, operator, wait } = world
  const entropy = new SeededEntropy(11)
  const party = (number: string, password: string, address: string, codec: 'PCMA' | 'PCMU') =>
    wait(
      openFarParty(
        { number, password, address, codec },
        { network, clock, entropy },
        { endpoint: sip, domain },
      ),
    )
  const until = async (what: string, holds: () => boolean, within = 60_000): Promise<void> => {
    if (!(await clock.runUntil(holds, within))) throw new Error(`not within ${within} ms: ${what}`)
  }
  return {
    ...world,
    until,
    one: await party(owner, 'one', '127.0.0.31', codecs.owner),
    two: await party('0389000002', 'two', '127.0.0.32', codecs.other),
    talking: async (who: FarParty, number: string) => {
      who.call(number)
      await until(`${number} answers`, () => who.state === 'talking')
    },
    mailboxes: operator.voicemail!.mailboxes,
  }
}

t.test('echo gives back the very codes it was given', async t => {
  const { two, talking, clock } = await house({ owner: 'PCMA', other: 'PCMU' })
  await talking(two, '3100')
  two.ear.says = n => 4000 * Math.sin(n / 5)
  const from = clock.now() + 100_000
  await clock.advance(1000)
  const heard = two.ear.heard(from)
  const said = new Set(
    Int16Array.from({ length: 8000 }, (_, n) =>
      laws.PCMU.decode(laws.PCMU.encode(Math.round(4000 * Math.sin(n / 5)))),
    ),
  )
  t.ok(heard.length > 6000)
  t.ok(heard.every(sample => said.has(sample)))
})

for (const [ownerCodec, otherCodec] of [
  ['PCMA', 'PCMU'],
  ['PCMU', 'PCMA'],
  ['PCMU', 'PCMU'],
] as const)
  t.test(`voicemail: left in ${otherCodec}, heard in ${ownerCodec}, as it was spoken`, async t => {
    const { one, two, talking, clock, until, mailboxes } = await house({
      owner: ownerCodec,
      other: otherCodec,
    })
    await mailboxes.setGreeting(owner, clip('beep'))
    await one.close()
    await talking(two, owner)
    await clock.advance(2500)
    const begun = Math.ceil(clock.now() / 20_000) * 160 + 160
    two.ear.says = n => spoken[n - begun] ?? 0
    await clock.advance(spoken.length / 8 + 500)
    two.hangUp()
    await until('a message', () => mailboxes.summary(owner).fresh === 1)
    const kept = (await mailboxes.recording(owner, 1)) as Uint8Array
    const stored = findSound(Int16Array.from(kept, laws.PCMA.decode), spoken)
    t.ok(stored.likeness > 0.999 && Math.abs(stored.gainDb) < 0.05, `kept: ${JSON.stringify(stored)}`)

    const reader = await house({ owner: ownerCodec, other: otherCodec })
    await reader.mailboxes.add(owner, { from: '0389000002', recording: kept, mail: false })
    const called = reader.clock.now()
    await reader.talking(reader.one, '123')
    await reader.clock.advance(12_000)
    t.ok(isHeard(reader.one.ear.heard(called), ['vm-you-have', 'n1', 'vm-new-message']), 'the counts')
    const from = reader.clock.now()
    reader.one.ear.press('1', 60)
    await reader.clock.advance(spoken.length / 8 + 2000)
    const heard = findSound(reader.one.ear.heard(from), spoken)
    t.ok(heard.likeness > 0.998 && Math.abs(heard.gainDb) < 0.1, `heard: ${JSON.stringify(heard)}`)
  })

t.test('who asked for it is called back in µ-law', async t => {
  const { one, talking, clock, until } = await house({ owner: 'PCMU', other: 'PCMA' })
  one.answersAfter = 500
  await talking(one, '3104')
  one.hangUp()
  await clock.advance(1000)
  const from = clock.now()
  await until('it rings', () => one.state === 'ringing')
  await until('it has said so', () => one.state === 'idle')
  t.ok(isHeard(one.ear.heard(from), ['this-is-your-call']))
})
