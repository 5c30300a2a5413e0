// Starts a program for a test, keeps its output, and ends it (and only it) when the test is over.

import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { Transcript } from './transcript.js'

/** A program that runs, here or in a virtual machine. */
export interface Program {
  /** Everything written so far to both outputs. */
  output(): string
  /** Resolves with the first match in the output (behind `from`); rejects with the whole output when it ends or `withinMs` passes. */
  waitFor(pattern: RegExp, withinMs?: number, from?: number): Promise<RegExpMatchArray>
  /** A position in the output, to wait only for what comes later. */
  mark(): number
  /** Resolves with the exit code; null when a signal ended it. */
  exit(): Promise<number | null>
  /** SIGTERM, then SIGKILL after two seconds. */
  stop(): Promise<void>
}

export interface Child extends Program {
  readonly process: ChildProcess
}

export interface ChildOptions {
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  readonly input?: 'pipe'
  /** It forks, and those may outlive it: they are in a group of their own, which SIGKILL ends as a whole. */
  readonly forks?: boolean
}

export const startChild = (command: string, args: readonly string[], options: ChildOptions = {}): Child => {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: [options.input ?? 'ignore', 'pipe', 'pipe'],
    detached: options.forks ?? false,
  })
  const written = new Transcript(command)
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => written.add(chunk.toString()))
  let ended = false
  const exited = new Promise<number | null>(resolve => {
    child.once('error', error => {
      ended = true
      written.add(`\n${error.message}`)
      written.end()
      resolve(127)
    })
    child.once('close', code => {
      ended = true
      written.end()
      resolve(code)
    })
  })
  return {
    process: child,
    output: () => written.text,
    mark: () => written.text.length,
    waitFor: (pattern, withinMs = 10_000, from = 0) => written.waitFor(pattern, withinMs, from),
    exit: () => exited,
    stop: async () => {
      if (ended) return
      child.kill('SIGTERM')
      const hard = setTimeout(() => killHard(child, options.forks ?? false), 2000)
      await exited
      clearTimeout(hard)
    },
  }
}

/** With all that it forked where these are its group. */
const killHard = (child: ChildProcess, group: boolean): void => {
  if (!group || child.pid === undefined) {
    child.kill('SIGKILL')
    return
  }
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    // The last of them has just gone.
  }
}

/** The path of an installed program, or undefined. */
export const findProgram = (name: string): string | undefined =>
  ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']
    .map(folder => `${folder}/${name}`)
    .find(path => existsSync(path))
