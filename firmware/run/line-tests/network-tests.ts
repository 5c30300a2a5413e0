// Tests of the way to the operator: registering now, and a call that the box makes by itself, without the telephone. The
// subscriber's own calls go on beside both.

import type { SipEvent } from '../../sip/sip-line.js'
import { type AudioWay, expectsAudio, wider, withWay } from '../facts/audio-way.js'
import type { RegistrationFacts, StreamFacts } from '../facts/facts.js'
import { streamParameters } from '../sip-events.js'
import { judgeRegistration } from '../verdicts/judge.js'
import { stoppedVerdict } from '../verdicts/test-verdicts.js'
import type { Verdict } from '../verdicts/verdict.js'
import type { Bench } from './bench.js'
import type { TestReport } from './test-report.js'

/** Longer than timer F (RFC 3261 §17.1.2.2) with a challenge before it. */
const registerMs = 35_000
const lookMs = 100

export const testRegistration = async (bench: Bench): Promise<TestReport> => {
  const { line, known } = bench
  const { registration } = known
  const before = registration.attempts
  line.sip?.register()
  // A refresh that changes nothing is no event of the box.
  const isOver = () => registration.attempts > before || bench.stopped() !== undefined
  for (let waited = 0; waited < registerMs && !isOver(); waited += lookMs) await bench.wait(lookMs)
  // The state is told after the attempt.
  await bench.wait(1)
  const facts = registration.facts()
  const hasEnded = registration.attempts > before
  const verdicts = registrationVerdicts(facts, hasEnded, bench)
  const measured = [
    ['state', facts.state],
    ['answer', [facts.status, facts.reason].filter(Boolean).join(' ')],
    ['asked', facts.proxies.join(', ')],
  ] as const
  return { line: line.id, measured, verdicts }
}

/** That the line counts as registered still says nothing of an attempt that has not ended. */
const registrationVerdicts = (
  facts: RegistrationFacts,
  hasEnded: boolean,
  bench: Bench,
): readonly Verdict[] => {
  const { id: line } = bench.line
  if (!hasEnded && bench.stopped()) return [stoppedVerdict(line)]
  const found = judgeRegistration(facts, line)
  if (found.length > 0) return found
  return hasEnded
    ? [{ id: 'registered-now', severity: 'fine', line, values: { address: facts.address ?? '' } }]
    : [
        {
          id: 'operator-silent',
          severity: 'fault',
          line,
          values: { proxies: facts.proxies.join(', ') || '?' },
        },
      ]
}

const answerMs = 30_000
const listenMs = 3000

interface TestCall {
  status?: number
  reason?: string
  answered: boolean
  over: boolean
  /** Which way audio was to go. */
  way?: AudioWay
  figures?: StreamFacts
}

/** Calls `number`, listens for three seconds to what answers, and hangs up. */
export const testCall = async (bench: Bench, number: string): Promise<TestReport> => {
  const { line, clock } = bench
  const { sip, media } = line
  const id = `${line.id}/test-${clock.now()}`
  const call: TestCall = { answered: false, over: false }
  let closed = false
  bench.listen(event => {
    if (event.from === 'sip' && 'call' in event.event && event.event.call === id) {
      hear(event.event, call, bench)
      return true
    }
    if (event.from !== 'media' || !('stream' in event.event) || event.event.stream !== id) return false
    const told = event.event
    if (told.type === 'opened')
      sip?.place(id, { target: number, media: told.local, masked: line.masked, emergency: false })
    if (told.type === 'open-failed') Object.assign(call, { over: true, status: 503, reason: told.reason })
    if (told.type === 'closed') {
      closed = true
      call.figures = withWay(told.statistics, call.way)
    }
    return true
  })
  media.command({ do: 'wake', line: line.id })
  media.command({ do: 'open', stream: id })
  const began = clock.now()
  await bench.wait(answerMs, () => call.answered || call.over)
  const seconds = Math.round((clock.now() - began) / 1e6)
  if (call.answered) await bench.wait(listenMs, () => call.over)
  const hungUp = call.over
  sip?.hangUp(id)
  media.command({ do: 'close', stream: id })
  await bench.wait(500, () => closed)
  // Nobody else needs frames: the telephone is on the hook.
  if (bench.known.situation === 'idle') media.command({ do: 'sleep', line: line.id })
  const stopped = bench.stopped() !== undefined
  // A far end that hung up at once has said nothing of the way there.
  if (call.answered && call.figures && !stopped && (!hungUp || call.figures.receivedPackets > 0))
    bench.known.calls.tested(call.figures)
  const verdict = stopped ? stoppedVerdict(line.id) : callVerdict(call, seconds, line.id)
  return { line: line.id, measured: measured(call, seconds), verdicts: [verdict] }
}

const hear = (event: SipEvent, call: TestCall, { line }: Bench): void => {
  switch (event.type) {
    case 'media':
      line.media.command({ do: 'connect', stream: event.call, to: streamParameters(event.remote) })
      call.way = wider(call.way, event.remote.direction)
      return
    case 'answered':
      call.answered = true
      call.status = 200
      return
    case 'progress':
      call.status = event.status
      return
    case 'failed':
      call.over = true
      call.status = event.status
      if (event.reason !== undefined) call.reason = event.reason
      return
    case 'ended':
      call.over = true
  }
}

const packets = ({ figures }: TestCall) => ({
  sent: figures?.sentPackets ?? 0,
  received: figures?.receivedPackets ?? 0,
})

const measured = (call: TestCall, seconds: number): TestReport['measured'] => [
  ['answer', call.status === undefined ? 'none' : String(call.status)],
  ['after', `${seconds} s`],
  ['packets sent', String(packets(call).sent)],
  ['packets received', String(packets(call).received)],
]

const callVerdict = (call: TestCall, seconds: number, line: string): Verdict => {
  const { answered, over, status, reason } = call
  if (answered) return answeredVerdict(call, seconds, line)
  if (!over) return { id: 'call-unanswered', severity: 'warning', line, values: { seconds } }
  return {
    id: 'call-refused',
    severity: 'fault',
    line,
    values: { status: status ?? '', reason: reason ?? '' },
  }
}

/** What was not to come, or not to go, is not missed. */
const answeredVerdict = (call: TestCall, seconds: number, line: string): Verdict => {
  const { sent, received } = packets(call)
  const { fromHere, fromThere } = expectsAudio(call.figures ?? {})
  if (fromThere && received === 0) return { id: 'call-silent', severity: 'fault', line, values: { sent } }
  if (fromHere && sent === 0)
    return { id: 'nothing-sent', severity: 'fault', line, values: { sent, received } }
  return { id: 'call-good', severity: 'fine', line, values: { seconds, sent, received } }
}
