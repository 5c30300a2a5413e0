// Who is at the other end and what his lines can do (PROTOCOL.md, "Types").

import type { FxsCapabilities } from '../../fxs-port.js'
import { ByteReader, ByteWriter } from './bytes.js'
import { faults, indexIn, senses, tests } from './numbers.js'

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
