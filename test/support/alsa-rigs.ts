// Boards with a sound device and a telephone at its far end, for the suite every PcmBoard passes.

import type { PcmRig } from '../../hal/conformance/pcm-port.js'
import { AlsaBoard } from '../../hal/linux/alsa-board.js'
import { openAlsaChildren } from '../../hal/linux/alsa-children.js'
import { openAlsaKoffi } from '../../hal/linux/alsa-koffi.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { openStandIns } from './alsa-stand-ins.js'
import type { StandInLibrary } from './stand-in-libasound.js'
import { VirtualPcmDevice, type VirtualPcmDeviceOptions } from './virtual-pcm-device.js'

/** Sample n of a sine; a peak of 32,767 is +3.14 dBm0. */
export const sine =
  (hz: number, dbm0: number) =>
  (n: number): number =>
    Math.round(32767 * 10 ** ((dbm0 - 3.14) / 20) * Math.sin((2 * Math.PI * hz * n) / 8000))

export const openVirtualAlsa = async (options: Partial<VirtualPcmDeviceOptions> = {}) => {
  const clock = new VirtualClock()
  const device = new VirtualPcmDevice({ clock, ...options })
  const board = new AlsaBoard({ lines: [{ id: 'tel1', channel: 0 }], device, clock })
  await board.open()
  return { clock, device, board }
}

export const virtualAlsaRig =
  (options: Partial<VirtualPcmDeviceOptions> = {}) =>
  async (): Promise<PcmRig> => {
    const { clock, device, board } = await openVirtualAlsa(options)
    return {
      board,
      port: 'tel1',
      pass: ms => clock.advance(ms),
      connect: async () => {},
      flash: ms => clock.advance(ms),
      send: async (hz, dbm0) => {
        device.send = sine(hz, dbm0)
      },
      hear: async ms => {
        const from = device.heard.length
        await clock.advance(ms)
        return Int16Array.from(device.heard.slice(from))
      },
      close: async () => {},
    }
  }

const pass = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

/** Child processes in place of arecord and aplay. */
export const childrenRig = async (): Promise<PcmRig> => {
  const standIns = await openStandIns()
  const { programs, env } = standIns
  const board = await openAlsaChildren({
    clock: new LinuxClock(),
    lines: [{ id: 'tel1', channel: 0 }],
    capture: 'hw:29',
    playback: 'hw:29',
    programs,
    env,
  })
  while (standIns.hellos.length < 2) await pass(5)
  return {
    board,
    port: 'tel1',
    pass,
    connect: async () => {},
    flash: pass,
    send: async (hz, dbm0) => {
      standIns.tell('arecord', { do: 'tone', hz, dbm0 })
      await pass(60)
    },
    hear: ms => standIns.record(() => pass(ms)),
    close: () => standIns.close(),
  }
}

/** A library in place of libasound. */
export const koffiRig = (library: StandInLibrary) => async (): Promise<PcmRig> => {
  const board = await openAlsaKoffi({
    clock: new LinuxClock(),
    lines: [{ id: 'tel1', channel: 0 }],
    capture: 'hw:0',
    playback: 'hw:0',
    library: library.path,
  })
  return {
    board,
    port: 'tel1',
    pass,
    connect: async () => {},
    flash: pass,
    send: async (hz, dbm0) => {
      library.tone(hz, dbm0)
      await pass(60)
    },
    hear: ms => library.record(() => pass(ms)),
    close: async () => {},
  }
}
