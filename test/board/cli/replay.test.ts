// `voiceport replay` as a technician sees it: what is printed and the exit code.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { replayCommand } from '../../../board/cli/replay.js'
import type { PhoneEvent } from '../../../firmware/phone/event.js'
import { reduce } from '../../../firmware/phone/reduce.js'
import { initialState } from '../../../firmware/phone/state.js'
import { formatTrace } from '../../../firmware/trace/trace-file.js'
import { createTraceRing } from '../../../firmware/trace/trace-ring.js'
import { config } from '../../phone/telephone.js'

const recorded = (): string => {
  const ring = createTraceRing()
  const events: readonly PhoneEvent[] = [
    { type: 'registration', registered: true },
    { type: 'off-hook' },
    { type: 'timer', name: 'first-digit' },
    { type: 'on-hook' },
  ]
  let state = initialState
  for (const event of events) {
    const [after, effects] = reduce(state, event, config)
    ring.record({ us: 0, line: 'tel1', before: state, event, after, effects, config })
    state = after
  }
  return formatTrace(ring.steps(), '0.1.0')
}

t.test('voiceport replay', async t => {
  const dir = t.testdir({})
  const run = async (text: string | undefined, json = false) => {
    const file = join(dir, 'trace.jsonl')
    if (text !== undefined) writeFileSync(file, text)
    const printed: string[] = []
    const code = await replayCommand.run({
      values: { json },
      positionals: [text === undefined ? join(dir, 'none.jsonl') : file],
      stdin: (async function* () {})(),
      out: line => void printed.push(line),
    })
    return { code, printed }
  }

  t.same(await run(recorded()), {
    code: 0,
    printed: ['4 steps of tel1, recorded by 0.1.0: the same'],
  })

  const altered = await run(recorded().replace('"tone":"busy"', '"tone":"dial"'))
  t.equal(altered.code, 1)
  t.match(altered.printed[0], /^line 4, tel1, event \{"type":"timer"/)
  t.match(altered.printed[1], /recorded .*"tone":"dial"/)
  t.match(altered.printed[2], /computed .*"tone":"busy"/)
  t.match(altered.printed.slice(3), ['line 4 is not as it was written', /DIFFERENT$/])

  const json = await run(recorded().replace('"name":"first-digit"}', '"name":"howler"}'), true)
  t.equal(json.code, 1)
  t.match(JSON.parse(json.printed[0] ?? ''), { same: false, steps: 4, altered: [4] })

  await t.rejects(run(undefined), { code: 'VP-7101', message: /none\.jsonl: ENOENT/ })
  await t.rejects(run('hello'), { code: 'VP-7101', message: /line 1/ })
  const nothing = { values: {}, positionals: [], stdin: (async function* () {})(), out: () => {} }
  await t.rejects(replayCommand.run(nothing), { code: 'VP-7101' })
})
