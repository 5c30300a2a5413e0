// A PWM channel through the kernel's sysfs files (Documentation/ABI/testing/sysfs-class-pwm): the hardware makes the
// square wave, so ringing keeps its frequency whatever JavaScript does.

import { constants } from 'node:fs'
import { open, readdir, readFile, realpath } from 'node:fs/promises'
import { basename } from 'node:path'
import { type Clock, ms } from '../clock.js'
import { HalError } from '../errors.js'
import type { PwmChannel } from '../pwm.js'
import { halErrorFrom, systemCode } from './system-error.js'

/** The file calls of this driver. */
export interface SysfsFiles {
  list(folder: string): Promise<readonly string[]>
  read(file: string): Promise<string>
  /** Rejects with the kernel's refusal as a system error; never creates a file. */
  write(file: string, text: string): Promise<void>
  /** Where a link leads in the end. */
  resolve(path: string): Promise<string>
}

export interface PwmOptions {
  /** Number of the chip (pwmchipN), its name ("pwmchip0"), or the device it belongs to ("fe20c000.pwm"): numbers may change between kernels. */
  readonly chip: number | string
  /** Channel on the chip, from 0. */
  readonly channel: number
  /** The pin rests high, and each period begins low; for an input whose idle level is high. Default false. */
  readonly inverted?: boolean
  readonly clock: Clock
  /** Default "/sys/class/pwm". */
  readonly root?: string
  readonly files?: SysfsFiles
}

/** Longest time udev may take to give the group a channel that was just made, ms. */
const patienceMs = 1000
const pauseMs = 20
/** Any will do until the first start. */
const firstPeriodNs = 20_000_000

/**
 * Rejects with HalError 'missing' (no such chip or channel), 'in-use' (a kernel driver has the channel), 'permission' or
 * 'invalid' (several chips of one device). A channel that is exported already is taken over as a killed process left it, and
 * stays exported; its output is stopped at once.
 */
export const openPwm = async (options: PwmOptions): Promise<PwmChannel> => {
  const files = options.files ?? nodeFiles
  const folder = await findChip(files, options.root ?? '/sys/class/pwm', options.chip)
  const name = `PWM channel ${options.channel} of ${basename(folder)}`
  await checkChannel(files, folder, options.channel, name)
  const exportedHere = await exportChannel(files, folder, options.channel, name)
  const output = new PwmOutput(files, `${folder}/pwm${options.channel}`, name, options.inverted === true)
  const giveBack = exportedHere ? () => files.write(`${folder}/unexport`, String(options.channel)) : undefined
  try {
    await permitted(() => output.prepare(), options.clock)
  } catch (error) {
    await giveBack?.().catch(() => {})
    throw pwmError(error, name)
  }
  return channelOn(output, name, giveBack)
}

const channelOn = (
  output: PwmOutput,
  name: string,
  giveBack: (() => Promise<void>) | undefined,
): PwmChannel => {
  let closed = false
  // One after the other: half a change must not be overtaken by the next.
  let queue: Promise<unknown> = Promise.resolve()
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = queue.then(async () => {
      try {
        await work()
      } catch (error) {
        throw pwmError(error, name)
      }
    })
    queue = done.catch(() => {})
    return done
  }
  const open = (): void => {
    if (closed) throw new HalError('closed', `${name} is closed`)
  }
  return {
    start: async hz => {
      open()
      if (!(hz >= 1 && hz <= 1000)) throw new HalError('invalid', `${name}: ${hz} Hz is not 1 to 1000 Hz`)
      await inTurn(() => output.start(hz))
    },
    stop: async () => {
      open()
      await inTurn(() => output.stop())
    },
    close: async () => {
      if (closed) return
      closed = true
      await inTurn(() => output.stop())
      if (giveBack) await inTurn(giveBack)
    },
  }
}

/** The files of one channel, and the order in which the kernel takes them. */
class PwmOutput {
  readonly #files: SysfsFiles
  readonly #folder: string
  readonly #name: string
  readonly #inverted: boolean

  constructor(files: SysfsFiles, folder: string, name: string, inverted: boolean) {
    this.#files = files
    this.#folder = folder
    this.#name = name
    this.#inverted = inverted
  }

