// `./scripts/operator-load`: the highest number of calls a second that the reference operator carries without a failure,
// SIPp at both sides, in a network namespace of its own. Needs the Debian package sip-tester.

import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { type LoadFigures, startLoadBench } from '../test/peers/operator-load.js'
import { noSippReason } from '../test/peers/sipp.js'
import { namespaceCommand, noNamespaceReason } from '../test/support/netns.js'

const usage = `operator-load [--seconds N] [--rates A,B,…] [--json]
  --seconds N    how long each rate is kept up, default 30
  --rates A,B    these rates only; default: twice as many each time until calls fail, then in between
  --json         one JSON object a rate, and one at the end
`
const FIRST = 20
/** Rates looked at between the last that held and the first that did not. */
const BETWEEN = 3

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    rates: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
    /** Already in a namespace. */
    inside: { type: 'boolean', default: false },
  },
})

const holds = ({ failed, kept }: LoadFigures): boolean => failed === 0 && kept

const tell = (figures: LoadFigures): void => {
  const { rate, calls, failed, retransmissions, setupMs, cpu, rssMb, kept } = figures
  process.stdout.write(
    values.json
      ? `${JSON.stringify(figures)}\n`
      : `${String(rate).padStart(5)} calls/s: ${calls} calls, ${failed} failed, ${retransmissions} messages again, ` +
          `180 after ${setupMs.toFixed(1)} ms, ${cpu} % of a core, ${rssMb} MB${kept ? '' : ', SIPp too slow'}\n`,
  )
  if (!values.json) for (const word of figures.words) process.stderr.write(`${word}\n`)
}

/** In a namespace of its own; a signal ends that too. */
const startAgain = (): Promise<number> => {
  const [command, words] = namespaceCommand(new URL(import.meta.url), [...process.argv.slice(2), '--inside'])
  const child = spawn(command, words, { stdio: 'inherit' })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => child.kill('SIGTERM'))
  return new Promise(resolve => child.once('close', code => resolve(code ?? 1)))
}

const measure = async (seconds: number, rates: readonly number[] | undefined): Promise<number> => {
  const bench = await startLoadBench()
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void bench.stop().then(() => process.exit(1)))
  let best = 0
  const tried = async (rate: number): Promise<boolean> => {
    const figures = await bench.run(rate, seconds)
    tell(figures)
    if (holds(figures)) best = Math.max(best, rate)
    return holds(figures)
  }
  try {
    if (rates !== undefined) for (const rate of rates) await tried(rate)
    else {
      let too = FIRST
      while (await tried(too)) too *= 2
      for (let step = 0; step < BETWEEN; step++) {
        const middle = Math.round((best + too) / 2)
        if (!(await tried(middle))) too = middle
      }
    }
  } finally {
    await bench.stop()
  }
  return best
}

const main = async (): Promise<number> => {
  if (values.help) {
    process.stdout.write(usage)
    return 0
  }
  const seconds = Number(values.seconds)
  const rates = values.rates?.split(',').map(Number)
  if (!(seconds > 0) || rates?.some(rate => !(rate > 0)) === true) {
    process.stderr.write(usage)
    return 2
  }
  const reason = noSippReason() ?? noNamespaceReason()
  if (reason !== undefined) {
    process.stderr.write(`operator-load: ${reason}\n`)
    return 1
  }
  if (!values.inside) return startAgain()
  const best = await measure(seconds, rates)
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ best, seconds })}\n`
      : `${best} calls/s for ${seconds} s without a failure\n`,
  )
  return best > 0 ? 0 : 1
}

process.exitCode = await main()
