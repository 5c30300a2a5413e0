// docs/technician.md is what the recorded sessions say, and leaves no command out: each command of the table, each sub-command,
// and each of the ten incidents stands in it with a transcript. After a wanted change: node dist/scripts/technician-guide.js

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Command } from '../../firmware/console/command.js'
import { commandTable } from '../../firmware/console/table.js'
import { situations } from '../../firmware/phone/situation.js'
import { verdictTexts } from '../../firmware/run/verdicts/verdict-texts.js'
import { type Form, formsOf, shownBy } from '../../scripts/technician-guide-parts/command-forms.js'
import {
  goldenSessions,
  type Session,
  sessionsIn,
} from '../../scripts/technician-guide-parts/golden-sessions.js'
import { guideSections, withSections } from '../../scripts/technician-guide-parts/guide-sections.js'
import { incidents } from '../diagnosis/field-incidents.js'
import { secrets } from './technician-scenes.js'

const languages = ['en', 'fr'] as const
const table = commandTable(situations)
const guide = readFileSync(fileURLToPath(new URL('../../../docs/technician.md', import.meta.url)), 'utf8')
const missing = (forms: readonly Form[], sessions: readonly Session[], of = table): readonly string[] =>
  forms.filter(form => shownBy(form, sessions, of).length === 0).map(({ usage }) => usage)

t.test('the guide is what the recorded sessions say', async t => {
  t.equal(guide, withSections(guide, guideSections(table)))
})

t.test(
  'every command and sub-command has a transcript of it being carried out, in both languages',
  async t => {
    const forms = formsOf(table)
    for (const usage of ['debug sip [SECONDS]', 'passwd enable', 'show calls last [LINE]', 'test dtmf LINE'])
      t.ok(
        forms.some(form => form.usage === usage),
        usage,
      )
    for (const language of languages)
      t.same(missing(forms, goldenSessions('commands', language)), [], language)
    for (const { usage } of forms) t.ok(guide.includes(`#### \`${usage}\``), usage)
  },
)

t.test('a new command, and its no form, would be missed', async t => {
  const command: Command = {
    ...{
      words: [
        'lend',
        { type: 'enum', name: 'what', help: { en: '', fr: '' }, values: { ear: { en: '', fr: '' } } },
      ],
    },
    ...{ help: { en: '', fr: '' }, level: 'view', no: { help: { en: '', fr: '' } } },
    run: () => ({ data: {}, text: () => [] }),
  }
  const more = commandTable(situations, [command])
  const found = (text: string) =>
    missing(formsOf(more), [...goldenSessions('commands', 'en'), ...sessionsIn(text)], more)
  t.same(found(''), ['lend ear', 'no lend ear'])
  t.same(found('### lend ear\n=== lend ear Enter\nvoiceport> lend ear\nvoiceport>\n'), ['no lend ear'])
  t.same(
    found('### lend ear\n=== lend ear Enter\nvoiceport> lend ear\n% No\nvoiceport>\n').length,
    2,
    'refused',
  )
  t.same(found('### lend ear\n=== (secret) Enter\nvoiceport>\n').length, 2, 'not typed')
})

t.test('each incident stands in it with its verdict, found in at most three commands', async t => {
  t.equal(incidents.length, 10)
  for (const language of languages) {
    const sessions = goldenSessions('incidents', language)
    for (const { id, commands, verdict } of incidents) {
      const session = sessions.find(({ title }) => title === id)
      t.same(
        session?.keys,
        commands.map(command => `${command} Enter`),
      )
      t.ok(commands.length <= 3, id)
      const [says] = verdictTexts[verdict][language]
      const beginning = (says.split('{')[0] as string)
        .normalize('NFD')
        .replace(/[\u0300-\u036f]/g, '')
        .trim()
      t.ok(session?.rows.join('\n').replace(/\n +/g, ' ').includes(beginning), `${id}: ${beginning}`)
    }
  }
})

t.test('it says what each word for the state of a telephone means', async t => {
  for (const situation of situations) t.ok(guide.includes(`\`${situation}\``), situation)
})

t.test('no secret stands in it', async t => {
  for (const secret of [...secrets, 'secret-0389', 'canary']) t.notOk(guide.includes(secret), secret)
})
