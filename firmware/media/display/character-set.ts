// Names as a telephone can show them: ETSI EN 300 659-3 §4 takes ITU-T T.50 (IRV), in which a display shows 2/0 to 7/14.
// Accents go, letters of other alphabets become Latin ones, what has no likeness is left out; control characters, line
// ends and marks of direction never reach the line.

import { shownForLetter, shownForSign } from './letters.js'

/** Characters looked at; whoever calls himself more has said enough. */
const LONGEST_READ = 1000

const isShown = (character: string): boolean => character >= ' ' && character <= '~'
const isUpper = (character: string | undefined): boolean =>
  character !== undefined && character !== character.toLowerCase()
const isLower = (character: string | undefined): boolean =>
  character !== undefined && character !== character.toUpperCase()

const lettersOf = (character: string): string | undefined => {
  const shown = shownForLetter(character)
  if (shown !== undefined) return shown
  const base = character.normalize('NFKD').replace(/\p{Mark}/gu, '')
  if (base === character) return undefined
  const parts = [...base].map(part => (isShown(part) ? part : (shownForLetter(part) ?? shownForSign(part))))
  return parts.some(part => part !== undefined) ? parts.map(part => part ?? '').join('') : undefined
}

/** Greek ου, with or without its accent, is one sound. */
const isOu = (letter: string, before: string | undefined): boolean =>
  /^[\u03c5\u03cd]$/.test(letter) && before?.toLowerCase() === '\u03bf'

const capital = (shown: string, before: string | undefined, after: string | undefined): string => {
  const shouted = isUpper(after) || (!isLower(after) && isUpper(before))
  return shouted ? shown.toUpperCase() : shown.slice(0, 1).toUpperCase() + shown.slice(1)
}

/** What stands for one character between its neighbours. */
const shownFor = (character: string, before: string | undefined, after: string | undefined): string => {
  if (isShown(character)) return character
  if (/^[\s\p{Cc}]$/u.test(character)) return ' '
  const sign = shownForSign(character)
  if (sign !== undefined) return sign
  const lower = character.toLowerCase()
  if (isOu(lower, before)) return isUpper(character) ? 'U' : 'u'
  // A letter whose small form is two characters (İ) is looked up by the first.
  const shown = lettersOf(character) ?? lettersOf([...lower][0] ?? '')
  if (shown === undefined) return ''
  return isUpper(character) && shown === shown.toLowerCase() ? capital(shown, before, after) : shown
}

/**
 * `name` in at most `most` characters of 2/0 to 7/14, never in the middle of what stands for one letter; '' when no letter
 * or digit of it can be shown.
 */
export const shownName = (name: string, most: number): string => {
  // Composed first, so that a letter and its accent are looked up as one.
  const characters = [...name.slice(0, LONGEST_READ).normalize('NFC')]
  let shown = ''
  for (const [at, character] of characters.entries()) {
    const next = shownFor(character, characters[at - 1], characters[at + 1])
    if (next === ' ' && (shown === '' || shown.endsWith(' '))) continue
    if (shown.length + next.length > most) break
    shown += next
  }
  return /[A-Za-z0-9]/.test(shown) ? shown.trimEnd() : ''
}

/**
 * A number as a telephone can show and dial it: 1 to `most` of 0-9 * # and a first +, without the signs people put
 * between; '' for anything else. It is never cut: part of a number is another number.
 */
export const shownNumber = (number: string, most: number): string => {
  if (number.length > 4 * most) return ''
  const plain = number.replace(/[\s().\-/\u2010-\u2015]/g, '')
  return /^\+?[0-9*#]+$/.test(plain) && plain.length <= most ? plain : ''
}
