// The system calls of the GPIO character device, through koffi: ioctl(2), and poll(2) of a descriptor by Node's own event
// loop. No read is ever pending, so a line takes no thread of the pool (four in all), and closing has nothing to wait for.

import { closeSync, constants, openSync, readSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { getSystemErrorName } from 'node:util'
import { HalError } from '../errors.js'
import { systemCode } from './system-error.js'

/** Every call throws a system error with its `code` ("EBUSY"). */
export interface GpioKernel {
  /** The device files of all chips, "/dev/gpiochip0" first. */
  chips(): Promise<readonly string[]>
  open(path: string): number
  close(descriptor: number): void
  /** `argument` is read and written in place. */
  ioctl(descriptor: number, request: number, argument: Uint8Array): void
  /** Number of bytes that waited, 0 for none. Only on a watched descriptor, which never blocks. */
  read(descriptor: number, into: Uint8Array): number
  /** Calls back in a turn of the event loop of its own whenever bytes wait; the answer ends that. */
  watch(descriptor: number, onReadable: () => void): () => void
}

/** Rejects with HalError 'unsupported' when koffi cannot be loaded here. */
export const loadGpioKernel = async (): Promise<GpioKernel> => {
  const koffi = await loadKoffi()
  const ioctl = koffi.load(null).func('int ioctl(int, unsigned long, ...)')
  return {
    chips: async () => {
      const numbers = (await readdir('/dev')).flatMap(name => /^gpiochip(\d+)$/.exec(name)?.[1] ?? [])
      return numbers.sort((a, b) => Number(a) - Number(b)).map(number => `/dev/gpiochip${number}`)
    },
    open: path => openSync(path, constants.O_RDWR),
    close: descriptor => closeSync(descriptor),
    ioctl: (descriptor, request, argument) => {
      if (ioctl(descriptor, request, 'void *', argument) >= 0) return
      const code = getSystemErrorName(-koffi.errno())
      throw Object.assign(new Error(`${code}: ioctl 0x${request.toString(16)}`), { code })
    },
    read: (descriptor, into) => {
      try {
        return readSync(descriptor, into, 0, into.length, null)
      } catch (error) {
        if (systemCode(error) === 'EAGAIN') return 0
        throw error
      }
    },
    watch: (descriptor, onReadable) => {
      let turn: NodeJS.Immediate | undefined
      // koffi's callback runs outside Node's bookkeeping: promises would not go on behind it, errors would be lost.
      const handle = koffi.node.poll(descriptor, { readable: true }, () => {
        turn ??= setImmediate(() => {
          turn = undefined
          onReadable()
        })
      })
      return () => {
        handle.close()
        clearImmediate(turn)
      }
    },
  }
}

const loadKoffi = async () => {
  try {
    return (await import('koffi')).default
  } catch (error) {
    throw new HalError('unsupported', 'the GPIO character device needs the koffi package', { cause: error })
  }
}
