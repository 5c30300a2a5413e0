// What the host asks of a line, and what it is answered (PROTOCOL.md, "Types").

import { HalError, type HalErrorKind } from '../../errors.js'
import type { FxsSense, Linefeed, LineTest } from '../../fxs-port.js'
import { ByteReader, ByteWriter } from './bytes.js'
import { at, feeds, frameType, indexIn, kinds, laws, type PcmLaw, tests } from './numbers.js'

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
