// Opens the technician's console where the configuration wants it: on a serial port, on a local socket, or on both. Loaded
// after the telephones have their dial tone; what cannot be opened is logged and keeps nobody from telephoning.

import { type Console, createConsole } from '../firmware/console/console.js'
import type { ConsoleBox } from '../firmware/console/console-box.js'
import { commandTable } from '../firmware/console/table.js'
import type { Log } from '../firmware/log.js'
import type { Config } from '../firmware/settings/schema.js'
import type { BytePortSink } from '../hal/byte-port.js'
import type { Clock } from '../hal/clock.js'
import type { Entropy } from '../hal/entropy.js'
import { consoleSecrets } from './console-secrets.js'

export interface ConsoleFronts {
  close(): Promise<void>
}

export interface ConsoleFrontOptions {
  /** As it is now: a changed secret file counts from the next try on. */
  readonly config: () => Pick<Config, 'console' | 'store'>
  readonly box: ConsoleBox
  readonly clock: Clock
  readonly entropy: Entropy
  readonly log: Log
}

/** Never rejects. */
export const openConsole = async (options: ConsoleFrontOptions): Promise<ConsoleFronts> => {
  const { config, box, clock, entropy, log } = options
  const { serial, socket } = config().console
  const closers: (() => Promise<void>)[] = []
  const console = createConsole({
    box,
    clock,
    entropy,
    log,
    table: commandTable(box.situations()),
    secrets: consoleSecrets(config, { clock, entropy, log }),
  })
  if (serial !== undefined) closers.push(await openSerial(serial, console, options))
  if (socket !== undefined)
    await openSocket(socket, console, log).then(
      close => closers.push(close),
      (error: Error) =>
        log.error('the console socket cannot be opened', { path: socket, reason: error.message }),
    )
  return {
    close: async () => {
      await Promise.allSettled(closers.map(close => close()))
    },
  }
}

const openSocket = async (path: string, console: Console, log: Log): Promise<() => Promise<void>> => {
  const { listenForBytePorts } = await import('../hal/linux/byte-port-socket.js')
  const server = await listenForBytePorts({
    listen: `unix:${path}`,
    mode: 0o600,
    onConnection: port => console.accept(port, 'socket'),
  })
  log.info('console open', { address: server.address })
  return () => server.close()
}

/** Each time the port opens, a new session stands at its other end. */
const openSerial = async (
  path: string,
  console: Console,
  { clock, log }: ConsoleFrontOptions,
): Promise<() => Promise<void>> => {
  const { openSerialPort } = await import('../hal/linux/byte-port-serial.js')
  let session: BytePortSink | undefined
  const port = openSerialPort(
    { path, clock },
    {
      onOpen: () => {
        log.info('console open', { address: path })
        session = console.accept(port, 'serial')
      },
      onBytes: bytes => session?.onBytes(bytes),
      onDrain: () => session?.onDrain(),
      onClose: () => {
        session?.onClose()
        session = undefined
      },
      onProblem: error => log.warn('the serial port of the console is away', { path, reason: error.message }),
    },
  )
  return () => port.close()
}
