// A board file against the machine it is to run on: what is missing, who may not use what, and how the kernel numbers the
// pins. Facts are what a technician wants to see even when all is well.

import type { ErrorCode } from '../firmware/errors.js'
import { type PinKeys, pinsOf, soundChannels } from '../firmware/settings/board-rules.js'
import type { Board } from '../firmware/settings/board-schema.js'
import { keyText, type Problem, problem } from '../firmware/settings/problem.js'
import type { TomlDocument } from '../firmware/settings/toml-document.js'
import { inOrder } from '../firmware/settings/validate.js'
import type { HalErrorKind } from '../hal/errors.js'
import type { GpioDevice, Machine, SysfsGpioChip } from './machine.js'

export interface Fact {
  /** "slic[0].shk". */
  readonly key: string
  readonly says: string
}

export interface BoardReport {
  readonly problems: readonly Problem[]
  readonly facts: readonly Fact[]
}

type Path = readonly (string | number)[]

/** What is found out, with the place of each key in its file. */
class Findings {
  readonly problems: Problem[] = []
  readonly facts: Fact[] = []
  readonly #origin: TomlDocument['origin']

  constructor(origin: TomlDocument['origin']) {
    this.#origin = origin
  }

  /** `fix`: where the device knows better what to do than the table of codes. */
  wrong(code: ErrorCode, path: Path, message: string, fix?: string): void {
    const key = keyText(path)
    const told = problem(code, this.#origin(path), key, `${key}: ${message}`)
    this.problems.push(fix === undefined ? told : { ...told, fix: sentence(fix) })
  }

  fact(path: Path, says: string): void {
    this.facts.push({ key: keyText(path), says })
  }
}

const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`

/** The simulated board needs nothing and is not looked at. */
export const checkBoard = async (
  board: Board,
  origin: TomlDocument['origin'],
  machine: Machine,
): Promise<BoardReport> => {
  const found = new Findings(origin)
  if (board.serial) checkSerial(board.serial.path, machine, found)
  await checkPins(board, machine, found)
  checkModules(board, machine, found)
  await checkSound(board, machine, found)
  if (board.watchdog && usable(board.watchdog.device, ['watchdog', 'device'], machine, found))
    found.fact(['watchdog', 'device'], `${board.watchdog.device}, armed when the telephones are ready`)
  return { problems: inOrder(found.problems), facts: found.facts }
}

/** Whether a device file is there and may be used; tells when not. `known`: what there is instead. */
const usable = (
  path: string,
  key: Path,
  machine: Machine,
  found: Findings,
  known: readonly string[] = [],
  use: 'both' | 'write' = 'both',
): boolean => {
  const access = machine.access(path, use)
  if (access.kind === 'missing')
    found.wrong(
      'VP-1012',
      key,
      `there is no ${path}${known.length === 0 ? '' : `; there is ${known.join(', ')}`}`,
    )
  if (access.kind === 'denied') found.wrong('VP-1013', key, deniedText(path, access.group))
  return access.kind === 'ok'
}

const deniedText = (path: string, group: string): string =>
  `${path} may not be used by this user${group === '' || group === 'root' ? '; only root may' : `; the group ${group} may`}`

const checkSerial = (path: string, machine: Machine, found: Findings): void => {
  const known = machine.devices(/^tty(ACM|USB|AMA)\d+$|^ttyS[0-3]$/)
  if (usable(path, ['serial', 'path'], machine, found, known)) found.fact(['serial', 'path'], path)
}

type Bus = NonNullable<Board['gpio']>[string]

const checkPins = async (board: Board, machine: Machine, found: Findings): Promise<void> => {
  const { gpio = {} } = board
  const pins = pinsOf(board)
  const buses = Object.entries(gpio)
  const devices = buses.some(([, bus]) => bus.backend === 'cdev') ? await machine.gpioDevices() : []
  for (const [name, bus] of buses) {
    const path: Path = ['gpio', name, 'label']
    const own = pins.filter(([, pin]) => pin.bus === name)
    if (bus.backend === 'cdev') checkCharacterDevice(bus, path, own, devices, machine, found)
    else checkFormerInterface(bus, path, own, machine, found)
  }
}

type OwnPins = readonly (readonly [Path, PinKeys])[]

const checkCharacterDevice = (
  { label }: Bus,
  path: Path,
  pins: OwnPins,
  devices: readonly GpioDevice[],
  machine: Machine,
  found: Findings,
): void => {
  const [device, another] = named(label, devices)
  if (another !== undefined) {
    found.wrong('VP-1003', path, several(label, devices))
    return
  }
  if (device === undefined) {
    const refused = machine.devices(/^gpiochip\d+$/).map(one => ({ one, access: machine.access(one) }))
    const denied = refused.find(({ access }) => access.kind === 'denied')
    if (denied?.access.kind === 'denied')
      found.wrong('VP-1013', path, deniedText(denied.one, denied.access.group))
    else found.wrong('VP-1012', path, noChip(label, devices))
    return
  }
  for (const [key, pin] of pins)
    if (inside(pin, device, key, found))
      found.fact(key, `line ${pin.offset} of ${device.label} (${device.path})`)
}

const checkFormerInterface = (
  { label }: Bus,
  path: Path,
  pins: OwnPins,
  machine: Machine,
  found: Findings,
): void => {
  const chips = machine.sysfsGpio()
  if (chips === undefined) {
    found.wrong('VP-1014', path, 'this kernel has no /sys/class/gpio, which onoff needs')
    return
  }
  const [chip, another] = named(label, chips)
  if (another !== undefined) {
    found.wrong('VP-1003', path, several(label, chips))
    return
  }
  if (chip === undefined) {
    found.wrong('VP-1012', path, noChip(label, chips))
    return
  }
  usable('/sys/class/gpio/export', path, machine, found, [], 'write')
  for (const [key, pin] of pins)
    if (inside(pin, chip, key, found))
      found.fact(
        key,
        `line ${pin.offset} of ${chip.label}, GPIO ${chip.base + pin.offset} of this kernel (base ${chip.base})`,
      )
}

/** By label, or where labels repeat by the name of its device. */
const named = <T extends GpioDevice | SysfsGpioChip>(name: string, chips: readonly T[]): readonly T[] =>
  chips.filter(({ label, path }) => label === name || path === name || path.endsWith(`/${name}`))

const several = (name: string, chips: readonly (GpioDevice | SysfsGpioChip)[]): string =>
  `"${name}" is several GPIO chips; give one of the names ${named(name, chips)
    .map(({ path }) => path.split('/').at(-1))
    .join(', ')}`

const noChip = (label: string, chips: readonly { readonly label: string }[]): string =>
  chips.length === 0
    ? `there is no GPIO chip "${label}", nor any other`
    : `there is no GPIO chip "${label}", only ${chips.map(chip => `"${chip.label}"`).join(', ')}`

const inside = (
  pin: PinKeys,
  { label, lines }: GpioDevice | SysfsGpioChip,
  key: Path,
  found: Findings,
): boolean => {
  if (pin.offset < lines) return true
  found.wrong(
    'VP-1003',
    [...key, 'offset'],
    `${pin.offset} is none of the lines 0 to ${lines - 1} of "${label}"`,
  )
  return false
}

const checkModules = (board: Board, machine: Machine, found: Findings): void => {
  for (const [n, { shk, pwm, quirks }] of (board.slic ?? []).entries()) {
    if (pwm) checkPwm(pwm, ['slic', n, 'pwm'], machine, found)
    if (board.gpio?.[shk.bus]?.backend === 'onoff')
      found.fact(['slic', n, 'shk', 'bus'], 'hook edges are stamped by the process: no rotary digits')
    if (!quirks.ohtResistor)
      found.fact(
        ['slic', n, 'quirks', 'ohtResistor'],
        'without the resistor the telephone cannot show who calls',
      )
  }
}

const checkPwm = (
  { chip, channel }: { readonly chip: string; readonly channel: number },
  path: Path,
  machine: Machine,
  found: Findings,
): void => {
  const chips = machine.pwmChips()
  const [named, another] = chips.filter(({ name, device }) => name === chip || device === chip)
  const known = chips.map(({ name, device, channels }) => `${name} (${device}, ${channels} channels)`)
  if (named === undefined)
    found.wrong(
      'VP-1015',
      [...path, 'chip'],
      `there is no PWM chip "${chip}"${known.length === 0 ? ', nor any other' : `, only ${known.join(', ')}`}`,
    )
  else if (another !== undefined)
    found.wrong('VP-1003', [...path, 'chip'], `"${chip}" is several PWM chips: ${known.join(', ')}`)
  else if (channel >= named.channels)
    found.wrong('VP-1003', [...path, 'channel'], `${named.name} has the channels 0 to ${named.channels - 1}`)
  else if (usable(`/sys/class/pwm/${named.name}/export`, path, machine, found, [], 'write'))
    found.fact(path, `channel ${channel} of ${named.name} (${named.device})`)
}

/** What a sound device's refusal asks for. */
const soundCode: Partial<Record<HalErrorKind, ErrorCode>> = {
  missing: 'VP-1012',
  permission: 'VP-1013',
  'in-use': 'VP-1017',
}

const checkSound = async ({ audio, slic }: Board, machine: Machine, found: Findings): Promise<void> => {
  if (audio === undefined) return
  const { capture, playback } = audio
  const answer = await machine.sound({ capture, playback, channels: soundChannels(slic) })
  if (!answer.ok) {
    found.wrong(soundCode[answer.kind] ?? 'VP-1016', ['audio'], answer.message, answer.fix)
    return
  }
  for (const direction of ['capture', 'playback'] as const)
    found.fact(['audio', direction], `${audio[direction]}: ${answer[direction]}`)
}
