// What the frames say, in both directions (PROTOCOL.md): numbers on the wire, names here. A message the other end cannot
// have meant throws HalError 'io'.

import { HalError, type HalErrorKind } from '../../errors.js'
import type { FaultKind, FxsCapabilities, FxsSense, Linefeed, LineTest } from '../../fxs-port.js'
import { ByteReader, ByteWriter } from './bytes.js'

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

const feeds = ['open', 'standby', 'active', 'oht', 'ringing'] as const satisfies readonly Linefeed[]
const causes = ['command', 'auto', 'fault'] as const
const faults = [
  'short',
  'ground',
  'power',
  'thermal',
  'chip-reset',
  'link-lost',
  'pcm-xrun',
  'edge-loss',
] as const satisfies readonly FaultKind[]
const tests = [
  'foreign-voltage',
  'resistive-fault',
  'receiver-off-hook',
  'ringers',
  'battery',
  'pcm-loopback',
] as const satisfies readonly LineTest[]
const senses = ['loopMa', 'tipRingVolts', 'batteryVolts', 'celsius'] as const
const kinds = [
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
const laws = ['linear', 'alaw'] as const
/** How PCM stands in a frame: 16-bit little-endian, or ITU-T G.711 A-law. */
export type PcmLaw = (typeof laws)[number]

const indexIn = <T>(list: readonly T[], value: T): number => {
  const index = list.indexOf(value)
  if (index < 0) throw new HalError('invalid', `serial-slic: ${String(value)} has no number`)
  return index
}
const at = <T>(list: readonly T[], index: number): T => {
  const value = list[index]
  if (value === undefined) throw new HalError('io', `serial-slic: ${index} of ${list.length} names`)
  return value
}

/** When a change is to be made, on the microcontroller's clock; absent: now. */
interface AtStamp {
  readonly at?: number | undefined
}

const putAt = (out: ByteWriter, { at: stamp }: AtStamp): ByteWriter =>
  out.flag(stamp !== undefined).u32(stamp ?? 0)
const takeAt = (from: ByteReader): AtStamp => {
  const planned = from.flag()
  const stamp = from.u32()
  return planned ? { at: stamp } : {}
}

/** What the host asks for; each is answered by an ack or a nak, and does no more when it comes twice. */
export type Command =
  | {
      readonly do: 'profile'
      readonly loopMa: number
      readonly ringHz: number
      readonly ringVrms: number
      readonly impedance: number
    }
  | ({
      readonly do: 'linefeed'
      readonly state: Exclude<Linefeed, 'ringing'>
      readonly reversed: boolean
    } & AtStamp)
  /** Hz and volts 0: the profile's. */
  | ({ readonly do: 'ring'; readonly on: boolean; readonly hz: number; readonly vrms: number } & AtStamp)
  | { readonly do: 'gain'; readonly receiveDb: number; readonly transmitDb: number }
  | { readonly do: 'impedance'; readonly index: number }
  | { readonly do: 'disconnect'; readonly ms: number }
  | { readonly do: 'sense' }
  | { readonly do: 'readHook' }
  | { readonly do: 'test'; readonly test: LineTest }
  | { readonly do: 'audio'; readonly on: boolean; readonly law: PcmLaw }
  | { readonly do: 'safe' }

export const encodeCommand = (command: Command): Uint8Array => {
  const out = new ByteWriter()
  switch (command.do) {
    case 'profile':
      out.u8(command.loopMa).u16(Math.round(command.ringHz * 10))
      return out.u8(command.ringVrms).u8(command.impedance).done()
    case 'linefeed':
      return putAt(out.u8(indexIn(feeds, command.state)).flag(command.reversed), command).done()
    case 'ring':
      return putAt(
        out
          .flag(command.on)
          .u16(Math.round(command.hz * 10))
          .u8(command.vrms),
        command,
      ).done()
    case 'gain':
      return out
        .i16(command.receiveDb * 100)
        .i16(command.transmitDb * 100)
        .done()
    case 'impedance':
      return out.u8(command.index).done()
    case 'disconnect':
      return out.u16(command.ms).done()
    case 'test':
      return out.u8(indexIn(tests, command.test)).done()
    case 'audio':
      return out.flag(command.on).u8(indexIn(laws, command.law)).done()
    case 'sense':
    case 'readHook':
    case 'safe':
      return out.done()
  }
}

const commandNames = new Map<number, Command['do']>(
  (
    [
      'profile',
      'linefeed',
      'ring',
      'gain',
      'impedance',
      'disconnect',
      'sense',
      'readHook',
      'test',
      'audio',
      'safe',
    ] as const
  ).map(name => [frameType[name], name]),
)

/** Undefined for a frame type that is no command. */
export const decodeCommand = (type: number, payload: Uint8Array): Command | undefined => {
  const name = commandNames.get(type)
  const from = new ByteReader(payload)
  switch (name) {
    case undefined:
      return undefined
    case 'profile':
      return {
        do: name,
        loopMa: from.u8(),
        ringHz: from.u16() / 10,
        ringVrms: from.u8(),
        impedance: from.u8(),
      }
    case 'linefeed':
      return {
        do: name,
        state: at(feeds.slice(0, 4), from.u8()) as 'open',
        reversed: from.flag(),
        ...takeAt(from),
      }
    case 'ring':
      return { do: name, on: from.flag(), hz: from.u16() / 10, vrms: from.u8(), ...takeAt(from) }
    case 'gain':
      return { do: name, receiveDb: from.i16() / 100, transmitDb: from.i16() / 100 }
    case 'impedance':
      return { do: name, index: from.u8() }
    case 'disconnect':
      return { do: name, ms: from.u16() }
    case 'test':
      return { do: name, test: at(tests, from.u8()) }
    case 'audio':
      return { do: name, on: from.flag(), law: at(laws, from.u8()) }
    default:
      return { do: name }
  }
}

/** What happens at the telephone; sent again until the host has acknowledged it. */
export type LineMessage =
  | {
      readonly type: 'hook'
      readonly offHook: boolean
      readonly source: 'edge' | 'resync'
      readonly overrun: boolean
    }
  | { readonly type: 'trip' }
  | {
      readonly type: 'feed'
      readonly state: Linefeed
      readonly reversed: boolean
      readonly cause: (typeof causes)[number]
    }
  | { readonly type: 'fault'; readonly kind: FaultKind; readonly on: boolean }
  | {
      readonly type: 'tested'
      readonly test: LineTest
      readonly pass: boolean
      readonly values: Readonly<Record<string, number>>
    }

export const encodeLineMessage = (message: LineMessage): Uint8Array => {
  const out = new ByteWriter()
  switch (message.type) {
    case 'hook':
      return out
        .flag(message.offHook)
        .flag(message.source === 'resync')
        .flag(message.overrun)
        .done()
    case 'trip':
      return out.done()
    case 'feed':
      return out
        .u8(indexIn(feeds, message.state))
        .flag(message.reversed)
        .u8(indexIn(causes, message.cause))
        .done()
    case 'fault':
      return out.u8(indexIn(faults, message.kind)).flag(message.on).done()
    case 'tested': {
      const values = Object.entries(message.values)
      out.u8(indexIn(tests, message.test)).flag(message.pass).u8(values.length)
      for (const [name, value] of values) out.text(name).f32(value)
      return out.done()
    }
  }
}

/** Undefined for a frame type that is no such message. */
export const decodeLineMessage = (type: number, payload: Uint8Array): LineMessage | undefined => {
  const from = new ByteReader(payload)
  switch (type) {
    case frameType.hook:
      return {
        type: 'hook',
        offHook: from.flag(),
        source: from.flag() ? 'resync' : 'edge',
        overrun: from.flag(),
      }
    case frameType.trip:
      return { type: 'trip' }
    case frameType.feed:
      return {
        type: 'feed',
        state: at(feeds, from.u8()),
        reversed: from.flag(),
        cause: at(causes, from.u8()),
      }
    case frameType.fault:
      return { type: 'fault', kind: at(faults, from.u8()), on: from.flag() }
    case frameType.tested: {
      const test = at(tests, from.u8())
      const pass = from.flag()
      const values: Record<string, number> = {}
      for (let left = from.count(16); left > 0; left--) values[from.text()] = from.f32()
      return { type: 'tested', test, pass, values }
    }
    default:
      return undefined
  }
}

export const encodeSense = ({ loopMa, tipRingVolts, batteryVolts }: FxsSense): Uint8Array =>
  new ByteWriter()
    .i16(loopMa * 100)
    .i16(tipRingVolts * 100)
    .i16(batteryVolts * 100)
    .done()
export const decodeSense = (payload: Uint8Array): FxsSense => {
  const from = new ByteReader(payload)
  return { loopMa: from.i16() / 100, tipRingVolts: from.i16() / 100, batteryVolts: from.i16() / 100 }
}

export const encodeNak = (kind: HalErrorKind, reason: string): Uint8Array =>
  new ByteWriter().u8(indexIn(kinds, kind)).text(reason).done()
export const decodeNak = (payload: Uint8Array): HalError => {
  const from = new ByteReader(payload)
  const kind = at(kinds, from.u8())
  return new HalError(kind, from.text())
}

/** What a microcontroller says of itself and its lines, in the order of their numbers. */
export interface Hello {
  /** Of its own programme, for people. */
  readonly version: string
  /** Another number means that it has started anew and knows nothing of what was commanded. */
  readonly boot: number
  readonly lines: readonly string[]
  readonly capabilities: FxsCapabilities
}

export const encodeHello = ({ version, boot, lines, capabilities }: Hello): Uint8Array => {
  const { ring, gainDb } = capabilities
  const out = new ByteWriter().u32(boot).text(version).u8(lines.length)
  for (const line of lines) out.text(line)
  out.flag(capabilities.polarityReversal).flag(capabilities.onHookTransmission)
  out.u8(ring.maxVrms).u8(ring.hz.length)
  for (const hz of ring.hz) out.u16(Math.round(hz * 10))
  out.u8(capabilities.impedances.length)
  for (const id of capabilities.impedances) out.text(id)
  for (const db of [...gainDb.receive, ...gainDb.transmit]) out.i16(db * 100)
  for (const [names, present] of [
    [senses, capabilities.senses],
    [tests, capabilities.lineTests],
    [faults, capabilities.faults],
  ] as const) {
    out.u16((present as readonly string[]).reduce((mask, name) => mask | (1 << indexIn(names, name)), 0))
  }
  return out.done()
}

const named = <T>(names: readonly T[], mask: number): T[] => names.filter((_, bit) => mask & (1 << bit))

export const decodeHello = (payload: Uint8Array): Hello => {
  const from = new ByteReader(payload)
  const boot = from.u32()
  const version = from.text()
  const lines = Array.from({ length: from.count(8) }, () => from.text())
  const polarityReversal = from.flag()
  const onHookTransmission = from.flag()
  const maxVrms = from.u8()
  const hz = Array.from({ length: from.count(16) }, () => from.u16() / 10)
  const impedances = Array.from({ length: from.count(16) }, () => from.text())
  const [receiveLow, receiveHigh, transmitLow, transmitHigh] = Array.from(
    { length: 4 },
    () => from.i16() / 100,
  ) as [number, number, number, number]
  return {
    boot,
    version,
    lines,
    capabilities: {
      polarityReversal,
      onHookTransmission,
      ring: { source: 'mcu', hz, maxVrms },
      hookTimestamps: 'chip',
      impedances,
      gainDb: { receive: [receiveLow, receiveHigh], transmit: [transmitLow, transmitHigh] },
      senses: named(senses, from.u16()),
      lineTests: named(tests, from.u16()),
      faults: named(faults, from.u16()),
    },
  }
}
