// Calls to the voicemail on the wire: real SIP, RTP and keys in virtual time, heard by a telephone that knows the
// operator's recordings by their samples.

import { readFileSync } from 'node:fs'
import t from 'tap'
import { SeededEntropy } from '../../../hal/sim/seeded-entropy.js'
import { laws } from '../../support/companding.js'
import { type FarParty, openFarParty } from '../../support/far-party.js'
import { wordIn, wordsIn } from '../../support/heard-words.js'
import { domain, operatorWorld, sip } from '../../support/operator-world.js'
import { decodeAlaw } from '../alaw.js'
import type { Application } from '../application.js'
import type { Mail } from './mailer.js'
import { openVoicemail, type Voicemail } from './voicemail.js'
import { withoutSilentEnd } from './voicemail-call.js'

t.setTimeout(240_000)

const owner = '0389000001'
const caller = '0389000002'
const spoken = readFileSync(new URL('../../../../test/operator/prompts/speaking.al', import.meta.url))
const samples = decodeAlaw(spoken)

/** 123 reads; 124 is a call to the owner that nobody answered. */
const world = async (capacity?: number) => {
  let voicemail: Voicemail
  const mails: Mail[] = []
  const application: Application = line => voicemail.application(line)
  const diverted: Application = line =>
    voicemail.application(Object.create(line, { diversion: { value: { user: owner, reason: 'no-answer' } } }))
  const made = await operatorWorld({ services: { '123': application, '124': diverted } })
  const { operator, clock, network } = made
  const entropy = new SeededEntropy(11)
  const summaries: string[] = []
  voicemail = await openVoicemail({
    database: operator.database,
    clock,
    entropy,
    profiles: operator.profiles,
    domain,
    timeZone: 'Europe/Paris',
    mailer: { send: async mail => void mails.push(mail), close: () => {} },
    ...(capacity === undefined ? {} : { capacity }),
    onSummary: user => void summaries.push(voicemail.summary.state(user)),
    onFailure: error => t.fail(error.message),
  })
  const party = async (number: string, password: string): Promise<FarParty> =>
    made.wait(
      openFarParty(
        { number, password, address: `127.0.0.${30 + Number(number.at(-1))}` },
        { network, clock, entropy },
        { endpoint: sip, domain },
      ),
    )
  const one = await party(owner, 'one')
  const two = await party(caller, 'two')
  const until = async (what: string, holds: () => boolean, within = 30_000): Promise<void> => {
    if (!(await clock.runUntil(holds, within))) throw new Error(`not within ${within} ms: ${what}`)
  }
  const dial = async (who: FarParty, number: string): Promise<void> => {
    who.call(number)
    await until(`${number} answers`, () => who.state === 'talking')
  }
  /** Words heard since `from`. */
  const words = (who: FarParty, from = 0): readonly string[] => wordsIn(who.ear.heard(from))
  const hears = async (who: FarParty, word: string, from = 0, within = 40_000): Promise<void> => {
    const last = clock.now() + within * 1000
    while (!wordIn(who.ear.heard(from), word)) {
      if (clock.now() > last) throw new Error(`${who.number} heard only ${words(who, from).join(' ')}`)
      await clock.advance(100)
    }
  }
  /** Presses keys, each once the one before has been taken; what is heard from the last one on. */
  const press = async (who: FarParty, keys: string): Promise<number> => {
    for (const key of keys) {
      who.ear.press(key, 60)
      await clock.advance(160)
    }
    return clock.now() - 150_000
  }
  /** Says the whole of the recording from now on. */
  const speak = (who: FarParty): number => {
    // Not into the packet that has just left.
    const begun = Math.ceil(clock.now() / 20_000) * 160 + 160
    who.ear.says = n => {
      const at = (n - begun) * 2
      return at >= 0 && at < samples.length ? samples.readInt16LE(at) : 0
    }
    return samples.length / 16
  }
  const leave = async (end: 'hash' | 'hang-up'): Promise<void> => {
    const before = clock.now()
    await dial(two, '124')
    await hears(two, 'beep', before)
    await clock.advance(400)
    await clock.advance(speak(two) + 300)
    if (end === 'hang-up') two.hangUp()
    else await hears(two, 'vm-message-kept', await press(two, '#'))
    await until('the call is over', () => two.state === 'idle')
    two.ear.says = () => 0
    await clock.advance(100)
  }
  const close = async (): Promise<void> => {
    await one.close()
    await two.close()
    operator.hangUpAll()
    await voicemail.close()
    await operator.close()
  }
  return {
    ...made,
    voicemail,
    mails,
    summaries,
    one,
    two,
    dial,
    words,
    hears,
    press,
    leave,
    until,
    close,
    speak,
  }
}

