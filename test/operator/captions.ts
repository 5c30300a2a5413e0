// What the operator is saying to somebody, in writing: for screens, logs and people who have no ear on the line.

import { SILENCE } from './alaw.js'
import { nameOf } from './clips.js'
import { type ClipName, spokenTexts } from './spoken.js'
import { phrases } from './voicemail/phrases.js'

const texts: ReadonlyMap<ClipName, string> = new Map([
  ...spokenTexts(phrases),
  ['beep', '[bip]'],
  ['music', '[musique]'],
  [
    'speaking',
    "[un son] Bonjour. Ceci est le numéro parlant du banc d'essai. Un, deux, trois, quatre, cinq. Au revoir.",
  ],
])

const isSilent = (sound: Uint8Array): boolean => sound.every(code => code === SILENCE)

const wordsOf = (sound: Uint8Array): readonly string[] => {
  const name = nameOf(sound)
  if (name !== undefined) return [texts.get(name) ?? `[${name}]`]
  return isSilent(sound) ? [] : [`[enregistrement, ${(sound.length / 8000).toFixed(1)} s]`]
}

/**
 * The words of clips played one after the other and how long they take, ms; what somebody recorded is told by its length,
 * silence not at all.
 */
export const captionOf = (sounds: readonly Uint8Array[]): { readonly text: string; readonly ms: number } => ({
  text: sounds.flatMap(wordsOf).join(' '),
  ms: sounds.reduce((sum, { length }) => sum + length / 8, 0),
})
