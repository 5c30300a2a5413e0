// The recordings: one of each sentence, as loud as speech, with quiet ends; and how numbers and times are put together.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import t from 'tap'
import { loudness } from './alaw.js'
import { clip } from './clips.js'
import {
  localTime,
  spokenClock,
  spokenDigits,
  spokenMoment,
  spokenNumber,
  spokenPairs,
  spokenTexts,
} from './spoken.js'
import { phrases as voicemailPhrases } from './voicemail/phrases.js'

const folder = fileURLToPath(new URL('../../../test/operator/prompts/', import.meta.url))
const texts = spokenTexts(voicemailPhrases)
const said = (names: readonly string[]): string => names.map(name => texts.get(name)).join(' ')

t.test('each text has its recording, made from this very text, and no recording is left over', async t => {
  const made = JSON.parse(readFileSync(`${folder}texts.json`, 'utf8'))
  t.same(made, Object.fromEntries(texts), 'else: node dist/test/operator/make-prompts.js')
  t.same(readdirSync(`${folder}speech`).sort(), [...texts.keys()].map(name => `${name}.al`).sort())
})

t.test(
  'recordings are as loud as speech, quiet at both ends, as long as their text asks, small together',
  async t => {
    let total = 0
    for (const [name, text] of texts) {
      const bytes = clip(name)
      total += bytes.length
      if (!(loudness(bytes) > 500)) t.fail(`${name} is too quiet`)
      if (!(loudness(bytes.subarray(0, 80)) < 300 && loudness(bytes.subarray(-80)) < 300))
        t.fail(`${name} is cut off`)
      const perLetter = bytes.length / 8 / text.length
      if (!(perLetter > 20 && perLetter < 250)) t.fail(`${name}: ${perLetter} ms a letter`)
    }
    for (const name of ['music.al', 'beep.al', 'speaking.al']) total += statSync(folder + name).size
    t.ok(total < 1_500_000, `${total} bytes`)
    t.ok(loudness(clip('music')) > 500 && loudness(clip('beep')) > 500)
    t.throws(() => clip('nothing'))
  },
)

t.test('numbers as France counts', async t => {
  const heard = [0, 1, 16, 17, 21, 60, 61, 71, 77, 80, 81, 91, 99].map(n => said(spokenNumber(n)))
  t.same(heard, [
    'zéro',
    'un',
    'seize',
    'dix-sept',
    'vingt et un',
    'soixante',
    'soixante et un',
    'soixante et onze',
    'soixante dix-sept',
    'quatre-vingts',
    'quatre-vingts un',
    'quatre-vingts onze',
    'quatre-vingts dix-neuf',
  ])
  t.equal(said(spokenNumber(21, true)), 'vingt et une')
  t.equal(said(spokenNumber(81, true)), 'quatre-vingts une')
})

t.test('telephone numbers digit by digit, or in pairs', async t => {
  t.equal(said(spokenDigits('+33 6')), 'plus trois trois six')
  t.equal(said(spokenPairs('0612345600')), 'zéro six douze trente-quatre cinquante-six zéro zéro')
  t.equal(said(spokenPairs('3101')), 'trente et un zéro un')
  t.equal(said(spokenPairs('112')), 'un douze')
  t.equal(said(spokenPairs('+33612')), 'plus trois trente-six douze')
})

t.test('days and times of day, in summer and in winter', async t => {
  const paris = 'Europe/Paris'
  const now = Date.UTC(2026, 6, 14, 10, 0)
  const moment = (wall: number) => said(spokenMoment(wall, now, paris))
  t.equal(moment(Date.UTC(2026, 6, 14, 6, 21)), "aujourd'hui à huit heures vingt et un")
  t.equal(moment(Date.UTC(2026, 6, 13, 22, 30)), "aujourd'hui à zéro heure trente", 'past midnight in Paris')
  t.equal(moment(Date.UTC(2026, 6, 13, 21, 59)), 'hier à vingt-trois heures cinquante-neuf')
  t.equal(moment(Date.UTC(2026, 0, 1, 0, 0)), 'le premier janvier à une heure')
  t.equal(localTime(Date.UTC(2026, 0, 1, 0, 0, 9), paris).second, 9)
})

t.test('whatever the number or the instant, there is a recording of every word', async () => {
  const all = (names: readonly string[]): boolean => names.every(name => clip(name).length > 0)
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 200 }),
      fc.string(),
      fc.date({ noInvalidDate: true }),
      (n, text, date) => {
        const wall = date.getTime()
        return (
          all(spokenNumber(n)) &&
          all(spokenNumber(n, true)) &&
          all(spokenDigits(text)) &&
          all(spokenPairs(text)) &&
          all(spokenClock(localTime(wall, 'Europe/Paris'))) &&
          all(spokenMoment(wall, Date.UTC(2026, 0, 15), 'Europe/Paris'))
        )
      },
    ),
  )
})
