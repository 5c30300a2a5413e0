// Turns a gpio-sim pin as a telephone's hook would, in a process of its own, so that nothing that keeps the watching
// process busy reaches it. Reads JSON lines {"startMs":50,"edges":[{"high":false,"ms":0},…]} and answers each with the
// instants (µs, CLOCK_MONOTONIC) at which the pin was turned. The argument is the pin's pull file.

import { closeSync, openSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'

export interface Wave {
  readonly startMs: number
  readonly edges: readonly { readonly high: boolean; readonly ms: number }[]
}

const pull = openSync(process.argv[2] ?? '', 'w')
const nowUs = () => Number(process.hrtime.bigint() / 1000n)
const bed = new Int32Array(new SharedArrayBuffer(4))

/** Asleep until shortly before, then awake: a sleep may be some ms late. */
const waitUntil = (us: number): void => {
  const asleep = (us - nowUs()) / 1000 - 3
  if (asleep > 0) Atomics.wait(bed, 0, 0, asleep)
  while (nowUs() < us);
}

for await (const line of createInterface({ input: process.stdin })) {
  const wave: Wave = JSON.parse(line)
  const start = nowUs() + wave.startMs * 1000
  const turned = wave.edges.map(({ high, ms }) => {
    waitUntil(start + ms * 1000)
    const us = nowUs()
    writeSync(pull, high ? 'pull-up' : 'pull-down', 0)
    return us
  })
  console.log(JSON.stringify({ turned }))
}
closeSync(pull)
