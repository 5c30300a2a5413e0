// The slice of the virtual machine's lab that runs with every test (the whole of it: ./scripts/hil). One machine for all.

import t from 'tap'
import { noVmReason, startVm, type Vm } from './vm.js'

t.setTimeout(280_000)

const reason = noVmReason()
t.test('a Debian kernel in QEMU', { skip: reason ?? false }, async t => {
  const vm: Vm = await startVm()
  t.teardown(() => vm.stop())
  t.comment(`the machine answered after ${vm.startedAfter.toFixed(1)} s`)

  await t.test('has pins, a sound card and serial ports', async t => {
    const hello = vm.node('dist/test/hil/hello.js')
    t.equal(await hello.exit(), 0, hello.output())
    t.match(JSON.parse(hello.output()), {
      node: process.version,
      gpio: /^gpiochip\d+$/,
      levels: [true, false, true],
      sound: /Loopback/,
      serial: ['ttyS1', 'ttyS2'],
    })
  })
  t.comment(`processor time of the machine: ${vm.processorTime().toFixed(1)} s`)
})
