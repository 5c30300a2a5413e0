// Which of the operator's recordings somebody heard, in order, found by their very samples: far quicker than correlation
// (spoken-words.ts), and blind to what was changed on the way.

import { decodeAlaw } from '../operator/alaw.js'
import { clip } from '../operator/clips.js'
import { numberClips, spokenTexts } from '../operator/spoken.js'
import { phrases } from '../operator/voicemail/phrases.js'

/** Samples that tell one recording from all others, and how far into it they begin. */
const OFFSET = 640
const LENGTH = 160

const markOf = (name: string): Buffer => decodeAlaw(clip(name)).subarray(OFFSET * 2, (OFFSET + LENGTH) * 2)

const names = [
  'beep',
  ...numberClips().keys(),
  ...[...spokenTexts(phrases).keys()].filter(name => name.length > 2),
]
/** Recordings of the same sound ("heure", "heures") go by the first name. */
const marks = new Map<string, { readonly name: string; readonly mark: Buffer }>()
for (const name of names) {
  const mark = markOf(name)
  const key = mark.toString('latin1')
  if (!marks.has(key)) marks.set(key, { name, mark })
}

/** Every place where `part` stands in `whole`, in samples. */
const places = (whole: Buffer, part: Buffer): number[] => {
  const found: number[] = []
  for (let at = whole.indexOf(part); at >= 0; at = whole.indexOf(part, at + 2))
    if (at % 2 === 0) found.push(at / 2)
  return found
}

const bytesOf = (heard: Int16Array): Buffer => Buffer.from(heard.buffer, heard.byteOffset, heard.byteLength)

/** First sample at which `part` was heard, sample for sample. */
export const soundAt = (heard: Int16Array, part: Int16Array): number | undefined =>
  places(bytesOf(heard), bytesOf(part))[0]

/** Whether `part` was heard sample for sample. */
export const soundIn = (heard: Int16Array, part: Int16Array): boolean => soundAt(heard, part) !== undefined

/** Whether the beginning of one recording was heard. */
export const wordIn = (heard: Int16Array, name: string): boolean =>
  places(bytesOf(heard), markOf(name)).length > 0

/** Names of recordings whose beginning was heard, in the order they came. */
export const wordsIn = (heard: Int16Array): readonly string[] => {
  const bytes = bytesOf(heard)
  return (
    [...marks.values()]
      .flatMap(({ name, mark }) => places(bytes, mark).map(at => ({ name, at })))
      .sort((a, b) => a.at - b.at)
      // A tone repeats itself.
      .filter(({ name }, i, all) => name !== 'beep' || all[i - 1]?.name !== 'beep')
      .map(({ name }) => name)
  )
}
