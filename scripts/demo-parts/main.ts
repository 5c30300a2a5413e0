// ./scripts/demo: the main job in one terminal, with no package outside npm and no hardware.

import { parseArgs } from 'node:util'
import { playByHand } from './keyboard.js'
import { playTour } from './tour.js'
import { openWorld } from './world.js'

const usage = `Usage: ./scripts/demo [--tour]

Starts a simulated box with two telephones and the reference operator, all on this machine.
  --tour   plays a call each way by itself and says what it does (the default without a terminal)
  --help   shows this
`

const main = async (): Promise<number> => {
  let tour = !process.stdin.isTTY || !process.stdout.isTTY
  try {
    const { values } = parseArgs({ options: { tour: { type: 'boolean' }, help: { type: 'boolean' } } })
    if (values.help) {
      process.stdout.write(usage)
      return 0
    }
    tour ||= values.tour === true
  } catch (error) {
    process.stderr.write(`demo: ${(error as Error).message}\n${usage}`)
    return 2
  }
  const say = (text: string) => process.stdout.write(`${text}\n`)
  const world = await openWorld()
  let failure: Error | undefined
  try {
    if (tour) await playTour(world, say)
    else await playByHand(world)
  } catch (error) {
    failure = error as Error
  }
  const code = await world.close()
  if (failure) {
    process.stderr.write(`demo: ${failure.message}\n`)
    return 1
  }
  say(tour ? `\nThe box signed off and ended with ${code}. That was the main job.` : 'Good-bye.')
  return code ?? 1
}

main().then(
  code => {
    process.exitCode = code
  },
  (error: Error) => {
    process.stderr.write(`demo: ${error.message}\n`)
    process.exitCode = 1
  },
)
