// GPIO through onoff: the suite of the contract on a /sys/class/gpio of the test's own, and what is said where there is none.

import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { LinuxClock } from '../../../hal/linux/clock.js'
import { openOnoffChip } from '../../../hal/linux/gpio-onoff.js'
import { compileFakeSysfs, noFakeSysfsReason } from '../../support/gpio-sysfs-fake.js'
import { kindOf } from '../../support/hal-kind.js'

const reason = noFakeSysfsReason()

t.test('on a file system that behaves as the kernel does', { skip: reason ?? false }, async t => {
  const folder = await mkdtemp(join(tmpdir(), 'voiceport-gpio-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const program = compileFakeSysfs(folder)
  const scenarios = fileURLToPath(new URL('./gpio-onoff.scenarios.js', import.meta.url))
  await t.spawn('unshare', ['--mount', process.execPath, scenarios, program], {}, 'onoff')
})

const noSysfs = existsSync('/sys/class/gpio') && 'this kernel has sysfs GPIO'
t.test('a kernel without sysfs GPIO is told, and the way out', { skip: noSysfs }, async t => {
  const opening = openOnoffChip('slic', { clock: new LinuxClock() })
  t.equal(await kindOf(() => opening), 'unsupported')
  await t.rejects(opening, /gpio-cdev/)
})
