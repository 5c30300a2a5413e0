// How evenly the audio thread sends RTP while the main thread is kept busy: kernel receive timestamps, lateness behind
// each line's own best 20 ms grid, beside a C sender on absolute sleeps that runs in the same seconds.

import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { MediaEvent } from '../../firmware/media/media-contract.js'
import { type MediaLink, startMediaWorker } from '../media-link.js'
import { rtpPeerSource } from './rtp-peer-source.js'

const run1 = promisify(execFile)
const LINES = 2
const SECONDS = 12
/** Packets of each line left out at the start. */
const WARM_UP = 50
const PACKET_MS = 20
const OWN = '127.0.0.1'
/** Share of time the main thread computes without a break, ms of ms. */
const BUSY_MS = 15
const PAUSE_MS = 5

export interface PacingOptions {
  readonly lines?: number
  readonly seconds?: number
  /** Keep the main thread busy meanwhile; default true. */
  readonly load?: boolean
}

interface Arrivals {
  readonly sequence: number[]
  readonly ms: number[]
}

interface Figures {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  readonly maxMs: number
  /** Change of the sender's 20 ms grid against the kernel's clock over the run, worst line. */
  readonly driftMs: number
  readonly packets: number
  readonly lost: number
}

/** One JSON object of figures; `sender` and `ratio` are null, with a `reason`, where no C compiler is to be had. */
export const run = async (options: PacingOptions = {}): Promise<Record<string, unknown>> => {
  const lines = options.lines ?? LINES
  const seconds = options.seconds ?? SECONDS
  const folder = await mkdtemp(join(tmpdir(), 'voiceport-pacing-'))
  try {
    const peer = await compile(folder)
    if (peer === undefined)
      return {
        lines,
        seconds,
        worker: null,
        sender: null,
        reason: 'no C compiler (gcc) for kernel timestamps',
      }
    return await measure(peer, lines, seconds, options.load ?? true)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const compile = async (folder: string): Promise<string | undefined> => {
  const source = join(folder, 'peer.c')
  const binary = join(folder, 'peer')
  await writeFile(source, rtpPeerSource)
  try {
    await run1('gcc', ['-O2', '-o', binary, source])
    return binary
  } catch {
    return undefined
  }
}

const measure = async (
  peer: string,
  lines: number,
  seconds: number,
  load: boolean,
): Promise<Record<string, unknown>> => {
  const total = (seconds + 1) * 1000
  const [fromWorker, fromSender] = await Promise.all([listen(peer, total + 1500), listen(peer, total + 1500)])
  const logs: string[] = []
  const note = (message: string) => void logs.push(message)
  const link = await startMediaWorker({
    board: { kind: 'sim', lines: Array.from({ length: lines }, (_, n) => `tel${n + 1}`) },
    config: { address: OWN, ports: [26384, 26384 + lines * 4 + 1], tones: {}, rings: {} },
    log: { debug: note, info: note, warn: note, error: note },
  })
  const sender = run1(peer, [
    'send',
    OWN,
    String(fromSender.port),
    String(lines),
    String((seconds * 1000) / PACKET_MS),
  ])
  await callAll(link, lines, fromWorker.port)
  const stopLoad = load ? keepBusy() : () => {}
  const spun = await sender
  stopLoad()
  await link.close()
  const worker = figures(await fromWorker.arrivals)
  const floor = figures(await fromSender.arrivals)
  return {
    lines,
    seconds,
    mainThreadLoad: load ? `${BUSY_MS} of ${BUSY_MS + PAUSE_MS} ms` : 'none',
    worker: { ...worker, realtime: logs.some(line => line.includes('runs at real-time priority')) },
    sender: { ...floor, realtime: spun.stdout.includes('realtime 1') },
    p99OverSenderMs: round(worker.p99Ms - floor.p99Ms),
    ratio: { p50: round(worker.p50Ms / floor.p50Ms), p99: round(worker.p99Ms / floor.p99Ms) },
  }
}

const listen = async (
  peer: string,
  ms: number,
): Promise<{ readonly port: number; readonly arrivals: Promise<Map<string, Arrivals>> }> => {
  const child = spawn(peer, ['receive', OWN, String(ms)], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  let told: (port: number) => void = () => {}
  const port = new Promise<number>(resolve => {
    told = resolve
  })
  child.stdout.setEncoding('latin1').on('data', (part: string) => {
    text += part
    const known = /^port (\d+)\n/.exec(text)
    if (known?.[1] !== undefined) told(Number(known[1]))
  })
  const arrivals = new Promise<Map<string, Arrivals>>(resolve =>
    child.once('close', () => resolve(arrivalsIn(text))),
  )
  return { port: await port, arrivals }
}

const arrivalsIn = (text: string): Map<string, Arrivals> => {
  const bySource = new Map<string, Arrivals>()
  let firstNs: bigint | undefined
  for (const line of text.split('\n').slice(1)) {
    const [ssrc, sequence, ns] = line.split(' ')
    if (ssrc === undefined || sequence === undefined || ns === undefined) continue
    firstNs ??= BigInt(ns)
    const arrivals = bySource.get(ssrc) ?? { sequence: [], ms: [] }
    bySource.set(ssrc, arrivals)
    arrivals.sequence.push(Number(sequence))
    arrivals.ms.push(Number(BigInt(ns) - firstNs) / 1e6)
  }
  return bySource
}

const callAll = async (link: MediaLink, lines: number, port: number): Promise<void> => {
  let opened = 0
  const all = new Promise<void>((resolve, reject) =>
    link.onEvent((event: MediaEvent) => {
      if (event.type === 'open-failed') reject(new Error(event.reason))
      if (event.type === 'opened' && ++opened === lines) resolve()
    }),
  )
  for (let n = 1; n <= lines; n++) {
    link.command({ do: 'wake', line: `tel${n}` })
    link.command({ do: 'open', stream: `s${n}` })
  }
  await all
  for (let n = 1; n <= lines; n++) {
    link.command({
      do: 'connect',
      stream: `s${n}`,
      to: {
        remote: { address: OWN, port },
        codec: 'PCMA',
        payloadType: 8,
        eventPayloadType: 101,
        ptime: PACKET_MS,
        direction: 'sendrecv',
      },
    })
    link.command({ do: 'talk', line: `tel${n}`, streams: [`s${n}`] })
    link.command({ do: 'digits', line: `tel${n}`, mode: 'call' })
  }
}

/** Computes and makes garbage on this thread, with short breaks, until stopped. */
const keepBusy = (): (() => void) => {
  let on = true
  const work = () => {
    if (!on) return
    const end = performance.now() + BUSY_MS
    let kept: unknown
    while (performance.now() < end) kept = JSON.parse(JSON.stringify({ a: [1, 2, 3], kept: typeof kept }))
    setTimeout(work, PAUSE_MS)
  }
  work()
  return () => {
    on = false
  }
}

const figures = (bySource: Map<string, Arrivals>): Figures => {
  const late: number[] = []
  let packets = 0
  let lost = 0
  let driftMs = 0
  for (const { sequence, ms } of bySource.values()) {
    const base = sequence[WARM_UP] ?? 0
    const order = sequence.slice(WARM_UP).map(s => (s - base) & 0xffff)
    const behind = order.map((n, i) => (ms[WARM_UP + i] as number) - n * PACKET_MS)
    if (behind.length < 2) continue
    const best = behind.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
    for (const value of behind) late.push(value - best)
    packets += behind.length
    lost += (order.at(-1) as number) + 1 - behind.length
    const drift = gridDrift(behind)
    if (Math.abs(drift) > Math.abs(driftMs)) driftMs = drift
  }
  late.sort((a, b) => a - b)
  const at = (share: number) => round(late[Math.min(late.length - 1, Math.floor(late.length * share))] ?? 0)
  return {
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    p999Ms: at(0.999),
    maxMs: at(1),
    driftMs: round(driftMs),
    packets,
    lost,
  }
}

/** How far the grid itself moved: the median of the last quarter less that of the first, over the three quarters between, scaled to the run. */
const gridDrift = (behind: readonly number[]): number => {
  const quarter = Math.max(1, behind.length >> 2)
  const median = (part: readonly number[]) => [...part].sort((a, b) => a - b)[part.length >> 1] ?? 0
  return (median(behind.slice(-quarter)) - median(behind.slice(0, quarter))) / 0.75
}

const round = (value: number) => Math.round(value * 1000) / 1000
