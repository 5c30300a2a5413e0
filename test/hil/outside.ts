// Calls from outside the virtual machine, in a network namespace of its own (support/netns.ts): a second machine on a tap
// interface with the box and its telephone, on this side the bench on its serial port, the operator and two people on the
// network. Arguments: names of scenarios. Prints one JSON object a scenario, by which call-checks.ts judges.

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { daemonToml } from '../support/daemon.js'
import { domain, openHouseOperator, openHouseTarget, own, playHere, warmUp } from './call-house.js'
import { longestMs, withAgent } from './check.js'
import { startVm } from './vm.js'

const names = process.argv.slice(2)
const tap = 'voiceport0'
const box = '10.77.0.2'
const operatorAt = { address: '10.77.0.1', port: 5060 }
const farAddresses = ['10.77.0.11', '10.77.0.12'] as const
/** Two clocks and an emulated processor. */
const scale = 8

const vm = await startVm({
  network: { tap, host: `${operatorAt.address}/24`, guest: `${box}/24` },
})
try {
  for (const address of farAddresses) {
    const { status, stderr } = spawnSync('ip', ['addr', 'add', `${address}/24`, 'dev', tap])
    if (status !== 0) throw new Error(`${tap}: ${stderr}`)
  }
  const operator = await openHouseOperator(operatorAt)
  const agent: string[] = []
  const play = async (): Promise<void> => {
    const config = join(vm.folder, 'voiceport.toml')
    writeFileSync(
      config,
      daemonToml(
        {
          address: box,
          lines: [own],
          domain,
          proxy: `${operatorAt.address}:${operatorAt.port}`,
        },
        { board: 'hil-vm', store: '/tmp/voiceport.db', trace: '/tmp/trace.jsonl' },
      ),
    )
    const daemon = vm.node('dist/board/main.js', ['run', '--config', config])
    await daemon.waitFor(/"state":"registered"/, longestMs)
    const target = await openHouseTarget({
      bench: vm.bench,
      operator: operatorAt,
      farAddresses,
      folder: vm.folder,
      scale,
      ownPace: true,
    })
    await warmUp(target)
    const report = await playHere(target, names)
    if (report.failed > 0) console.error(daemon.output().slice(-6000))
    await target.close()
    await daemon.stop()
  }
  await withAgent(vm, play, agent)
  for (const figure of agent) console.log(figure)
  await operator.close()
} finally {
  await vm.stop()
}
process.exit()
