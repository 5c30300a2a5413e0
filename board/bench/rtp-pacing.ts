// How evenly the audio thread sends RTP while the main thread is kept busy: kernel receive timestamps, beside a C sender
// on absolute sleeps that runs in the same seconds. On a virtual machine whole seconds may be spoilt from outside, so the
// time is cut into windows: the figure is the median of their differences over those in which the hypervisor left the
// processors alone, and all of them are told.

import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { MediaEvent } from '../../firmware/media/media-contract.js'
import { type MediaLink, startMediaWorker } from '../media-link.js'
import { pause } from './call-rig.js'
import {
  continuity,
  type Lines,
  median,
  type Packet,
  round,
  undisturbed,
  windowFigures,
} from './pacing-figures.js'
import { rtpPeerSource } from './rtp-peer-source.js'

const run1 = promisify(execFile)
const LINES = 2
const SECONDS = 60
/** Length of a window, s; a run shorter than two of them is one window. */
const WINDOW_S = 10
/**
 * Told apart at the start: V8 compiles and, once in its life, 8 to 20 s after the start, compacts the audio half's heap two
 * or three times, for 5 to 30 ms each. A box that rang before it was that old would hear it.
 */
const FIRST_SECONDS = 20
/** A window of which the hypervisor took more than this share of the processors' time says nothing of either sender. */
const DISTURBED_SHARE = 0.01
const PACKET_MS = 20
const OWN = '127.0.0.1'
/** Share of time the main thread computes without a break, ms of ms. */
const BUSY_MS = 15
const PAUSE_MS = 5

export interface PacingOptions {
  readonly lines?: number
  /** How long to measure, after the first seconds, which are told apart. */
  readonly seconds?: number
  readonly firstSeconds?: number
  /** Keep the main thread busy meanwhile; default true. */
  readonly load?: boolean
}

/** One JSON object of figures; `worker` and `sender` are null, with a `reason`, where no C compiler is to be had. */
export const run = async (options: PacingOptions = {}): Promise<Record<string, unknown>> => {
  const lines = options.lines ?? LINES
  const seconds = options.seconds ?? SECONDS
  const firstSeconds = options.firstSeconds ?? FIRST_SECONDS
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
    return await measure(peer, { lines, seconds, firstSeconds, load: options.load ?? true })
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
  { lines, seconds, firstSeconds, load }: Required<PacingOptions>,
): Promise<Record<string, unknown>> => {
  const total = (firstSeconds + seconds) * 1000
  const [fromWorker, fromSender] = await Promise.all([listen(peer, total + 2500), listen(peer, total + 2500)])
  const logs: string[] = []
  const note = (message: string) => void logs.push(message)
  const link = await startMediaWorker({
    board: { kind: 'sim', lines: Array.from({ length: lines }, (_, n) => `tel${n + 1}`) },
    config: { address: OWN, ports: [26384, 26384 + lines * 4 + 1], tones: {}, rings: {} },
    log: { debug: note, info: note, warn: note, error: note },
  })
  await callAll(link, lines, fromWorker.port)
  const packets = String((total + 500) / PACKET_MS)
  const sender = run1(peer, ['send', OWN, String(fromSender.port), String(lines), packets])
  const stopLoad = load ? keepBusy() : () => {}
  const stolen = watchStolen()
  const { stdout } = await sender
  stopLoad()
  stolen.stop()
  await link.close()
  return {
    lines,
    seconds,
    mainThreadLoad: load ? `${BUSY_MS} of ${BUSY_MS + PAUSE_MS} ms` : 'none',
    realtime: {
      worker: logs.some(line => line.includes('runs at real-time priority')),
      sender: stdout.includes('realtime 1'),
    },
    ...figures(await fromWorker.arrivals, await fromSender.arrivals, [firstSeconds, seconds], stolen.between),
  }
}

