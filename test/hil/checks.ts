// What is tried in the virtual machine, one after the other on one machine. A check rejects when something is not as it should
// be, and resolves with the figures it took.

import assert from 'node:assert/strict'
import { setTimeout } from 'node:timers/promises'
import type { Program } from '../support/child.js'
import { calls, callsFromOutside } from './call-checks.js'
import { type Check, onOwnClock, outputOf } from './check.js'
import { telephone } from './telephone-check.js'
import type { Vm } from './vm.js'

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

/** The host stands still so long and so often, while a program in the guest sleeps, ms. */
const stallMs = 80
const stalls = 5
const lookedForMs = 4000

interface Lateness {
  readonly longestMs: number
  readonly usualMs: number
}

/** How late the guest wakes by its own clock while the host stands still again and again. */
const latenessIn = async (vm: Vm): Promise<Lateness> => {
  const looking = vm.node('dist/test/hil/guest/lateness.js', [String(lookedForMs)])
  const output = outputOf(looking)
  for (let n = 0; n < stalls; n++) {
    await setTimeout(lookedForMs / stalls)
    await vm.stall(stallMs)
  }
  return JSON.parse(await output) as Lateness
}

const standstill: Check = {
  name: `a host that stands still for ${stallMs} ms makes a guest late that sleeps, and none that never does`,
  everyTime: false,
  run: async vm => {
    const asleep = await latenessIn(vm)
    const awake = await onOwnClock(vm, () => latenessIn(vm))
    const told = ({ longestMs, usualMs }: Lateness) => `${longestMs} ms late at most, ${usualMs} as a rule`
    assert.ok(asleep.longestMs >= stallMs - 20, `a guest that sleeps: ${told(asleep)}`)
    assert.ok(awake.longestMs < stallMs / 2, `one that never sleeps: ${told(awake)}`)
    return [`a guest that sleeps: ${told(asleep)}`, `one that never sleeps: ${told(awake)}`]
  },
}

export const checks: readonly Check[] = [
  devices,
  gpioContract,
  soundContract,
  standstill,
  hookStress(3, true),
  telephone,
  hookStress(20, false),
  calls,
  callsFromOutside,
]
