// The slice of the virtual machine's lab that runs with every test (the whole of it: ./scripts/hil). One machine for all.

import t from 'tap'
import { checks } from './checks.js'
import { noVmReason, startVm } from './vm.js'

t.setTimeout(280_000)

const reason = noVmReason()
t.test('a Debian kernel in QEMU', { skip: reason ?? false }, async t => {
  const vm = await startVm()
  t.teardown(() => vm.stop())
  t.comment(`the machine answered after ${vm.startedAfter.toFixed(1)} s`)
  for (const { name, run, everyTime } of checks)
    if (everyTime)
      await t.test(name, async t => {
        const before = vm.processorTime()
        for (const figure of await run(vm)) t.comment(figure)
        t.pass(`processor time of the machine: ${(vm.processorTime() - before).toFixed(1)} s`)
      })
})
