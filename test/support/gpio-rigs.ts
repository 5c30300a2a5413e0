// The kernel's two ways to its pins under the suite of their contract, on a machine that has no pins: the character device
// on a model of its system calls, onoff on a file system of its own in a mount namespace.

import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import type { GpioUnderTest } from '../../hal/conformance/gpio-rig.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import { cdevQueue, openCdevChip } from '../../hal/linux/gpio-cdev.js'
import { GpioKernelModel } from './gpio-kernel-model.js'
import { compileFakeSysfs } from './gpio-sysfs-fake.js'
import { createTapReader } from './tap-rules.js'

const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

export const modelledCdevRig = (): GpioUnderTest => {
  const clock = new LinuxClock()
  const kernel = new GpioKernelModel({ label: 'slic', lines: 8, now: () => clock.now() })
  return {
    open: label => openCdevChip(label, { clock, kernel }),
    label: 'slic',
    lines: 8,
    inputs: [0, 1],
    output: 2,
    drive: (offset, high) => kernel.drive(offset, high),
    level: offset => kernel.level(offset),
    driven: offset => kernel.driven[offset] ?? [],
    burst: (offset, count) => {
      for (let n = 0; n < count; n++) kernel.drive(offset, !kernel.level(offset))
    },
    queue: cdevQueue,
    now: () => clock.now(),
    wait: sleep,
    until: async holds => {
      for (let n = 0; n < 300 && !holds(); n++) await sleep(5)
      return holds()
    },
  }
}

/** The command that runs test/hal/linux/gpio-onoff.scenarios.ts, and what must be done once it has ended. */
export const onoffScenarios = async (t: Test, part: 'contract' | 'kernel'): Promise<[string, string[]]> => {
  const folder = await mkdtemp(join(tmpdir(), 'voiceport-gpio-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const scenarios = fileURLToPath(new URL('../hal/linux/gpio-onoff.scenarios.js', import.meta.url))
  return ['unshare', ['--mount', process.execPath, scenarios, compileFakeSysfs(folder), part]]
}

/** The suite runs in another process; its rules are told here one by one, as if it ran in this one. */
export const onoffRules = async (t: Test): Promise<void> => {
  const [command, words] = await onoffScenarios(t, 'contract')
  const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<number | null>(resolve => child.once('close', resolve))
  const read = createTapReader()
  for await (const line of createInterface({ input: child.stdout })) {
    const reading = read(line)
    if (reading?.kind === 'rule') t.ok(reading.ok, reading.rule, { why: reading.why })
    else if (reading) t.fail(`${reading.kind}: ${reading.rig}`)
  }
  t.equal(await ended, 0, 'the process of the suite ended well')
}
