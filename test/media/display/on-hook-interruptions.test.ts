// A sequence to a telephone on the hook that is disturbed: a main thread that stands still, a receiver that is lifted, a
// caller who gives up, and the next one. Measured on the line, as in on-hook-sequence.test.ts.

import fc from 'fast-check'
import t from 'tap'
import { displayLine, type Sound } from '../../support/display-line.js'
import { EDGE, isCallSetup, near, readBurst, sound, v23 } from '../../support/display-reading.js'

t.setTimeout(120_000)

/** One frame of the audio half, ms. */
const FRAME = 10

const stalls = { at: fc.integer({ min: 0, max: 7000 }), ms: fc.constant(250) }

t.test('a main thread blocked for 250 ms at any moment moves nothing by more than a frame', async t => {
  const cases = {
    france: {},
    'after the first ring': { afterRing1: true },
    'line reversal and dual tone': { cid: { alert: 'line-reversal+dt-as', gapMs: 100 } },
  } as const
  for (const [name, options] of Object.entries(cases)) {
    const free = await displayLine(options)
    await fc.assert(
      fc.asyncProperty(fc.record(stalls), async stall => {
        const held = await displayLine({ ...options, stall })
        const same = held.feeds.length === free.feeds.length && held.sounds.length === free.sounds.length
        return (
          same &&
          held.feeds.every((feed, n) => {
            const wanted = free.feeds[n]
            return feed.state === wanted?.state && near(feed.ms, wanted.ms, FRAME)
          }) &&
          held.sounds.every((each, n) => near(each.fromMs, sound(free, n).fromMs, FRAME))
        )
      }),
      { numRuns: 8, examples: [[{ at: 0, ms: 250 }]] },
    )
    t.ok(free.feeds.length > 3, name)
  }
})

t.test('lifted at any moment, nothing more reaches the ear, and no ring voltage the line', async () => {
  const moments = fc.integer({ min: 1, max: 7500 })
  for (const options of [
    {},
    { afterRing1: true },
    { cid: { alert: 'line-reversal+dt-as', gapMs: 100 } as const },
  ])
    await fc.assert(
      fc.asyncProperty(moments, async ms => {
        // The box needs its time to learn of it, and may have none just then.
        const stall = { at: ms, ms: 250 }
        const stop = [ms + 251, (acts: { giveUp(): void }) => acts.giveUp()] as const
        const shown = await displayLine({ ...options, stall, events: [[ms, ({ lift }) => lift()], stop] })
        return (
          shown.sounds.every(({ toMs }) => toMs <= ms + EDGE) &&
          // The contact closes at once, the ring trip takes its 30 ms.
          !shown.feeds.some(feed => feed.state === 'ringing' && feed.ms > ms + EDGE)
        )
      }),
      { numRuns: 10, examples: [[100], [500], [900], [1200], [2000]] },
    )
})

t.test('a caller who gives up at any moment: silence, and the line at rest', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 7500 }), async ms => {
      const shown = await displayLine({ events: [[ms, ({ giveUp }) => giveUp()]] })
      const last = shown.feeds.at(-1)
      return (
        last?.state === 'standby' &&
        !last.reversed &&
        shown.feeds.every(feed => feed.ms <= ms + EDGE) &&
        shown.sounds.every(({ toMs }) => toMs <= ms + EDGE)
      )
    }),
    { numRuns: 15, examples: [[100], [300], [1000], [1600]] },
  )
})

t.test('the next caller, however soon: his sequence is whole, of the first nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3000 }),
      fc.integer({ min: 0, max: 300 }),
      async (first, between) => {
        const again = first + between
        const shown = await displayLine({
          ms: again + 4000,
          events: [
            [first, ({ giveUp }) => giveUp()],
            [again, ({ ringAgain }) => ringAgain()],
          ],
        })
        const after = shown.feeds.filter(feed => feed.ms >= again)
        // With nothing between, the line comes to rest at the same instant.
        const own = after.slice(after.findIndex(feed => feed.state === 'ringing'))
        const data = shown.sounds.at(-1) as Sound
        return (
          own
            .slice(0, 4)
            .map(({ state }) => state)
            .join() === 'ringing,standby,oht,ringing' &&
          near((own[2]?.ms ?? 0) - again, 250) &&
          near(data.fromMs - again, 850) &&
          isCallSetup(readBurst(data, v23).bytes) &&
          near((own[3]?.ms ?? 0) - data.toMs, 300)
        )
      },
    ),
    {
      numRuns: 15,
      examples: [
        [1000, 0],
        [850, 0],
      ],
    },
  )
})
