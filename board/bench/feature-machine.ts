// How many events a second the feature machine handles, on a realistic mix: calls out, in, refused, abandoned and
// ended by either side, on a line that is registered.

import type { PhoneConfig } from '../../firmware/phone/config.js'
import type { PhoneEvent } from '../../firmware/phone/event.js'
import { reduce } from '../../firmware/phone/reduce.js'
import { initialState, type PhoneState } from '../../firmware/phone/state.js'
import { dialPlan } from '../../firmware/run/dial-plan.js'
import { profileOf } from '../settings.js'

const profile = profileOf('fr')
const config: PhoneConfig = {
  timers: profile.timers,
  plan: dialPlan(profile),
  hasAccount: true,
  howlerTone: true,
  callWaiting: true,
  okFinals: [],
}

const keys = (digits: string): PhoneEvent[] =>
  [...digits].flatMap((digit): PhoneEvent[] => [
    { type: 'digit', digit, source: 'dtmf' },
    { type: 'digit-end', digit },
  ])
const caller = { number: '0389000002', withheld: false } as const

/** One round of calls; the numbers of the calls placed go on, so their ids are made on the way. */
const round = (placedBefore: number): readonly PhoneEvent[] => {
  const [first, second, third] = [1, 2, 3].map(n => `out-${placedBefore + n}`) as [string, string, string]
  return [
    { type: 'off-hook' },
    ...keys('0389000002'),
    { type: 'progress', call: first, status: 180 },
    { type: 'answered', call: first },
    { type: 'timer', name: 'hash-swallow' },
    { type: 'incoming', call: 'busy', caller },
    { type: 'on-hook' },
    { type: 'incoming', call: 'in', caller },
    { type: 'off-hook' },
    { type: 'answered', call: 'in' },
    ...keys('12'),
    { type: 'ended', call: 'in' },
    { type: 'on-hook' },
    { type: 'registration', registered: true },
    { type: 'off-hook' },
    ...keys('*21*0389000003'),
    { type: 'early-media', call: second },
    { type: 'on-hook' },
    { type: 'incoming', call: 'gone', caller },
    { type: 'abandoned', call: 'gone', elsewhere: false },
    { type: 'off-hook' },
    ...keys('123'),
    { type: 'failed', call: third, status: 486 },
    { type: 'on-hook' },
  ]
}

const PLACED_A_ROUND = 3
const ROUNDS = 2_000
/** The first pass warms the compiler up and is not counted. */
const PASSES = 6

export const run = async (): Promise<Record<string, unknown>> => {
  const rounds = Array.from({ length: ROUNDS }, (_, n) => round(n * PLACED_A_ROUND))
  const events = rounds.flat()
  const nsPerEvent: number[] = []
  let effects = 0
  for (let pass = 0; pass < PASSES; pass++) {
    let state: PhoneState = { ...initialState, registered: true }
    effects = 0
    const began = process.hrtime.bigint()
    for (const event of events) {
      const step = reduce(state, event, config)
      state = step[0]
      effects += step[1].length
    }
    if (pass > 0) nsPerEvent.push(Number(process.hrtime.bigint() - began) / events.length)
  }
  const sorted = nsPerEvent.sort((a, b) => a - b)
  const median = sorted[sorted.length >> 1] ?? Number.NaN
  return {
    events: events.length,
    passes: PASSES - 1,
    effects,
    nsPerEventMedian: Math.round(median),
    nsPerEventBest: Math.round(sorted[0] ?? Number.NaN),
    eventsPerSecond: Math.round(1e9 / median),
  }
}
