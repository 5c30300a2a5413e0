// The box behind a lossy relay with SIPp at the other side, set up once a namespace: eight telephones, so that
// scenarios that wait for retransmissions can do so side by side.

import t, { type Test } from 'tap'
import type { BenchEvent, BenchReply, BenchRequest } from '../bench/bench-client.js'
import { type RunningDaemon, startDaemon } from '../support/daemon.js'
import { dropFirst, type LossRule, type LossyRelay, startLossyRelay } from './lossy-relay.js'
import { type SippRun, startSipp } from './sipp.js'
import * as scenarios from './sipp-scenarios.js'

export const lineCount = 8
const relayAddress = '127.0.0.1'
const box = { address: '127.0.0.5', port: 5060 }
const peer = { address: '127.0.0.2', port: 5060 }
const registrar = { address: '127.0.0.3', port: 5060 }

export const seconds = (s: number) => new Promise(resolve => setTimeout(resolve, s * 1000))
const user = (line: number) => `03890000${String(line).padStart(2, '0')}`

export interface SippBench {
  readonly daemon: RunningDaemon
  readonly relay: LossyRelay
  /** What is lost from now on. */
  lose(rule: LossRule): void
  request(action: BenchRequest, line?: number): Promise<BenchReply>
  /** The next event of the line that has these fields. */
  event(wanted: Readonly<Record<string, unknown>>, withinMs: number, line?: number): Promise<BenchEvent>
  /** The next time the box says that the line is in this situation. */
  situation(name: string, withinMs: number, line?: number): Promise<unknown>
  /** Lifts the telephone and dials the peer. */
  dial(line?: number): Promise<void>
  hangUp(line?: number): Promise<void>
  /** Proof that nothing is stuck: lifting gives dial tone. */
  isIdle(t: Test, line?: number): Promise<void>
  /** SIPp calls the line. */
  caller(scenario: (relay: string, user: string) => string, line?: number): SippRun
  /** SIPp answers `calls` calls of the box. */
  callee(scenario: (relay: string) => string, calls?: number): SippRun
}

export const nothingLost: LossRule = () => false

/** Everything is stopped with the test that made it. The first two REGISTERs of each line are lost. */
export const startSippBench = async (): Promise<SippBench> => {
  let rule = dropFirst('from-box', 'REGISTER', 2)
  let callerPort = 20_000
  const registering = startSipp({ ...registrar, scenario: scenarios.registrar() })
  t.teardown(() => registering.child.stop())
  const relay = await startLossyRelay({
    address: relayAddress,
    box,
    peer,
    registrar,
    lose: (...datagram) => rule(...datagram),
  })
  t.teardown(() => relay.close())
  const daemon = await startDaemon({
    address: box.address,
    // SIPp takes a SUBSCRIBE for a call.
    lines: Array.from({ length: lineCount }, (_, i) => ({
      id: `tel${i}`,
      user: user(i),
      password: 'x',
      mwi: 'unsolicited' as const,
    })),
    domain: 'operator.test',
    proxy: `${relayAddress}:5060`,
  })
  t.teardown(() => daemon.stop())
  await daemon.child.waitFor(new RegExp(`"line":"tel${lineCount - 1}".*"state":"registered"`), 20_000)
  const bench: SippBench = {
    daemon,
    relay,
    lose: next => {
      rule = next
    },
    request: (action, line = 0) => daemon.bench.do({ line: `tel${line}`, ...action }),
    event: (wanted, withinMs, line = 0) =>
      daemon.bench.waitFor(
        seen =>
          seen.line === `tel${line}` && Object.entries(wanted).every(([key, value]) => seen[key] === value),
        withinMs,
        daemon.bench.mark(),
      ),
    situation: (name, withinMs, line = 0) =>
      daemon.child.waitFor(
        new RegExp(`"line":"tel${line}","situation":"${name}"`),
        withinMs,
        daemon.child.mark(),
      ),
    dial: async (line = 0) => {
      for (let attempt = 1; ; attempt++) {
        const tone = bench.event({ ev: 'tone', name: 'dial' }, 5000, line)
        await bench.request({ do: 'offhook' }, line)
        await tone
        const placed = bench.situation('ringing-out', 3000, line).then(
          () => true,
          () => false,
        )
        await bench.request({ do: 'dtmf', digits: '3100', onMs: 60, offMs: 60 }, line)
        // A starved machine may lose a frame, and a key with it; here SIP is on trial, so one dials again.
        if ((await placed) || attempt === 3) return
        await bench.hangUp(line)
      }
    },
    hangUp: async (line = 0) => {
      await bench.request({ do: 'onhook' }, line)
      await seconds(0.8)
    },
    isIdle: async (test, line = 0) => {
      const tone = bench.event({ ev: 'tone', name: 'dial' }, 5000, line)
      await bench.request({ do: 'offhook' }, line)
      test.ok(await tone, `tel${line} is idle: dial tone again`)
      await bench.hangUp(line)
    },
    caller: (scenario, line = 0) =>
      startSipp({
        address: '127.0.0.4',
        port: (callerPort += 2),
        scenario: scenario(relayAddress, user(line)),
        target: `${relayAddress}:5060`,
        args: ['-m', '1', '-recv_timeout', '32000', '-timeout_error'],
      }),
    callee: (scenario, calls = 1) =>
      startSipp({
        ...peer,
        scenario: scenario(relayAddress),
        args: ['-m', String(calls), '-recv_timeout', '32000', '-timeout', '280s'],
      }),
  }
  return bench
}
