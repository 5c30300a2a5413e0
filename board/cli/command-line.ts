// The command line of the box: finds the command, parses its flags, answers --help, turns errors into one clear line and
// an exit code (0 done, 1 negative result or fault, 2 bad input).

import { parseArgs } from 'node:util'
import { VoiceportError } from '../../firmware/errors.js'
import { version } from '../data.js'
import { readableStack } from '../stack-trace.js'
import type { Command, CommandInput, Commands } from './command.js'

const badInput = 2
const fault = 1

/** Carries out `words`, as typed behind `voiceport`, and ends the process. */
export const commandLine = async (words: readonly string[], commands: Commands): Promise<void> => {
  // A reader that had enough (`voiceport … | head`) is no error.
  process.stdout.on('error', error => process.exit('code' in error && error.code === 'EPIPE' ? 0 : fault))
  const code = await carryOut(words, commands).catch(explainFailure)
  // Pipes are written asynchronously; leave only when everything is out.
  process.stdout.write('', () => process.exit(code))
}

const carryOut = async (words: readonly string[], commands: Commands): Promise<number> => {
  const [first] = words
  if (first === '--version') return say(version())
  if (first === '--help' || first === '-h' || first === 'help') return overview('', commands)
  if (first === undefined) throw new VoiceportError('VP-7001', 'a command is missing')
  const name = [words.slice(0, 2).join(' '), first].find(candidate => Object.hasOwn(commands, candidate))
  if (name !== undefined) return runCommand(await commands[name]!(), words.slice(name.split(' ').length))
  const group = Object.keys(commands).filter(candidate => candidate.startsWith(`${first} `))
  if (group.length === 0) throw new VoiceportError('VP-7001', `there is no command "${first}"`)
  if (words.includes('--help') || words.includes('-h')) return overview(`${first} `, commands)
  throw new VoiceportError(
    'VP-7001',
    `"${first}" needs one of: ${group.map(n => n.slice(first.length + 1)).join(', ')}`,
  )
}

const overview = async (prefix: string, commands: Commands): Promise<number> => {
  const names = Object.keys(commands).filter(name => name.startsWith(prefix))
  const width = Math.max(...names.map(name => name.length))
  await say(
    `voiceport ${version()}: an ordinary telephone on one side, SIP and RTP on the other\n\nvoiceport COMMAND …`,
  )
  for (const name of names) await say(`  ${name.padEnd(width)}  ${(await commands[name]!()).summary}`)
  return say('\nvoiceport COMMAND --help shows the flags of a command; voiceport --version the version.')
}

const runCommand = async (command: Command, words: readonly string[]): Promise<number> => {
  const { values, positionals } = flagsOf(command, words)
  if (values['help']) return say(`voiceport ${command.name} ${command.usage}\n\n${command.summary}.`)
  return command.run({
    values,
    positionals,
    // Opened only by a command that reads it: an open standard input keeps the process waiting.
    stdin: { [Symbol.asyncIterator]: () => process.stdin[Symbol.asyncIterator]() },
    out: line => process.stdout.write(`${line}\n`),
  })
}

const flagsOf = (
  command: Command,
  words: readonly string[],
): Pick<CommandInput, 'values' | 'positionals'> => {
  try {
    const help = { type: 'boolean', short: 'h' } as const
    const options = { ...command.options, help }
    return parseArgs({ args: [...words], options, allowPositionals: !command.flagsOnly, strict: true })
  } catch (error) {
    const text =
      error instanceof Error ? error.message.replace(/\. To specify .*$/s, '').replaceAll('\n', ' ') : ''
    throw new VoiceportError('VP-7002', `${command.name}: ${text}`, { cause: error })
  }
}

const say = async (text: string): Promise<0> => {
  process.stdout.write(`${text}\n`)
  return 0
}

const explainFailure = (error: unknown): number => {
  if (error instanceof VoiceportError) {
    process.stderr.write(`voiceport: ${error.message} (${error.code}). ${error.fix}\n`)
    return badInput
  }
  process.stderr.write(`voiceport: ${error instanceof Error ? readableStack(error) : String(error)}\n`)
  return fault
}
