// What a change of settings came to, in words.

import type { ErrorCode } from '../../../errors.js'
import { answer, type Language, type Outcome, type Refusal, refusal, type Translated } from '../../command.js'
import type { ChangeFacts, ChangeOutcome } from '../../console-box.js'
import { tableRows } from '../../pages.js'
import { cutShort, untypable } from '../../secret.js'

const words = {
  en: { file: '(as in the file)', restart: 'after a restart' },
  fr: { file: '(celle du fichier)', restart: 'apres un redemarrage' },
} as const

/** "sip.dscp  24 -> 26  after a restart". */
export const changeRows = (changes: readonly ChangeFacts[], language: Language): readonly string[] =>
  tableRows(
    changes.map(({ key, before, after, restart }) => {
      const { file, restart: later } = words[language]
      const row = [key, `${before ?? file} -> ${after ?? file}`]
      return restart ? [...row, later] : row
    }),
  )

/** What is typed unseen must be what counts; undefined: it is. */
export const notTaken = (typed: readonly string[]): Refusal | undefined => {
  if (typed.some(text => text.includes(untypable)))
    return refusal(
      'Nothing changed: letters with accents cannot be typed here',
      'Rien de change : les accents ne peuvent etre tapes ici',
      'VP-1003',
    )
  const long = typed.findIndex(text => text.includes(cutShort))
  if (long < 0) return undefined
  return typed.length === 1
    ? refusal('Nothing changed: too long', 'Rien de change : trop long', 'VP-1003')
    : refusal(
        `Nothing changed: line ${long + 1} is too long`,
        `Rien de change : la ligne ${long + 1} est trop longue`,
        'VP-1003',
      )
}

/** Every mistake, one a row. */
export const refusedFor = (mistakes: readonly Translated[], code?: ErrorCode): Refusal =>
  refusal(mistakes.map(({ en }) => en).join('\n'), mistakes.map(({ fr }) => fr).join('\n'), code)

/** The changes and a sentence about them; or what is wrong, in the words of the schema. */
export const outcomeOf = (
  outcome: ChangeOutcome,
  sentence: Readonly<Record<Language, string>>,
  more: { readonly rollbackSeconds?: number } = {},
  code?: ErrorCode,
): Outcome => {
  if ('mistakes' in outcome) return refusedFor(outcome.mistakes, code)
  const { changed } = outcome
  return answer({ changed: changed.map(change => ({ ...change })), ...more }, language => [
    ...changeRows(changed, language),
    sentence[language],
  ])
}
