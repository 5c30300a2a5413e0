// What is tried in the virtual machine, one after the other on one machine. A check rejects when something is not as it should
// be, and resolves with the figures it took.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BenchClient, type BenchEvent } from '../bench/bench-client.js'
import type { Program } from '../support/child.js'
import type { Vm } from './vm.js'

export interface Check {
  readonly name: string
  /** Also with every run of the tests, not only with ./scripts/hil. */
  readonly everyTime: boolean
  run(vm: Vm): Promise<readonly string[]>
}

const longestMs = 240_000

/** What it wrote, when it ends well. */
export const outputOf = async (program: Program, withinMs = longestMs): Promise<string> => {
  let late = false
  const limit = setTimeout(() => {
    late = true
    void program.stop()
  }, withinMs)
  const code = await program.exit()
  clearTimeout(limit)
  assert.equal(late, false, `it took longer than ${withinMs} ms and wrote:\n${program.output().slice(-4000)}`)
  assert.equal(code, 0, `it ended with ${code} and wrote:\n${program.output().slice(-4000)}`)
  return program.output()
}

const devices: Check = {
  name: 'the machine has pins, a sound card and serial ports',
  everyTime: true,
  run: async vm => {
    const found = JSON.parse(await outputOf(vm.node('dist/test/hil/hello.js')))
    assert.equal(found.node, process.version)
    assert.match(found.gpio, /^gpiochip\d+$/)
    assert.deepEqual(found.levels, [true, false, true])
    assert.match(found.sound, /Loopback/)
    assert.deepEqual(found.serial, ['ttyS1', 'ttyS2'])
    return [`kernel ${found.kernel}`]
  },
}

const onBank = (vm: Vm, ...args: readonly string[]): Program =>
  vm.node('dist/test/hil/guest/with-bank.js', ['8', `${vm.dist}/test/hal/linux/gpio-in-guest.js`, ...args])

const gpioContract: Check = {
  name: 'onoff and the GPIO character device keep the contract of pins',
  everyTime: false,
  run: async vm => {
    const output = await outputOf(onBank(vm))
    const passed = output.match(/^ {8}ok /gm)?.length ?? 0
    assert.ok(passed > 10, output)
    return [`${passed} rules held`]
  },
}

const soundContract: Check = {
  name: "arecord and aplay, and libasound itself, keep the contract of a telephone's audio, and come back from every xrun",
  everyTime: false,
  run: async vm => {
    const near = 'hw:Loopback,0,0'
    const far = 'hw:Loopback,1,0'
    const output = await outputOf(vm.node('dist/test/hal/linux/alsa-in-guest.js', [near, far]), 900_000)
    return output.match(/(?<=^ *# )(children|koffi), .*$/gm) ?? []
  },
}

interface StressRow {
  readonly backEnd: string
  readonly wave: string
  readonly blockedMs: number
  readonly right: number
  readonly wrong: number
  readonly worstMs: number | null
}

const hookStress = (repeat: number, everyTime: boolean): Check => ({
  name: `a flash of 120 ms and a rotary 5 are what they were, however late the event loop is (${repeat} of each)`,
  everyTime,
  run: async vm => {
    const output = await outputOf(onBank(vm, '--stress', '--repeat', String(repeat)))
    const { rows } = JSON.parse(output.trim().split('\n').at(-1) as string) as { rows: StressRow[] }
    const told = rows.map(
      ({ backEnd, wave, blockedMs, right, wrong, worstMs }) =>
        `${backEnd}, ${wave}, blocked ${blockedMs} ms: ${right} of ${right + wrong}` +
        (worstMs === null ? ', edges lost' : `, off by ${worstMs} ms at most`),
    )
    const kernel = rows.filter(({ backEnd }) => backEnd === 'cdev')
    assert.ok(kernel.length >= 6, output)
    assert.deepEqual(
      kernel.filter(({ right, wrong }) => wrong > 0 || right < repeat),
      [],
      told.join('\n'),
    )
    return told
  },
})

/** Scenarios of the bench that are played on a real one. */
export const realTimeScenarios = [
  'pick-up-dial-tone',
  'dial-dtmf',
  'talk-both-ways',
  'r-second-call',
  'r2-takes-the-waiting-call',
  'r3-conference',
  'ring-and-answer',
  'clip',
  'echo-call',
] as const

const benchSocket = '/tmp/bench.sock'

/** A line without an account: what is heard comes from the box alone. */
const aloneToml = (folder: string): string => `board = "hil-vm"
profile = "fr"
[[line]]
id = "tel1"
[sip]
listen = "127.0.0.5:5060"
[media]
listen = "127.0.0.5"
ports = [16384, 16483]
[store]
path = "${folder}/voiceport.db"
`

const withAgent = async <T>(vm: Vm, act: () => Promise<T>): Promise<T> => {
  const agent = vm.node('dist/test/hil/agent.js', ['/dev/ttyS2', benchSocket])
  try {
    await agent.waitFor(/agent ready/, longestMs)
    return await act()
  } finally {
    await agent.stop()
  }
}

const telephone: Check = {
  name: 'voiceport run on the board hil-vm: lifted and hung up, the pins tell the box, the lamp shows it, a tone is heard',
  everyTime: false,
  run: vm =>
    withAgent(vm, async () => {
      const config = join(vm.folder, 'voiceport.toml')
      writeFileSync(config, aloneToml('/tmp'))
      const daemon = vm.node('dist/board/main.js', ['run', '--config', config])
      await daemon.waitFor(/^voiceport ready$/m, longestMs)
      const bench = await BenchClient.connect(vm.bench)
      const seen = (wanted: (event: BenchEvent) => boolean) => bench.waitFor(wanted, longestMs)
      try {
        await bench.do({ do: 'offhook' })
        await seen(({ ev, state }) => ev === 'loop' && state === 'closed')
        await daemon.waitFor(/"situation":"dial-tone"/, longestMs)
        await seen(({ ev, led, pattern }) => ev === 'led' && led === 'line' && pattern === 'fast')
        // Nobody has registered: the cadence of congestion. What a late host cuts out of it gives it other names.
        const tone = await seen(({ ev, hz }) => ev === 'tone' && String(hz) === '440')
        await bench.do({ do: 'onhook' })
        await seen(({ ev, state }) => ev === 'loop' && state === 'open')
        await daemon.waitFor(/"situation":"idle"/, longestMs)
        await daemon.stop()
        assert.equal(await daemon.exit(), 0, 'the daemon ends in order')
        const { name, onMs, offMs } = tone
        return [`the ear called the tone ${name}, ${onMs} ms on and ${offMs} ms off`]
      } catch (error) {
        throw new Error(`${(error as Error).message}\n${daemon.output().slice(-3000)}`)
      } finally {
        await bench.close()
        await daemon.stop()
      }
    }),
}

export const checks: readonly Check[] = [
  devices,
  gpioContract,
  soundContract,
  hookStress(3, true),
  telephone,
  hookStress(20, false),
]
