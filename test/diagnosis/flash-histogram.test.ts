// How long R is pressed, measured on raw edges: also where it was too short or too long to be an R.

import fc from 'fast-check'
import t from 'tap'
import { createFlashHistogram } from '../../firmware/run/facts/flash-histogram.js'
import { flashRules } from '../../firmware/run/verdicts/call-rules.js'
import { judgeFlash } from '../../firmware/run/verdicts/judge.js'
import { frenchHook } from '../support/french-line.js'

const press = (lengths: readonly number[], bounceUs = 0) => {
  const histogram = createFlashHistogram(frenchHook)
  let us = 1_000_000
  histogram.edge(true, us)
  histogram.setContext('talking')
  for (const ms of lengths) {
    us += 2_000_000
    histogram.edge(false, us)
    if (bounceUs > 0) {
      histogram.edge(true, us + bounceUs)
      histogram.edge(false, us + 2 * bounceUs)
    }
    us += ms * 1000
    histogram.edge(true, us)
  }
  return histogram.facts(us + 1_000_000)
}

t.test('presses are counted by length, those outside the window too', async t => {
  const facts = press([92, 95, 270, 40, 900])
  t.same(
    { count: facts.count, tooShort: facts.tooShort, tooLong: facts.tooLong },
    { count: 5, tooShort: 1, tooLong: 1 },
  )
  t.same(
    { shortest: facts.shortestMs, median: facts.medianMs, longest: facts.longestMs, last: facts.lastMs },
    { shortest: 40, median: 95, longest: 900, last: 900 },
  )
  t.same(facts.bins, [
    { fromMs: 40, count: 1 },
    { fromMs: 90, count: 2 },
    { fromMs: 270, count: 1 },
    { fromMs: 900, count: 1 },
  ])
})

t.test('bounce is part of a press, not a press', async t => {
  const facts = press([100, 100], 2000)
  t.equal(facts.count, 2)
  t.equal(facts.medianMs, 100)
})

t.test(
  'hanging up and lifting again is no press, and neither are rotary pulses or breaks in an emergency call',
  async t => {
    t.equal(press([1500, 5000]).count, 0)
    for (const context of ['collecting', 'emergency'] as const) {
      const histogram = createFlashHistogram(frenchHook)
      histogram.edge(true, 1_000_000)
      histogram.setContext(context)
      for (let i = 1; i <= 5; i++) {
        histogram.edge(false, 1_000_000 + i * 100_000)
        histogram.edge(true, 1_066_000 + i * 100_000)
      }
      t.equal(histogram.facts(9_000_000).count, 0, context)
    }
  },
)

t.test('a length that spans a loss of edges is not known', async t => {
  const histogram = createFlashHistogram(frenchHook)
  histogram.edge(true, 1_000_000)
  histogram.setContext('talking')
  histogram.edge(false, 2_000_000)
  histogram.resync(true)
  histogram.edge(true, 2_100_000)
  t.equal(histogram.facts(9_000_000).count, 0)
})

t.test('whatever the edges: counts agree, the table stays small, and exactly one verdict holds', async t => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { maxLength: 100 }), lengths => {
      const facts = press(lengths)
      const expected = lengths.filter(ms => ms > frenchHook.bounceMs && ms <= 1200)
      const inBins = facts.bins.reduce((sum, { count }) => sum + count, 0)
      const outside = expected.filter(ms => ms < 80 || ms > 600).length
      return (
        facts.count === expected.length &&
        inBins === expected.length &&
        facts.tooShort + facts.tooLong === outside &&
        facts.bins.length <= 121 &&
        judgeFlash(facts).length === 1
      )
    }),
  )
  t.equal(flashRules.length, 5)
})

t.test('the verdict says what the presses are', async t => {
  t.same(
    judgeFlash(press([92])).map(({ id, values }) => [id, values['median']]),
    [['flash-inside', 92]],
  )
  t.same(
    judgeFlash(press([50, 55, 60])).map(({ id }) => id),
    ['flash-short'],
  )
  t.same(
    judgeFlash(press([800, 700])).map(({ id }) => id),
    ['flash-long'],
  )
  t.same(
    judgeFlash(press([270, 280, 290, 50])).map(({ id }) => id),
    ['flash-uneven'],
  )
  t.same(
    judgeFlash(press([])).map(({ id }) => id),
    ['flash-never'],
  )
})
