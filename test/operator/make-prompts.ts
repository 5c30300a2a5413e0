// Makes the recordings of prompts/ with espeak-ng and sox (Debian packages): node dist/test/operator/make-prompts.js [NAME …]
// Without names: those that are missing or whose text has changed since, as texts.json tells. What no text needs any more goes.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { spokenTexts } from './spoken.js'
import { phrases as voicemailPhrases } from './voicemail/phrases.js'

const prompts = fileURLToPath(new URL('../../../test/operator/prompts/', import.meta.url))
const speech = join(prompts, 'speech')
const list = join(prompts, 'texts.json')
const work = mkdtempSync(join(tmpdir(), 'voiceport-prompts-'))
const sox = (...args: readonly string[]): void => void execFileSync('sox', ['-D', ...args])
const alaw = ['-r', '8000', '-c', '1', '-e', 'a-law', '-t', 'al']

/** Silence at both ends cut, 20 ms left before and 50 ms after, so that clips can stand side by side. */
const speak = (name: string, text: string): void => {
  const raw = join(work, 'raw.wav')
  execFileSync('espeak-ng', ['-v', 'fr', '-s', '200', '-w', raw, text])
  const trim = ['silence', '1', '0.01', '0.3%', 'reverse']
  sox(
    raw,
    ...[...alaw, join(speech, `${name}.al`)],
    ...['gain', '-n', '-4', 'rate', '8000', ...trim, ...trim, 'pad', '0.02', '0.05'],
  )
}

/** An arpeggio of plucked strings, our own: four chords of eight notes. */
const music = (): void => {
  const chords = [
    ['A3', 'C4', 'E4', 'A4'],
    ['F3', 'A3', 'C4', 'F4'],
    ['C3', 'G3', 'E4', 'G4'],
    ['G3', 'B3', 'D4', 'G4'],
  ]
  const notes = chords.flatMap(([a, b, c, d]) => [a, b, c, d, c, b, a, c]).map(note => note as string)
  const parts = notes.map((note, n) => {
    const file = join(work, `note${n}.wav`)
    sox(
      '-R',
      '-n',
      '-r',
      '8000',
      '-c',
      '1',
      file,
      'synth',
      '0.3',
      'pluck',
      note,
      'fade',
      'l',
      '0.005',
      '0.3',
      '0.05',
    )
    return file
  })
  sox(...parts, ...alaw, join(prompts, 'music.al'), 'gain', '-n', '-9')
}

const beep = (): void =>
  sox(
    '-R',
    '-n',
    ...alaw,
    join(prompts, 'beep.al'),
    ...'synth 0.3 sine 1000 gain -9 fade t 0.01 0.3 0.01'.split(' '),
  )

const known = (): Record<string, string> => {
  try {
    return JSON.parse(readFileSync(list, 'utf8')) as Record<string, string>
  } catch {
    return {}
  }
}

mkdirSync(speech, { recursive: true })
const texts = spokenTexts(voicemailPhrases)
const before = known()
const files = new Set(readdirSync(speech))
const wanted = process.argv.slice(2)
for (const [name, text] of texts)
  if (wanted.length > 0 ? wanted.includes(name) : before[name] !== text || !files.has(`${name}.al`)) {
    speak(name, text)
    process.stdout.write(`${name}: ${text}\n`)
  }
for (const file of files) if (!texts.has(file.replace(/\.al$/, ''))) rmSync(join(speech, file))
music()
beep()
writeFileSync(
  list,
  `${JSON.stringify(Object.fromEntries([...texts].sort(([a], [b]) => (a < b ? -1 : 1))), null, 2)}\n`,
)
rmSync(work, { recursive: true })
