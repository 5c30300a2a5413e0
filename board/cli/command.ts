// The shape of one command of the `voiceport` binary: one file a command, listed by board/main.ts, which parses the
// flags, answers --help, prints errors and sets the exit code.

import type { ParseArgsConfig } from 'node:util'

export interface CommandInput {
  /** Parsed flags, by their names in `options`. */
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>
  /** What stands behind the command's name and is no flag. */
  readonly positionals: readonly string[]
  /** Standard input, as text or bytes. */
  readonly stdin: AsyncIterable<string | Uint8Array>
  /** Writes one line to standard output, which carries data only. */
  out(line: string): void
}

export interface Command {
  /** As typed behind `voiceport`, e.g. "lab hook". */
  readonly name: string
  /** One line for --help. */
  readonly summary: string
  /** Flags and arguments for --help, e.g. "[--profile fr] DIGITS". */
  readonly usage: string
  readonly options: NonNullable<ParseArgsConfig['options']>
  /** Takes flags only: a word behind them is an error. */
  readonly flagsOnly?: true
  /**
   * Resolves with the exit code: 0 done, 1 negative result or fault. Bad input is a VoiceportError (exit code 2).
   */
  run(input: CommandInput): Promise<number>
}

/** By name as typed behind `voiceport`; each is loaded when it is asked for. */
export type Commands = Readonly<Record<string, () => Promise<Command>>>
