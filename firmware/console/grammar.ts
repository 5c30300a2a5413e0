// What a command line means: words are matched against the command table from left to right. Unique beginnings are
// accepted (not where `exact`), typed arguments are checked against their range, and every mistake says which word is
// meant and what would be right there.

import { closest } from './closest.js'
import type { Argument, Arguments, Command, CommandTable, Translated, Word } from './command.js'
import { type Token, tokens, upTo } from './tokens.js'

export interface GrammarWorld {
  readonly table: CommandTable
  /** Ids of the lines of this box. */
  readonly lines: readonly string[]
  /** Keys of its settings. */
  readonly settings: readonly string[]
  /** Keys that can only be taken back (`no`). */
  readonly leftovers?: () => readonly string[]
  /** What may be said of one of them; undefined: nothing. */
  readonly setting?: (key: string) => SettingValues | undefined
  /** Whole words only: a script must not change its meaning when a command is added. */
  readonly exact: boolean
}

export interface SettingValues {
  /** "must be a whole number from 0 to 63". */
  readonly legal: string
  readonly help: string
  readonly unit?: string
  readonly choices?: readonly string[]
  /** It is asked for, and never typed here. */
  readonly secret?: true
}

export interface Parsed {
  readonly command: Command
  readonly args: Arguments
  readonly no: boolean
}

export interface Mistake {
  readonly mistake: Translated
  /** Index of the offending word in the line. */
  readonly at: number
}

/** One command while its words are being matched. */
interface Candidate {
  readonly command: Command
  readonly no: boolean
  readonly words: readonly Word[]
  readonly args: Arguments
}

/** undefined: an empty line, or a remark that begins with "!". */
export const parseLine = (line: string, world: GrammarWorld): Parsed | Mistake | undefined => {
  const words = tokens(line)
  const first = words[0]
  if (first === undefined || first.text.startsWith('!')) return undefined
  let reached: readonly Candidate[] = beginnings(world, first)
  let place = 0
  for (const token of reached[0]?.no ? words.slice(1) : words) {
    const step = matched(reached, place, token, line, world)
    if ('mistake' in step) return step
    reached = step.candidates
    place++
    if (step.ended) break
  }
  const complete = reached.find(({ words: needed }) => isComplete(needed, place))
  if (complete) return { command: complete.command, args: complete.args, no: complete.no }
  return { mistake: incomplete(reached, place), at: line.trimEnd().length }
}

const beginnings = ({ table }: GrammarWorld, first: Token): readonly Candidate[] =>
  first.text.toLowerCase() === 'no'
    ? table.commands.flatMap(command =>
        command.no ? [{ command, no: true, words: command.no.words ?? command.words, args: {} }] : [],
      )
    : table.commands.map(command => ({ command, no: false, words: command.words, args: {} }))

const isComplete = (words: readonly Word[], place: number): boolean => {
  const next = words[place]
  return next === undefined || (typeof next === 'object' && next.optional === true)
}

interface Step {
  readonly candidates: readonly Candidate[]
  /** The rest of the line was taken as text. */
  readonly ended: boolean
}

const matched = (
  candidates: readonly Candidate[],
  place: number,
  token: Token,
  line: string,
  world: GrammarWorld,
): Step | Mistake => {
  const fixed = fixedWords(candidates, place)
  const found = fixedMatch(fixed, token, world.exact)
  if (found !== undefined && found.length > 1) return { mistake: ambiguous(token, found), at: token.at }
  if (found?.[0] !== undefined) return { candidates: taking(candidates, place, found[0]), ended: false }
  return matchedArgument(candidates, place, token, line, { world, fixed })
}

/** Keywords and the values of enumerations that may stand here. */
const fixedWords = (candidates: readonly Candidate[], place: number): readonly string[] => [
  ...new Set(
    candidates.flatMap(({ words }) => {
      const word = words[place]
      if (typeof word === 'string') return [word]
      return word?.type === 'enum' ? Object.keys(word.values) : []
    }),
  ),
]

/** Several: the beginning of each. undefined: of none. */
const fixedMatch = (
  fixed: readonly string[],
  { text }: Token,
  exact: boolean,
): readonly string[] | undefined => {
  const typed = text.toLowerCase()
  if (fixed.includes(typed)) return [typed]
  const begun = exact ? [] : fixed.filter(word => word.startsWith(typed))
  return begun.length > 0 ? begun : undefined
}

const taking = (candidates: readonly Candidate[], place: number, word: string): readonly Candidate[] =>
  candidates.flatMap(candidate => {
    const here = candidate.words[place]
    if (here === word) return [candidate]
    if (typeof here !== 'object' || here.type !== 'enum' || !Object.hasOwn(here.values, word)) return []
    return [{ ...candidate, args: { ...candidate.args, [here.name]: word } }]
  })

