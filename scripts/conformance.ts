// `npm run conformance`: every driver against every rule of the contracts it implements, one line each. Runs
// test/hal/conformance.test.ts and tells what it says. Exit 1 when a rule fails, 2 for a name that is none.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { rigs, rigsNamed, titleOf } from '../test/hal/rigs.js'
import { createTapReader, type Reading } from '../test/support/tap-rules.js'

const usage = `conformance [--list] [DRIVER | CONTRACT …]
  --list   the drivers and their contracts, without running them`

const badInput = (message: string): never => {
  console.error(`${message}\n${usage}`)
  process.exit(2)
}

const argumentsGiven = () => {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { list: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    })
    return { ...values, words: positionals, wanted: rigsNamed(positionals) }
  } catch (error) {
    return badInput((error as Error).message)
  }
}

const { list, help, words, wanted } = argumentsGiven()
if (help || list) {
  console.log(help ? usage : wanted.map(titleOf).join('\n'))
  process.exit(0)
}

const driverWidth = Math.max(...rigs.map(({ driver }) => driver.length))
const contractWidth = Math.max(...wanted.map(rig => titleOf(rig).length - rig.driver.length - 2))
const rowOf = (rig: string): string => {
  const [, driver = '', contract = ''] = /^(\S+) +(.*)$/.exec(rig) ?? []
  return `${driver.padEnd(driverWidth)}  ${contract.padEnd(contractWidth)}`
}

const counts = { passed: 0, failed: 0, skipped: 0 }
const tell = (reading: Reading): void => {
  if (reading.kind === 'skipped') {
    counts.skipped++
    console.log(`${rowOf(reading.rig)}  skipped: ${reading.reason}`)
    return
  }
  const ok = reading.kind === 'rule' && reading.ok
  counts[ok ? 'passed' : 'failed']++
  const rule = reading.kind === 'rule' ? reading.rule : 'could not be set up'
  console.log(`${rowOf(reading.rig)}  ${rule} … ${ok ? 'ok' : 'FAILED'}`)
  for (const line of reading.why) console.log(`    ${line}`)
}

const test = fileURLToPath(new URL('../test/hal/conformance.test.js', import.meta.url))
const child = spawn(process.execPath, ['--enable-source-maps', test, ...words], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
const read = createTapReader()
const lines = createInterface({ input: child.stdout })
lines.on('line', line => {
  const reading = read(line)
  if (reading) tell(reading)
})
const code = await new Promise<number | null>(resolve => {
  child.once('close', resolve)
})
if (code !== 0 && counts.failed === 0) {
  console.log(`the tests ended with ${code ?? 'a signal'} before their end`)
  counts.failed++
}
if (counts.skipped > 0) console.log(`${counts.skipped} skipped: they need what this machine has not`)
console.log(`${counts.passed} passed, ${counts.failed} failed`)
process.exitCode = counts.failed === 0 ? 0 : 1
