// PWM through sysfs: what is written, in which order, and what is said when the kernel refuses.

import fc from 'fast-check'
import t from 'tap'
import { kindOf } from '../../../hal/conformance/hal-kind.js'
import { openPwm, type PwmOptions } from '../../../hal/linux/pwm-sysfs.js'
import { VirtualClock } from '../../../hal/sim/virtual-clock.js'
import { createPwmTree, type PwmTree } from '../../support/pwm-tree.js'

const clock = new VirtualClock()
const opened = (tree: PwmTree, options: Partial<PwmOptions> = {}) =>
  openPwm({ chip: 0, channel: 1, clock, root: tree.root, files: tree.files, ...options })

t.test('50 Hz is exported, shaped, enabled, stopped and given back', async t => {
  const tree = await createPwmTree(t)
  const channel = await opened(tree)
  t.strictSame(tree.written.splice(0), [
    'export 1',
    'pwm1/period 20000000',
    'pwm1/enable 0',
    'pwm1/duty_cycle 0',
    'pwm1/enable 0',
  ])
  t.equal(await tree.pin(1), 'low')
  await channel.start(50)
  t.strictSame(tree.written.splice(0), ['pwm1/period 20000000', 'pwm1/duty_cycle 10000000', 'pwm1/enable 1'])
  t.equal(await tree.pin(1), '50 Hz 50 %')
  await channel.stop()
  t.strictSame(tree.written.splice(0), ['pwm1/duty_cycle 0', 'pwm1/enable 0'])
  t.equal(await tree.pin(1), 'low')
  await channel.start(25)
  await channel.close()
  await channel.close()
  t.strictSame(tree.written.slice(-3), ['pwm1/duty_cycle 0', 'pwm1/enable 0', 'unexport 1'])
  t.equal(await kindOf(() => channel.start(50)), 'closed')
  t.equal(await kindOf(() => channel.stop()), 'closed')
})

t.test('a higher frequency takes the pulse first, a lower one the period', async t => {
  const tree = await createPwmTree(t)
  const channel = await opened(tree)
  await channel.start(20)
  tree.written.splice(0)
  await channel.start(1000)
  t.strictSame(tree.written.splice(0), ['pwm1/duty_cycle 500000', 'pwm1/period 1000000', 'pwm1/enable 1'])
  await channel.start(1)
  t.strictSame(tree.written.splice(0), [
    'pwm1/period 1000000000',
    'pwm1/duty_cycle 500000000',
    'pwm1/enable 1',
  ])
})

t.test(
  'any run of commands, not waited for, is carried out in order and never refused by the kernel',
  async t => {
    const tree = await createPwmTree(t)
    const command = fc.option(fc.integer({ min: 1, max: 1000 }), { nil: 0 })
    await fc.assert(
      fc.asyncProperty(
        fc.array(command, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        async (all, inverted) => {
          const channel = await opened(tree, { inverted })
          await Promise.all(all.map(hz => (hz === 0 ? channel.stop() : channel.start(hz))))
          const last = all.at(-1)
          const pin = await tree.pin(1)
          await channel.close()
          return pin === (last === 0 ? (inverted ? 'high' : 'low') : `${last} Hz 50 %`)
        },
      ),
      { numRuns: 30 },
    )
  },
)

t.test('an inverted channel rests high', async t => {
  const tree = await createPwmTree(t)
  const channel = await opened(tree, { inverted: true })
  t.ok(tree.written.includes('pwm1/polarity inversed'))
  t.equal(await tree.pin(1), 'high')
  await channel.start(50)
  t.equal(await tree.pin(1), '50 Hz 50 %')
  await channel.stop()
  t.equal(await tree.pin(1), 'high')
})

t.test('a channel that a killed process left ringing is silenced, used, and stays exported', async t => {
  const tree = await createPwmTree(t)
  await tree.leave(1, { period: '40000000', duty_cycle: '20000000', enable: '1', polarity: 'inversed' })
  const channel = await opened(tree)
  t.equal(tree.written[0], 'pwm1/enable 0')
  t.equal(await tree.pin(1), 'low')
  await channel.start(50)
  t.equal(await tree.pin(1), '50 Hz 50 %')
  await channel.close()
  t.equal(await tree.pin(1), 'low')
  t.notOk(tree.written.some(text => text.startsWith('unexport')))
})

t.test('the chip is known by number, name and device', async t => {
  const tree = await createPwmTree(t)
  for (const chip of [0, '0', 'pwmchip0', 'fe20c000.pwm']) await (await opened(tree, { chip })).close()
  t.equal(await kindOf(() => opened(tree, { chip: 1 })), 'missing')
  await t.rejects(opened(tree, { chip: 'other' }), /other: there is pwmchip0 \(fe20c000\.pwm\); .*dtoverlay/)
  await t.rejects(opened(tree, { root: `${tree.root}/nothing` }), /there is none/)
  for (const channel of [2, -1, 0.5]) t.equal(await kindOf(() => opened(tree, { channel })), 'missing')
})

t.test('a frequency outside 1 to 1000 Hz is refused', async t => {
  const channel = await opened(await createPwmTree(t))
  for (const hz of [0, 0.9, 1001, -50, Number.NaN])
    t.equal(await kindOf(() => channel.start(hz)), 'invalid', `${hz} Hz`)
})

t.test('what the kernel refuses is told with what to do', async t => {
  const tree = await createPwmTree(t)
  for (const [code, kind, text] of [
    ['EBUSY', 'in-use', /kernel driver/],
    ['EACCES', 'permission', /udev/],
    ['EROFS', 'permission', /read-only.*ProtectKernelTunables=no/],
    ['EIO', 'io', /PWM channel 1 of pwmchip0/],
  ] as const) {
    tree.refuse.set('export', [code])
    await t.rejects(opened(tree), { kind, message: text })
  }
  const channel = await opened(tree)
  tree.refuse.set('pwm1/period', ['EINVAL'])
  await t.rejects(channel.start(50), {
    kind: 'unsupported',
    message: /period 20000000 is refused by the chip/,
  })
  await channel.start(50)
  t.equal(await tree.pin(1), '50 Hz 50 %', 'and the next command is carried out')
})

t.test('the group that udev gives a new channel is waited for, not for ever', async t => {
  const tree = await createPwmTree(t)
  /** Real files and virtual time: both go on until the work is done. */
  const outcome = async (refusals: number): Promise<string> => {
    tree.refuse.set('pwm1/period', Array(refusals).fill('EACCES'))
    let told: string | undefined
    void kindOf(async () => (await opened(tree)).close()).then(kind => {
      told = kind
    })
    for (let n = 0; n < 1000 && told === undefined; n++) {
      await clock.advance(20)
      await new Promise(resolve => setTimeout(resolve, 1))
    }
    return told ?? 'nothing'
  }
  t.equal(await outcome(3), 'no error')
  t.equal(await outcome(1000), 'permission')
  t.equal(tree.written.at(-1), 'unexport 1')
})

t.test('plain files are written as they are', async t => {
  const tree = await createPwmTree(t)
  await tree.leave(0, { period: '20000000' })
  const channel = await openPwm({ chip: 'fe20c000.pwm', channel: 0, clock, root: tree.root })
  await channel.start(50)
  t.equal((await tree.value(0, 'duty_cycle')).slice(0, 8), '10000000')
  t.equal((await tree.value(0, 'enable')).slice(0, 1), '1')
  await channel.close()
  t.equal((await tree.value(0, 'enable')).slice(0, 1), '0')
})
