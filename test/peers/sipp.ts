// SIPp from Debian: scripted user agents, judged by their own statistics.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, findProgram, startChild } from '../support/child.js'

export const noSippReason = (): string | undefined =>
  findProgram('sipp') ? undefined : 'the Debian package sip-tester is not installed'

/** What `done` says of a run in which every call ended as the scenario wants. */
export const asScripted = 'as scripted'

export interface SippRun {
  readonly child: Child
  /** Resolves with "as scripted", or with SIPp's exit code and its own words about what went wrong. */
  done(): Promise<string>
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
  const done = child.exit().then(code => {
    const errors = join(folder, 'errors.log')
    const words = existsSync(errors) ? readFileSync(errors, 'latin1').slice(-1500) : ''
    rmSync(folder, { recursive: true, force: true })
    return code === 0 ? asScripted : `SIPp ended with ${code}: ${words}`
  })
  return { child, done: () => done }
}
