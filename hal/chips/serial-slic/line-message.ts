// What happens at a telephone, as it is told to the host (PROTOCOL.md, "Types").

import type { FaultKind, Linefeed, LineTest } from '../../fxs-port.js'
import { ByteReader, ByteWriter } from './bytes.js'
import { at, causes, faults, feeds, frameType, indexIn, tests } from './numbers.js'

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
