// The chapters on the voicemail (guide lines 1-51), the network's part: messages left and read from the handset's keys to
// what the ear hears, with lamps, mail and greetings on the way. All in virtual time; the mail server is a real one.

import t, { type Test } from 'tap'
import type { Mailboxes } from '../operator/voicemail/mailboxes.js'
import { createSmtpMailer } from '../operator/voicemail/mailer.js'
import type { Sound } from '../support/far-ear.js'
import { soundIn, wordIn, wordsIn } from '../support/heard-words.js'
import { type MailServer, startMailServer } from '../support/mail-server.js'
import { findSound, soundOf } from '../support/spoken-words.js'
import { openThreeParties, type ThreeParties } from '../support/three-parties.js'

t.setTimeout(300_000)

/** What callers say: a tone and a sentence, loud as speech. */
const speech = soundOf(['speaking'])
const speechMs = speech.length / 8
/** Half a second from the middle of it. */
const excerpt = speech.subarray(24_000, 28_000)

interface Subscriber extends ThreeParties {
  readonly box: Mailboxes
  /** Where asked for. */
  readonly mail: MailServer | undefined
  /** New and archived messages. */
  counts(): readonly [number, number]
  /** Lifts and dials; resolves when the far end has answered. Gives the instant. */
  call(number: string): Promise<number>
  /** Presses keys one by one, time to react between; gives the instant before the last one. */
  keys(digits: string): Promise<number>
  /** What the ear heard since. */
  heard(from: number): Int16Array
  /** Lets time pass until this recording was heard since. */
  hears(from: number, word: string): Promise<void>
  hangUp(): Promise<void>
  /** Somebody's voice: the sentence from now on, then silence. */
  voice(): Sound
  /** a calls the subscriber, who does not answer, and leaves the sentence as a message. */
  leave(): Promise<void>
  /** Until a, who calls, has heard the beep. */
  beepAtA(from: number): Promise<void>
}

const atHome = (
  title: string,
  options: { readonly capacity?: number; readonly mail?: true },
  body: (t: Test, subscriber: Subscriber) => Promise<void>,
) =>
  t.test(title, async t => {
    const mail = options.mail ? await startMailServer() : undefined
    const parties = await openThreeParties({
      operator: {
        voicemail: {
          number: '123',
          ...(mail === undefined
            ? {}
            : { mailer: createSmtpMailer(mail.endpoint, 'messagerie@operator.test') }),
          ...(options.capacity === undefined ? {} : { capacity: options.capacity }),
        },
        onFailure: error => t.fail(error.message),
      },
    })
    try {
      await body(t, withVoicemail(parties, mail))
    } finally {
      await parties.close()
      await mail?.close()
    }
  })

const withVoicemail = (parties: ThreeParties, mail: MailServer | undefined): Subscriber => {
  const { house, tel, a, situation } = parties
  const box = house.operator?.voicemail?.mailboxes as Mailboxes
  const heard = (from: number): Int16Array => tel.tap.heard(from)
  const untilHeard = async (sound: () => Int16Array, word: string): Promise<void> => {
    for (let waited = 0; waited < 60_000; waited += 200) {
      if (wordIn(sound(), word)) return
      await house.advance(200)
    }
    throw new Error(`${word} is not among: ${wordsIn(sound()).join(' ')}`)
  }
  const voice = (): Sound => {
    const begun = Math.ceil(house.clock.now() / 20_000) * 160 + 160
    return n => speech[n - begun] ?? 0
  }
  const beepAtA = (from: number): Promise<void> => untilHeard(() => a.ear.heard(from), 'beep')
  return {
    ...parties,
    mail,
    box,
    counts: () => [box.summary(tel.number).fresh, box.summary(tel.number).archived],
    call: async number => {
      await tel.act({ do: 'offhook' })
      await house.until('dial tone', () => tel.tone === 'dial' || tel.tone === 'stutter')
      const from = house.clock.now()
      await tel.act({ do: 'dtmf', digits: number })
      await house.until(`${number} answers`, () => situation() === 'active')
      return from
    },
    keys: async digits => {
      let from = house.clock.now()
      for (const key of digits) {
        from = house.clock.now()
        await tel.act({ do: 'dtmf', digits: key })
        await house.advance(300)
      }
      return from
    },
    heard,
    hears: (from, word) => untilHeard(() => heard(from), word),
    hangUp: async () => {
      await tel.act({ do: 'onhook' })
      await house.until('idle', () => situation() === 'idle')
      await house.advance(200)
    },
    voice,
    beepAtA,
    leave: async () => {
      const from = house.clock.now()
      a.call(tel.number)
      await house.until('the voicemail answers', () => a.state === 'talking', 30_000)
      await beepAtA(from)
      await house.advance(500)
      a.ear.says = voice()
      await house.advance(speechMs + 400)
      a.ear.press('#', 100)
      await house.until('its call is over', () => a.state === 'idle', 20_000)
      a.ear.says = () => 0
    },
  }
}

