// The documents say what is true: every row of STANDARDS.md names a source file and a test that exist, and every file of
// the project that a page or a comment names is there.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('../../', import.meta.url))
const text = (file: string) => readFileSync(join(root, file), 'utf8')

/** Files of the project by pattern, from git; where there is no repository there is nothing to check against. */
const tracked = (...patterns: string[]): readonly string[] =>
  spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns], {
    cwd: root,
    encoding: 'utf8',
  })
    .stdout.split('\n')
    .filter(file => file !== '' && existsSync(join(root, file)))

interface Row {
  readonly clause: string
  readonly source: string
  readonly test: string
  readonly title: string
}

const rowsOf = (page: string): readonly Row[] =>
  page
    .split('\n')
    .filter(line => line.startsWith('|') && !/^\|[\s|-]+$/.test(line) && !/^\| Clause +\|/.test(line))
    .map(line => {
      const cells = line.split('|').map(cell => cell.trim())
      const [, test = '', title = ''] = /^`([^`]+)`: (.+)$/.exec(cells[4] ?? '') ?? []
      return { clause: cells[1] ?? '', source: (cells[3] ?? '').replaceAll('`', ''), test, title }
    })

const titleStandsIn = (source: string, title: string) =>
  ["'", '"', '`'].some(quote => source.includes(`${quote}${title}${quote}`))

t.test('every row of STANDARDS.md names a file and a test that exist', async t => {
  const rows = rowsOf(text('STANDARDS.md'))
  t.ok(rows.length > 50, `${rows.length} rows`)
  for (const { clause, source, test, title } of rows) {
    t.ok(source !== '' && existsSync(join(root, source)), `${clause}: ${source}`)
    const found = test !== '' && existsSync(join(root, test)) && titleStandsIn(text(test), title)
    t.ok(found, `${clause}: ${test}: ${title}`)
  }
})

t.test('a row with a wrong title would be noticed', async t => {
  const [row] = rowsOf('| RFC 1 §2 | what | `a/b.ts` | `c.test.ts`: a title: with a colon |')
  t.same(row, { clause: 'RFC 1 §2', source: 'a/b.ts', test: 'c.test.ts', title: 'a title: with a colon' })
  t.ok(titleStandsIn("t.test('a title: with a colon', body)", row!.title))
  t.notOk(titleStandsIn("t.test('a title: with a colon and more', body)", row!.title))
})

t.test('every link of a page leads somewhere', async t => {
  const pages = tracked('*.md')
  t.ok(pages.length >= 5, pages.join(' '))
  for (const page of pages) {
    for (const [, target = ''] of text(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue
      t.ok(existsSync(join(root, dirname(page), target)), `${page} -> ${target}`)
    }
    for (const [, file = ''] of text(page).matchAll(/`([\w/-][\w/.-]*\.(?:ts|md|toml|json))`/g))
      t.ok(
        [root, join(root, dirname(page))].some(at => existsSync(join(at, file))),
        `${page} names ${file}`,
      )
  }
})

t.test('every test that a comment of the source names is there', async t => {
  const sources = tracked('hal/*.ts', 'firmware/*.ts', 'board/*.ts', 'scripts/*.ts')
  t.ok(sources.length > 100, `${sources.length} files`)
  for (const source of sources)
    for (const [file] of text(source).matchAll(/\btest\/[\w/-]+\.test\.ts\b/g))
      t.ok(existsSync(join(root, file)), `${source} names ${file}`)
})
