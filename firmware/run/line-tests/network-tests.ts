// Tests of the way to the operator: registering now, and a call that the box makes by itself, without the telephone. The
// subscriber's own calls go on beside both.

import type { SipEvent } from '../../sip/sip-line.js'
import type { RegistrationFacts } from '../facts/facts.js'
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
  sent: number
  received: number
}

/** Calls `number`, listens for three seconds to what answers, and hangs up. */
export const testCall = async (bench: Bench, number: string): Promise<TestReport> => {
  const { line, clock } = bench
  const { sip, media } = line
  const id = `${line.id}/test-${clock.now()}`
  const call: TestCall = { answered: false, over: false, sent: 0, received: 0 }
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
      call.sent = told.statistics.sentPackets
      call.received = told.statistics.receivedPackets
    }
    return true
  })
  media.command({ do: 'wake', line: line.id })
  media.command({ do: 'open', stream: id })
  const began = clock.now()
  await bench.wait(answerMs, () => call.answered || call.over)
  const seconds = Math.round((clock.now() - began) / 1e6)
  if (call.answered) await bench.wait(listenMs, () => call.over)
  sip?.hangUp(id)
  media.command({ do: 'close', stream: id })
  await bench.wait(500, () => closed)
  // Nobody else needs frames: the telephone is on the hook.
  if (bench.known.situation === 'idle') media.command({ do: 'sleep', line: line.id })
  const verdict = bench.stopped() ? stoppedVerdict(line.id) : callVerdict(call, seconds, line.id)
  return { line: line.id, measured: measured(call, seconds), verdicts: [verdict] }
}

const hear = (event: SipEvent, call: TestCall, { line }: Bench): void => {
  switch (event.type) {
    case 'media':
      line.media.command({ do: 'connect', stream: event.call, to: streamParameters(event.remote) })
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

const measured = ({ status, sent, received }: TestCall, seconds: number): TestReport['measured'] => [
  ['answer', status === undefined ? 'none' : String(status)],
  ['after', `${seconds} s`],
  ['packets sent', String(sent)],
  ['packets received', String(received)],
]

const callVerdict = (call: TestCall, seconds: number, line: string): Verdict => {
  const { answered, over, sent, received, status, reason } = call
  if (answered && received > 0)
    return { id: 'call-good', severity: 'fine', line, values: { seconds, sent, received } }
  if (answered) return { id: 'call-silent', severity: 'fault', line, values: { sent } }
  if (!over) return { id: 'call-unanswered', severity: 'warning', line, values: { seconds } }
  return {
    id: 'call-refused',
    severity: 'fault',
    line,
    values: { status: status ?? '', reason: reason ?? '' },
  }
}
