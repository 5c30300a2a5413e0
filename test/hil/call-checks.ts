// Calls on the box in the virtual machine: with everybody else beside it in the guest, where sound is judged, and with bench,
// operator and people on the host, over its serial port and its network. The scenarios are the bench's.

import assert from 'node:assert/strict'
import { runScenarios } from '../bench/runner.js'
import { scenariosNamed } from '../bench/scenarios/all.js'
import { openSimTarget } from '../bench/sim-target.js'
import { startChild } from '../support/child.js'
import { namespaceCommand, noNamespaceReason } from '../support/netns.js'
import type { Played } from './call-house.js'
import { agentFigures, benchSocket, type Check, onOwnClock, outputOf, withAgent } from './check.js'

/** Scenarios of the bench that are played on a real one. */
export const realTimeScenarios = [
  'pick-up-dial-tone',
  'dial-dtmf',
  'talk-both-ways',
  'hang-up-idle',
  'echo-call',
  'ring-and-answer',
  'clip',
  'r-second-call',
  'r2-takes-the-waiting-call',
  'r3-conference',
] as const

/** Those that are played in the guest. */
const inside = [
  'pick-up-dial-tone',
  'talk-both-ways',
  'hang-up-idle',
  'ring-and-answer',
  'clip',
  'called-back',
  'r-second-call',
  'r3-conference',
  'echo-delay',
] as const

/** An emulated processor is a slow one. */
const limitScale = '2'
const scenariosMs = 1_800_000

const playedIn = (output: string): readonly Played[] =>
  output
    .split('\n')
    .filter(line => line.startsWith('{"name"'))
    .map(line => JSON.parse(line) as Played)

/** Throws unless all of them passed. */
const figuresOf = (output: string, wanted: readonly string[]): readonly string[] => {
  const played = playedIn(output)
  const missed = wanted.flatMap(wantedName => {
    const found = played.find(({ name }) => name === wantedName)
    return found?.outcome === 'passed' ? [] : `${wantedName}: ${found?.reason ?? 'not played'}`
  })
  assert.equal(missed.length, 0, [...missed, output].join('\n'))
  return played.flatMap(({ name, figures }) => figures.map(({ what, ms }) => `${name}: ${what} ${ms} ms`))
}

const latency = 'echo-delay'

/** The same on the simulated board, on the host. */
const latencyOnSimulatedBoard = async (): Promise<readonly string[]> => {
  const target = await openSimTarget()
  try {
    const { scenarios } = await runScenarios(target, scenariosNamed([latency]))
    return scenarios.flatMap(({ figures }) =>
      figures.map(({ what, ms }) => `the simulated board on the host, ${latency}: ${what} ${ms} ms`),
    )
  } finally {
    await target.close()
  }
}

export const calls: Check = {
  name: `voiceport run on the board hil-vm with an operator beside it: ${inside.join(', ')}`,
  everyTime: false,
  run: async vm => {
    const agent: string[] = []
    const figures = await onOwnClock(vm, () =>
      withAgent(
        vm,
        async () => {
          const args = [benchSocket, limitScale, ...inside]
          const output = await outputOf(vm.node('dist/test/hil/guest/play.js', args), scenariosMs)
          return figuresOf(output, inside)
        },
        agent,
      ),
    )
    return [...figures, ...(await latencyOnSimulatedBoard()), ...agent]
  },
}

/** Without `talk-both-ways` and `echo-delay`: levels and delays over two clocks are not those of the box. */
const fromOutside = [
  'pick-up-dial-tone',
  'hang-up-idle',
  'ring-and-answer',
  'clip',
  'r-second-call',
  'r3-conference',
] as const

export const callsFromOutside: Check = {
  name: `bench and operator on the host, the box in a machine with a network of its own: ${fromOutside.join(', ')}`,
  everyTime: false,
  run: async () => {
    assert.equal(noNamespaceReason(), undefined)
    const [command, args] = namespaceCommand(new URL('./outside.js', import.meta.url), fromOutside)
    const program = startChild(command, args)
    const output = await outputOf(program, scenariosMs)
    return [...figuresOf(output, fromOutside), ...(output.match(agentFigures) ?? [])]
  },
}