const youHave = (fresh: number, archived: number): string[] => [
  'vm-you-have',
  fresh === 0 ? 'vm-none' : `n${fresh}`,
  // Sounds as its plural.
  'vm-new-message',
  'and',
  archived === 0 ? 'vm-none' : `n${archived}`,
  archived < 2 ? 'vm-archived-message' : 'vm-archived-messages',
]

atHome(
  'a call nobody answers leaves a message; 123 tells how many are new and archived, 1 plays it as it was spoken (guide lines 5-9, 25, 67)',
  {},
  async (t, { tel, leave, call, keys, heard, hears, hangUp, counts, house }) => {
    /** The last NOTIFY on its way to the box (RFC 3842). */
    const lamp = (): string =>
      house.network.captured
        .filter(({ to }) => to.address === '127.0.0.5')
        .map(({ data }) => Buffer.from(data).toString())
        .findLast(text => text.startsWith('NOTIFY ')) ?? ''
    await leave()
    const rings = tel.events.filter(event => event.ev === 'ring' && event.on && event.kind === 'full').length
    t.equal(rings, 4, '20 seconds, four rings, then the voicemail')
    t.same(counts(), [1, 0])
    t.match(lamp(), /Messages-Waiting: yes[\s\S]*Voice-Message: 1\/0 /, 'the box is told')
    const called = await call('123')
    await hears(called, 'vm-reading-menu')
    t.same(wordsIn(heard(called)).slice(0, 6), youHave(1, 0))
    const played = await keys('1')
    await hears(played, 'vm-reading-menu')
    const found = findSound(heard(played), speech)
    t.comment(`correlation ${found.likeness.toFixed(4)}, level ${found.gainDb.toFixed(2)} dB`)
    t.ok(found.likeness > 0.98, `correlation ${found.likeness}`)
    t.ok(Math.abs(found.gainDb) < 0.5, `${found.gainDb} dB`)
    const again = await keys('1')
    await house.advance(speechMs + 1000)
    t.ok(soundIn(heard(again), excerpt), '1 again: the same again')
    await hangUp()
    t.same(counts(), [0, 1], 'heard, it is archived')
    t.match(lamp(), /Messages-Waiting: no[\s\S]*Voice-Message: 0\/1 /)
    const later = await call('123')
    await hears(later, 'vm-reading-menu')
    t.same(wordsIn(heard(later)).slice(0, 6), youHave(0, 1))
  },
)

atHome(
  '2 goes to the next message, 4 saves, 5 erases, * leads to the main menu and out (guide lines 27-39)',
  {},
  async (t, { leave, call, keys, hears, counts, house, tel, situation }) => {
    await leave()
    await leave()
    await leave()
    t.same(counts(), [3, 0])
    const called = await call('123')
    await hears(called, 'vm-reading-menu')
    const next = await keys('2')
    await hears(next, 'n2')
    t.same(counts(), [3, 0], 'skipped, the first one stays new')
    await hears(await keys('4'), 'vm-saved')
    t.same(counts(), [2, 1])
    await house.advance(2000)
    await hears(await keys('5'), 'vm-erased')
    t.same(counts(), [1, 1])
    await hears(await keys('*'), 'vm-main-menu')
    await hears(await keys('1'), 'vm-options')
    await hears(await keys('*'), 'vm-main-menu')
    await hears(await keys('*'), 'vm-goodbye')
    await house.until('it hangs up', () => situation() !== 'active')
    t.equal(tel.events.filter(event => event.ev === 'ring').length > 0, true)
  },
)

