// Makes a bank of gpio-sim, runs a compiled program that tries drivers on it, and takes the bank away. Arguments: the number
// of lines, the program, its own arguments; added to them is where the bank is (--chip, --lines, --pull, --value).

import { spawnSync } from 'node:child_process'
import { createSimulatedBank } from './gpio-sim.js'

const [count, program, ...args] = process.argv.slice(2) as [string, string, ...string[]]
const label = 'tried'
const bank = createSimulatedBank(
  label,
  Array.from({ length: Number(count) }, (_, offset) => `LINE${offset}`),
)
const at = (attribute: string): string => `${bank.folder}/sim_gpio{}/${attribute}`
const where = ['--chip', label, '--lines', count, '--pull', at('pull'), '--value', at('value')]
const { status } = spawnSync(process.execPath, [program, ...args, ...where], { stdio: 'inherit' })
bank.close()
process.exitCode = status ?? 1
