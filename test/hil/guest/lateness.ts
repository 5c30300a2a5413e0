// How late the guest wakes, by its own clock: sleeps of 10 ms for so long as the first argument says, ms. Prints one JSON
// object: the longest and the usual lateness, ms.

import { setTimeout } from 'node:timers/promises'

const forMs = Number(process.argv[2])
const sleepMs = 10
const lateMs: number[] = []
const now = (): number => Number(process.hrtime.bigint()) / 1e6
for (const begun = now(); now() - begun < forMs; ) {
  const asleep = now()
  await setTimeout(sleepMs)
  lateMs.push(now() - asleep - sleepMs)
}
lateMs.sort((a, b) => a - b)
const rounded = (ms = 0): number => Math.round(ms * 10) / 10
console.log(
  JSON.stringify({ longestMs: rounded(lateMs.at(-1)), usualMs: rounded(lateMs[lateMs.length >> 1]) }),
)
