// voiceport run: the daemon as systemd starts it. One line on stdout when every telephone has its dial tone; SIGTERM
// signs off and ends with 0, SIGHUP takes a changed configuration, SIGUSR2 writes the trace.

import { writeFileSync } from 'node:fs'
import type { KeepAlive } from '../../firmware/run/keep-alive.js'
import type { Settings } from '../../firmware/settings/load-settings.js'
import { type HalErrorKind, isHalError } from '../../hal/errors.js'
import type { Daemon, DaemonParts } from '../daemon.js'
import { defaultConfigFile } from '../data.js'
import type { LevelledLog } from '../log.js'
import { prepareMediaThread } from '../media-link.js'
import { readableStack } from '../stack-trace.js'
import { openWatchdogs } from '../watchdogs.js'
import type { Command } from './command.js'

/** The whole of a good-bye, ms: whoever hangs is left behind. */
const exitWithinMs = 1900

/** What to do about a box that cannot open what it is told to open. */
const startFix: Partial<Record<HalErrorKind, string>> = {
  'in-use': 'End the other program that has it, or give another address or port.',
  missing: 'Give an address or device that this machine has.',
  permission: 'Give a port above 1023 or a path that voiceport may use, or start it with the right to.',
}

export const runCommand: Command = {
  name: 'run',
  summary: 'The daemon, as systemd starts it',
  usage: `[--config ${defaultConfigFile}]`,
  options: { config: { type: 'string', default: defaultConfigFile } },
  flagsOnly: true,
  run: async ({ values, out }) => {
    const file = String(values['config'])
    // First of all: whoever changes his mind while the box starts gets an orderly end too.
    const stop = stopSignals()
    // Two threads load at once, and the files of the daemon are fetched while the configuration is read.
    const mediaThread = prepareMediaThread()
    const loading = Promise.all([import('../log.js'), import('../daemon.js')])
    const { problemText, settingsOf, settingsWith } = await import('../settings.js')
    const read = settingsOf(file)
    if ('errors' in read) {
      for (const error of read.errors)
        process.stderr.write(`${problemText(error)} (${error.code}). ${error.fix}\n`)
      return 2
    }
    const [{ openLog }, { startDaemon }] = await loading
    const log = openLog(read.settings.config.log.level)
    return runUntilSignal({
      file,
      settings: read.settings,
      log,
      out,
      stop,
      start: parts =>
        startDaemon(read.settings, {
          ...parts,
          mediaThread,
          load: settingsWith(file),
          onSettings: ({ config }) => log.setLevel(config.log.level),
        }),
    })
  },
}

interface Running {
  readonly file: string
  readonly settings: Settings
  readonly log: LevelledLog
  readonly out: (line: string) => void
  readonly stop: StopSignals
  readonly start: (parts: DaemonParts) => Promise<Daemon>
}

interface StopSignals {
  readonly asked: boolean
  /** Resolves with the exit code at the first signal. */
  readonly code: Promise<number>
}

const stopSignals = (): StopSignals => {
  let asked = false
  const code = new Promise<number>(resolve => {
    const stop = (): void => {
      asked = true
      setTimeout(() => process.exit(0), exitWithinMs)
      resolve(0)
    }
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop)
  })
  return {
    code,
    get asked() {
      return asked
    },
  }
}

const runUntilSignal = async ({ file, settings, log, out, stop, start }: Running): Promise<number> => {
  let fail: (code: number) => void = () => undefined
  const ended = new Promise<number>(resolve => {
    fail = resolve
  })
  // A fault nobody foresaw must not leave a half-dead daemon: systemd starts a new one.
  process.on('uncaughtException', error => {
    log.error('unforeseen fault', { reason: readableStack(error) })
    fail(1)
  })
  // A signal may come while the box still starts; without a handler it would end the process.
  let daemon: Daemon | undefined
  process.on('SIGHUP', () => void reload(file, log, daemon))
  process.on('SIGUSR2', () => {
    const { path } = settings.config.trace
    try {
      writeFileSync(path, daemon?.trace() ?? '', { mode: 0o600 })
      log.info('trace written', { path })
    } catch (error) {
      log.error('the trace cannot be written', { path, reason: (error as Error).message })
    }
  })
  try {
    daemon = await start({
      log,
      onLost: error => {
        log.error('the audio half is lost', { reason: error.message })
        fail(1)
      },
      // Whoever supervises the box starts it again, whether it does so always or after a failure only.
      onRestart: () => {
        log.warn('restart asked for at the console')
        fail(1)
      },
    })
  } catch (error) {
    if (!isHalError(error)) throw error
    process.stderr.write(
      `voiceport: cannot start: ${error.message}. ${startFix[error.kind] ?? 'Try again.'}\n`,
    )
    return 1
  }
  const fed = await watch(daemon, settings, log)
  if (!stop.asked) out('voiceport ready')
  const code = await Promise.race([stop.code, ended])
  setTimeout(() => process.exit(code), exitWithinMs)
  fed?.stopping()
  await daemon.close()
  process.exit(code)
}

/** Undefined where nobody watches. */
const watch = async (
  daemon: Daemon,
  { board }: Settings,
  log: LevelledLog,
): Promise<KeepAlive | undefined> => {
  const watchdogs = await openWatchdogs(board, log)
  if (watchdogs.length === 0) return undefined
  const { keepAlive } = await import('../../firmware/run/keep-alive.js')
  const { LinuxClock } = await import('../../hal/linux/clock.js')
  const fed = keepAlive({ clock: new LinuxClock(), log, watchdogs, alive: () => daemon.alive() })
  daemon.onStatus(lines =>
    fed.status(lines.map(line => `${line.line} ${line.registration} ${line.situation}`).join(', ')),
  )
  return fed
}

const reload = async (file: string, log: LevelledLog, daemon: Daemon | undefined): Promise<void> => {
  if (daemon === undefined) return
  const { problemText } = await import('../settings.js')
  const errors = daemon.reload()
  if (errors.length === 0) return log.info('configuration taken', { file })
  log.error('the changed configuration is wrong; the former one stays', { file, errors: errors.length })
  for (const error of errors) log.error(problemText(error), { code: error.code, fix: error.fix })
}
