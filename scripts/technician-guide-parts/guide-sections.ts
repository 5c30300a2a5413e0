// The generated parts of docs/technician.md: transcripts of the recorded sessions, beside what the command table says of each
// command and the table of incidents of each fault.

import type { CommandTable, Word } from '../../firmware/console/command.js'
import { type Incident, incidents } from '../../test/diagnosis/field-incidents.js'
import { type Form, formsOf, shownBy } from './command-forms.js'
import { goldenSessions, type Session } from './golden-sessions.js'

/** By the name of the marks between which each stands. */
export const guideSections = (table: CommandTable): Readonly<Record<string, string>> => {
  const said = { en: goldenSessions('commands', 'en'), fr: goldenSessions('commands', 'fr') }
  const named = (title: string): string => screen(theSession(said.en, title).rows)
  return {
    'log in': named('log in'),
    keys: ['? and Tab', 'a mistake'].map(named).join('\n\n'),
    faults: faultTable(),
    incidents: incidentSections(),
    index: index(table),
    commands: commandSections(table, said),
  }
}

/** `text` with each part between its marks replaced; throws when a part has no marks. */
export const withSections = (text: string, sections: Readonly<Record<string, string>>): string =>
  Object.entries(sections).reduce((page, [name, made]) => {
    const between = new RegExp(`(?<=<!-- ${name} -->\\n)[\\s\\S]*(?=<!-- end of ${name} -->)`)
    if (!between.test(page)) throw new Error(`no marks for ${name}`)
    return page.replace(between, () => `\n${made}\n\n`)
  }, text)

const theSession = (sessions: readonly Session[], title: string): Session => {
  const found = sessions.find(session => session.title === title)
  if (found === undefined) throw new Error(`no session "${title}" was recorded`)
  return found
}

const screen = (rows: readonly string[]): string => ['```text', ...rows, '```'].join('\n')

const inFrench = (rows: readonly string[]): string =>
  `<details><summary>En français</summary>\n\n${screen(rows)}\n\n</details>`

/** Rows of a sentence that was folded, in one; its mark and line left out. */
const verdictOf = ({ rows }: Session): string => {
  const at = rows.findIndex(row => /^!! |^! {2}/.test(row))
  const end = rows.findIndex((row, i) => i > at && !/^ {2}\S/.test(row))
  const [first = '', ...more] = rows.slice(at, end < 0 ? undefined : end)
  return [first.replace(/^!!? +(tel\d: )?/, ''), ...more.map(row => row.trim())].join(' ')
}

/** A table as the formatter leaves it. */
const aligned = ([head = [], ...rows]: readonly (readonly string[])[]): string => {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map(row => row[i]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, i) => (cells[i] ?? '').padEnd(width)).join(' | ')} |`
  return [line(head), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n')
}

const faultTable = (): string => {
  const sessions = goldenSessions('incidents', 'en')
  return aligned([
    ['The subscriber says', 'Type', 'The box says'],
    ...incidents.map(({ id, complaint, commands }) => [
      complaint,
      `${commands[0]?.startsWith('test ') ? '`enable`, ' : ''}\`${commands[0]}\``,
      `[${verdictOf(theSession(sessions, id))}](#${id})`,
    ]),
  ])
}

const incidentSections = (): string => {
  const said = { en: goldenSessions('incidents', 'en'), fr: goldenSessions('incidents', 'fr') }
  return incidents
    .map(({ id, title, complaint }: Incident, i) =>
      [
        `<a id="${id}"></a>\n\n### ${i + 1}. ${title}`,
        `“${complaint}”`,
        screen(theSession(said.en, id).rows),
        inFrench(theSession(said.fr, id).rows),
      ].join('\n\n'),
    )
    .join('\n\n')
}

const chapters: readonly { readonly title: string; readonly has: (first: string) => boolean }[] = [
  { title: 'Look', has: first => first === 'show' },
  { title: 'Test', has: first => first === 'test' },
  { title: 'Watch and explain', has: first => first === 'debug' || first === 'explain' },
  {
    title: 'Change settings',
    has: first => /^(set|commit|confirm|rollback|export|import|factory-reset)$/.test(first),
  },
  { title: 'The session and the box', has: () => true },
]

interface Chapter {
  readonly title: string
  readonly forms: readonly Form[]
}

const chaptersOf = (table: CommandTable): readonly Chapter[] => {
  const chapterOf = ({ command }: Form) => chapters.find(({ has }) => has(String(command.words[0])))
  const forms = [...formsOf(table)].sort((a, b) => (a.usage < b.usage ? -1 : 1))
  return chapters
    .map(chapter => ({ title: chapter.title, forms: forms.filter(form => chapterOf(form) === chapter) }))
    .filter(({ forms: own }) => own.length > 0)
}

const helpOf = ({ command, no, second }: Form): { readonly en: string; readonly fr: string } => {
  const word = command.words[1]
  if (second !== undefined && typeof word === 'object' && word.type === 'enum') {
    const { en, fr } = word.values[second] as { readonly en: string; readonly fr: string }
    return { en: `${command.help.en}: ${en}`, fr: `${command.help.fr} : ${fr}` }
  }
  return no && command.no ? command.no.help : command.help
}

const anchor = (usage: string): string =>
  usage
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')
    .replace(/-$/, '')

const index = (table: CommandTable): string =>
  aligned([
    ['Command', 'What it does', 'Needs'],
    ...chaptersOf(table).flatMap(({ forms }) =>
      forms.map(form => [
        `[\`${form.usage.replaceAll('|', '\\|')}\`](#${anchor(form.usage)})`,
        helpOf(form).en,
        form.command.level === 'enable' ? '`enable`' : 'log-in',
      ]),
    ),
  ])

const commandSections = (
  table: CommandTable,
  said: { readonly en: readonly Session[]; readonly fr: readonly Session[] },
): string =>
  chaptersOf(table)
    .flatMap(({ title, forms }) => [
      `### ${title}`,
      ...forms.map(form => formSection(form, shownBy(form, said.en, table), shownBy(form, said.fr, table))),
    ])
    .join('\n\n')

const formSection = (form: Form, en: readonly Session[], fr: readonly Session[]): string => {
  const { en: does, fr: fait } = helpOf(form)
  const needs = form.command.level === 'enable' ? 'Needs `enable`.' : 'Needs the log-in only.'
  return [
    `<a id="${anchor(form.usage)}"></a>\n\n#### \`${form.usage}\``,
    [`${does}. _${fait}._ ${needs}`, ...form.words.flatMap(argumentLine)].join('\n'),
    ...en.flatMap(session => [...keysLine(session), screen(session.rows)]),
    ...(fr.length === 0 ? [] : [inFrench(fr.flatMap(({ rows }, i) => (i === 0 ? rows : ['', ...rows])))]),
  ].join('\n\n')
}

const argumentLine = (word: Word): readonly string[] => {
  if (typeof word === 'string') return []
  const range =
    word.type === 'number'
      ? `; ${word.min} to ${word.max}${word.unit === undefined ? '' : ` ${word.unit}`}`
      : word.type === 'enum'
        ? `: ${Object.keys(word.values).join(', ')}`
        : ''
  return [`\n- \`${word.name.toUpperCase()}\`: ${word.help.en}${range}`]
}

/** Where more is pressed than the screen shows. */
const keysLine = ({ keys }: Session): readonly string[] =>
  keys.length < 2 ? [] : [`Keys: ${keys.map(key => `\`${key}\``).join(', then ')}.`]
