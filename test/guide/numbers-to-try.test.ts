// The operator's numbers to try, 3100 to 3105, from the handset's keys to the ear, in virtual time.

import t, { type Test } from 'tap'
import { localTime, spokenDigits, spokenNumber } from '../operator/spoken.js'
import { soundAt, soundIn, wordsIn } from '../support/heard-words.js'
import { findSound, soundOf } from '../support/spoken-words.js'
import { openVirtualHouse, type VirtualHouse, type VirtualTelephone } from '../support/virtual-house.js'

t.setTimeout(120_000)

interface Subscriber {
  readonly house: VirtualHouse
  readonly tel: VirtualTelephone
  /** Lifts and dials; gives the instant at which the call stands. */
  calls(number: string): Promise<number>
  hangUp(): Promise<void>
}

const atHome = (title: string, body: (t: Test, subscriber: Subscriber) => Promise<void>) =>
  t.test(title, async t => {
    const house = await openVirtualHouse({ numbers: ['0389000001'] })
    const [tel] = house.telephones as [VirtualTelephone]
    const situation = () => house.box.status()[0]?.situation
    try {
      await body(t, {
        house,
        tel,
        calls: async number => {
          await tel.act({ do: 'offhook' })
          await house.until('dial tone', () => tel.tone === 'dial')
          await tel.act({ do: 'dtmf', digits: number })
          await house.until('answered', () => situation() === 'active')
          return house.clock.now()
        },
        hangUp: async () => {
          await tel.act({ do: 'onhook' })
          await house.until('idle', () => situation() === 'idle')
        },
      })
    } finally {
      await house.close()
    }
  })

/** Half a second of a recording, from somewhere inside. */
const excerptOf = (name: string, fromMs: number): Int16Array =>
  soundOf([name]).subarray(fromMs * 8, fromMs * 8 + 4000)

atHome('3100: whoever speaks hears himself', async (t, { house, tel, calls, hangUp }) => {
  const from = await calls('3100')
  const speech = soundOf(['speaking'])
  const begins = Math.round(from / 125) + 4000
  tel.tap.says = n => speech[n - begins] ?? 0
  await house.advance(speech.length / 8 + 1500)
  const found = findSound(tel.tap.heard(from), excerptOf('speaking', 3000))
  t.ok(found.likeness > 0.9, `likeness ${found.likeness.toFixed(3)}`)
  t.ok(Math.abs(found.gainDb) < 1, `${found.gainDb.toFixed(2)} dB`)
  await hangUp()
})

atHome('3101: a tone and a sentence, then the busy tone', async (t, { house, tel, calls, hangUp }) => {
  const from = await calls('3101')
  await house.until('it hangs up', () => tel.tone === 'busy')
  t.ok(soundIn(tel.tap.heard(from), excerptOf('speaking', 3000)))
  await hangUp()
})

atHome('3102: the music goes on and on, without a gap', async (t, { house, tel, calls, hangUp }) => {
  const from = await calls('3102')
  const music = soundOf(['music'])
  await house.advance(2.5 * (music.length / 8))
  const heard = tel.tap.heard(from)
  const seam = Int16Array.of(...music.subarray(-800), ...music.subarray(0, 800))
  t.ok(soundIn(heard, excerptOf('music', 2000)))
  t.ok(soundIn(heard, seam), 'its end and its beginning, one after the other')
  await hangUp()
})

atHome('3103: the time in words, and a pip on the second', async (t, { house, calls, tel, hangUp }) => {
  const from = await calls('3103')
  const began = house.clock.wall()
  // The words for the next pip may come too late; then it is the one after it.
  await house.advance(20_500)
  const heard = tel.tap.heard(from)
  const pip = began + (soundAt(heard, soundOf(['beep']).subarray(640, 1440)) ?? 0) / 8
  const told = Math.round(pip / 10_000) * 10_000
  t.ok(pip - told >= 0 && pip - told < 250, `${(pip - told).toFixed(0)} ms behind the second`)
  const { hour, minute, second } = localTime(told, 'Europe/Paris')
  const words = wordsIn(heard)
  t.same(words.slice(0, words.indexOf('beep')), [
    'it-will-be',
    ...spokenNumber(hour, true),
    'hour',
    ...spokenNumber(minute, true),
    'minute',
    ...(second === 0 ? [] : ['and', ...spokenNumber(second, true), 'second']),
  ])
  await hangUp()
})

atHome(
  '3104: asks to hang up and calls back; whoever answers is told so',
  async (t, { house, tel, calls, hangUp }) => {
    const asked = await calls('3104')
    await house.advance(3000)
    t.equal(wordsIn(tel.tap.heard(asked))[0], 'ring-back')
    await hangUp()
    const parted = house.clock.now()
    await house.until('it rings', () => tel.ringing)
    // Who calls is shown before the first ring, which takes two seconds.
    t.ok(house.clock.now() - parted < 7_000_000, 'within five seconds, and two for the display')
    await tel.act({ do: 'offhook' })
    const answered = house.clock.now()
    await house.until('it hangs up', () => tel.tone === 'busy')
    t.same(wordsIn(tel.tap.heard(answered)), ['this-is-your-call'])
    await hangUp()
    await house.advance(10_000)
    t.notOk(tel.ringing, 'once')
  },
)

atHome('3105: reads the own number, digit by digit, twice', async (t, { house, tel, calls, hangUp }) => {
  const from = await calls('3105')
  await house.until('it hangs up', () => tel.tone === 'busy')
  const once = ['your-number-is', ...spokenDigits('0389000001')]
  t.same(wordsIn(tel.tap.heard(from)), [...once, ...once])
  await hangUp()
})
