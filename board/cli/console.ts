// voiceport console: the technician's console of a running box over its local socket, for a person at a terminal or for a
// script (--exec and --import, which speak HIL mode underneath).

import { connect, type Socket } from 'node:net'
import { VoiceportError } from '../../firmware/errors.js'
import { defaultConfigFile } from '../data.js'
import type { Command, CommandInput } from './command.js'
import { execute, requestOf } from './console-exec.js'

export const consoleCommand: Command = {
  name: 'console',
  summary: 'The technician console of a running box',
  usage: `[--config ${defaultConfigFile} | --socket PATH] [--exec CMD | --import FILE] [--secret-file FILE] [--enable] [--json]`,
  options: {
    config: { type: 'string', default: defaultConfigFile },
    socket: { type: 'string' },
    exec: { type: 'string' },
    import: { type: 'string' },
    'secret-file': { type: 'string' },
    enable: { type: 'boolean' },
    json: { type: 'boolean' },
  },
  flagsOnly: true,
  run: async input => {
    const { exec, import: file } = input.values
    if (exec === undefined && file === undefined) return converse(await connected(await socketPath(input)))
    const request = requestOf(input)
    return execute(await connected(await socketPath(input)), input, request)
  },
}

const socketPath = async ({ values }: CommandInput): Promise<string> => {
  if (values['socket'] !== undefined) return String(values['socket'])
  const file = String(values['config'])
  const { readToml } = await import('../../firmware/settings/toml-document.js')
  const read = readToml(file)
  if (!read.ok) throw new VoiceportError('VP-1001', read.problems[0]?.message ?? file)
  const table = read.value.value['console']
  const path =
    typeof table === 'object' && table !== null ? (table as { socket?: unknown }).socket : undefined
  if (typeof path !== 'string') throw new VoiceportError('VP-7507', `${file} has no [console] socket`)
  return path
}

const connected = (path: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(path, () => resolve(socket))
    socket.once('error', error =>
      reject(new VoiceportError('VP-7507', `the console at ${path} does not answer: ${error.message}`)),
    )
  })

/** Keys go there and text comes back until the far end hangs up; the terminal is left as it was found. */
const converse = (socket: Socket): Promise<number> => {
  const { stdin } = process
  const raw = (on: boolean): void => {
    if (stdin.isTTY) stdin.setRawMode(on)
  }
  const restore = (): void => raw(false)
  process.once('exit', restore)
  raw(true)
  stdin.on('data', keys => socket.write(keys))
  // A script's input is over: log out behind what it said.
  stdin.once('end', () => socket.write('\x04'))
  socket.on('data', text => process.stdout.write(text))
  return new Promise(resolve => {
    socket.once('close', () => {
      restore()
      stdin.pause()
      resolve(0)
    })
    socket.on('error', () => undefined)
  })
}