t.test('a message is heard back code for code as it was spoken (guide lines 9, 25)', async t => {
  const { voicemail, one, dial, hears, press, leave, words, clock, until, close } = await world()
  await leave('hash')
  t.same(voicemail.mailboxes.summary(owner), { fresh: 1, archived: 0 })
  const called = clock.now()
  await dial(one, '123')
  await hears(one, 'vm-reading-menu', called)
  t.same(
    words(one, called)
      .filter(word => /^vm-|^n\d+$|^and$/.test(word))
      .slice(0, 6),
    ['vm-you-have', 'n1', 'vm-new-message', 'and', 'vm-none', 'vm-archived-message'],
  )
  const from = await press(one, '1')
  await hears(one, 'vm-reading-menu', from)
  const heard = one.ear.heard(from)
  const recorded = (await voicemail.mailboxes.recording(owner, 1)) as Uint8Array
  t.ok(Buffer.from(heard.buffer).includes(decodeAlaw(recorded)), 'the recording comes back code for code')
  t.ok(Buffer.from(heard.buffer).includes(samples), 'and in it what was spoken, all of it')
  await until('archived', () => voicemail.mailboxes.summary(owner).archived === 1)
  await close()
})

t.test('standard greeting, then the beep, then silence for the message', async t => {
  const { two, dial, hears, words, clock, close } = await world()
  const before = clock.now()
  await dial(two, '124')
  await hears(two, 'beep', before)
  t.same(words(two, before), [
    'vm-welcome-to',
    ...['n0', 'n3', 'n80', 'n9', 'n0', 'n0', 'n0', 'n0', 'n0', 'n1'],
    'vm-leave-message',
    'beep',
  ])
  const after = clock.now() + 400_000
  await clock.advance(3000)
  t.equal(
    two.ear.heard(after).findIndex(sample => Math.abs(sample) > 100),
    -1,
  )
  await close()
})

t.test('hanging up keeps the message, a slip of less than a second does not', async t => {
  const { voicemail, two, dial, hears, clock, leave, close } = await world()
  await leave('hang-up')
  t.same(voicemail.mailboxes.summary(owner), { fresh: 1, archived: 0 })
  const [message] = await voicemail.mailboxes.messages(owner)
  t.equal(message?.from, caller)
  const before = clock.now()
  await dial(two, '124')
  await hears(two, 'beep', before)
  await clock.advance(900)
  two.hangUp()
  await clock.advance(500)
  t.same(voicemail.mailboxes.summary(owner), { fresh: 1, archived: 0 })
  await close()
})

t.test('nobody speaks: the call ends by itself and leaves nothing', async t => {
  const { voicemail, two, dial, until, close } = await world()
  await dial(two, '124')
  await until('the call ends', () => two.state === 'idle', 60_000)
  t.same(voicemail.mailboxes.summary(owner), { fresh: 0, archived: 0 })
  await close()
})

t.test('who stops speaking is recorded up to there', async t => {
  const { voicemail, two, dial, hears, clock, speak, until, close } = await world()
  await dial(two, '124')
  await hears(two, 'beep')
  await clock.advance(400)
  const spokenMs = speak(two)
  await until('the call ends', () => two.state === 'idle', 60_000)
  const recorded = (await voicemail.mailboxes.recording(owner, 1)) as Uint8Array
  t.ok(Math.abs(recorded.length / 8 - spokenMs) < 1500, `${recorded.length / 8} ms of ${spokenMs}`)
  await close()
})

t.test('the limit of two minutes ends a message, which is kept', async t => {
  const { voicemail, two, dial, until, words, close } = await world()
  await dial(two, '124')
  two.ear.says = n => 3000 * Math.sin(n / 3)
  await until('the call ends', () => two.state === 'idle', 180_000)
  t.same(words(two).slice(-3), ['vm-time-is-up', 'vm-message-kept', 'vm-goodbye'])
  const recorded = (await voicemail.mailboxes.recording(owner, 1)) as Uint8Array
  t.equal(recorded.length, 120_000 * 8)
  await close()
})

t.test('a full box says so and takes nothing; an erased message makes room', async t => {
  const { voicemail, one, two, dial, hears, press, leave, until, clock, close } = await world(1)
  await leave('hash')
  const before = clock.now()
  await dial(two, '124')
  await hears(two, 'vm-box-full', before)
  await until('the call ends', () => two.state === 'idle')
  t.same(voicemail.mailboxes.summary(owner), { fresh: 1, archived: 0 })
  await dial(one, '123')
  await hears(one, 'vm-you-have')
  await hears(one, 'vm-erased', await press(one, '5'))
  one.hangUp()
  await leave('hash')
  t.same(voicemail.mailboxes.summary(owner), { fresh: 1, archived: 0 })
  await close()
})

