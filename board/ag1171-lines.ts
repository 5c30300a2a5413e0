// The control half of a board of Ag1171 modules: their pins and ring generators, on the main thread. What their ring does to the
// audio is told to the audio half in shared memory.

import type { Board, Slic } from '../firmware/settings/board-schema.js'
import type { Ag1171 } from '../hal/chips/ag1171/driver.js'
import type { ChipDigit } from '../hal/chips/ag1171/mt8870.js'
import type { Ag1171Options, Ag1171Pin } from '../hal/chips/ag1171/options.js'
import type { Clock } from '../hal/clock.js'
import { HalError } from '../hal/errors.js'
import type { FxsPort } from '../hal/fxs-port.js'
import type { PwmChannel } from '../hal/pwm.js'
import type { GpioBuses } from './gpio-buses.js'
import type { RingingLine } from './media-protocol.js'

export interface Ag1171Lines {
  /** Throws HalError 'missing' for a line that the board does not have. */
  fxs(line: string): FxsPort
  /** For the audio half. */
  readonly ringing: readonly RingingLine[]
  /** Ring off, standby, pins given back. */
  close(): Promise<void>
}

export interface Ag1171LinesOptions {
  readonly board: Board
  readonly buses: GpioBuses
  readonly clock: Clock
  /** Keys that a decoder beside a module has recognised. */
  readonly onDigit: (line: string, digit: ChipDigit) => void
  /** Default: the kernel's PWM. */
  readonly openPwm?: (pwm: NonNullable<Slic['pwm']>, clock: Clock) => Promise<PwmChannel>
}

/** Rejects with the HalError of the pin, PWM channel or module that cannot be had; the others are given back. */
export const openAg1171Lines = async (options: Ag1171LinesOptions): Promise<Ag1171Lines> => {
  const { connectAg1171 } = await import('../hal/chips/ag1171/driver.js')
  const modules = new Map<string, Ag1171>()
  const close = async (): Promise<void> => {
    await Promise.allSettled([...modules.values()].map(module => module.close()))
  }
  try {
    for (const slic of options.board.slic ?? [])
      modules.set(slic.line, await connected(connectAg1171, await moduleOptions(slic, options)))
  } catch (error) {
    await close()
    throw error
  }
  return {
    fxs: line => {
      const module = modules.get(line)
      if (module === undefined) throw new HalError('missing', `the board has no line ${line}`)
      return module.fxs
    },
    ringing: [...modules].map(([line, { ringing }]) => ({
      line,
      noise: ringing.noise.shared,
      mute: ringing.mute,
    })),
    close,
  }
}

/** A module that cannot be had leaves its PWM channel to whoever opened it. */
const connected = async (
  connect: (module: Ag1171Options) => Promise<Ag1171>,
  module: Ag1171Options,
): Promise<Ag1171> => {
  try {
    return await connect(module)
  } catch (error) {
    await module.pwm?.close().catch(() => {})
    throw error
  }
}

const moduleOptions = async (
  { line, shk, rm, fr, pd, ring, pwm, bounceMs, dtmf, quirks }: Slic,
  { buses, clock, onDigit, openPwm = kernelPwm }: Ag1171LinesOptions,
): Promise<Ag1171Options> => {
  const pin = async ({ bus, offset, activeLow }: Slic['rm']): Promise<Ag1171Pin> => ({
    chip: await buses.chip(bus),
    offset,
    activeLow,
  })
  return {
    id: line,
    clock,
    shk: await pin(shk),
    rm: await pin(rm),
    ...(fr && { fr: await pin(fr) }),
    ...(pd && { pd: await pin(pd) }),
    ring,
    bounceMs,
    quirks,
    ...(dtmf && {
      dtmf: {
        std: await pin(dtmf.std),
        q1: await pin(dtmf.q1),
        q2: await pin(dtmf.q2),
        q3: await pin(dtmf.q3),
        q4: await pin(dtmf.q4),
      },
      onDigit: digit => onDigit(line, digit),
    }),
    // Last: a chip that cannot be had leaves no channel behind.
    ...(pwm && { pwm: await openPwm(pwm, clock) }),
  }
}

const kernelPwm = async (pwm: NonNullable<Slic['pwm']>, clock: Clock): Promise<PwmChannel> => {
  const { openPwm } = await import('../hal/linux/pwm-sysfs.js')
  return openPwm({ ...pwm, clock })
}