/** Both are told on one axis; the first seconds count from when both are sending. */
const figures = (
  [workerOrigin, worker]: Arrivals,
  [senderOrigin, sender]: Arrivals,
  [firstSeconds, seconds]: readonly [number, number],
  stolenMs: (fromNs: bigint, toNs: bigint) => number,
): Record<string, unknown> => {
  const shift = Number(senderOrigin - workerOrigin) / 1e6
  const moved = sender.map(line => line.map(packet => ({ ...packet, ms: packet.ms + shift })))
  const both = Math.max(0, shift)
  const begin = both + firstSeconds * 1000
  const end = begin + seconds * 1000
  const count = Math.max(1, Math.floor(seconds / WINDOW_S))
  const length = (end - begin) / count
  const all = Array.from({ length: count }, (_, n) => {
    const [from, to] = [begin + n * length, begin + (n + 1) * length]
    const at = (ms: number) => workerOrigin + BigInt(Math.round(ms * 1e6))
    return { ...windowFigures(worker, moved, from, to), stolenMs: stolenMs(at(from), at(to)) }
  })
  const whole = windowFigures(worker, moved, begin, end)
  const first = windowFigures(worker, moved, both, begin)
  return {
    firstSeconds: {
      seconds: firstSeconds,
      p99OverMs: first.p99OverMs,
      workerP99Ms: first.worker.p99Ms,
      workerMaxMs: first.worker.maxMs,
      senderMaxMs: first.sender.maxMs,
    },
    worker: { ...whole.worker, ...continuity(worker, begin, end) },
    sender: { ...whole.sender, ...continuity(moved, begin, end) },
    together: whole.together,
    p99OverSenderMs: {
      medianOfWindows: round(median(all.map(each => each.p99OverMs))),
      undisturbed: undisturbed(all, length * cpus().length * DISTURBED_SHARE),
      withoutStalls: round(median(all.map(each => each.p99OverWithoutStallsMs))),
      aim: 'undisturbed.medianMs <= 0.5',
    },
    windows: Object.fromEntries(
      all.map(({ worker: w, sender: s, ...each }, n) => [
        n + 1,
        {
          p99OverMs: each.p99OverMs,
          p99OverWithoutStallsMs: each.p99OverWithoutStallsMs,
          workerP99Ms: w.p99Ms,
          senderP99Ms: s.p99Ms,
          workerMaxMs: w.maxMs,
          senderMaxMs: s.maxMs,
          lateTogether: each.together.worker,
          stolenMs: each.stolenMs,
        },
      ]),
    ),
  }
}

/** Time the hypervisor gave to others while this machine wanted to run, all processors together, to 10 ms (proc(5)). */
const watchStolen = () => {
  const seen: { readonly ns: bigint; readonly ms: number }[] = []
  let on = true
  const watch = async (): Promise<void> => {
    while (on) {
      const cpu = (await readFile('/proc/stat', 'utf8')).split('\n')[0]?.split(/\s+/) ?? []
      seen.push({
        ns: BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6)),
        ms: Number(cpu[8]) * 10,
      })
      await pause(200)
    }
  }
  void watch().catch(() => {})
  const at = (ns: bigint): number => seen.findLast(each => each.ns <= ns)?.ms ?? seen[0]?.ms ?? 0
  return {
    stop: () => {
      on = false
    },
    between: (fromNs: bigint, toNs: bigint): number => at(toNs) - at(fromNs),
  }
}

/** Instant of the first packet, ns since 1970, and the packets of each line from then on. */
type Arrivals = readonly [bigint, Lines]

const listen = async (
  peer: string,
  ms: number,
): Promise<{ readonly port: number; readonly arrivals: Promise<Arrivals> }> => {
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
  const arrivals = new Promise<Arrivals>(resolve => child.once('close', () => resolve(arrivalsIn(text))))
  return { port: await port, arrivals }
}

const arrivalsIn = (text: string): Arrivals => {
  const bySource = new Map<string, Packet[]>()
  let origin: bigint | undefined
  for (const line of text.split('\n').slice(1)) {
    const [ssrc, sequence, timestamp, ns] = line.split(' ')
    if (ssrc === undefined || ns === undefined) continue
    origin ??= BigInt(ns)
    const packets = bySource.get(ssrc) ?? []
    bySource.set(ssrc, packets)
    packets.push({
      sequence: Number(sequence),
      timestamp: Number(timestamp),
      ms: Number(BigInt(ns) - origin) / 1e6,
    })
  }
  return [origin ?? 0n, [...bySource.values()]]
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
