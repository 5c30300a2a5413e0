// Plays scenarios of the bench in the virtual machine: the daemon on the board hil-vm with its real drivers, the operator and
// two people elsewhere beside it, so that all of it, sound too, is on one clock. The telephone is the agent's.
// Arguments: the agent's socket, the scale of limits, names of scenarios. Prints one JSON object a scenario, by
// which call-checks.ts judges.

import { readFileSync } from 'node:fs'
import { startDaemon } from '../../support/daemon.js'
import { domain, openHouseOperator, openHouseTarget, own, playHere, warmUp } from '../call-house.js'

const [socket, scale, ...names] = process.argv.slice(2) as [string, string, ...string[]]
const endpoint = { address: '127.0.0.1', port: 5060 }
/** A slow machine that has just begun, ms of its own clock. */
const startMs = 60_000

/** A box has its processor to itself: what is around it takes what is left. The agent goes before it. */
const beforeOthers = ['nice', '-n', '-10']

const operator = await openHouseOperator(endpoint)
const box = await startDaemon({
  address: '127.0.0.5',
  lines: [own],
  domain,
  proxy: `${endpoint.address}:${endpoint.port}`,
  board: {
    toml: readFileSync(new URL('../../../../board/boards/hil-vm.toml', import.meta.url), 'utf8'),
    bench: `unix:${socket}`,
  },
  startMs,
  within: beforeOthers,
})
await box.child.waitFor(/"state":"registered"/, startMs)
const target = await openHouseTarget({
  bench: `unix:${socket}`,
  operator: endpoint,
  farAddresses: ['127.0.0.11', '127.0.0.12'],
  folder: box.folder,
  scale: Number(scale),
})
await warmUp(target)
const report = await playHere(target, names)
if (report.failed > 0) console.error(box.child.output().slice(-6000))
await target.close()
await box.stop()
await operator.close()
process.exit()
