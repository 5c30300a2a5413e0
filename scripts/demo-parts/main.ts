// ./scripts/demo: the subscriber's guide in one terminal, with no package outside npm and no hardware.

import { parseArgs } from 'node:util'
import { planOfProfile } from '../../test/support/plan-of-profile.js'
import { playByHand } from './keyboard.js'
import { chapterNames, playTour } from './tour.js'
import { openWorld, type World } from './world.js'

const usage = `Usage: ./scripts/demo [--tour [CHAPTER …]]

Starts a simulated box with two telephones, a telephone elsewhere and the reference operator, all on this machine.
  --tour   plays by itself, says what it does and checks it (the default without a terminal);
           all chapters, or some of ${chapterNames.join(', ')}
  --help   shows this
`

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

interface Wish {
  readonly help: boolean
  /** Chapters of the tour; undefined: by hand. */
  readonly tour: readonly string[] | undefined
}

const readWish = (): Wish => {
  const { values, positionals } = parseArgs({
    options: { tour: { type: 'boolean' }, help: { type: 'boolean' } },
    allowPositionals: true,
  })
  const unknown = positionals.find(name => !chapterNames.includes(name))
  if (unknown !== undefined) throw new Error(`there is no chapter ${unknown}`)
  if (positionals.length > 0 && !values.tour) throw new Error(`${positionals[0]} is a chapter of --tour`)
  const byItself = values.tour === true || !process.stdin.isTTY || !process.stdout.isTTY
  const names = positionals.length > 0 ? positionals : chapterNames
  return { help: values.help === true, tour: byItself ? names : undefined }
}

const main = async (): Promise<number> => {
  let wish: Wish
  try {
    wish = readWish()
  } catch (error) {
    process.stderr.write(`demo: ${(error as Error).message}\n${usage}`)
    return 2
  }
  if (wish.help) {
    process.stdout.write(usage)
    return 0
  }
  const say = (text: string) => process.stdout.write(`${text}\n`)
  let opened: World | undefined
  const onSignal = () => {
    const closed = opened?.close() ?? Promise.resolve()
    closed.finally(() => process.exit(130))
  }
  for (const signal of signals) process.once(signal, onSignal)
  // Whoever read has gone: `--tour | head`.
  process.stdout.on('error', onSignal)
  const world = await openWorld()
  opened = world
  let failure: Error | undefined
  try {
    if (wish.tour) await playTour(world, wish.tour, say)
    else await playByHand(world, planOfProfile('fr'))
  } catch (error) {
    failure = error as Error
  }
  const code = await world.close()
  for (const signal of signals) process.off(signal, onSignal)
  if (failure) {
    process.stderr.write(`demo: ${failure.message}\n`)
    return 1
  }
  say(wish.tour ? `\nThe box signed off and ended with ${code}. That was the tour.` : 'Good-bye.')
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
