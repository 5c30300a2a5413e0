// The box of the demo: the daemon as a process on a simulated board, its telephones as the bench channel tells of them,
// what it keeps itself as its log tells.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { isSituation } from '../../firmware/phone/explain.js'
import { BenchClient, type BenchEvent, type BenchRequest } from '../../test/bench/bench-client.js'
import { endProcess, readyProcess, startProcess } from './process.js'
import { type HandAction, newTelephone, type Telephone } from './telephone.js'

export interface BoxSide {
  readonly telephones: readonly Telephone[]
  readonly bench: BenchClient
  /** Whether its store withholds the number for good. */
  isMasked(telephone: Telephone): boolean
  /** Rejects with a message for people. */
  act(telephone: Telephone, action: HandAction): Promise<void>
  /** Resolves with the exit code. */
  close(): Promise<number | null>
}

export interface BoxSideOptions {
  readonly address: string
  readonly folder: string
  readonly operator: string
  /** Root of the network's service settings. */
  readonly xcapRoot: string
  readonly domain: string
  readonly lines: readonly { readonly line: string; readonly number: string; readonly password: string }[]
  /** A file that is spoken. */
  readonly speech: string
  onChange(): void
}

/** As long as a finger stays on a key that is not in a hurry. */
const KEY_MS = 100

/** Rejects with a message for people when the box does not come up. */
export const openBoxSide = async (options: BoxSideOptions): Promise<BoxSide> => {
  const { folder, onChange } = options
  const telephones = options.lines.map(({ line, number }) => newTelephone(line, number, 'box'))
  const masked = new Set<string>()
  const socket = join(folder, 'bench.sock')
  const config = join(folder, 'voiceport.toml')
  writeFileSync(config, configuration(options, socket))
  const box = startProcess('board/main.js', ['run', '--config', config])
  if (box.stderr)
    createInterface({ input: box.stderr }).on('line', text => {
      if (readLog(text, telephones, masked)) onChange()
    })
  let bench: BenchClient
  try {
    await readyProcess(box, 'voiceport ready', 'the box')
    bench = await BenchClient.connect(`unix:${socket}`)
  } catch (error) {
    await endProcess(box)
    throw error
  }
  bench.onEvent(event => {
    if (readEvent(event, telephones)) onChange()
  })
  const request = (action: HandAction): BenchRequest => {
    switch (action.do) {
      case 'lift':
        return { do: 'offhook' }
      case 'hang up':
        return { do: 'onhook' }
      case 'R':
        return { do: 'flash' }
      case 'speak':
        return { do: 'play', wav: options.speech }
      case 'keys':
        return { do: 'dtmf', digits: action.keys, onMs: KEY_MS }
    }
  }
  return {
    telephones,
    bench,
    isMasked: ({ name }) => masked.has(name),
    act: async (telephone, action) => {
      if (action.do === 'keys' && telephone.offHook) telephone.pressed += action.keys
      if (action.do === 'R' && telephone.offHook) telephone.pressed += ' R '
      const reply = await bench.request({ line: telephone.name, ...request(action) })
      // Hanging up ends what was being said or dialled.
      if (!reply.ok && !/cancelled/.test(reply.message ?? '')) throw new Error(reply.message)
    },
    close: async () => {
      await bench.close()
      return endProcess(box)
    },
  }
}

const configuration = (options: BoxSideOptions, socket: string): string => `board = "sim"
profile = "fr"
${options.lines
  .map(
    ({ line, number, password }) => `[[line]]
id = "${line}"
xcap.root = "${options.xcapRoot}"
[line.account]
user = "${number}"
domain = "${options.domain}"
password = "${password}"
proxies = ["sip:${options.operator};transport=udp"]
`,
  )
  .join('')}
[sip]
listen = "${options.address}:5060"
[media]
listen = "${options.address}"
[store]
path = "${join(options.folder, 'voiceport.db')}"
[bench]
listen = "unix:${socket}"
[trace]
path = "${join(options.folder, 'trace.jsonl')}"
`

/** One line of the box's log; true when it changed something. */
const readLog = (text: string, telephones: readonly Telephone[], masked: Set<string>): boolean => {
  let entry: Record<string, unknown>
  try {
    entry = JSON.parse(text) as Record<string, unknown>
  } catch {
    return false
  }
  const telephone = telephones.find(({ name }) => name === entry['line'])
  if (!telephone) return false
  const mask = (on: boolean) => (on ? masked.add(telephone.name) : masked.delete(telephone.name))
  const situation = String(entry['situation'])
  if (entry['msg'] === 'registration') telephone.registration = String(entry['state'])
  else if (entry['msg'] === 'setting stored' && entry['setting'] === 'masking') mask(entry['value'] === true)
  else if (entry['msg'] === 'masking changed by the network') mask(entry['masked'] === true)
  else if (entry['msg'] === 'telephone' && isSituation(situation)) {
    telephone.situation = situation
    if (situation === 'idle' || situation === 'dial-tone') clear(telephone)
  } else return false
  return true
}

const clear = (telephone: Telephone): void => {
  telephone.pressed = telephone.heard = telephone.caption = telephone.display = ''
}

const displayed = ({ number, absence }: BenchEvent): string => {
  if (typeof number === 'string') return number
  return absence === 'P' ? 'withheld' : 'unknown'
}

const readEvent = (event: BenchEvent, telephones: readonly Telephone[]): boolean => {
  const telephone = telephones.find(({ name }) => name === event.line)
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
    case 'clip':
      telephone.display = displayed(event)
      return true
    case 'dtmf':
      telephone.heard += String(event['digit'])
      return true
    case 'loop':
      telephone.offHook = event['state'] === 'closed'
      return true
    default:
      return false
  }
}
