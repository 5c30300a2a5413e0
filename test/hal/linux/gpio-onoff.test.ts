// GPIO through onoff on a /sys/class/gpio of the test's own (the suite of the contract: test/hal/rigs.ts), and what is said
// where there is none.

import { existsSync } from 'node:fs'
import t from 'tap'
import { kindOf } from '../../../hal/conformance/hal-kind.js'
import { LinuxClock } from '../../../hal/linux/clock.js'
import { openOnoffChip } from '../../../hal/linux/gpio-onoff.js'
import { onoffScenarios } from '../../support/gpio-rigs.js'
import { noFakeSysfsReason } from '../../support/gpio-sysfs-fake.js'

const reason = noFakeSysfsReason()

t.test('on a file system that behaves as the kernel does', { skip: reason ?? false }, async t => {
  const [command, words] = await onoffScenarios(t, 'kernel')
  await t.spawn(command, words, {}, 'onoff')
})

const noSysfs = existsSync('/sys/class/gpio') && 'this kernel has sysfs GPIO'
t.test('a kernel without sysfs GPIO is told, and the way out', { skip: noSysfs }, async t => {
  const opening = openOnoffChip('slic', { clock: new LinuxClock() })
  t.equal(await kindOf(() => opening), 'unsupported')
  await t.rejects(opening, /gpio-cdev/)
})