t.test('a greeting of his own is what callers hear; the standard one comes back (guide line 17)', async t => {
  const { one, two, dial, hears, press, speak, clock, words, close } = await world()
  await dial(one, '123')
  const intro = await press(one, '11')
  await hears(one, 'beep', intro)
  await clock.advance(400)
  await clock.advance(speak(one) + 200)
  const ended = await press(one, '#')
  one.ear.says = () => 0
  await hears(one, 'vm-greeting-review', ended)
  t.ok(Buffer.from(one.ear.heard(ended).buffer).includes(samples), 'it is heard back before it counts')
  one.hangUp()
  const called = clock.now()
  await dial(two, '124')
  await hears(two, 'beep', called)
  t.ok(Buffer.from(two.ear.heard(called).buffer).includes(samples), 'callers hear it')
  t.notOk(words(two, called).includes('vm-welcome-to'))
  two.hangUp()
  await dial(one, '123')
  await hears(one, 'vm-greeting-standard', await press(one, '115'))
  one.hangUp()
  const again = clock.now()
  await dial(two, '124')
  await hears(two, 'vm-welcome-to', again)
  await close()
})

t.test('a password opens the box from another telephone (guide line 19)', async t => {
  const { one, two, dial, hears, press, leave, clock, words, close } = await world()
  await leave('hash')
  const closed = clock.now()
  await dial(two, '124')
  await press(two, '*')
  await hears(two, 'beep', closed)
  t.notOk(words(two, closed).includes('vm-enter-password'), 'not before he has set one')
  two.hangUp()
  await dial(one, '123')
  const set = await press(one, '*12')
  await hears(one, 'vm-new-password', set)
  await hears(one, 'vm-password-again', await press(one, '4711#'))
  await hears(one, 'vm-password-kept', await press(one, '4711#'))
  one.hangUp()
  await dial(two, '124')
  await hears(two, 'vm-enter-password', await press(two, '*'))
  await hears(two, 'vm-wrong-password', await press(two, '4712#'))
  const opened = await press(two, '4711#')
  await hears(two, 'vm-you-have', opened)
  const played = await press(two, '1')
  await hears(two, 'vm-reading-menu', played)
  t.ok(Buffer.from(two.ear.heard(played).buffer).includes(samples))
  await close()
})

t.test('the message lamp follows the box, asked for or not (RFC 3842)', async t => {
  const { summaries, one, dial, hears, press, leave, close } = await world()
  await leave('hash')
  t.same(summaries.at(-1)?.split('\r\n'), [
    'Messages-Waiting: yes',
    `Message-Account: sip:${owner}@${domain}`,
    'Voice-Message: 1/0 (0/0)',
    '',
  ])
  await dial(one, '123')
  await hears(one, 'vm-you-have')
  await hears(one, 'vm-saved', await press(one, '4'))
  t.match(summaries.at(-1), /Messages-Waiting: no[\s\S]*Voice-Message: 0\/1/)
  await hears(one, 'vm-no-more-messages')
  await hears(one, 'vm-erased', await press(one, '15'))
  t.match(summaries.at(-1), /Voice-Message: 0\/0/)
  await close()
})

t.test('a message goes out by mail where the subscriber wants it (guide line 11)', async t => {
  const { operator, mails, leave, until, close } = await world()
  await leave('hash')
  t.equal(mails.length, 0)
  await operator.profiles.change(owner, { mailMessages: true }, 'portal')
  await leave('hash')
  await until('a mail', () => mails.length === 1)
  t.equal(mails[0]?.to, `${owner}@${domain}`, 'to the default address')
  await operator.profiles.change(owner, { mailAddress: 'caroline.alain@operator.test' }, 'portal')
  await leave('hang-up')
  await until('a second mail', () => mails.length === 2)
  t.equal(mails[1]?.to, 'caroline.alain@operator.test')
  const wav = Buffer.from(mails[1]?.attachment.content ?? [])
  t.ok(wav.subarray(44).includes(samples), 'with what was spoken')
  await close()
})

t.test('a stranger has no box', async t => {
  const { phone, clock, close } = await world()
  const stranger = await phone(4)
  const call = stranger.call('123', '')
  await clock.advance(2000)
  t.ok(call.heard.every(status => status !== 200))
  await close()
})

t.test('a silent end is cut off half a second after the last sound', async t => {
  const quiet = (ms: number) => new Uint8Array(ms * 8).fill(0xd5)
  const loud = (ms: number) =>
    Uint8Array.from({ length: ms * 8 }, (_, n) => laws.PCMA.encode(5000 * Math.sin(n)))
  t.equal(withoutSilentEnd(Buffer.concat([loud(1000), quiet(8000)])).length, 1500 * 8)
  t.equal(withoutSilentEnd(Buffer.concat([quiet(500), loud(1000), quiet(200)])).length, 1700 * 8)
  t.equal(withoutSilentEnd(quiet(8000)).length, 0)
  t.equal(withoutSilentEnd(new Uint8Array(0)).length, 0)
})
