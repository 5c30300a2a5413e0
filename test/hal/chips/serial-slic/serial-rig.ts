// The driver and the reference microcontroller on a serial line in virtual time: bytes take their time, and may be lost,
// changed or cut off. The microcontroller drives the simulated telephones.

import type { BytePort, BytePortSink } from '../../../../hal/byte-port.js'
import { connectSerialSlic, type SerialSlic } from '../../../../hal/chips/serial-slic/driver.js'
import { Microcontroller } from '../../../../hal/chips/serial-slic/model.js'
import type { PcmLaw } from '../../../../hal/chips/serial-slic/numbers.js'
import { ms } from '../../../../hal/clock.js'
import { SeededEntropy } from '../../../../hal/sim/seeded-entropy.js'
import { createSimBoard } from '../../../../hal/sim/sim-board.js'
import { VirtualClock } from '../../../../hal/sim/virtual-clock.js'

/** What happens to bytes on their way; undefined: they are gone. */
export type Spoil = (bytes: Uint8Array, toHost: boolean) => Uint8Array | undefined

export interface SerialRigOptions {
  /** Default: one of its own. */
  readonly clock?: VirtualClock
  readonly lines?: readonly string[]
  readonly law?: PcmLaw
  /** The microcontroller's clock: µs ahead, and how much faster. */
  readonly aheadUs?: number
  readonly rate?: number
}

/** One way on the wire, ms. */
const WAY = 1

export const openSerialRig = async (options: SerialRigOptions = {}) => {
  const clock = options.clock ?? new VirtualClock()
  const lines = options.lines ?? ['tel1']
  const board = createSimBoard({ lines, clock, entropy: new SeededEntropy(7), frames: 'virtual' })
  const wire: { spoil: Spoil; cut: boolean } = { spoil: bytes => bytes, cut: false }
  let hostSink: BytePortSink | undefined
  let mcu: Microcontroller | undefined
  const carry = (bytes: Uint8Array, toHost: boolean, arrive: (bytes: Uint8Array) => void): void => {
    const left = wire.cut ? undefined : wire.spoil(Uint8Array.from(bytes), toHost)
    if (left !== undefined) clock.timer('serial wire', ms(WAY), () => arrive(left))
  }
  const powerOn = (boot: number): void => {
    const own = new Microcontroller({
      clock,
      boot,
      ...(options.aheadUs !== undefined && { aheadUs: options.aheadUs }),
      ...(options.rate !== undefined && { rate: options.rate }),
      chips: lines.map(id => board.fxs(id)),
      pcm: board.pcm,
      send: bytes => carry(bytes, true, left => mcu === own && hostSink?.onBytes(left)),
    })
    mcu = own
  }
  const open = (sink: BytePortSink): BytePort => {
    hostSink = sink
    return {
      name: 'serial wire',
      write: bytes => {
        carry(bytes, false, left => mcu?.take(left))
        return true
      },
      close: async () => {
        hostSink = undefined
      },
    }
  }
  powerOn(1)
  const finish = async <T>(work: Promise<T>, within = 20_000): Promise<T> => {
    let done = false
    const mark = (): void => {
      done = true
    }
    work.then(mark, mark)
    await clock.settle()
    for (let waited = 0; !done && waited < within; waited += 10) {
      await clock.runUntil(() => done, 10)
      await clock.settle()
    }
    if (!done) throw new Error('nothing came of it')
    return work
  }
  const connect = (law: PcmLaw = options.law ?? 'linear'): Promise<SerialSlic> =>
    finish(connectSerialSlic({ clock, open, lines, law }))
  return {
    clock,
    board,
    wire,
    finish,
    connect,
    /** The microcontroller loses its power, and is back `afterMs` later knowing nothing. */
    restart: async (boot: number, afterMs: number): Promise<void> => {
      const old = mcu
      mcu = undefined
      await old?.powerOff()
      await clock.advance(afterMs)
      powerOn(boot)
    },
    close: async (slic: SerialSlic): Promise<void> => {
      await finish(slic.close())
      await mcu?.powerOff()
    },
  }
}
export type SerialRig = Awaited<ReturnType<typeof openSerialRig>>