atHome(
  'a 5 that is pressed twice, or held, erases one message (guide line 31)',
  {},
  async (t, { tel, leave, call, hears, counts, house }) => {
    await leave()
    await leave()
    await hears(await call('123'), 'vm-reading-menu')
    await tel.act({ do: 'dtmf', digits: '55', onMs: 60, offMs: 60 })
    await house.advance(1000)
    t.same(counts(), [1, 0])
  },
)

atHome(
  'a greeting of his own is what callers hear, and the standard one comes back (guide line 17)',
  {},
  async (t, { tel, a, call, keys, hears, heard, hangUp, house, voice, beepAtA }) => {
    await call('123')
    const asked = await keys('11')
    await hears(asked, 'beep')
    await house.advance(500)
    tel.tap.says = voice()
    await house.advance(speechMs + 300)
    tel.tap.says = () => 0
    const ended = await keys('#')
    await hears(ended, 'vm-greeting-review')
    t.ok(soundIn(heard(ended), excerpt), 'it is heard back')
    await hangUp()
    const from = house.clock.now()
    a.call(tel.number)
    await house.until('the voicemail answers', () => a.state === 'talking', 30_000)
    await beepAtA(from)
    t.ok(soundIn(a.ear.heard(from), excerpt), 'callers hear it')
    t.same(wordsIn(a.ear.heard(from)), ['beep'])
    a.hangUp()
    await call('123')
    await hears(await keys('115'), 'vm-greeting-standard')
    await hangUp()
    const later = house.clock.now()
    a.call(tel.number)
    await house.until('the voicemail answers', () => a.state === 'talking', 30_000)
    await beepAtA(later)
    t.match(wordsIn(a.ear.heard(later)).slice(-2), ['vm-leave-message', 'beep'])
  },
)

atHome(
  'a new password is typed twice, and opens the box from another telephone (guide line 19)',
  {},
  async (t, { tel, a, leave, call, keys, hears, hangUp, house, counts }) => {
    await leave()
    await call('123')
    await hears(await keys('*12'), 'vm-new-password')
    await keys('4711#')
    await hears(await keys('4711#'), 'vm-password-kept')
    await hangUp()
    a.call(tel.number)
    await house.until('the voicemail answers', () => a.state === 'talking', 30_000)
    const press = async (digits: string): Promise<number> => {
      for (const key of digits) {
        a.ear.press(key, 80)
        await house.advance(250)
      }
      return house.clock.now() - 200_000
    }
    await press('*')
    await house.advance(500)
    await press('4711#')
    await house.advance(6000)
    const played = await press('1')
    await house.advance(speechMs + 1500)
    t.ok(soundIn(a.ear.heard(played), excerpt))
    await house.advance(1000)
    t.same(counts(), [0, 1])
  },
)

atHome(
  'hanging up in the middle keeps what was said; a slip keeps nothing',
  {},
  async (t, { tel, a, house, beepAtA, counts, voice, box }) => {
    const reach = async (): Promise<void> => {
      const from = house.clock.now()
      a.call(tel.number)
      await house.until('the voicemail answers', () => a.state === 'talking', 30_000)
      await beepAtA(from)
    }
    await reach()
    a.hangUp()
    await house.advance(1000)
    t.same(counts(), [0, 0])
    await reach()
    await house.advance(500)
    a.ear.says = voice()
    await house.advance(3000)
    a.hangUp()
    await house.advance(1000)
    t.same(counts(), [1, 0])
    const recorded = (await box.recording(tel.number, 1)) as Uint8Array
    t.ok(recorded.length / 8 > 3000 && recorded.length / 8 < 5000, `${recorded.length / 8} ms`)
  },
)

