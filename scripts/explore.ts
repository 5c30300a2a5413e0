// `npm run explore`: every state the feature machine can reach with the French dial plan, a million random lives beside
// it, and every invariant over all of them. Exit 1 and the shortest way there when one does not hold.

import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { PhoneConfig } from '../firmware/phone/config.js'
import { type Closure, explore } from '../test/phone/exploration/closure.js'
import { checkEmergency } from '../test/phone/exploration/emergency.js'
import { checkPairs } from '../test/phone/exploration/equal-successors.js'
import { frenchConfigs } from '../test/phone/exploration/exploration-plan.js'
import { ignoredTable } from '../test/phone/exploration/ignored-table.js'
import { checkIndications } from '../test/phone/exploration/indications.js'
import { checkSettling } from '../test/phone/exploration/settling.js'
import { invariants } from '../test/phone/exploration/violation.js'
import { createLifeCounter, liveOn, liveOnWires } from './explore-parts/lives.js'
import type { LivesWork } from './explore-parts/lives-worker.js'

const usage = `explore [--lives N] [--pairs N] [--wire N] [--ignored]
  --lives N    random lives, default 1000000
  --pairs N    pairs of equal states compared, default 100000
  --wire N     random lives through the box's SIP stack on a lossy network, default 0 (a hundred a second)
  --ignored    write what is ignored into test/phone/exploration/ignored.md, reasons kept`

const { values } = parseArgs({
  options: {
    lives: { type: 'string', default: '1000000' },
    pairs: { type: 'string', default: '100000' },
    wire: { type: 'string', default: '0' },
    ignored: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const tableFile = 'test/phone/exploration/ignored.md'

const begun = performance.now()
const say = (what: string): void =>
  console.log(`${((performance.now() - begun) / 1000).toFixed(1).padStart(5)} s  ${what}`)

const elsewhere = (work: LivesWork): Promise<number> => {
  const worker = new Worker(new URL('./explore-parts/lives-worker.js', import.meta.url), { workerData: work })
  return new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

const main = async (): Promise<void> => {
  const lives = Number(values.lives)
  const counter = createLifeCounter()
  const others = elsewhere({ counter, lives, wire: false })
  const [full, bare] = frenchConfigs
  const closure = explored(full, bare, 'all services')
  explored(bare, full, 'without an account, call waiting and howler')
  checkPairs(closure, Number(values.pairs))
  say(`${values.pairs} pairs of equal abstraction have equal successors`)
  say(`messages and forwards change only dial tone and lamp: ${checkIndications(closure, 7)} steps`)
  writeIgnored(ignoredTable(closure.outcomes, readFileSync(tableFile, 'utf8')))
  const events = liveOn(counter, lives) + (await others)
  say(`${lives} random lives of ${events} events`)
  await onWire(Number(values.wire))
  console.log('held everywhere:')
  for (const invariant of Object.values(invariants)) console.log(`  ${invariant}`)
}

const explored = (config: PhoneConfig, other: PhoneConfig, what: string): Closure => {
  const closure = explore(config, { other })
  say(`${what}: ${closure.places.size} states, ${closure.transitions} transitions`)
  for (const [situation, count] of closure.situations) console.log(`         ${situation}: ${count}`)
  checkSettling(closure)
  checkEmergency(closure)
  say('from every state: silence, a final answer for every caller, an emergency call')
  return closure
}

const onWire = async (lives: number): Promise<void> => {
  if (lives === 0) return
  const counter = createLifeCounter()
  const others = elsewhere({ counter, lives, wire: true })
  const calls = (await liveOnWires(counter, lives)) + (await others)
  say(
    `${lives} random lives on the wire, half of them with 15 % loss: ${calls} calls, no dialog left 64*T1 later`,
  )
}

const writeIgnored = (table: string): void => {
  const before = readFileSync(tableFile, 'utf8')
  if (before.includes(table)) return say(`what is ignored is what ${tableFile} says`)
  if (!values.ignored) throw new Error(`what is ignored is not what ${tableFile} says; see --ignored`)
  const start = before.indexOf('<!-- table -->')
  const end = before.indexOf('<!-- end of table -->')
  writeFileSync(tableFile, `${before.slice(0, start)}<!-- table -->\n${table}\n${before.slice(end)}`)
  say(`wrote ${tableFile}; every "?" in it wants a reason`)
}

if (values.help) console.log(usage)
else
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  })
