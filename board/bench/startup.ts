// voiceport bench startup: the daemon as systemd starts it, from the spawning of the process to `voiceport ready`, and
// what it keeps in memory when idle and in a call. A bare node that does nothing stands beside it: the floor of the host.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { isBundleCurrent } from '../bundle.js'
import { nowUs, pause } from './call-rig.js'
import { startScriptedPeer } from './scripted-peer.js'
import { summary } from './statistics.js'
import { createTemporaryBox, type TemporaryBox } from './temporary-box.js'

export interface StartupOptions {
  /** Starts measured, >= 1. */
  readonly starts?: number
  /** How long the idle box and the call are left alone before their memory is read, ms. */
  readonly settleMs?: number
}

const defaultStarts = 10
/** The box tidies its heaps up to 12 s after its start, V8 by itself some 8 s after the work is done. */
const defaultSettleMs = 15_000
const main = fileURLToPath(new URL('../main.js', import.meta.url))
const patienceMs = 30_000

interface Memory {
  /** Resident set of the process, MB (10^6 bytes). */
  readonly rssMb: number
  /** The part of it that is no mapped file. */
  readonly anonymousMb: number
}

export const run = async (options: StartupOptions = {}): Promise<Record<string, unknown>> => {
  const starts = options.starts ?? defaultStarts
  const loadBefore = loadavg()[0] as number
  const ready: number[] = []
  const bare: number[] = []
  for (let n = 0; n < starts; n++) {
    bare.push(await bareNode())
    ready.push(await withDaemon(async (_box, readyMs) => readyMs))
  }
  const memory = await withDaemon(async box => memoryOf(box, options.settleMs ?? defaultSettleMs))
  const [readyMs, bareMs] = [summary(ready), summary(bare)]
  return {
    starts,
    code: isBundleCurrent() ? 'bundle' : 'compiled files',
    cpus: cpus().length,
    load: { before: round(loadBefore), after: round(loadavg()[0] as number) },
    ready: { ...readyMs, aim: 'median <= 500' },
    bareNode: { ...bareMs, what: 'node -e 0, start to end' },
    readyOverBare: round(readyMs.medianMs / bareMs.medianMs),
    ...memory,
    aim: 'rss <= 80 MB',
  }
}

interface RunningBox extends TemporaryBox {
  readonly child: ChildProcess
}

const bareNode = async (): Promise<number> => {
  const began = nowUs()
  const child = spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' })
  await once(child, 'exit')
  return (nowUs() - began) / 1000
}

const withDaemon = async <T>(work: (box: RunningBox, readyMs: number) => Promise<T>): Promise<T> => {
  const box = await createTemporaryBox()
  const peer = await startScriptedPeer({ ...box.peer, answerAfterMs: 200, ignoreBye: false })
  const began = nowUs()
  const child = spawn(process.execPath, [main, 'run', '--config', box.config], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  try {
    await readyLine(child)
    return await work({ ...box, child }, (nowUs() - began) / 1000)
  } finally {
    child.kill('SIGTERM')
    await exited
    await peer.stop()
    await box.remove()
  }
}

const readyLine = (child: ChildProcess): Promise<void> =>
  new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part
      if (text.includes('voiceport ready\n')) resolve()
    })
    child.once('exit', code => reject(new Error(`the daemon ended with ${code} before it was ready`)))
  })

const memoryOf = async (box: RunningBox, settleMs: number): Promise<Record<string, Memory>> => {
  const telephone = await connectTelephone(box.socket)
  try {
    await pause(settleMs)
    const idle = await residentOf(box.child)
    telephone.ask({ do: 'offhook' })
    await telephone.event(event => event['ev'] === 'tone' && event['name'] === 'dial')
    telephone.ask({ do: 'dtmf', digits: '0389000002' })
    // The peer's tone of 1 kHz.
    await telephone.event(event => event['ev'] === 'tone' && event['name'] === 'unknown')
    await pause(settleMs)
    const inCall = await residentOf(box.child)
    return { idle, inCall }
  } finally {
    telephone.close()
  }
}

type Fields = Readonly<Record<string, unknown>>

const connectTelephone = async (path: string) => {
  const socket = connect({ path })
  await once(socket, 'connect')
  const waiting = new Set<(event: Fields) => void>()
  let rest = ''
  socket.setEncoding('utf8').on('data', (part: string) => {
    const lines = (rest + part).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) for (const look of [...waiting]) look(JSON.parse(line) as Fields)
  })
  return {
    ask: (request: Fields): void => void socket.write(`${JSON.stringify(request)}\n`),
    event: (fits: (event: Fields) => boolean): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (event: Fields) => {
          if (!fits(event)) return
          clearTimeout(limit)
          waiting.delete(look)
          resolve()
        }
        const limit = setTimeout(() => reject(new Error('the telephone heard nothing')), patienceMs)
        waiting.add(look)
      }),
    close: (): void => void socket.destroy(),
  }
}

const residentOf = async ({ pid }: ChildProcess): Promise<Memory> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const megabytes = (name: string) =>
    round((Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) * 1024) / 1e6)
  return { rssMb: megabytes('VmRSS'), anonymousMb: megabytes('RssAnon') }
}

const round = (value: number): number => Math.round(value * 100) / 100
