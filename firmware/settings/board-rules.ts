// What holds between the keys of a board file: each driver has its tables, each pin its own line of its chip, each port
// one module.

import type * as z from 'zod'
import type { ErrorCode } from '../errors.js'
import { keyText } from './problem.js'

export interface PinKeys {
  readonly bus: string
  readonly offset: number
}

interface SlicKeys {
  readonly line: string
  readonly ring: 'pwm' | 'rm-only'
  readonly pwm?: { readonly chip: string; readonly channel: number }
  readonly fr?: PinKeys
  readonly channel: number
}

interface BoardKeys {
  readonly driver: string
  readonly lines: readonly string[]
  readonly serial?: object
  readonly gpio?: Readonly<Record<string, { readonly label: string; readonly backend: 'cdev' | 'onoff' }>>
  readonly slic?: readonly SlicKeys[]
  readonly audio?: object
  readonly leds?: object
}

type Path = (string | number)[]
interface Complaint {
  readonly path: Path
  readonly message: string
  readonly code?: ErrorCode
}

export const boardRules = <T extends z.ZodType<BoardKeys>>(schema: T): T =>
  schema.superRefine((board, context) => {
    for (const { path, message, code } of complaints(board))
      context.addIssue({ code: 'custom', path, message, ...(code && { params: { code } }) })
  })

const complaints = (board: BoardKeys): readonly Complaint[] => [
  ...tables(board),
  ...modules(board),
  ...pins(board),
]

const drivers: Readonly<Record<string, readonly ('serial' | 'slic' | 'audio')[]>> = {
  sim: [],
  'serial-slic': ['serial'],
  ag1171: ['slic', 'audio'],
}

const tables = (board: BoardKeys): readonly Complaint[] => {
  const wanted = drivers[board.driver] ?? []
  const complaint = (name: 'serial' | 'slic' | 'audio'): Complaint[] => {
    const wants = wanted.includes(name)
    if (wants === (board[name] !== undefined)) return []
    const table = name === 'slic' ? '[[slic]]' : `[${name}]`
    const message = wants
      ? `must stand in the file: the driver "${board.driver}" needs ${table}`
      : `must not stand in the file: the driver "${board.driver}" has no ${table}`
    return [{ path: [name], message }]
  }
  const lamps = board.driver === 'sim' && board.leds !== undefined
  return [
    ...(['serial', 'slic', 'audio'] as const).flatMap(complaint),
    ...(lamps
      ? [{ path: ['leds'], message: 'must not stand in the file: a simulated board has lamps' }]
      : []),
  ]
}

const modules = ({ lines, slic }: BoardKeys): readonly Complaint[] => {
  if (slic === undefined) return []
  const driven = slic.map(({ line }) => line)
  return [
    ...lines
      .filter(line => !driven.includes(line))
      .map(line => ({ path: ['slic'], message: `must have a module for the port ${line}` })),
    ...slic.flatMap((module, n) => ofModule(module, n, lines, driven)),
    ...sameChannel(slic),
  ]
}

const ofModule = (
  { line, ring, pwm, fr }: SlicKeys,
  n: number,
  lines: readonly string[],
  driven: readonly string[],
): readonly Complaint[] => {
  const at = (key: string, message: string): Complaint => ({ path: ['slic', n, key], message })
  return [
    ...(lines.includes(line) ? [] : [at('line', `must be one of the ports ${lines.join(', ')}`)]),
    ...(driven.indexOf(line) < n ? [at('line', 'must not be driven by two modules')] : []),
    ...(ring === 'pwm' && pwm === undefined ? [at('pwm', 'must stand in the file where ring is "pwm"')] : []),
    ...(ring === 'pwm' && fr !== undefined
      ? [at('fr', 'must not stand beside a PWM channel: that is the same pin of the module')]
      : []),
    ...(ring === 'rm-only' && pwm !== undefined
      ? [at('pwm', 'must not stand in the file where ring is "rm-only"')]
      : []),
  ]
}

/** Two modules on one channel of the sound device, or of a PWM chip. */
const sameChannel = (slic: readonly SlicKeys[]): readonly Complaint[] => {
  const used = new Map<string, string>()
  return slic.flatMap(({ channel, pwm }, n) => {
    const claims: [string, Path][] = [[`sound ${channel}`, ['slic', n, 'channel']]]
    if (pwm) claims.push([`pwm ${pwm.chip} ${pwm.channel}`, ['slic', n, 'pwm']])
    return claims.flatMap(([what, path]) => claim(used, what, path, other => `is that of ${other} too`))
  })
}

const claim = (
  used: Map<string, string>,
  what: string,
  path: Path,
  message: (other: string) => string,
): readonly Complaint[] => {
  const other = used.get(what)
  if (other !== undefined) return [{ path, message: message(other), code: 'VP-1011' }]
  used.set(what, keyText(path))
  return []
}

const pins = (board: BoardKeys): readonly Complaint[] => {
  const used = new Map<string, string>()
  return pinsOf(board).flatMap(([path, pin]) => {
    const bus = board.gpio?.[pin.bus]
    if (bus === undefined)
      return [{ path: [...path, 'bus'], message: `names no table [gpio.${pin.bus}] of this file` }]
    const where = `line ${pin.offset} of the chip "${bus.label}"`
    return claim(used, where, path, other => `is ${where}, and so is ${other}`)
  })
}

const isPin = (value: unknown): value is PinKeys =>
  typeof value === 'object' && value !== null && 'bus' in value && 'offset' in value

/** Every pin a board file names, with its path, in the order of the file. */
export const pinsOf = (value: object, path: Path = []): readonly (readonly [Path, PinKeys])[] =>
  Object.entries(value).flatMap(([key, child]) => {
    if (typeof child !== 'object' || child === null) return []
    const at = [...path, Array.isArray(value) ? Number(key) : key]
    return isPin(child) ? [[at, child] as const] : pinsOf(child, at)
  })

/** How many channels the sound device must have. */
export const soundChannels = (modules: readonly { readonly channel: number }[] = []): number =>
  1 + Math.max(0, ...modules.map(({ channel }) => channel))
