// The grammar of the console: beginnings of words, ranges, mistakes that say what would be right, "?" and Tab.
import fc from 'fast-check'
import t from 'tap'
import type { Command, Word } from '../../firmware/console/command.js'
import { completion, type GrammarWorld, helpFor, parseLine } from '../../firmware/console/grammar.js'
import { commandTable } from '../../firmware/console/table.js'

const said = { en: 'x', fr: 'y' }
const command = (words: readonly Word[], more: Partial<Command> = {}): Command => ({
  words,
  help: said,
  level: 'view',
  run: () => ({ data: null, text: () => [] }),
  ...more,
})
const level: Word = { type: 'number', name: 'level', min: 1, max: 9, unit: 'dB', help: said }
const world: GrammarWorld = {
  table: {
    commands: [
      command(['show', 'line', { type: 'line', name: 'line', help: said, optional: true }]),
      command(['show', 'log']),
      command(
        [
          'set',
          { type: 'setting', name: 'key', help: said },
          { type: 'text', name: 'value', most: 9, help: said },
        ],
        {
          no: { help: said, words: ['set', { type: 'setting', name: 'key', help: said }] },
        },
      ),
      command(['gain', level]),
      command(['say', { type: 'text', name: 'text', most: 40, rest: true, help: said }]),
    ],
    groups: {},
  },
  lines: ['tel1', 'tel2'],
  settings: ['sip.dscp', 'log.level'],
  exact: false,
}

const parse = (line: string, changes: Partial<GrammarWorld> = {}) => {
  const parsed = parseLine(line, { ...world, ...changes })
  if (parsed === undefined) return 'nothing'
  if ('mistake' in parsed) return `${parsed.at}: ${parsed.mistake.en}`
  const words = parsed.command.words.filter(word => typeof word === 'string').join(' ')
  return `${parsed.no ? 'no ' : ''}${words} ${JSON.stringify(parsed.args)}`
}

t.test('unique beginnings are enough', async t => {
  t.equal(parse('sh li tel2'), 'show line {"line":"tel2"}')
  t.equal(parse('  SHOW   LINE  '), 'show line {}')
  t.equal(parse('g 3'), 'gain {"level":3}')
})

t.test('scripts write whole words', async t => {
  t.match(parse('sh line', { exact: true }), /^0: Unknown word "sh"/)
  t.equal(parse('show line', { exact: true }), 'show line {}')
})

t.test('mistakes name the word and what would be right', async t => {
  t.equal(parse('show lien'), '5: Unknown word "lien" (did you mean "line"?)')
  t.equal(parse('show l'), '5: "l" may be line or log')
  t.equal(parse('s'), '0: "s" may be show or set or say')
  t.equal(parse('gain 11'), '5: "11" is no whole number of 1-9 dB')
  t.equal(parse('gain 1e1'), '5: "1e1" is no whole number of 1-9 dB')
  t.equal(parse('gain'), '4: Incomplete command: LEVEL; ? helps')
  t.equal(parse('show line tel3'), '10: There is no line "tel3", only tel1, tel2')
  t.equal(parse('show log now'), '9: Nothing more is expected: "now"')
  t.equal(parse('set sip.dspc 3'), '4: There is no setting "sip.dspc" (did you mean "sip.dscp"?)')
  t.equal(parse('set sip.dscp 1234567890'), '13: Too long: at most 9 characters')
})

t.test('an empty line and a remark are nothing', async t => {
  t.equal(parse('   '), 'nothing')
  t.equal(parse('! a remark'), 'nothing')
})

t.test('"no" takes back what has a way back, and nothing else', async t => {
  t.equal(parse('no set sip.dscp'), 'no set {"key":"sip.dscp"}')
  t.match(parse('no show log'), /^3: Unknown word "show"/)
  t.match(parse('no'), /^2: Incomplete/)
})

t.test('text may be quoted, or be the rest of the line', async t => {
  t.equal(parse('set log.level "a b"'), 'set {"key":"log.level","value":"a b"}')
  t.equal(parse('say R 2   now'), 'say {"text":"R 2   now"}')
  t.equal(parse('say "R 2"'), 'say {"text":"R 2"}')
})

const words = (line: string): readonly string[] => {
  const rows = helpFor(line, line.length, world)
  return 'mistake' in rows ? [rows.mistake.en] : rows.map(({ word }) => word)
}

t.test('? lists what may stand there', async t => {
  t.same(words(''), ['gain', 'no', 'say', 'set', 'show'])
  t.same(words('s'), ['say', 'set', 'show'])
  t.same(words('show '), ['line', 'log'])
  t.same(words('show line '), ['<cr>', 'tel1', 'tel2'])
  t.same(words('show log '), ['<cr>'])
  t.same(words('gain '), ['<1-9 dB>'])
  t.same(words('no '), ['set'])
  t.same(words('no set s'), ['sip.dscp'])
  t.same(words('shw '), ['Unknown word "shw" (did you mean "show"?)'])
})

t.test('Tab completes what is certain and lists what is not', async t => {
  const tab = (line: string) => completion(line, line.length, world)
  t.same(tab('sh'), { insert: 'ow ', choices: [] })
  t.same(tab('show l'), { insert: '', choices: ['line', 'log'] })
  t.same(tab('show line t'), { insert: 'el', choices: ['tel1', 'tel2'] })
  t.same(tab('set s'), { insert: 'ip.dscp ', choices: [] })
  t.same(tab('xyz'), { insert: '', choices: [] })
})

t.test('no line whatever makes it throw, and a mistake points into the line', async () => {
  const table = commandTable(['idle', 'active'])
  const piece = fc.constantFrom(
    'show',
    'no',
    'debug',
    'sip',
    'explain',
    'in',
    '"',
    '?',
    '9',
    'tel1',
    '__proto__',
    'R',
    ' ',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ maxLength: 80 }),
        fc.array(piece, { maxLength: 8 }).map(all => all.join(' ')),
      ),
      line => {
        for (const exact of [false, true]) {
          const parsed = parseLine(line, { ...world, table, exact })
          if (parsed && 'mistake' in parsed && (parsed.at < 0 || parsed.at > line.length)) return false
        }
        helpFor(line, line.length, { ...world, table })
        completion(line, line.length, { ...world, table })
        return true
      },
    ),
    { numRuns: 1500 },
  )
})

t.test('every command has its help in both languages in ASCII that fits the screen', async t => {
  for (const { words: all, help } of commandTable(['idle']).commands)
    for (const text of [help.en, help.fr]) t.match(text, /^[\x20-\x7e]{3,56}$/, `${all[0]}: ${text}`)
})
