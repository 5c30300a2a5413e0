// What this machine has of what a board file names: devices and who may use them, GPIO chips with both their numberings, PWM
// chips, sound devices. Read only; nothing is opened for good. Under another root it reads a tree that stands for a machine.

import { accessSync, constants, readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { HalErrorKind } from '../hal/errors.js'

export type Access =
  | { readonly kind: 'ok' }
  | { readonly kind: 'missing' }
  /** The group whose members may use it, "" when it has none. */
  | { readonly kind: 'denied'; readonly group: string }

/** A GPIO chip as its character device tells of it. */
export interface GpioDevice {
  /** "/dev/gpiochip0". */
  readonly path: string
  readonly label: string
  readonly lines: number
}

/** A GPIO chip in the kernel's former interface: line N of it is the global number base + N. */
export interface SysfsGpioChip {
  /** "/sys/class/gpio/gpiochip512". */
  readonly path: string
  readonly label: string
  readonly base: number
  readonly lines: number
}

export interface PwmChip {
  /** "pwmchip0". */
  readonly name: string
  /** What it belongs to: "fe20c000.pwm". */
  readonly device: string
  readonly channels: number
}

export interface SoundDevices {
  readonly capture: string
  readonly playback: string
  readonly channels: number
}

export type SoundAnswer =
  /** What each takes, in words. */
  | { readonly ok: true; readonly capture: string; readonly playback: string }
  | { readonly ok: false; readonly kind: HalErrorKind; readonly message: string; readonly fix: string }

export interface Machine {
  /** `write`: nothing can be read from it, as from `export` in sysfs. */
  access(path: string, use?: 'both' | 'write'): Access
  /** Of the chips that may be opened. */
  gpioDevices(): Promise<readonly GpioDevice[]>
  /** Paths in /dev whose names match. */
  devices(name: RegExp): readonly string[]
  /** Undefined: this kernel has no /sys/class/gpio. */
  sysfsGpio(): readonly SysfsGpioChip[] | undefined
  pwmChips(): readonly PwmChip[]
  /** Tries both. Never rejects. */
  sound(devices: SoundDevices): Promise<SoundAnswer>
}

export interface MachineParts {
  readonly gpioDevices: Machine['gpioDevices']
  readonly sound: Machine['sound']
}

/** `root`: "/" of this machine, or a tree of files that stands for one. */
export const machineAt = (root: string, parts: MachineParts): Machine => {
  const at = (path: string): string => join(root, path)
  const sys = '/sys/class'
  return {
    ...parts,
    access: (path, use = 'both') => accessOf(at(path), use, at('/etc/group')),
    devices: pattern =>
      names(at('/dev'))
        .filter(name => pattern.test(name))
        .map(name => `/dev/${name}`),
    sysfsGpio: () => {
      const folder = at(`${sys}/gpio`)
      if (!exists(folder)) return undefined
      return names(folder)
        .filter(name => /^gpiochip\d+$/.test(name))
        .map(name => ({
          path: `${sys}/gpio/${name}`,
          label: word(join(folder, name, 'label')),
          base: Number(word(join(folder, name, 'base'))),
          lines: Number(word(join(folder, name, 'ngpio'))),
        }))
    },
    pwmChips: () =>
      names(at(`${sys}/pwm`))
        .filter(name => /^pwmchip\d+$/.test(name))
        .map(name => ({
          name,
          device: targetName(at(`${sys}/pwm/${name}/device`)),
          channels: Number(word(at(`${sys}/pwm/${name}/npwm`))),
        })),
  }
}

const accessOf = (path: string, use: 'both' | 'write', groups: string): Access => {
  const found = statOf(path)
  if (found === undefined) return { kind: 'missing' }
  if (found === 'hidden') return { kind: 'denied', group: '' }
  try {
    accessSync(path, use === 'write' ? constants.W_OK : constants.R_OK | constants.W_OK)
    return { kind: 'ok' }
  } catch {
    return { kind: 'denied', group: groupName(found.gid, groups) }
  }
}

/** 'hidden': in a folder that this user may not enter, so nothing is known of it. */
const statOf = (path: string): Stats | 'hidden' | undefined => {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return 'hidden'
  }
}

const groupName = (gid: number, file: string): string =>
  word(file)
    .split('\n')
    .map(line => line.split(':'))
    .find(fields => fields[2] === String(gid))?.[0] ?? ''

const exists = (path: string): boolean => statOf(path) !== undefined

const targetName = (link: string): string => {
  try {
    return basename(realpathSync(link))
  } catch {
    return ''
  }
}

const names = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

const word = (file: string): string => {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}
