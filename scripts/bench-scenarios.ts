// `npm run bench-scenarios`: the scenarios of the bench on a simulated box, a virtual machine or a real bench, with a report.
// Exit 1 when a scenario fails, 2 for bad input or a target that cannot be had.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRemoteTarget } from '../test/bench/remote-target.js'
import { dataOf, pageOf } from '../test/bench/report/page.js'
import { pictureOf } from '../test/bench/report/picture.js'
import { type RunReport, runScenarios, type ScenarioReport } from '../test/bench/runner.js'
import { openSimTarget } from '../test/bench/sim-target.js'
import type { Target } from '../test/bench/target.js'
import { BadInput, readCommandLine, usage, type Wanted } from './bench-parts/command-line.js'

const wantedNow = (): Wanted => {
  try {
    return readCommandLine(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof BadInput)) throw error
    console.error(`${error.message}\n${usage}`)
    process.exit(2)
  }
}
const wanted = wantedNow()
/** Standard output belongs to the JSON object where one is asked for. */
const say = wanted.json && wanted.show === 'run' ? console.error : console.log

const openTarget = async (): Promise<Target> => {
  const { target } = wanted
  try {
    return target.kind === 'sim' ? await openSimTarget() : await openRemoteTarget(target)
  } catch (error) {
    console.error(`the target cannot be had: ${(error as Error).message}`)
    process.exit(2)
  }
}

const tell = ({ outcome, name, reason, figures, startUs, endUs }: ScenarioReport): void => {
  const seconds = outcome === 'skipped' ? '' : `${((endUs - startUs) / 1e6).toFixed(1)} s`
  const more = reason ?? figures.map(({ what, ms }) => `${what} ${ms} ms`).join('; ')
  say(`${outcome.padEnd(7)}  ${name.padEnd(26)} ${seconds.padStart(6)}  ${more}`)
}

const write = (run: RunReport, folder: string): void => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'report.html'), pageOf(run))
  writeFileSync(join(folder, 'report.json'), `${JSON.stringify(dataOf(run), null, 2)}\n`)
  for (const report of run.scenarios)
    if (report.outcome !== 'skipped') writeFileSync(join(folder, `${report.name}.svg`), pictureOf(report))
  say(`report: ${join(folder, 'report.html')}`)
}

const list = (): void => {
  for (const { name, title, needs, lasts } of wanted.scenarios)
    say(
      `${name.padEnd(26)} ${String(lasts).padStart(3)} s  ${title}\n${' '.repeat(34)}needs ${needs.join(', ')}`,
    )
}

const run = async (): Promise<number> => {
  const target = await openTarget()
  const stop = (): void => void target.close().finally(() => process.exit(130))
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    const report = await runScenarios(target, wanted.scenarios, tell)
    if (wanted.json) console.log(JSON.stringify(dataOf(report)))
    if (wanted.out !== undefined) write(report, wanted.out)
    say(
      `${report.passed} passed, ${report.failed} failed${report.skipped > 0 ? `, ${report.skipped} skipped` : ''}`,
    )
    return report.failed === 0 ? 0 : 1
  } finally {
    await target.close()
  }
}

if (wanted.show === 'help') say(usage)
else if (wanted.show === 'list') list()
else process.exitCode = await run()
