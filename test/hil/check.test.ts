// A program in the machine that fails says what failed, however much it writes behind that.

import t from 'tap'
import type { Program } from '../support/child.js'
import { outputOf } from './check.js'

const program = (output: string, code: number): Program => ({
  output: () => output,
  waitFor: () => Promise.reject(new Error('nobody waits')),
  mark: () => 0,
  exit: () => Promise.resolve(code),
  stop: () => Promise.resolve(),
})

const failure = `    not ok 3 - NaN ms of drift
      ---
      at: somewhere
      ...`

t.test('each failure comes first, whole and alone, and the end behind it', async t => {
  const written = `    ok 2 - before it\n${failure}\n    ok 4 - after it\n${'# a word\n'.repeat(1000)}the end`
  const { message } = (await outputOf(program(written, 1)).catch(error => error)) as Error
  t.ok(message.startsWith(`it ended with 1 and wrote:\n${failure}\n`), message.slice(0, 300))
  t.match(message, /^the end$/m)
  t.notMatch(message, /before it|after it/)
})

t.test('what it wrote is handed on where it ended well', async t => {
  t.equal(await outputOf(program('all of it', 0)), 'all of it')
})
