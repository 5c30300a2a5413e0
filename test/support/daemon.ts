// The daemon as systemd starts it, in a folder of its own, with a simulated board whose telephones the test drives
// over the bench channel.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BenchClient } from '../bench/bench-client.js'
import { type Child, startChild } from './child.js'

export interface LineConfig {
  readonly id: string
  readonly user: string
  readonly password: string
  /** User name of the digest; default: `user`. */
  readonly authUser?: string
  /** How it learns of messages; default: that of the configuration. */
  readonly mwi?: 'subscribe' | 'unsolicited' | 'off'
}

export interface RunningDaemon {
  readonly child: Child
  readonly bench: BenchClient
  readonly folder: string
  /** Its configuration file; SIGHUP has it read again. */
  readonly config: string
  /** Where SIGUSR2 writes the trace. */
  readonly trace: string
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
}

/** What a configuration file says of the box and its operator. */
export interface DaemonOptions {
  /** Its 127.0.0.x; SIP on 5060, RTP from 16384. */
  readonly address: string
  readonly lines: readonly LineConfig[]
  readonly domain: string
  /** "127.0.0.1:5060". */
  readonly proxy: string
  /** Networks heard besides it. */
  readonly allow?: readonly string[]
  readonly profile?: string
  /** Further TOML, appended. */
  readonly more?: string
}

/** The configuration file. `board`: of the product's own, or a file; `bench`: where its telephones are driven. */
export const daemonToml = (
  options: DaemonOptions,
  places: { readonly board: string; readonly store: string; readonly trace: string; readonly bench?: string },
): string => `board = "${places.board}"
profile = "${options.profile ?? 'fr'}"
${options.lines.map(line => lineTable(line, options)).join('')}
[sip]
listen = "${options.address}:5060"
allow = [${(options.allow ?? []).map(network => `"${network}"`).join(', ')}]
[media]
listen = "${options.address}"
ports = [16384, 16583]
[store]
path = "${places.store}"
${places.bench === undefined ? '' : `[bench]\nlisten = "${places.bench}"\n`}[trace]
path = "${places.trace}"
${options.more ?? ''}`

export const startDaemon = async (
  options: DaemonOptions & {
    /** Database of what changes at run time; default: one in its folder. */
    readonly store?: string
    /** A board file instead of the simulated one, and where its telephones are driven: "unix:/path" or "host:port". */
    readonly board?: { readonly toml: string; readonly bench: string }
    /** What it may take until it is ready, ms; default 15000. */
    readonly startMs?: number
    /** Another voiceport than the one beside these tests: its dist/board/main.js. */
    readonly binary?: string
    /** Put before the command, e.g. to enter another network namespace. */
    readonly within?: readonly string[]
  },
): Promise<RunningDaemon> => {
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-'))
  const bench = `unix:${join(folder, 'bench.sock')}`
  const trace = join(folder, 'trace.jsonl')
  const config = join(folder, 'voiceport.toml')
  const board = join(folder, 'board.toml')
  writeFileSync(board, options.board?.toml ?? boardFile(options.lines.map(({ id }) => id)))
  const store = options.store ?? join(folder, 'voiceport.db')
  writeFileSync(
    config,
    daemonToml(options, { board, store, trace, ...(options.board === undefined && { bench }) }),
  )
  const command = [process.execPath, options.binary ?? main, 'run', '--config', config]
  const [program, ...words] = [...(options.within ?? []), ...command] as [string, ...string[]]
  const child = startChild(program, words)
  await child.waitFor(/^voiceport ready$/m, options.startMs ?? 15_000)
  const client = await BenchClient.connect(options.board?.bench ?? bench)
  return {
    child,
    bench: client,
    folder,
    config,
    trace,
    stop: async () => {
      await client.close()
      await child.stop()
      const code = await child.exit()
      rmSync(folder, { recursive: true, force: true })
      return code
    },
  }
}

const main = fileURLToPath(new URL('../../board/main.js', import.meta.url))

const boardFile = (lines: readonly string[]): string =>
  `name = "test"\ndriver = "sim"\nlines = [${lines.map(id => `"${id}"`).join(', ')}]\n`

const lineTable = (
  line: LineConfig,
  options: { readonly domain: string; readonly proxy: string },
): string => `
[[line]]
id = "${line.id}"
${line.mwi === undefined ? '' : `mwi = "${line.mwi}"\n`}[line.account]
user = "${line.user}"
domain = "${options.domain}"
password = "${line.password}"
${line.authUser === undefined ? '' : `authUser = "${line.authUser}"\n`}proxies = ["sip:${options.proxy};transport=udp"]
`
