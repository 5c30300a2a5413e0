// Everything the virtual machine's lab has to try (./scripts/hil), on one machine. Ends with "N passed, N failed"; exit code 1
// when something failed. With words, only checks whose names contain one of them.
//
// With VOICEPORT_BENCH, the address of a real bench, scenarios of the bench are played there instead; the words are then those
// of bench-scenarios and say what stands around the box.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { realTimeScenarios } from './call-checks.js'
import { checks } from './checks.js'
import { noVmReason, startVm } from './vm.js'

const realBench = process.env['VOICEPORT_BENCH']
if (realBench) {
  const program = fileURLToPath(new URL('../../scripts/bench-scenarios.js', import.meta.url))
  const only = realTimeScenarios.flatMap(name => ['--only', name])
  const args = [program, '--target', realBench, ...only, ...process.argv.slice(2)]
  process.exit(spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1)
}

const words = process.argv.slice(2)
const wanted = checks.filter(({ name }) => words.length === 0 || words.some(word => name.includes(word)))

const reason = noVmReason()
if (reason !== undefined) {
  console.error(`hil: ${reason}`)
  process.exit(2)
}
const vm = await startVm()
console.log(`the machine answered after ${vm.startedAfter.toFixed(1)} s`)
let failed = 0
for (const { name, run } of wanted) {
  const begun = process.hrtime.bigint()
  const before = vm.processorTime()
  let figures: readonly string[]
  let outcome = 'ok'
  try {
    figures = await run(vm)
  } catch (error) {
    failed++
    outcome = 'not ok'
    figures = (error as Error).message.split('\n')
  }
  const seconds = Number(process.hrtime.bigint() - begun) / 1e9
  const spent = vm.processorTime() - before
  console.log(`${outcome} - ${name} (${seconds.toFixed(1)} s, processor ${spent.toFixed(1)} s)`)
  for (const figure of figures) console.log(`    ${figure}`)
}
await vm.stop()
console.log(`${wanted.length - failed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
