// How many calls a second the reference operator carries: started alone as a program, one subscriber's SIPp calls (challenged
// and proven each time), another's answers, and both count what went wrong. No audio goes through an operator that proxies.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, startChild } from '../support/child.js'
import { asScripted, type SippRun, startSipp } from './sipp.js'
import { answerHead, empty, scenario, send, withSdp } from './sipp-scenarios.js'

export interface LoadFigures {
  /** Calls begun a second. */
  readonly rate: number
  readonly calls: number
  /** Calls that did not go as both scenarios want, either side. */
  readonly failed: number
  /** Messages that SIPp sent again: how near the edge it was. */
  readonly retransmissions: number
  /** From the proven INVITE to the 180, mean, ms. */
  readonly setupMs: number
  /** Of one core, by the operator alone, %. */
  readonly cpu: number
  /** Resident memory of the operator afterwards, MB. */
  readonly rssMb: number
  /** Calls were begun as fast as they were to be. */
  readonly kept: boolean
  /** SIPp's own words about what went wrong, caller and called. */
  readonly words: readonly string[]
}

export interface LoadBench {
  /** Calls at this rate for so long; what is left of them is waited for. */
  run(rate: number, seconds: number): Promise<LoadFigures>
  stop(): Promise<void>
}

const domain = 'operator.test'
const operatorAt = '127.0.0.1:5060'
const calledAt = '127.0.0.2'
const callerAt = '127.0.0.3'
const [caller, called] = ['0389000001', '0389000002']
const RING_MS = 100
const TALK_MS = 1000
/** Clock ticks of /proc a second. */
const TICKS = 100

const credentials = (user: string): string => `[authentication username=${user} password=secret]`
const via = 'Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]'

const register = (user: string, cseq: number, more = ''): string => `REGISTER sip:${domain} SIP/2.0
${via}
From: <sip:${user}@${domain}>;tag=[call_number]
To: <sip:${user}@${domain}>
Call-ID: [call_id]
CSeq: ${cseq} REGISTER
Contact: <sip:${user}@[local_ip]:[local_port]>
Expires: 3600
Max-Forwards: 70
${more}${empty}`

const registering = (user: string): string =>
  scenario('registering', [
    send(register(user, 1), 'retrans="500"'),
    '<recv response="401" auth="true"/>',
    send(register(user, 2, `${credentials(user)}\n`), 'retrans="500"'),
    '<recv response="200"/>',
  ])

/** `to` with its tag where there is one, `more` with its line ends. */
const fromCaller = (
  method: string,
  uri: string,
  cseq: number,
  more: string,
  tag = '',
): string => `${method} ${uri} SIP/2.0
${method === 'ACK' && tag === '' ? '[last_Via:]' : via}
From: <sip:${caller}@${domain}>;tag=[pid]x[call_number]
To: <sip:${called}@${domain}>${tag}
Call-ID: [call_id]
CSeq: ${cseq} ${method}
Contact: <sip:${caller}@[local_ip]:[local_port]>
Max-Forwards: 70
${more}`

const uri = `sip:${called}@${domain}`
const inside = (method: string, cseq: number): string =>
  fromCaller(method, '[next_url]', cseq, `[routes]\n${empty}`, '[peer_tag_param]')

const calling = (): string =>
  scenario('calling', [
    send(fromCaller('INVITE', uri, 1, withSdp), 'retrans="500"'),
    '<recv response="407" auth="true"/>',
    send(fromCaller('ACK', uri, 1, empty)),
    send(
      fromCaller('INVITE', uri, 2, `${credentials(caller)}\n${withSdp}`),
      'retrans="500" start_rtd="setup"',
    ),
    '<recv response="100" optional="true"/>',
    // May be lost: only final answers are repeated.
    '<recv response="180" optional="true" rtd="setup"/>',
    '<recv response="200" rrs="true"/>',
    send(inside('ACK', 2)),
    `<pause milliseconds="${TALK_MS}"/>`,
    send(inside('BYE', 3), 'retrans="500"'),
    '<recv response="200"/>',
  ])

const contact = `Contact: <sip:${called}@[local_ip]:[local_port]>`
const answering = (): string =>
  scenario('answering', [
    '<recv request="INVITE"/>',
    send(`${answerHead('180 Ringing')}\n${contact}\n${empty}`),
    `<pause milliseconds="${RING_MS}"/>`,
    send(`${answerHead('200 OK')}\n${contact}\n${withSdp}`, 'retrans="500"'),
    '<recv request="ACK"/>',
    '<recv request="BYE"/>',
    send(`${answerHead('200 OK', '')}\n${empty}`),
  ])

