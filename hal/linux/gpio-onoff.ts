// GPIO through the kernel's sysfs files and epoll (npm `onoff`): for outputs, and for inputs where there is no character
// device. sysfs has no queue and no instants: edges that come faster than the event loop turns are merged, and stamped
// when JavaScript gets to know (`timestamps: 'process'`). Main thread only: epoll's addon delivers to that loop alone.

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import type { Gpio } from 'onoff'
import type { Clock } from '../clock.js'
import { HalError } from '../errors.js'
import type { GpioChip, GpioEdge, GpioInput, GpioOutput } from '../gpio.js'
import { GpioLines, gpioError } from './gpio-lines.js'

/** onoff knows no other place. */
const root = '/sys/class/gpio'

interface Bank {
  /** Global number of the chip's line 0; another with every kernel. */
  readonly base: number
  readonly lines: number
}

interface LineSetting {
  readonly direction: 'in' | 'high' | 'low'
  readonly activeLow: boolean
}

/**
 * `chip` is the chip's label ("pinctrl-bcm2835"), or its sysfs name ("gpiochip512") where labels repeat. Rejects with
 * HalError 'unsupported' (no sysfs GPIO in this kernel, or onoff's addon was not built), 'missing', or 'invalid' (label not unique).
 */
export const openOnoffChip = async (
  chip: string,
  { clock }: { readonly clock: Clock },
): Promise<GpioChip> => {
  const bank = await findBank(chip)
  const { Gpio } = await loadOnoff()
  const lines = new GpioLines(chip, bank.lines)

  const take = (offset: number, setting: LineSetting): Line => {
    const line = exportLine(Gpio, bank, offset, setting, lines.name(offset))
    return new Line(line, lines.name(offset), `${lineFolder(bank, offset)}/value`, () =>
      lines.released(offset),
    )
  }
  return {
    timestamps: 'process',
    openOutput: async (offset, { initial, activeLow = false }) =>
      lines.hold<GpioOutput>(offset, () => {
        // The direction file takes the level of the pin, whatever active_low says.
        const line = take(offset, { direction: initial !== activeLow ? 'high' : 'low', activeLow })
        return { write: high => line.write(high), close: () => line.close() }
      }),
    openInput: async (offset, { activeLow = false }, onEdge) =>
      lines.hold<GpioInput>(offset, () => {
        const line = take(offset, { direction: 'in', activeLow })
        line.watch(clock, onEdge)
        return { read: () => line.read(), close: () => line.close() }
      }),
    close: async () => lines.close(),
  }
}

const lineFolder = (bank: Bank, offset: number): string => `${root}/gpio${bank.base + offset}`

const loadOnoff = async (): Promise<typeof import('onoff')> => {
  try {
    return await import('onoff')
  } catch (error) {
    const fix = 'onoff cannot be loaded: build its addon with "npm rebuild epoll"'
    throw new HalError('unsupported', fix, { cause: error })
  }
}

const findBank = async (chip: string): Promise<Bank> => {
  if (!existsSync(root))
    throw new HalError(
      'unsupported',
      `no ${root}: this kernel has no sysfs GPIO (CONFIG_GPIO_SYSFS); use the character device (gpio-cdev)`,
    )
  const found: Bank[] = []
  const there: string[] = []
  for (const name of (await readdir(root)).filter(name => name.startsWith('gpiochip')).sort()) {
    const read = async (file: string) => (await readFile(`${root}/${name}/${file}`, 'utf8')).trim()
    const label = await read('label')
    there.push(`${label} (${name})`)
    if (chip === label || chip === name)
      found.push({ base: Number(await read('base')), lines: Number(await read('ngpio')) })
  }
  const [bank, another] = found
  const known = there.length > 0 ? `there is ${there.join(', ')}` : 'there is none'
  if (!bank) throw new HalError('missing', `no GPIO chip ${chip}: ${known}`)
  if (another) throw new HalError('invalid', `"${chip}" is several GPIO chips, give the sysfs name: ${known}`)
  return bank
}

/** A line that a killed process left exported is taken over. */
const exportLine = (
  make: typeof Gpio,
  bank: Bank,
  offset: number,
  { direction, activeLow }: LineSetting,
  name: string,
): Gpio => {
  const folder = lineFolder(bank, offset)
  const leftOver = existsSync(folder)
  try {
    // A pin that still interrupts refuses to become an output.
    if (leftOver) writeFileSync(`${folder}/edge`, 'none')
  } catch {}
  try {
    // onoff's debounce waits for rest, which would swallow a hook-flash.
    const options = { activeLow, debounceTimeout: 0 }
    const line = new make(bank.base + offset, direction, direction === 'in' ? 'both' : 'none', options)
    // Of a line that was exported before, onoff does not tell what it could not set.
    if ((line.direction() === 'in') === (direction === 'in')) return line
    line.unexport()
    throw new HalError('in-use', `${name} was exported before and keeps its direction`)
  } catch (error) {
    if (!leftOver && existsSync(folder)) writeFileSync(`${root}/unexport`, String(bank.base + offset))
    // A pin that cannot interrupt has no such file.
    if (error instanceof Error && error.message.includes(`${folder}/edge`))
      throw new HalError('unsupported', `${name} cannot interrupt: take another pin`, { cause: error })
    throw gpioError(error, name)
  }
}

class Line {
  readonly #line: Gpio
  readonly #name: string
  readonly #valueFile: string
  readonly #released: () => void
  #closed = false

  constructor(line: Gpio, name: string, valueFile: string, released: () => void) {
    this.#line = line
    this.#name = name
    this.#valueFile = valueFile
    this.#released = released
  }

  write(high: boolean): void {
    this.#checked(() => this.#line.writeSync(high ? 1 : 0))
  }

  read(): boolean {
    // Not onoff's own descriptor: reading that one takes the edge away that waits on it.
    return this.#checked(() => readFileSync(this.#valueFile, 'latin1').startsWith('1'))
  }

  watch(clock: Clock, onEdge: (edge: GpioEdge) => void): void {
    let told = this.#line.readSync() === 1
    let lost = false
    // onoff reads the level inside epoll's callback, where nobody could catch that the chip was taken away. That wakes it
    // without end; asking for the level says so ('lost').
    const read = this.#line.readSync.bind(this.#line)
    this.#line.readSync = () => {
      try {
        return read()
      } catch {
        lost = true
        this.#line.unwatchAll()
        return 0
      }
    }
    this.#line.watch((error, level) => {
      if (this.#closed || lost || error) return
      const high = level === 1
      // Woken for the level known before: it went there and back while nobody looked.
      const edge = { high, us: clock.now(), overrun: high === told }
      told = high
      onEdge(edge)
    })
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#line.unexport()
    this.#released()
  }

  #checked<T>(work: () => T): T {
    if (this.#closed) throw new HalError('closed', `${this.#name} is closed`)
    try {
      return work()
    } catch (error) {
      throw gpioError(error, this.#name)
    }
  }
}
