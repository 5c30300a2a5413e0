// The table of the guide's rules (README.md beside this) is complete and true: every function the guide promises has
// rows, and every row names a test that exists or says why there is none.

import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const folder = fileURLToPath(new URL('../../../test/guide/', import.meta.url))

/** Functions of the guide, numbered in its order. */
const FUNCTIONS = 27
/** What is shown elsewhere or not there yet, and says so. */
const without = [22]

interface Row {
  readonly no: number
  readonly place: string
  readonly shownBy: string
  readonly file: string
  readonly title: string
}

const rowsOf = (page: string): readonly Row[] =>
  page
    .split('\n')
    .filter(line => /^\| \d/.test(line))
    .map(line => {
      const [, no = '', , , place = '', shownBy = ''] = line.split('|').map(cell => cell.trim())
      const [, file = '', title = ''] = /^`([^`]+)`: `([^`]+)`$/.exec(shownBy) ?? []
      return { no: Number(no), place, shownBy, file, title }
    })

const stands = (file: string, title: string): boolean => {
  if (!existsSync(folder + file)) return false
  const source = readFileSync(folder + file, 'utf8')
  return ["'", '"', '`'].some(quote => source.includes(`${quote}${title}${quote}`))
}

const rows = rowsOf(readFileSync(`${folder}README.md`, 'utf8'))

t.test(
  'every function of the guide has a row, and each lives in the box, in the network or in both',
  async t => {
    const numbers = new Set(rows.map(({ no }) => no))
    t.same(
      Array.from({ length: FUNCTIONS }, (_, i) => i + 1).filter(no => !numbers.has(no)),
      [],
    )
    for (const { no, place } of rows) t.match(place, /^(box|network)$/, `${no}`)
  },
)

t.test('every row names a test that exists, or says why there is none', async t => {
  for (const { no, file, title, shownBy } of rows)
    if (without.includes(no)) t.match(shownBy, /^– \w/, `${no}`)
    else t.ok(stands(file, title), `${no}: ${shownBy}`)
})

t.test('a row with a wrong title would be noticed', async t => {
  t.ok(stands('call-waiting.test.ts', 'R 1 ends the second call and returns to the first (guide line 83)'))
  t.notOk(stands('call-waiting.test.ts', 'R 1 ends the second call'))
  t.notOk(stands('no-such.test.ts', 'R 1 ends the second call and returns to the first (guide line 83)'))
})
