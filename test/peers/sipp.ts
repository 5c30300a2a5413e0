// SIPp from Debian: scripted user agents, judged by their own statistics.

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, findProgram, startChild } from '../support/child.js'

export const noSippReason = (): string | undefined =>
  findProgram('sipp') ? undefined : 'the Debian package sip-tester is not installed'

export interface SippRun {
  readonly child: Child
  /** Resolves with SIPp's exit code: 0 when every call ended as scripted. */
  done(): Promise<number | null>
}

/** Starts a scenario (XML text) bound to `address`:5060. `args` go to SIPp as they are. */
export const startSipp = (options: {
  readonly address: string
  readonly port?: number
  readonly scenario: string
  readonly target?: string
  readonly args?: readonly string[]
}): SippRun => {
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-sipp-'))
  const file = join(folder, 'scenario.xml')
  writeFileSync(file, options.scenario)
  const child = startChild(
    'sipp',
    [
      ...['-sf', file, '-i', options.address, '-p', String(options.port ?? 5060), '-nostdin', '-nd'],
      ...['-trace_err', '-error_file', join(folder, 'errors.log')],
      ...(options.args ?? []),
      ...(options.target ? [options.target] : []),
    ],
    { cwd: folder, env: { ...process.env, TERM: 'dumb' } },
  )
  return { child, done: () => child.exit() }
}
