// The kernel's real GPIO, by both ways to it: a program for the virtual machine, where gpio-sim is the chip.
//
//   node gpio-in-guest.js --chip slic --lines 8 --inputs 0,1 --output 2 --pull …/sim_gpio{}/pull --value …/sim_gpio{}/value
//     the suite of the contract for onoff and for the character device, as TAP
//   … --stress [--repeat 6]
//     flashes and rotary digits while the event loop is blocked (gpio-stress.ts): one JSON object

import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { GpioUnderTest } from '../../../hal/conformance/gpio-rig.js'
import type { GpioChip } from '../../../hal/gpio.js'
import { LinuxClock } from '../../../hal/linux/clock.js'
import { cdevQueue, openCdevChip } from '../../../hal/linux/gpio-cdev.js'
import { openOnoffChip } from '../../../hal/linux/gpio-onoff.js'

const { values } = parseArgs({
  options: {
    chip: { type: 'string', default: 'slic' },
    lines: { type: 'string', default: '8' },
    inputs: { type: 'string', default: '0,1' },
    output: { type: 'string', default: '2' },
    pull: { type: 'string', default: '/sys/devices/platform/gpio-sim.0/gpiochip0/sim_gpio{}/pull' },
    value: { type: 'string', default: '/sys/devices/platform/gpio-sim.0/gpiochip0/sim_gpio{}/value' },
    stress: { type: 'boolean', default: false },
    repeat: { type: 'string', default: '6' },
  },
})

const clock = new LinuxClock()
const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
const file = (template: string, offset: number) => template.replace('{}', String(offset))
const [first = 0, second = 1] = values.inputs.split(',').map(Number)

const backEnds: Record<string, (chip: string) => Promise<GpioChip>> = {
  onoff: chip => openOnoffChip(chip, { clock }),
  cdev: chip => openCdevChip(chip, { clock }),
}

const pulled = new Map<number, boolean>()
const drive = (offset: number, high: boolean): void => {
  pulled.set(offset, high)
  writeFileSync(file(values.pull, offset), high ? 'pull-up' : 'pull-down')
}

const rig = (open: (chip: string) => Promise<GpioChip>): GpioUnderTest => ({
  open,
  label: values.chip,
  lines: Number(values.lines),
  inputs: [first, second],
  output: Number(values.output),
  drive,
  level: offset => readFileSync(file(values.value, offset), 'latin1').startsWith('1'),
  burst: (offset, count) => {
    for (let n = 0; n < count; n++) drive(offset, pulled.get(offset) !== true)
  },
  queue: cdevQueue,
  now: () => clock.now(),
  wait: sleep,
  until: async holds => {
    for (let n = 0; n < 500 && !holds(); n++) await sleep(10)
    return holds()
  },
})

if (values.stress) {
  const { stressReport } = await import('./gpio-stress.js')
  const report = await stressReport(backEnds, {
    chip: values.chip,
    offset: first,
    pull: file(values.pull, first),
    repeat: Number(values.repeat),
  })
  console.log(JSON.stringify(report))
} else {
  const { default: t } = await import('tap')
  const { gpioConformance } = await import('../../../hal/conformance/gpio.js')
  t.setTimeout(240_000)
  for (const [name, open] of Object.entries(backEnds))
    t.test(`GpioChip: ${name}`, async t => gpioConformance(t, rig(open)))
}
