// The watchdog of the machine (/dev/watchdog, Documentation/watchdog/watchdog-api.rst): opening it arms it; unfed it resets
// the box, also where the kernel itself hangs. A "V" written before closing disarms it (magic close).

import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { HalError } from '../errors.js'
import type { Watchdog } from '../watchdog.js'
import { halErrorFrom } from './system-error.js'

/** linux/watchdog.h with the ioctl numbers of asm-generic (x86, ARM). */
const request = { setTimeout: 0xc0045706, getTimeout: 0x80045707 }
/** Where the device does not say when it bites, ms. */
const cautiousMs = 1000

export interface WatchdogDevice extends Watchdog {
  readonly intervalMs: number
  /** What the device has made of the time asked for, s; undefined: it does not say. */
  readonly timeoutSeconds: number | undefined
}

export interface WatchdogDeviceOptions {
  readonly path: string
  /** Unfed so long the box is reset, s. The device takes the nearest it can. */
  readonly timeoutSeconds: number
  /** Told once for each time feeding begins to fail. */
  readonly onProblem?: (error: HalError) => void
}

/**
 * Arms the watchdog. Rejects with HalError 'missing', 'permission' or 'in-use' (one process may have it), 'unsupported' when
 * koffi cannot be loaded here.
 */
export const openWatchdogDevice = async (options: WatchdogDeviceOptions): Promise<WatchdogDevice> => {
  const { path, timeoutSeconds: asked, onProblem } = options
  // Before it is armed: from then on it wants to be fed.
  const time = await loadTimeout()
  let descriptor = open(path)
  const timeoutSeconds = time(descriptor, asked)
  let failing = false
  const write = (text: string): void => {
    if (descriptor < 0) return
    try {
      writeSync(descriptor, text)
      failing = false
    } catch (error) {
      if (!failing) onProblem?.(halErrorFrom(error, `feeding ${path}`))
      failing = true
    }
  }
  return {
    timeoutSeconds,
    intervalMs: timeoutSeconds === undefined ? cautiousMs : timeoutSeconds * 500,
    ready: () => write('\0'),
    feed: () => write('\0'),
    stopping: () => {
      if (descriptor < 0) return
      write('V')
      closeSync(descriptor)
      descriptor = -1
    },
  }
}

const open = (path: string): number => {
  try {
    return openSync(path, constants.O_WRONLY)
  } catch (error) {
    throw halErrorFrom(error, `opening ${path}`)
  }
}

/** Asks for a time and tells which one counts, s; undefined where the device has no such calls. */
const loadTimeout = async (): Promise<(descriptor: number, seconds: number) => number | undefined> => {
  const { default: koffi } = await import('koffi').catch(error => {
    throw new HalError('unsupported', 'the watchdog needs the koffi package', { cause: error })
  })
  const ioctl = koffi.load(null).func('int ioctl(int, ulong, _Inout_ void *)')
  return (descriptor, seconds) => {
    const value = Buffer.alloc(4)
    value.writeInt32LE(seconds)
    // The device writes back what it took.
    if (ioctl(descriptor, request.setTimeout, value) === 0) return value.readInt32LE()
    return ioctl(descriptor, request.getTimeout, value) === 0 ? value.readInt32LE() : undefined
  }
}