  /** Silences what a killed process left, and sets the polarity, which only a disabled channel takes. */
  async prepare(): Promise<void> {
    // Without a period the kernel refuses whatever else is written.
    if (Number(await this.#files.read(`${this.#folder}/period`)) === 0)
      await this.#write('period', String(firstPeriodNs))
    await this.#write('enable', '0')
    const polarity = this.#inverted ? 'inversed' : 'normal'
    // Chips that know one polarity only may have no such file.
    const known = await this.#files.read(`${this.#folder}/polarity`).catch(() => 'normal')
    if (known.trim() !== polarity) await this.#write('polarity', polarity)
    await this.stop()
  }

  async start(hz: number): Promise<void> {
    await this.#shape(hz, 0.5)
    await this.#write('enable', '1')
  }

  /** No pulse first, for the level of a disabled output is the chip's affair; an inverted one therefore stays enabled. */
  async stop(): Promise<void> {
    await this.#write('duty_cycle', '0')
    await this.#write('enable', this.#inverted ? '1' : '0')
  }

  /** The kernel refuses a pulse longer than the period at every step. */
  async #shape(hz: number, duty: number): Promise<void> {
    const period = Math.round(1e9 / hz)
    const pulse = Math.round(period * duty)
    const before = Number(await this.#files.read(`${this.#folder}/period`))
    const steps: [string, number][] = [
      ['period', period],
      ['duty_cycle', pulse],
    ]
    if (period < before) steps.reverse()
    for (const [file, ns] of steps) await this.#write(file, String(ns))
  }

  async #write(file: string, text: string): Promise<void> {
    try {
      await this.#files.write(`${this.#folder}/${file}`, text)
    } catch (error) {
      throw pwmError(error, `${this.#name}, ${file} ${text}`)
    }
  }
}

const findChip = async (files: SysfsFiles, root: string, chip: number | string): Promise<string> => {
  const names = (await files.list(root).catch(() => [])).filter(name => /^pwmchip\d+$/.test(name)).sort()
  const found: string[] = []
  const there: string[] = []
  for (const name of names) {
    const device = basename(await files.resolve(`${root}/${name}/device`).catch(() => ''))
    there.push(device ? `${name} (${device})` : name)
    if (chip === name || chip === device || `pwmchip${chip}` === name) found.push(`${root}/${name}`)
  }
  const [first, another] = found
  const known = there.length > 0 ? `there is ${there.join(', ')}` : 'there is none'
  if (!first) {
    const fix = 'switch one on in the device tree (Raspberry Pi: dtoverlay=pwm in config.txt)'
    throw new HalError('missing', `no PWM chip ${chip}: ${known}; ${fix}`)
  }
  if (another)
    throw new HalError('invalid', `"${chip}" has several PWM chips, give the name: ${there.join(', ')}`)
  return first
}

const checkChannel = async (
  files: SysfsFiles,
  folder: string,
  channel: number,
  name: string,
): Promise<void> => {
  const count = Number(await files.read(`${folder}/npwm`))
  if (Number.isInteger(channel) && channel >= 0 && channel < count) return
  throw new HalError('missing', `no ${name}: it has ${count}, counted from 0`)
}

/** False when it was exported already. */
const exportChannel = async (
  files: SysfsFiles,
  folder: string,
  channel: number,
  name: string,
): Promise<boolean> => {
  if ((await files.list(folder)).includes(`pwm${channel}`)) return false
  try {
    await files.write(`${folder}/export`, String(channel))
    return true
  } catch (error) {
    if (systemCode(error) === 'EBUSY' && (await files.list(folder)).includes(`pwm${channel}`)) return false
    throw pwmError(error, name)
  }
}

/** Again and again while the permission is missing: udev sets it a moment behind the export. */
const permitted = async (work: () => Promise<void>, clock: Clock): Promise<void> => {
  for (let waitedMs = 0; ; waitedMs += pauseMs)
    try {
      return await work()
    } catch (error) {
      const early = error instanceof HalError && error.kind === 'permission'
      if (!early || waitedMs >= patienceMs) throw error
      await new Promise<void>(resolve => clock.timer('pwm permission', ms(pauseMs), resolve))
    }
}

const pwmError = (error: unknown, name: string): HalError => {
  const told = (kind: HalError['kind'], text: string) =>
    new HalError(kind, `${name} ${text}`, { cause: error })
  if (error instanceof HalError) return error
  switch (systemCode(error)) {
    case 'EBUSY':
      return told(
        'in-use',
        'is taken by a kernel driver (fan, backlight), or shares its period with a channel in use',
      )
    case 'EACCES':
    case 'EPERM':
      return told(
        'permission',
        'may not be used: run as root, or give its files to your group with a udev rule',
      )
    case 'EINVAL':
    case 'ERANGE':
    case 'EOPNOTSUPP':
    case 'ENOTSUP':
      return told('unsupported', 'is refused by the chip')
    case 'ENOENT':
      return told('lost', 'is gone')
    default:
      return halErrorFrom(error, name)
  }
}

const nodeFiles: SysfsFiles = {
  list: folder => readdir(folder),
  read: file => readFile(file, 'utf8'),
  write: async (file, text) => {
    // Neither created nor read: export and unexport can only be written.
    const handle = await open(file, constants.O_WRONLY)
    try {
      await handle.write(text)
    } finally {
      await handle.close()
    }
  },
  resolve: path => realpath(path),
}
