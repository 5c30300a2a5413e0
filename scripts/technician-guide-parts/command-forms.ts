// What of the command table the technician's guide has to show: each command, each sub-command ("debug sip"), and `no` where
// there is one; and which recorded session shows it.

import type { Argument, Command, CommandTable, Word } from '../../firmware/console/command.js'
import { usage } from '../../firmware/console/commands/help.js'
import { parseLine } from '../../firmware/console/grammar.js'
import type { Session } from './golden-sessions.js'

export interface Form {
  /** "show log [MESSAGES]", "no set KEY". */
  readonly usage: string
  readonly command: Command
  readonly no: boolean
  /** Of a command whose second word is one of several: which. */
  readonly second: string | undefined
  readonly words: readonly Word[]
}

export const formsOf = ({ commands }: CommandTable): readonly Form[] =>
  commands.flatMap(command => [
    ...formsFrom(command, command.words, false),
    ...(command.no ? formsFrom(command, command.no.words ?? command.words, true) : []),
  ])

const formsFrom = (command: Command, words: readonly Word[], no: boolean): readonly Form[] => {
  const [first, second, ...rest] = words
  const choices = choicesOf(second)
  if (first === undefined || choices === undefined)
    return [{ usage: usageOf(words, no), command, no, second: undefined, words }]
  return choices.map(choice => {
    const chosen = [first, choice, ...rest]
    return { usage: usageOf(chosen, no), command, no, second: choice, words: chosen }
  })
}

const usageOf = (words: readonly Word[], no: boolean): string => `${no ? 'no ' : ''}${usage(words)}`

const choicesOf = (word: Word | undefined): readonly string[] | undefined =>
  typeof word === 'object' && word.type === 'enum' && word.optional !== true
    ? Object.keys(word.values)
    : undefined

/** Recorded sessions under whose title this form was typed and carried out. */
export const shownBy = (form: Form, sessions: readonly Session[], table: CommandTable): readonly Session[] =>
  sessions.filter(session => wasCarriedOut(session) && isOf(session.title, form, table))

const isOf = (line: string, { command, no, second }: Form, table: CommandTable): boolean => {
  // Settings are taken as they are typed: the table alone does not know them.
  const parsed = parseLine(line, { table, lines: ['tel1', 'tel2'], settings: line.split(' '), exact: true })
  if (parsed === undefined || 'mistake' in parsed || parsed.command !== command || parsed.no !== no)
    return false
  const word = command.words[1] as Argument
  return second === undefined || parsed.args[word.name] === second
}

/** Typed as its title says, and not refused. */
const wasCarriedOut = ({ title, keys, rows }: Session): boolean =>
  keys.includes(`${title} Enter`) &&
  rows.some(row => /^voiceport[>#] /.test(row) && row.slice('voiceport> '.length) === title) &&
  !rows.at(-1)?.startsWith('% ')
