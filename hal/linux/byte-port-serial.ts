// A serial port as a BytePort. A USB adapter may be unplugged and come back, so the port goes on trying to open
// its device for as long as it is wanted.

import { SerialPort } from 'serialport'
import type { BytePort, BytePortSink } from '../byte-port.js'
import { type Clock, ms, type Timer } from '../clock.js'
import { HalError } from '../errors.js'

export interface SerialOptions {
  /** "/dev/ttyS0". */
  readonly path: string
  /** Bits a second; default 115,200, always 8N1. */
  readonly baudRate?: number
  readonly clock: Clock
  /** Wait between attempts to open, ms; default 1000. */
  readonly retryMs?: number
}

export interface SerialSink extends BytePortSink {
  /** The device is open: the first time, and again after it was unplugged. */
  onOpen?(): void
  /** The device cannot be opened; told once for each outage ('missing', 'permission', 'in-use', 'io'). */
  onProblem?(error: HalError): void
}

/** Returns at once, opens in the background. Bytes written while the device is away are dropped, and `write` says false. */
export const openSerialPort = (options: SerialOptions, sink: SerialSink): BytePort => {
  const { path, clock } = options
  let device: SerialPort | undefined
  let retry: Timer | undefined
  let wanted = true
  let problemTold = false

  const tryLater = (): void => {
    if (wanted) retry = clock.timer(`serial ${path}`, ms(options.retryMs ?? 1000), attempt)
  }
  const attempt = (): void => {
    const port = new SerialPort({ path, baudRate: options.baudRate ?? 115_200, autoOpen: false })
    port.on('data', (bytes: Buffer) => sink.onBytes(bytes))
    port.on('drain', () => sink.onDrain())
    port.on('error', () => {})
    port.on('close', () => {
      if (device !== port) return
      device = undefined
      sink.onClose()
      tryLater()
    })
    port.open(error => {
      if (error) {
        if (!problemTold && wanted) sink.onProblem?.(serialError(error, path))
        problemTold = true
        tryLater()
      } else if (!wanted) port.close()
      else {
        device = port
        problemTold = false
        sink.onOpen?.()
        // A writer that was told to stop while the device was away may go on.
        sink.onDrain()
      }
    })
  }
  attempt()

  return {
    name: path,
    write: bytes => device?.write(Buffer.from(bytes)) ?? false,
    close: async () => {
      wanted = false
      retry?.cancel()
      const port = device
      if (port?.isOpen) await new Promise<void>(resolve => port.close(() => resolve()))
    },
  }
}

// The bindings give text only ("Error: No such file or directory, cannot open /dev/ttyS9").
const serialError = (error: Error, path: string): HalError => {
  const text = error.message
  const kind = /No such file|No such device/i.test(text)
    ? 'missing'
    : /Permission denied|Operation not permitted/i.test(text)
      ? 'permission'
      : /lock|busy/i.test(text)
        ? 'in-use'
        : 'io'
  return new HalError(kind, `opening ${path}: ${text}`, { cause: error })
}
