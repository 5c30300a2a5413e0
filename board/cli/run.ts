// voiceport run: the daemon as systemd starts it. One line on stdout when every telephone has its dial tone; SIGTERM
// signs off and ends with 0, SIGHUP takes a changed configuration, SIGUSR2 writes the trace.

import { writeFileSync } from 'node:fs'
import type { Settings } from '../../firmware/settings/load-settings.js'
import { startDaemon } from '../daemon.js'
import { defaultConfigFile } from '../data.js'
import { type LevelledLog, openLog } from '../log.js'
import { problemText, settingsOf } from '../settings.js'
import type { Command } from './command.js'

/** The whole of a good-bye, ms (design §3): whoever hangs is left behind. */
const exitWithinMs = 1900

export const runCommand: Command = {
  name: 'run',
  summary: 'The daemon, as systemd starts it',
  usage: `[--config ${defaultConfigFile}]`,
  options: { config: { type: 'string', default: defaultConfigFile } },
  run: async ({ values, out }) => {
    const file = String(values['config'])
    const read = settingsOf(file)
    if ('errors' in read) {
      for (const error of read.errors)
        process.stderr.write(`${problemText(error)} (${error.code}). ${error.fix}\n`)
      return 2
    }
    return runUntilSignal(file, read.settings, out)
  },
}

const runUntilSignal = async (
  file: string,
  settings: Settings,
  out: (line: string) => void,
): Promise<number> => {
  const log = openLog(settings.config.log.level)
  let fail: (code: number) => void = () => undefined
  const ended = new Promise<number>(resolve => {
    fail = resolve
  })
  // A fault nobody foresaw must not leave a half-dead daemon: systemd starts a new one.
  process.on('uncaughtException', error => {
    log.error('unforeseen fault', { reason: error.stack ?? error.message })
    fail(1)
  })
  const daemon = await startDaemon(settings, {
    log,
    onLost: error => {
      log.error('the audio half is lost', { reason: error.message })
      fail(1)
    },
  })
  process.on('SIGHUP', () => reload(file, log, read => daemon.reload(read)))
  process.on('SIGUSR2', () => {
    const { path } = settings.config.trace
    try {
      writeFileSync(path, daemon.trace(), { mode: 0o600 })
      log.info('trace written', { path })
    } catch (error) {
      log.error('the trace cannot be written', { path, reason: (error as Error).message })
    }
  })
  const stopped = new Promise<number>(resolve => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(0))
  })
  out('voiceport ready')
  const code = await Promise.race([stopped, ended])
  setTimeout(() => process.exit(code), exitWithinMs)
  await daemon.close()
  process.exit(code)
}

const reload = (file: string, log: LevelledLog, apply: (settings: Settings) => void): void => {
  const read = settingsOf(file)
  if ('settings' in read) {
    log.setLevel(read.settings.config.log.level)
    apply(read.settings)
    log.info('configuration taken', { file })
    return
  }
  log.error('the changed configuration is wrong; the former one stays', { file, errors: read.errors.length })
  for (const error of read.errors) log.error(problemText(error), { code: error.code, fix: error.fix })
}
