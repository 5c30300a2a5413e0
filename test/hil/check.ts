// What a check of the virtual machine's lab is, and what several of them do: take a program's output, take the host out of the
// guest's clock, put the telephone on the pins.

import assert from 'node:assert/strict'
import type { Program } from '../support/child.js'
import type { Vm } from './vm.js'

/** Rejects when something is not as it should be, and resolves with the figures it took. */
export interface Check {
  readonly name: string
  /** Also with every run of the tests, not only with ./scripts/hil. */
  readonly everyTime: boolean
  run(vm: Vm): Promise<readonly string[]>
}

/** For anything that is not a matter of time, ms. */
export const longestMs = 240_000

/** What it wrote, when it ends well. */
export const outputOf = async (program: Program, withinMs = longestMs): Promise<string> => {
  let late = false
  const limit = setTimeout(() => {
    late = true
    void program.stop()
  }, withinMs)
  const code = await program.exit()
  clearTimeout(limit)
  assert.equal(late, false, `it took longer than ${withinMs} ms and wrote:\n${endOf(program.output())}`)
  assert.equal(code, 0, `it ended with ${code} and wrote:\n${endOf(program.output())}`)
  return program.output()
}

/** The end of it, behind what TAP tells of each failure before. */
const endOf = (output: string): string => {
  const failed = output.slice(0, -4000).match(/^( *)not ok .*(\n\1 .*)*/gm) ?? []
  return [...failed, output.slice(-4000)].join('\n')
}

const chrt = '/usr/bin/chrt'

/** While it lasts the guest never sleeps, so that its clock counts its instructions and nothing of the host. */
export const onOwnClock = async <T>(vm: Vm, act: () => Promise<T>): Promise<T> => {
  const awake = vm.run(chrt, ['--idle', '0', process.execPath, `${vm.dist}/test/hil/guest/never-idle.js`])
  try {
    return await act()
  } finally {
    await awake.stop()
  }
}

/** Where the agent serves the bench channel inside the guest. */
export const benchSocket = '/tmp/bench.sock'
/** Lines in which the agent tells at its end what its sound suffered. */
export const agentFigures = /^agent: .*/gm
/** While it lasts there is a telephone on pins and sound card. Adds what its sound suffered to `figures`. */
export const withAgent = async <T>(vm: Vm, act: () => Promise<T>, figures: string[] = []): Promise<T> => {
  const agent = vm.node('dist/test/hil/agent.js', ['/dev/ttyS2', benchSocket])
  try {
    await agent.waitFor(/agent ready/, longestMs)
    return await act()
  } catch (error) {
    await agent.stop()
    throw new Error(`${(error as Error).message}\n${agent.output().slice(-1000)}`)
  } finally {
    await agent.stop()
    figures.push(...(agent.output().match(agentFigures) ?? []))
  }
}
