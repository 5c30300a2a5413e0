// Eight telephones call and are called, all side by side, while a seeded share of all datagrams is lost both ways.
// Arguments: the share in per cent, the rounds a telephone makes (a round is one call out and one in).

import t, { type Test } from 'tap'
import { randomLoss } from './lossy-relay.js'
import { asScripted } from './sipp.js'
import { lineCount, nothingLost, type SippBench, seconds, startSippBench } from './sipp-bench.js'
import * as scenarios from './sipp-scenarios.js'

const percent = Number(process.argv[2] ?? 5)
const rounds = Number(process.argv[3] ?? 13)

t.setTimeout(290_000)

/** One call out and one call in; true for each that was answered and ended as scripted. */
const round = async (t: Test, bench: SippBench, line: number): Promise<{ out: boolean; in: boolean }> => {
  const active = bench.situation('active', 35_000, line).then(
    () => true,
    () => false,
  )
  await bench.dial(line).catch((error: Error) => {
    const words = bench.daemon.child.output().split('\n')
    const own = words.filter(text => text.includes(`"line":"tel${line}"`)).slice(-12)
    t.comment(`tel${line}: ${error.message}\n${own.join('\n')}`)
  })
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
  const ended = await calling.done()
  if (!rang || ended !== asScripted) t.comment(`tel${line}: rang ${rang}, ${ended}`)
  await bench.hangUp(line)
  return { out, in: rang && ended === asScripted }
}

const calls = lineCount * rounds * 2
t.test(`${calls} calls at ${percent} % random loss both ways: none stuck, none lost`, async t => {
  const bench = await startSippBench()
  const answering = bench.callee(scenarios.callee, lineCount * rounds)
  bench.lose(randomLoss(percent / 100, 42 + percent))
  const outcomes = await Promise.all(
    Array.from({ length: lineCount }, async (_, line) => {
      const done: { out: boolean; in: boolean }[] = []
      for (let i = 0; i < rounds; i++) done.push(await round(t, bench, line))
      return done
    }),
  )
  const all = outcomes.flat()
  t.equal(all.filter(outcome => outcome.out).length, calls / 2, 'every call out was answered')
  t.equal(all.filter(outcome => outcome.in).length, calls / 2, 'every call in was answered and ended')
  t.equal(await answering.done(), asScripted, 'SIPp: every call out ended as scripted')
  bench.lose(nothingLost)
  for (let line = 0; line < lineCount; line++) await bench.isIdle(t, line)
})