atHome(
  'silence and keys that mean nothing: told, told again, then goodbye; the telephone is idle afterwards',
  {},
  async (t, { call, keys, hears, house, situation, hangUp, tel }) => {
    await call('123')
    await hears(await keys('3'), 'vm-unknown-key')
    await house.until('it gives up', () => situation() !== 'active', 120_000)
    t.equal(wordsIn(tel.tap.heard()).at(-1), 'vm-goodbye')
    await hangUp()
    t.equal(situation(), 'idle')
  },
)

atHome(
  'a full box: the caller is told so, the messages in it stay',
  { capacity: 1 },
  async (t, { tel, a, leave, house, counts }) => {
    await leave()
    const from = house.clock.now()
    a.call(tel.number)
    await house.until('the voicemail answers', () => a.state === 'talking', 30_000)
    await house.until('and hangs up', () => a.state === 'idle', 30_000)
    t.ok(wordIn(a.ear.heard(from), 'vm-box-full'))
    t.same(counts(), [1, 0])
  },
)

atHome(
  '*75#: callers come to the voicemail at once and the telephone does not ring; #75# takes it back (guide lines 43, 51)',
  {},
  async (t, { tel, a, house, hangUp, situation, counts, beepAtA, voice }) => {
    const code = async (digits: string): Promise<void> => {
      await tel.act({ do: 'offhook' })
      await house.until('dial tone', () => tel.tone === 'dial' || tel.tone === 'stutter')
      await tel.act({ do: 'dtmf', digits })
      await house.until('done', () => situation() === 'dial-tone', 40_000)
      await hangUp()
    }
    await code('*75#')
    const from = house.clock.now()
    a.call(tel.number)
    await house.until('at once', () => a.state === 'talking', 1000)
    await beepAtA(from)
    await house.advance(500)
    a.ear.says = voice()
    await house.advance(2000)
    a.hangUp()
    await house.advance(500)
    t.same(counts(), [1, 0])
    t.notOk(tel.events.some(event => event.ev === 'ring'))
    await code('#75#')
    a.call(tel.number)
    await house.until('it rings', () => tel.ringing)
  },
)

atHome(
  'messages come by e-mail with their recording, to the address given on the portal (guide lines 11-13)',
  { mail: true },
  async (t, { tel, leave, house, mail, counts }) => {
    const { profiles } = house.operator as NonNullable<typeof house.operator>
    const changed = profiles.change(
      tel.number,
      { mailMessages: true, mailAddress: 'caroline.alain@hombourgennergies-services.fr' },
      'portal',
    )
    await house.advance(1)
    await changed
    await leave()
    await house.until('a mail', () => mail?.mails.length === 1)
    const [received] = mail?.mails ?? []
    t.equal(received?.recipient, 'caroline.alain@hombourgennergies-services.fr')
    t.match(received?.subject, /03 89 00 00 11/)
    const wav = received?.attachments[0]?.content as Uint8Array
    const sound = new Int16Array(wav.buffer.slice(wav.byteOffset + 44, wav.byteOffset + wav.length))
    const found = findSound(sound, speech)
    t.ok(found.likeness > 0.99, `correlation ${found.likeness}`)
    t.same(counts(), [1, 0], 'and it is in the box as well')
  },
)

atHome(
  'the voicemail of a caller who withholds his number does not name him (guide lines 143-145, 151)',
  {},
  async (t, { tel, a, house, box, voice, beepAtA }) => {
    const from = house.clock.now()
    a.call(tel.number, [['Privacy', 'id']])
    await house.until('the voicemail answers', () => a.state === 'talking', 30_000)
    await beepAtA(from)
    await house.advance(500)
    a.ear.says = voice()
    await house.advance(3000)
    a.hangUp()
    await house.advance(1000)
    const [message] = await box.messages(tel.number)
    t.ok(message !== undefined)
    t.equal(message?.from, undefined)
  },
)
