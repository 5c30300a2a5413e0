// V8's memory reducer, which collects a heap for want of anything else to do, is none of the audio thread's
// (board/media-link.ts says why).

import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startChild } from '../support/child.js'

const mediaLink = fileURLToPath(new URL('../../board/media-link.js', import.meta.url))
const memory = fileURLToPath(new URL('../../hal/linux/memory.js', import.meta.url))

const ordinary = `
  import(${JSON.stringify(memory)}).then(memory => memory.collectGarbage())
  setInterval(() => {}, 1000)`

/** Two threads whose heaps are collected once: the audio half, and a second later an ordinary one. */
const program = `
  const { Worker } = require('node:worker_threads')
  const { setTimeout } = require('node:timers/promises')
  const run = async () => {
    const { startMediaWorker } = await import(${JSON.stringify(mediaLink)})
    const link = await startMediaWorker({ board: { kind: 'sim', lines: ['tel1'] }, realtime: false })
    link.tidyHeap()
    await link.alive()
    await setTimeout(1000)
    const ordinary = new Worker(${JSON.stringify(ordinary)}, { eval: true })
    process.once('SIGTERM', async () => {
      await link.close()
      await ordinary.terminate()
    })
  }
  void run()`

/** The addresses of the heaps that such lines of V8's own report are about. */
const heaps = (report: string, about: RegExp): readonly string[] =>
  report
    .split('\n')
    .filter(line => about.test(line))
    .map(line => /^\[\d+:(0x[0-9a-f]+)\]/.exec(line)?.[1] ?? line)

t.test('no collection for want of anything else to do in the audio thread', async t => {
  const child = startChild(process.execPath, ['--trace-gc', '-e', program])
  t.teardown(() => child.stop())
  // What a program asks for is "testing" to V8.
  await child.waitFor(/(Mark-Compact .*testing[\s\S]*){2}/, 60_000)
  const [audio, ordinary] = heaps(child.output(), /Mark-Compact .*testing/)
  t.not(audio, ordinary)
  // 8 s after it.
  await child.waitFor(new RegExp(`:${ordinary}\\].*Mark-Compact \\(reduce\\)`), 60_000)
  t.notOk(heaps(child.output(), /\(reduce\)/).includes(audio as string))
})
