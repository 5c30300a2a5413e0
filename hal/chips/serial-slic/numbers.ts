// The numbers on the wire and the names they have here (PROTOCOL.md). A number the other end cannot have meant throws
// HalError 'io'.

import { HalError, type HalErrorKind } from '../../errors.js'
import type { FaultKind, Linefeed, LineTest } from '../../fxs-port.js'

/** Frame types. Below 16 both ways or from the microcontroller, from 16 on to it. */
export const frameType = {
  hello: 1,
  ack: 2,
  nak: 3,
  hook: 4,
  trip: 5,
  feed: 6,
  fault: 7,
  tested: 8,
  pcm: 9,
  pong: 10,
  profile: 16,
  linefeed: 17,
  ring: 18,
  gain: 19,
  impedance: 20,
  disconnect: 21,
  sense: 22,
  readHook: 23,
  test: 24,
  audio: 25,
  safe: 26,
  ping: 27,
} as const

export const feeds = ['open', 'standby', 'active', 'oht', 'ringing'] as const satisfies readonly Linefeed[]
export const causes = ['command', 'auto', 'fault'] as const
export const faults = [
  'short',
  'ground',
  'power',
  'thermal',
  'chip-reset',
  'link-lost',
  'pcm-xrun',
  'edge-loss',
] as const satisfies readonly FaultKind[]
export const tests = [
  'foreign-voltage',
  'resistive-fault',
  'receiver-off-hook',
  'ringers',
  'battery',
  'pcm-loopback',
] as const satisfies readonly LineTest[]
export const senses = ['loopMa', 'tipRingVolts', 'batteryVolts', 'celsius'] as const
export const kinds = [
  'io',
  'closed',
  'unsupported',
  'refused',
  'invalid',
  'in-use',
  'missing',
  'permission',
  'unreachable',
  'lost',
] as const satisfies readonly HalErrorKind[]
export const laws = ['linear', 'alaw'] as const
/** How PCM stands in a frame: 16-bit little-endian, or ITU-T G.711 A-law. */
export type PcmLaw = (typeof laws)[number]

/** The number of a name. */
export const indexIn = <T>(list: readonly T[], value: T): number => {
  const index = list.indexOf(value)
  if (index < 0) throw new HalError('invalid', `serial-slic: ${String(value)} has no number`)
  return index
}
/** The name of a number. */
export const at = <T>(list: readonly T[], index: number): T => {
  const value = list[index]
  if (value === undefined) throw new HalError('io', `serial-slic: ${index} of ${list.length} names`)
  return value
}