/** The last line of SIPp's statistics, by column. */
const statisticsIn = (file: string): ReadonlyMap<string, string> => {
  const lines = readFileSync(file, 'latin1').trim().split('\n')
  const values = (lines.at(-1) ?? '').split(';')
  return new Map((lines[0] ?? '').split(';').map((name, i) => [name, values[i] ?? '']))
}

/** "00:00:00:012345": hours, minutes, seconds, µs. */
const inMs = (text: string): number => {
  const [hours = 0, minutes = 0, seconds = 0, us = 0] = text.split(':').map(Number)
  return ((hours * 60 + minutes) * 60 + seconds) * 1000 + us / 1000
}

/** Seconds of processor time a process has had, user and system. */
const cpuSeconds = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}
const rssMb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024

const startOperator = async (data: string): Promise<Child> => {
  const main = fileURLToPath(new URL('../operator/main.js', import.meta.url))
  const flags = ['--sip', operatorAt, '--domain', domain, '--data', data, '--digest', 'MD5']
  const users = [caller, called].flatMap(user => ['--subscriber', `${user}:secret`])
  const operator = startChild(process.execPath, [main, ...flags, ...users])
  await operator.waitFor(/operator ready/, 30_000)
  return operator
}

const registerCalled = async (): Promise<void> => {
  const run = startSipp({
    address: calledAt,
    scenario: registering(called),
    target: operatorAt,
    args: ['-m', '1', '-auth_uri', domain, '-timeout', '20s', '-timeout_error'],
  })
  const outcome = await run.done()
  if (outcome !== asScripted) throw new Error(`registering: ${outcome}`)
}

const startCalls = (calls: number, rate: number, statistics: string): { to: SippRun; from: SippRun } => {
  const count = ['-m', String(calls), '-l', '100000']
  return {
    to: startSipp({ address: calledAt, scenario: answering(), args: count }),
    from: startSipp({
      address: callerAt,
      scenario: calling(),
      target: operatorAt,
      args: [
        ...count,
        ...['-r', String(rate), '-auth_uri', `${called}@${domain}`, '-recv_timeout', '20000'],
        ...['-trace_stat', '-stf', statistics, '-fd', '1'],
      ],
    }),
  }
}

/** Needs an otherwise empty loopback (test/support/netns.ts): its addresses are fixed. */
export const startLoadBench = async (): Promise<LoadBench> => {
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-load-'))
  const operator = await startOperator(folder)
  const pid = operator.process.pid as number
  let running: readonly SippRun[] = []
  const stop = async (): Promise<void> => {
    for (const { child } of running) await child.stop()
    await operator.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  await registerCalled().catch(async error => {
    await stop()
    throw error
  })
  return {
    stop,
    run: async (rate, seconds) => {
      const calls = Math.round(rate * seconds)
      const statistics = join(folder, `${rate}.csv`)
      const begun = performance.now()
      const spent = cpuSeconds(pid)
      const { to, from } = startCalls(calls, rate, statistics)
      running = [to, from]
      const placed = await from.done()
      const elapsed = (performance.now() - begun) / 1000
      const cpu = ((cpuSeconds(pid) - spent) / elapsed) * 100
      // Whom a failed call never reached would be waited for in vain.
      const late = setTimeout(() => void to.child.stop(), 2000)
      const answered = await to.done()
      clearTimeout(late)
      running = []
      const told = statisticsIn(statistics)
      const number = (column: string): number => Number(told.get(column) ?? 0)
      const failed = Math.max(number('FailedCall(C)'), calls - number('SuccessfulCall(C)'))
      return {
        rate,
        calls,
        failed: failed > 0 || answered === asScripted ? failed : 1,
        retransmissions: number('Retransmissions(C)'),
        setupMs: inMs(told.get('ResponseTimesetup(C)') ?? ''),
        cpu: Math.round(cpu),
        rssMb: Math.round(rssMb(pid)),
        words: [placed, answered].filter(word => word !== asScripted),
        kept: elapsed < seconds + (RING_MS + TALK_MS) / 1000 + 2,
      }
    },
  }
}
