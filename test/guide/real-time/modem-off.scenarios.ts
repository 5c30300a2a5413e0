// See modem-off.test.ts. The box lives in a namespace of its own; a pair of virtual Ethernet ports is its cable.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { headerOf } from '../../../firmware/sip/wire/message.js'
import { createWire } from '../../../firmware/sip/wire/transactions.js'
import { LinuxClock } from '../../../hal/linux/clock.js'
import { LinuxEntropy } from '../../../hal/linux/entropy.js'
import { LinuxNetwork } from '../../../hal/linux/network.js'
import { clips } from '../../operator/clips.js'
import type { ClipName } from '../../operator/spoken.js'
import { spokenPairs } from '../../operator/spoken.js'
import { startChild } from '../../support/child.js'
import { type RunningDaemon, startDaemon } from '../../support/daemon.js'
import { createPhone, type Phone } from '../../support/sip-phone.js'
import { isHeard } from '../../support/spoken-words.js'
import { readWav } from '../../support/wav-file.js'

t.setTimeout(180_000)

const domain = 'operator.test'
const network = { operator: '10.77.0.1', box: '10.77.0.2', caller: '10.77.0.11', friend: '10.77.0.12' }
const numbers = { box: '0389000001', caller: '0389000002', friend: '0389000003' }
const folder = mkdtempSync(join(tmpdir(), 'voiceport-off-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

const ip = (...args: readonly string[]): void => void execFileSync('ip', args)

/** A namespace with nothing in it but the far end of the cable. */
const house = startChild('unshare', ['--net', 'sleep', '1000'])
t.teardown(() => house.stop())
const inHouse = ['nsenter', `--net=/proc/${house.process.pid}/ns/net`]
const layCable = async (): Promise<void> => {
  await setTimeout(300)
  ip('link', 'add', 'cable0', 'type', 'veth', 'peer', 'name', 'cable1', 'netns', String(house.process.pid))
  for (const address of [network.operator, network.caller, network.friend])
    ip('address', 'add', `${address}/24`, 'dev', 'cable0')
  ip('link', 'set', 'cable0', 'up')
  const [command, ...words] = inHouse as [string, string]
  for (const line of [`address add ${network.box}/24 dev cable1`, 'link set cable1 up', 'link set lo up'])
    execFileSync(command, [...words, 'ip', ...line.split(' ')])
}

const dependencies = { network: new LinuxNetwork(), clock: new LinuxClock(), entropy: new LinuxEntropy() }
const person = async (who: 'caller' | 'friend'): Promise<Phone> => {
  const wire = await createWire({ listen: { address: network[who], port: 5060 } }, dependencies)
  t.teardown(() => wire.close())
  const user = numbers[who]
  const operator = { address: network.operator, port: 5060 }
  return createPhone({ wire, operator, domain, user, password: `secret-${user}` })
}

await layCable()
const operator = startChild(process.execPath, [
  fileURLToPath(new URL('../../operator/main.js', import.meta.url)),
  ...['--sip', `${network.operator}:5060`, '--data', folder, '--domain', domain],
  ...Object.values(numbers).flatMap(user => ['--subscriber', `${user}:secret-${user}`]),
])
t.teardown(() => operator.stop())
await operator.waitFor(/^operator ready$/m)
const [caller, friend] = [await person('caller'), await person('friend')]
await friend.register(3600)

const startBox = async (): Promise<RunningDaemon> => {
  const daemon = await startDaemon({
    address: network.box,
    lines: [{ id: 'tel1', user: numbers.box, password: `secret-${numbers.box}` }],
    domain,
    proxy: `${network.operator}:5060`,
    store: join(folder, 'box.db'),
    within: inHouse,
  })
  await daemon.child.waitFor(/"state":"registered"/, 15_000)
  return daemon
}
let box = await startBox()
t.teardown(() => box.stop())

/** Dials a code and hangs up for good; what was said meanwhile. */
const dials = async (keys: string, listenMs: number): Promise<Int16Array> => {
  const tone = (name: string, withinMs: number) =>
    box.bench.waitFor(({ ev, name: heard }) => ev === 'tone' && heard === name, withinMs, box.bench.mark())
  const dial = tone('dial', 5000)
  await box.bench.do({ do: 'offhook' })
  await dial
  const wav = join(folder, 'heard.wav')
  const again = tone('dial', 30_000)
  await box.bench.do({ do: 'dtmf', digits: keys })
  await box.bench.do({ do: 'record', wav, ms: listenMs })
  await again
  await box.bench.do({ do: 'onhook' })
  // A loop lifted again sooner was never hung up: 600 ms of it make an on-hook.
  await setTimeout(1000)
  return readWav(wav).samples
}

/** Dials a code and listens; once more where a starved machine lost frames of what was said. */
const dialsAndHears = async (t: Test, keys: string, words: readonly ClipName[]): Promise<void> => {
  const listenMs = Math.round(clips(words).reduce((sum, { length }) => sum + length / 8, 0)) + 2500
  const heard = isHeard(await dials(keys, listenMs), words) || isHeard(await dials(keys, listenMs), words)
  t.ok(heard, `${keys}: ${words.join(' ')}`)
}

/** The caller calls the box's number; how long until the friend is asked instead, ms, and why. */
const reachesFriend = async (
  t: Test,
): Promise<{ readonly took: number; readonly why: string | undefined }> => {
  const asked = friend.answering(180, 200)
  const from = performance.now()
  const call = caller.call(numbers.box, '')
  while (call.answer === undefined && performance.now() - from < 40_000) await setTimeout(5)
  const took = performance.now() - from
  t.ok(call.answer !== undefined, 'the friend answers')
  const diversion = headerOf(asked[0]!.request, 'Diversion')
  await call.inside('BYE')
  return { took, why: /reason=([a-z-]+)/.exec(diversion ?? '')?.[1] }
}

const ways: readonly (readonly [string, { off(): Promise<void>; on(): Promise<void> }])[] = [
  [
    'killed',
    {
      off: async () => {
        box.child.process.kill('SIGKILL')
        await box.child.exit()
      },
      on: async () => {
        box = await startBox()
      },
    },
  ],
  [
    'stopped in order',
    {
      off: async () => void (await box.stop()),
      on: async () => {
        box = await startBox()
      },
    },
  ],
  [
    'pulled out of the wall',
    {
      // The operator's own addresses stay: only the far end of the cable goes.
      off: async () => void execFileSync(inHouse[0]!, [inHouse[1]!, 'ip', 'link', 'set', 'cable1', 'down']),
      on: async () => void execFileSync(inHouse[0]!, [inHouse[1]!, 'ip', 'link', 'set', 'cable1', 'up']),
    },
  ],
]

t.test('*21* dialled once forwards every call at once, with the modem …', async t => {
  await dialsAndHears(t, `*21*${numbers.friend}`, ['calls-forwarded-to', ...spokenPairs(numbers.friend)])
  for (const [how, { off, on }] of ways) {
    await off()
    const { took, why } = await reachesFriend(t)
    t.equal(why, 'unconditional', `${how}: forwarded`)
    t.ok(took < 2000, `${how}: ${took.toFixed(0)} ms`)
    await on()
  }
  await dialsAndHears(t, '#21#', ['calls-not-forwarded'])
})

t.test('*23* dialled once forwards as soon as nobody is there, with the modem …', async t => {
  await dialsAndHears(t, `*23*${numbers.friend}`, ['no-reply-forwarded-to', ...spokenPairs(numbers.friend)])
  for (const [how, { off, on }] of ways) {
    await off()
    const { took, why } = await reachesFriend(t)
    t.equal(why, 'unavailable', `${how}: forwarded`)
    t.ok(took < 8000, `${how}: ${took.toFixed(0)} ms`)
    await on()
  }
  await dialsAndHears(t, '#23#', ['no-reply-not-forwarded'])
})

t.test('and when it is back, it rings at home', async t => {
  const rings = box.bench.waitFor(({ ev, on }) => ev === 'ring' && on === true, 10_000, box.bench.mark())
  const call = caller.call(numbers.box, '')
  t.ok(await rings)
  call.cancel()
})