const matchedArgument = (
  candidates: readonly Candidate[],
  place: number,
  token: Token,
  line: string,
  { world, fixed }: { readonly world: GrammarWorld; readonly fixed: readonly string[] },
): Step | Mistake => {
  let wrong: Translated | undefined
  for (const candidate of candidates) {
    const argument = candidate.words[place]
    if (typeof argument !== 'object' || argument.type === 'enum') continue
    const rest = argument.type === 'text' && argument.rest === true
    const text = rest ? restOf(line, token) : token.text
    const value = argumentValue(argument, text, world, candidate.no)
    if (typeof value === 'object') {
      wrong ??= value
      continue
    }
    return {
      candidates: [{ ...candidate, args: { ...candidate.args, [argument.name]: value } }],
      ended: rest,
    }
  }
  return { mistake: wrong ?? notExpected(token, fixed), at: token.at }
}

const keysOf = (world: GrammarWorld, no: boolean): readonly string[] =>
  no ? [...world.settings, ...(world.leftovers?.() ?? [])] : world.settings

const settingNamed = (text: string, keys: readonly string[]): string | Translated =>
  keys.find(key => key.toLowerCase() === text.toLowerCase()) ?? noSetting(text, keys)

/** Quotation marks around the whole are left out. */
const restOf = (line: string, { at }: Token): string =>
  line
    .slice(at)
    .trim()
    .replace(/^"([^"]*)"?$/, '$1')

const argumentValue = (
  argument: Exclude<Argument, { type: 'enum' }>,
  text: string,
  world: GrammarWorld,
  no: boolean,
): string | number | Translated => {
  const { lines } = world
  switch (argument.type) {
    case 'line':
      return lines.includes(text) ? text : noSuch('line', 'ligne', text, lines)
    case 'setting':
      return settingNamed(text, keysOf(world, no))
    case 'text':
      return text.length <= argument.most ? text : tooLong(argument.most)
    case 'number':
      return numberValue(argument, text)
  }
}

const numberValue = (
  { min, max, unit }: Extract<Argument, { type: 'number' }>,
  text: string,
): number | Translated => {
  const value = Number(text)
  if (/^-?\d{1,9}$/.test(text) && value >= min && value <= max) return value
  const range = `${min}-${max}${unit === undefined ? '' : ` ${unit}`}`
  return { en: `"${text}" is no whole number of ${range}`, fr: `"${text}" n'est pas un entier de ${range}` }
}

const tooLong = (most: number): Translated => ({
  en: `Too long: at most ${most} characters`,
  fr: `Trop long : au plus ${most} caracteres`,
})

const noSetting = (text: string, settings: readonly string[]): Translated => {
  const near = closest(text, settings)
  return {
    en: `There is no setting "${text}"${near === undefined ? '' : ` (did you mean "${near}"?)`}`,
    fr: `Pas de reglage "${text}"${near === undefined ? '' : ` (vouliez-vous "${near}" ?)`}`,
  }
}

const noSuch = (en: string, fr: string, text: string, all: readonly string[]): Translated => ({
  en: `There is no ${en} "${text}", only ${all.join(', ')}`,
  fr: `Pas de ${fr} "${text}", seulement ${all.join(', ')}`,
})

const ambiguous = ({ text }: Token, words: readonly string[]): Translated => ({
  en: `"${text}" may be ${words.join(' or ')}`,
  fr: `"${text}" peut etre ${words.join(' ou ')}`,
})

const notExpected = ({ text }: Token, fixed: readonly string[]): Translated => {
  if (fixed.length === 0)
    return { en: `Nothing more is expected: "${text}"`, fr: `Rien de plus n'est attendu : "${text}"` }
  const near = closest(text, fixed)
  return {
    en: `Unknown word "${text}"${near === undefined ? '; ? lists the words' : ` (did you mean "${near}"?)`}`,
    fr: `Mot inconnu "${text}"${near === undefined ? ' ; ? donne la liste' : ` (vouliez-vous "${near}" ?)`}`,
  }
}

const incomplete = (reached: readonly Candidate[], place: number): Translated => {
  const awaited = [...new Set(reached.map(({ words }) => wordName(words[place])))]
  const few = awaited.length <= 4 ? `: ${awaited.join(', ')}` : ''
  return { en: `Incomplete command${few}; ? helps`, fr: `Commande incomplete${few} ; ? aide` }
}

const wordName = (word: Word | undefined): string => {
  if (typeof word === 'string') return word
  if (word?.type === 'enum') return Object.keys(word.values).join('|')
  return word === undefined ? '' : word.name.toUpperCase()
}

export interface HelpRow {
  readonly word: string
  readonly help: Translated
  /** Can be typed as it stands; otherwise it names what stands here. */
  readonly literal: boolean
}

