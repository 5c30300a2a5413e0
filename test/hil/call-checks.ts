// Calls on the box in the virtual machine, with everybody else beside it in the guest, so that sound can be judged. The
// scenarios are the bench's.

import assert from 'node:assert/strict'
import type { Played } from './call-house.js'
import { benchSocket, type Check, onOwnClock, outputOf, withAgent } from './check.js'

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
  'ring-and-answer',
  'clip',
  'called-back',
  'r-second-call',
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
  assert.deepEqual(
    played.map(({ name, outcome, reason }) => `${name} ${outcome}${reason ? `: ${reason}` : ''}`).sort(),
    wanted.map(name => `${name} passed`).sort(),
    output,
  )
  return played.flatMap(({ name, figures }) => figures.map(({ what, ms }) => `${name}: ${what} ${ms} ms`))
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
    return [...figures, ...agent]
  },
}
