// One command at the console, or a file of exported settings, for scripts: its text (or JSON) on standard output; 0 done, 1 a
// negative result or a fault, 2 not a command, a wrong value or not allowed.

import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { asciiJson } from '../../firmware/console/hil.js'
import { VoiceportError } from '../../firmware/errors.js'
import type { CommandInput } from './command.js'

interface Reply {
  readonly id?: number
  readonly ok?: boolean
  readonly ev?: string
  readonly good?: boolean
  readonly data?: unknown
  readonly text?: readonly string[]
  readonly error?: string
  readonly message?: string
}

const loginId = 1
const commandId = 2
/** Errors of the one who asked; every other one is the box's. */
const badInput = new Set(['VP-1003', 'VP-7501', 'VP-7502', 'VP-7503', 'VP-7505', 'VP-7508'])

/** What is asked of the box once it is open. */
export const requestOf = ({ values }: CommandInput): object =>
  values['import'] === undefined
    ? { do: String(values['exec']), text: values['json'] !== true, short: true }
    : { import: textOf(String(values['import'])).split(/\r?\n/) }

export const execute = async (socket: Socket, input: CommandInput, request: object): Promise<number> => {
  const { values, out } = input
  const json = values['json'] === true || values['import'] !== undefined
  const level = values['enable'] === true || values['import'] !== undefined ? 'enable' : 'view'
  const login = await secretOf(input)
  const send = (line: object): void => void socket.write(`${asciiJson(line)}\n`)
  send({ id: loginId, login, level })
  try {
    for await (const reply of replies(socket)) {
      if (reply.id === loginId && reply.ok === true) send({ id: commandId, ...request })
      if (reply.ok === false) return failed(reply)
      if (reply.id !== commandId) continue
      if (reply.data !== undefined)
        for (const line of json ? [asciiJson(reply.data)] : (reply.text ?? [])) out(line)
      if (reply.ok === true) return reply.good === false ? 1 : 0
    }
  } finally {
    socket.destroy()
  }
  throw new VoiceportError('VP-7507', 'the console hung up')
}

const failed = ({ error = '', message = '' }: Reply): number => {
  process.stderr.write(`voiceport: ${message} (${error})\n`)
  return badInput.has(error) ? 2 : 1
}

/** The JSON lines among what comes; a greeting for people is none. */
async function* replies(socket: Socket): AsyncIterable<Reply> {
  for await (const line of createInterface({ input: socket })) {
    if (!line.trimStart().startsWith('{')) continue
    try {
      yield JSON.parse(line) as Reply
    } catch {
      // Half a line of a console that went away.
    }
  }
}

/** From a file, or the first line of standard input: never from the command line, where every user of the machine reads it. */
const secretOf = async ({ values, stdin }: CommandInput): Promise<string> => {
  const file = values['secret-file']
  if (file === undefined) {
    if (process.stdin.isTTY) return typedSecret()
    for await (const chunk of stdin) return String(chunk).split(/\r?\n/)[0] ?? ''
    return ''
  }
  return textOf(String(file)).replace(/\r?\n$/, '')
}

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new VoiceportError('VP-7003', `${file} cannot be read: ${(error as Error).message}`)
  }
}

/** Typed at the terminal, without an echo. */
const typedSecret = (): Promise<string> => {
  const { stdin } = process
  process.stderr.write('Password: ')
  stdin.setRawMode(true)
  return new Promise(resolve => {
    let typed = ''
    stdin.on('data', function read(keys: Buffer) {
      for (const key of keys.toString('latin1')) {
        if (key === '\r' || key === '\n' || key === '\x03' || key === '\x04') {
          stdin.off('data', read).setRawMode(false).pause()
          process.stderr.write('\n')
          return resolve(key === '\r' || key === '\n' ? typed : '')
        }
        typed = key === '\x7f' || key === '\b' ? typed.slice(0, -1) : typed + key
      }
    })
  })
}
