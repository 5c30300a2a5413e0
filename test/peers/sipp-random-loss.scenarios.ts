// Eight telephones call and are called, all side by side, while a seeded share of all datagrams is lost both ways.
// Arguments: the share in per cent, the rounds a telephone makes (a round is one call out and one in).

import t from 'tap'
import { randomLoss } from './lossy-relay.js'
import { lineCount, nothingLost, type SippBench, seconds, startSippBench } from './sipp-bench.js'
import * as scenarios from './sipp-scenarios.js'

const percent = Number(process.argv[2] ?? 5)
const rounds = Number(process.argv[3] ?? 13)

t.setTimeout(290_000)

/** One call out and one call in; true for each that was answered and ended as scripted. */
const round = async (bench: SippBench, line: number): Promise<{ out: boolean; in: boolean }> => {
  const active = bench.situation('active', 35_000, line).then(
    () => true,
    () => false,
  )
  await bench.dial(line)
  const out = await active
  await seconds(0.5)
  await bench.hangUp(line)
  const ring = bench.event({ ev: 'ring', on: true }, 35_000, line)
  const calling = bench.caller(scenarios.caller, line)
  const rang = await ring.then(
    () => true,
    () => false,
  )
  await bench.request({ do: 'offhook' }, line)
  const ended = (await calling.done()) === 0
  await bench.hangUp(line)
  return { out, in: rang && ended }
}

const calls = lineCount * rounds * 2
t.test(`${calls} calls at ${percent} % random loss both ways: none stuck, none lost`, async t => {
  const bench = await startSippBench()
  const answering = bench.callee(scenarios.callee, lineCount * rounds)
  bench.lose(randomLoss(percent / 100, 42 + percent))
  const outcomes = await Promise.all(
    Array.from({ length: lineCount }, async (_, line) => {
      const done: { out: boolean; in: boolean }[] = []
      for (let i = 0; i < rounds; i++) done.push(await round(bench, line))
      return done
    }),
  )
  const all = outcomes.flat()
  t.equal(all.filter(outcome => outcome.out).length, calls / 2, 'every call out was answered')
  t.equal(all.filter(outcome => outcome.in).length, calls / 2, 'every call in was answered and ended')
  t.equal(await answering.done(), 0, 'SIPp: every call out ended as scripted')
  bench.lose(nothingLost)
  for (let line = 0; line < lineCount; line++) await bench.isIdle(t, line)
})