/** What may stand where the cursor is, alphabetically; `<cr>` where the line is a command as it stands. */
export const helpFor = (line: string, at: number, world: GrammarWorld): readonly HelpRow[] | Mistake => {
  const { before, partial } = upTo(line, at)
  const rows = rowsAfter(before, line, world)
  if ('mistake' in rows) return rows
  const begun = rows.filter(
    ({ word, literal }) => literal && word.toLowerCase().startsWith(partial.text.toLowerCase()),
  )
  const fitting = partial.text === '' ? rows : begun.length > 0 ? begun : rows.filter(row => !row.literal)
  if (fitting.length > 0) return fitting
  return {
    mistake: notExpected(
      partial,
      rows.map(({ word }) => word),
    ),
    at: partial.at,
  }
}

/** What Tab makes of the word before the cursor: what is to be inserted, and the choices when there are several. */
export const completion = (
  line: string,
  at: number,
  world: GrammarWorld,
): { readonly insert: string; readonly choices: readonly string[] } => {
  const { before, partial } = upTo(line, at)
  const rows = rowsAfter(before, line, world)
  if ('mistake' in rows) return { insert: '', choices: [] }
  const typed = partial.text.toLowerCase()
  const choices = rows
    .filter(({ word, literal }) => literal && word !== cr && word.toLowerCase().startsWith(typed))
    .map(({ word }) => word)
  if (choices.length === 1) return { insert: `${choices[0]!.slice(typed.length)} `, choices: [] }
  return { insert: commonStart(choices).slice(typed.length), choices }
}

const commonStart = (words: readonly string[]): string => {
  let start = words[0] ?? ''
  for (const word of words)
    while (!word.toLowerCase().startsWith(start.toLowerCase())) start = start.slice(0, -1)
  return start
}

const cr = '<cr>'

const rowsAfter = (
  before: readonly Token[],
  line: string,
  world: GrammarWorld,
): readonly HelpRow[] | Mistake => {
  const first = before[0]
  let reached = first === undefined ? beginnings(world, none) : beginnings(world, first)
  let place = 0
  for (const token of reached[0]?.no ? before.slice(1) : before) {
    const step = matched(reached, place, token, line, world)
    if ('mistake' in step) return step
    reached = step.candidates
    place++
    if (step.ended) break
  }
  const rows = new Map<string, HelpRow>()
  if (first === undefined && world.table.commands.some(({ no }) => no))
    rows.set('no', { word: 'no', help: undoes, literal: true })
  for (const candidate of reached)
    for (const row of rowsOf(candidate, place, world)) if (!rows.has(row.word)) rows.set(row.word, row)
  return [...rows.values()].sort((a, b) => (a.word < b.word ? -1 : 1))
}

const none: Token = { text: '', at: 0, end: 0 }
const undoes: Translated = { en: 'Take something back', fr: 'Annuler quelque chose' }
const goes: Translated = { en: 'Carry out', fr: 'Executer' }

const rowsOf = (
  { command, no, words, args }: Candidate,
  place: number,
  world: GrammarWorld,
): readonly HelpRow[] => {
  const { table, lines, setting } = world
  const word = words[place]
  const end = isComplete(words, place) ? [{ word: cr, help: goes, literal: true }] : []
  if (word === undefined) return end
  if (typeof word === 'string') {
    const last = !words.slice(place + 1).some(later => typeof later === 'string')
    const group = place === 0 && !no ? table.groups[word] : undefined
    const help = group ?? (last ? (no ? command.no!.help : command.help) : command.help)
    return [...end, { word, help, literal: true }]
  }
  if (word.type === 'enum')
    return [
      ...end,
      ...Object.entries(word.values).map(([value, help]) => ({ word: value, help, literal: true })),
    ]
  const known = word.type === 'line' ? lines : word.type === 'setting' ? keysOf(world, no) : undefined
  if (known) return [...end, ...known.map(value => ({ word: value, help: word.help, literal: true }))]
  const of =
    word.type === 'text' && word.ofSetting !== undefined ? setting?.(String(args[word.ofSetting])) : undefined
  if (of?.secret) return end
  return of ? valueRows(of) : [...end, { word: argumentName(word), help: word.help, literal: false }]
}

/** The schema knows no French. */
const valueRows = ({ legal, help, unit, choices }: SettingValues): readonly HelpRow[] => {
  if (choices) return choices.map(value => ({ word: value, help: { en: help, fr: help }, literal: true }))
  const name = unit === undefined ? 'VALUE' : `VALUE ${unit}`
  return [{ word: name, help: { en: legal, fr: legal }, literal: false }]
}

const argumentName = (word: Argument): string =>
  word.type === 'number'
    ? `<${word.min}-${word.max}${word.unit === undefined ? '' : ` ${word.unit}`}>`
    : word.name.toUpperCase()
