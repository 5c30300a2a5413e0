// Runs in a mount namespace of its own (gpio-onoff.test.ts, the table of rigs). Arguments: the compiled fake of
// /sys/class/gpio; "contract" for the suite of the contract, "kernel" for what else is to be seen there.

import { readFileSync, writeFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import t from 'tap'
import { gpioConformance } from '../../../hal/conformance/gpio.js'
import type { GpioUnderTest } from '../../../hal/conformance/gpio-rig.js'
import { kindOf } from '../../../hal/conformance/hal-kind.js'
import { LinuxClock } from '../../../hal/linux/clock.js'
import { openOnoffChip } from '../../../hal/linux/gpio-onoff.js'
import { fakeSysfs, mountFakeSysfs } from '../../support/gpio-sysfs-fake.js'

const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
const fuse = await mountFakeSysfs(process.argv[2] ?? '')
t.teardown(() => fuse.stop())

const { label, base, lines } = fakeSysfs
const far = (what: string, offset: number) => `${fakeSysfs.far}/${what}${offset}`
const exported = (offset: number) => `/sys/class/gpio/gpio${base + offset}`
const clock = new LinuxClock()
const open = (label: string) => openOnoffChip(label, { clock })

const rig: GpioUnderTest = {
  open,
  label,
  lines,
  inputs: [0, 1],
  output: 2,
  drive: (offset, high) => writeFile(far('pull', offset), high ? '1' : '0'),
  level: async offset => (await readFile(far('level', offset), 'latin1')).startsWith('1'),
  driven: async offset =>
    [...(await readFile(far('driven', offset), 'latin1')).trim()].map(level => level === '1'),
  burst: (offset, count) => {
    let high = readFileSync(far('pull', offset), 'latin1').startsWith('1')
    for (let n = 0; n < count; n++) {
      high = !high
      writeFileSync(far('pull', offset), high ? '1' : '0')
    }
  },
  queue: 8,
  now: () => clock.now(),
  wait: sleep,
  until: async holds => {
    for (let n = 0; n < 300 && !holds(); n++) await sleep(10)
    return holds()
  },
}

if (process.argv[3] === 'contract') t.test('onoff', async t => gpioConformance(t, rig))
else kernelScenarios()

function kernelScenarios(): void {
  t.test('the chip is known by its sysfs name too, and those that are there are told', async t => {
    const chip = await open(`gpiochip${base}`)
    await chip.close()
    await t.rejects(open('other'), new RegExp(`${label} \\(gpiochip${base}\\)`))
  })

  t.test('closing gives the line back to the kernel', async t => {
    const chip = await open(label)
    await chip.openInput(0, {}, () => {})
    t.doesNotThrow(() => readFileSync(`${exported(0)}/value`))
    await chip.close()
    t.throws(() => readFileSync(`${exported(0)}/value`), { code: 'ENOENT' })
  })

  t.test('what the kernel refuses is told with what to do', async t => {
    const refusals: [number, string, RegExp][] = [
      [16, 'in-use', /gpioinfo/],
      [13, 'permission', /group/],
      [1, 'permission', /group/],
      [5, 'unsupported', /line 3 of GPIO chip slic/],
      [12, 'io', /line 3 of GPIO chip slic/],
    ]
    const chip = await open(label)
    t.teardown(() => chip.close())
    for (const [errno, kind, text] of refusals) {
      await writeFile(far('refuse', 3), String(errno))
      const works: (() => Promise<unknown>)[] = [
        () => chip.openInput(3, {}, () => {}),
        () => chip.openOutput(3, { initial: false }),
      ]
      for (const work of works) {
        t.equal(await kindOf(work), kind, `error ${errno}`)
        await t.rejects(work(), text)
      }
    }
    await writeFile(far('refuse', 3), '0')
    await chip.openInput(3, {}, () => {})
  })

  t.test('a pin that cannot interrupt is refused as an input and left as it was', async t => {
    await writeFile(far('deaf', 4), '1')
    const chip = await open(label)
    t.teardown(() => chip.close())
    t.equal(await kindOf(() => chip.openInput(4, {}, () => {})), 'unsupported')
    t.throws(() => readFileSync(`${exported(4)}/value`), { code: 'ENOENT' })
    await chip.openOutput(4, { initial: true })
    t.equal(await rig.level(4), true)
  })

  t.test('a chip that is taken away ends in "lost", not in a fault', async t => {
    const chip = await open(label)
    t.teardown(() => chip.close())
    const input = await chip.openInput(7, {}, () => t.fail('an edge'))
    await writeFile(far('gone', 7), '1')
    await sleep(50)
    t.equal(await kindOf(() => input.read()), 'lost')
    const switches = () => process.resourceUsage().voluntaryContextSwitches
    const before = switches()
    await sleep(200)
    const woken = switches() - before
    t.ok(woken < 100, `woken for it again and again: ${woken} times`)
    input.close()
    await writeFile(far('gone', 7), '0')
    const edges: boolean[] = []
    await chip.openInput(7, {}, ({ high }) => edges.push(high))
    await rig.drive(7, true)
    t.ok(await rig.until(() => edges.length === 1), 'it works again when it is back')
  })

  t.test('lines that a killed process left behind are taken over, with no other level between', async t => {
    const leave = async (offset: number, files: Record<string, string>) => {
      await writeFile('/sys/class/gpio/export', String(base + offset))
      for (const [file, text] of Object.entries(files)) await writeFile(`${exported(offset)}/${file}`, text)
    }
    await leave(5, { active_low: '1', direction: 'high' })
    await leave(6, { edge: 'both' })
    const chip = await open(label)
    t.teardown(() => chip.close())
    const edges: boolean[] = []
    const output = await chip.openOutput(5, { initial: true })
    t.strictSame(await rig.driven?.(5), [true, true])
    output.write(false)
    t.equal(await rig.level(5), false)
    const second = await chip.openOutput(6, { initial: false })
    second.close()
    await chip.openInput(6, {}, ({ high }) => edges.push(high))
    await rig.drive(6, true)
    t.ok(await rig.until(() => edges.length === 1))
  })
}
