// What the technician may ask about the box, and the tests he may have done: the one thing of run that the commands of
// diagnosis see. A query measures nothing but the loop of the line asked for, and waits no longer than a second for it.

import { type Clock, ms } from '../../hal/clock.js'
import type { FxsSense } from '../../hal/fxs-port.js'
import type { StreamStatistics } from '../media/media-contract.js'
import type { Box } from './box.js'
import type { FactWatch } from './facts/fact-watch.js'
import type { BoxFacts, LineFacts } from './facts/facts.js'
import type { LineContext, MediaPort } from './line-context.js'
import { createLineTests, type LineTests } from './line-tests/line-tests.js'
import { judge } from './verdicts/judge.js'
import type { Verdict } from './verdicts/verdict.js'

export interface Diagnosis extends LineTests {
  readonly lines: readonly string[]
  /** Everything, or what concerns one line. */
  facts(line?: string): Promise<BoxFacts>
  /** What follows from it: most important first, never empty. */
  verdicts(line?: string): Promise<readonly Verdict[]>
}

export interface DiagnosisOptions {
  readonly box: Pick<Box, 'line'>
  readonly watch: FactWatch
  readonly media: MediaPort
  readonly clock: Clock
}

const patienceMs = 1000

export const createDiagnosis = (options: DiagnosisOptions): Diagnosis => {
  const { box, watch, media, clock } = options
  let queries = 0

  /** undefined after a second: the other half is gone or busy. */
  const soon = <T>(work: (done: (value: T) => void) => void): Promise<T | undefined> =>
    new Promise(resolve => {
      const patience = clock.timer('diagnosis', ms(patienceMs), () => resolve(undefined))
      work(value => {
        patience.cancel()
        resolve(value)
      })
    })
  const sense = (line: LineContext): Promise<FxsSense | undefined> =>
    soon<FxsSense | undefined>(done => {
      line.fxs.sense().then(done, () => done(undefined))
    })
  const statistics = async (): Promise<readonly StreamStatistics[]> => {
    // Negative, so that nobody else's question is taken for ours.
    const id = -++queries
    let stop = (): void => {}
    const streams = await soon<readonly StreamStatistics[]>(done => {
      stop = watch.listen(event => {
        if (event.from !== 'media' || event.event.type !== 'statistics' || event.event.id !== id) return false
        done(event.event.streams)
        return true
      })
      media.command({ do: 'statistics', id })
    })
    stop()
    return streams ?? []
  }

  const lineFacts = async (id: string, streams: readonly StreamStatistics[]): Promise<LineFacts[]> => {
    const known = watch.line(id)
    const line = box.line(id)
    if (!known || !line) return []
    const measured = await sense(line)
    const own = new Set(line.calls.ofLine(id).map(call => call.id))
    return [
      {
        ...known.facts(),
        faults: [...line.faults],
        ...(measured && { sense: measured }),
        media: streams.filter(({ stream }) => own.has(stream)).map(known.calls.figuresOf),
      },
    ]
  }

  const facts = async (only?: string): Promise<BoxFacts> => {
    const asked = watch.lines.filter(line => only === undefined || line === only)
    const streams = await statistics()
    const lines = (await Promise.all(asked.map(line => lineFacts(line, streams)))).flat()
    watch.clockCheck.judge(lines.map(({ registration }) => registration.aheadSeconds))
    const concerns = (line: string | undefined) => line === undefined || asked.includes(line)
    return {
      wallMs: clock.wall(),
      upMs: watch.upMs,
      lines,
      alarms: watch.alarms.list().filter(({ line }) => concerns(line)),
    }
  }

  return {
    ...createLineTests({ ...options, facts }),
    lines: watch.lines,
    facts,
    verdicts: async line => judge(await facts(line)),
  }
}
