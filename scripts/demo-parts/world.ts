// The world of the demo: the reference operator and the box, each a process of its own, and the two telephones of the
// box as the bench channel tells of them. All of it on 127.0.0.x and in a temporary folder.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { BenchClient, type BenchEvent } from '../../test/bench/bench-client.js'

export interface Telephone {
  readonly line: string
  readonly number: string
  offHook: boolean
  ringing: boolean
  /** What the ear hears: "dial", "busy", … or "none". */
  tone: string
  /** What the box is doing with the line: "idle", "dialling", "active", … */
  situation: string
  registration: string
}

export interface World {
  readonly telephones: readonly Telephone[]
  readonly bench: BenchClient
  readonly folder: string
  /** Runs at every change of a telephone until the answer is called. */
  onChange(listener: () => void): () => void
  /** Ends both processes; resolves with the box's exit code. */
  close(): Promise<number | null>
}

const domain = 'operator.test'
// Addresses of their own, so that a SIP server of the machine is not in the way.
const operatorAddress = '127.60.0.1:5060'
const boxAddress = '127.60.0.5'
const subscribers = [
  { line: 'tel1', number: '0389000001', password: 'demo-one' },
  { line: 'tel2', number: '0389000002', password: 'demo-two' },
]

/** Rejects with a message for people when a process does not come up. */
export const openWorld = async (): Promise<World> => {
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-demo-'))
  const telephones = subscribers.map(
    ({ line, number }): Telephone => ({
      line,
      number,
      offHook: false,
      ringing: false,
      tone: 'none',
      situation: 'idle',
      registration: 'unregistered',
    }),
  )
  const listeners = new Set<() => void>()
  const changed = () => {
    for (const listener of [...listeners]) listener()
  }
  const operator = start('test/operator/main.js', [
    ...['--sip', operatorAddress, '--data', folder, '--domain', domain],
    ...subscribers.flatMap(({ number, password }) => ['--subscriber', `${number}:${password}`]),
  ])
  await ready(operator, 'operator ready', 'the reference operator')
  const socket = join(folder, 'bench.sock')
  const config = join(folder, 'voiceport.toml')
  writeFileSync(config, configuration(folder, socket))
  const box = start('board/main.js', ['run', '--config', config])
  if (box.stderr)
    createInterface({ input: box.stderr }).on('line', text => {
      if (readLog(text, telephones)) changed()
    })
  await ready(box, 'voiceport ready', 'the box')
  const bench = await BenchClient.connect(`unix:${socket}`)
  bench.onEvent(event => {
    if (readEvent(event, telephones)) changed()
  })
  return {
    telephones,
    bench,
    folder,
    onChange: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => {
      await bench.close()
      const code = await end(box)
      await end(operator)
      rmSync(folder, { recursive: true, force: true })
      return code
    },
  }
}

const configuration = (folder: string, socket: string): string => `board = "sim"
profile = "fr"
${subscribers
  .map(
    ({ line, number, password }) => `[[line]]
id = "${line}"
[line.account]
user = "${number}"
domain = "${domain}"
password = "${password}"
proxies = ["sip:${operatorAddress};transport=udp"]
`,
  )
  .join('')}
[sip]
listen = "${boxAddress}:5060"
[media]
listen = "${boxAddress}"
[store]
path = "${join(folder, 'voiceport.db')}"
[bench]
listen = "unix:${socket}"
[trace]
path = "${join(folder, 'trace.jsonl')}"
`

const start = (program: string, args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [fileURLToPath(new URL(`../../${program}`, import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })

const ready = (child: ChildProcess, line: string, who: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = ''
    const fail = (why: string) => reject(new Error(`${who} did not start: ${why}\n${said}`))
    const limit = setTimeout(() => fail('ten seconds passed'), 10_000)
    child.stderr?.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2000)
    })
    child.stdout?.on('data', (chunk: Buffer) => {
      if (!chunk.toString().includes(line)) return
      clearTimeout(limit)
      resolve()
    })
    child.once('exit', code => {
      clearTimeout(limit)
      fail(`it ended with ${code}`)
    })
  })

const end = (child: ChildProcess): Promise<number | null> =>
  new Promise(resolve => {
    if (child.exitCode !== null) {
      resolve(child.exitCode)
      return
    }
    const hard = setTimeout(() => child.kill('SIGKILL'), 4000)
    child.once('exit', code => {
      clearTimeout(hard)
      resolve(code)
    })
    child.kill('SIGTERM')
  })

/** One line of the box's log; true when it changed something. */
const readLog = (text: string, telephones: readonly Telephone[]): boolean => {
  let entry: Record<string, unknown>
  try {
    entry = JSON.parse(text) as Record<string, unknown>
  } catch {
    return false
  }
  const telephone = telephones.find(({ line }) => line === entry['line'])
  if (!telephone) return false
  if (entry['msg'] === 'registration') telephone.registration = String(entry['state'])
  else if (entry['msg'] === 'telephone') telephone.situation = String(entry['situation'])
  else return false
  return true
}

const readEvent = (event: BenchEvent, telephones: readonly Telephone[]): boolean => {
  const telephone = telephones.find(({ line }) => line === event.line)
  if (!telephone) return false
  switch (event.ev) {
    case 'state':
      telephone.offHook = event['offHook'] === true
      telephone.ringing = event['ringing'] === true
      telephone.tone = String(event['tone'])
      return true
    case 'ring':
      telephone.ringing = event['on'] === true
      return true
    case 'tone':
      telephone.tone = String(event['name'])
      return true
    case 'loop':
      telephone.offHook = event['state'] === 'closed'
      return true
    default:
      return false
  }
}
