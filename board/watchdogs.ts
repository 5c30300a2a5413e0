// Opens the watchdogs there are: systemd's, where it started the daemon, and the machine's, where the board names one. Each is
// loaded only then. The telephones work without: what cannot be opened is logged.

import type { Log } from '../firmware/log.js'
import type { Board } from '../firmware/settings/board-schema.js'
import type { Watchdog } from '../hal/watchdog.js'

export const openWatchdogs = async (
  board: Pick<Board, 'watchdog'>,
  log: Log,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<readonly Watchdog[]> => {
  const opened = await Promise.all([
    environment['NOTIFY_SOCKET'] && orNothing('systemd', log, openSystemd(environment)),
    board.watchdog && orNothing(board.watchdog.device, log, openDevice(board.watchdog, log)),
  ])
  return opened.filter(one => typeof one === 'object')
}

const openSystemd = async (environment: NodeJS.ProcessEnv): Promise<Watchdog | undefined> => {
  const { openSdNotify } = await import('../hal/linux/sd-notify.js')
  return openSdNotify(environment)
}

const openDevice = async (
  { device, timeoutSeconds }: NonNullable<Board['watchdog']>,
  log: Log,
): Promise<Watchdog> => {
  const { openWatchdogDevice } = await import('../hal/linux/watchdog-device.js')
  const watchdog = await openWatchdogDevice({
    path: device,
    timeoutSeconds,
    onProblem: error => log.error('the watchdog cannot be fed', { device, reason: error.message }),
  })
  log.info('watchdog armed', { device, seconds: watchdog.timeoutSeconds ?? 'unknown' })
  return watchdog
}

const orNothing = (
  watchdog: string,
  log: Log,
  opening: Promise<Watchdog | undefined>,
): Promise<Watchdog | undefined> =>
  opening.catch((error: Error) => {
    log.error('a watchdog cannot be had', { watchdog, reason: error.message })
    return undefined
  })
