// One run of the tests in a process of its own, the mutant switched on from the start: for tables that are made while
// the machine loads. Arguments: the test files as JSON, the ids of the tests as JSON. Exit 1 when one fails.

import { firstFailure, loadTests } from './kept-tests.js'

const [files = '[]', wanted] = process.argv.slice(2)
await loadTests(JSON.parse(files) as string[]).catch(() => process.exit(1))
process.exit(
  (await firstFailure(wanted === undefined ? undefined : (JSON.parse(wanted) as string[]))) ? 1 : 0,
)
