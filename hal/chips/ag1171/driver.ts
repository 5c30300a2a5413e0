// One Ag1170, Ag1171 or KS0835F line module on GPIO pins, with or without an MT8870 beside it (WIRING.md). Its audio is any
// PcmBoard, wrapped by `muteWhileRinging`.

import { HalError } from '../../errors.js'
import type { FxsCapabilities, FxsPort } from '../../fxs-port.js'
import type { GpioEdge } from '../../gpio.js'
import { Ag1171FxsPort } from './ag1171-fxs-port.js'
import { ag1171Capabilities } from './capabilities.js'
import { type ChipDigit, Mt8870 } from './mt8870.js'
import type { RingingPort } from './muted-pcm.js'
import type { Ag1171Options } from './options.js'
import { ModulePins } from './pins.js'

export interface Ag1171Statistics {
  /** The hook output never came to rest. */
  readonly storms: number
  /** Edges of storms, which nobody was told. */
  readonly suppressedEdges: number
  /** Times that edges were lost on their way. */
  readonly losses: number
  /** Signs of an answer while ringing that were none. */
  readonly falseSigns: number
  /** Keys of the MT8870 whose code was not to be trusted. */
  readonly unreadableKeys: number
}

export interface Ag1171 {
  readonly fxs: FxsPort
  readonly capabilities: FxsCapabilities
  /** For `muteWhileRinging`; `noise.shared` can be given to another thread. */
  readonly ringing: RingingPort
  statistics(): Ag1171Statistics
  /** Ring off, standby, pins given back. */
  close(): Promise<void>
}

/**
 * Takes the pins: RM low, F/R forward, powered up. Rejects with HalError 'invalid' (no PWM for ring "pwm", bounceMs out of
 * range) or what a pin reports: 'missing', 'in-use', 'permission', 'io'.
 */
export const connectAg1171 = async (options: Ag1171Options): Promise<Ag1171> => {
  const { id, clock, bounceMs = 5 } = options
  if (options.ring === 'pwm' && options.pwm === undefined)
    throw new HalError('invalid', `${id}: ring "pwm" needs a PWM channel`)
  if (!(bounceMs >= 0 && bounceMs <= 15)) throw new HalError('invalid', `${id}: bounce ${bounceMs} ms (0-15)`)
  const capabilities = ag1171Capabilities(options)
  const fxs = new Ag1171FxsPort(options, capabilities)
  const pins = await ModulePins.open(options, (edge: GpioEdge) => fxs.edge(edge))
  let decoder: Mt8870 | undefined
  try {
    decoder = options.dtmf && (await Mt8870.open(id, clock, options.dtmf, keys(options, fxs)))
  } catch (error) {
    pins.close()
    throw error
  }
  fxs.wire(pins)
  return {
    fxs,
    capabilities,
    ringing: { noise: fxs.burst.noise, mute: options.quirks?.muteCaptureWhileRinging ?? true },
    statistics: () => ({
      storms: fxs.sensed.line.storms,
      suppressedEdges: fxs.sensed.line.suppressed,
      losses: fxs.sensed.losses,
      falseSigns: fxs.burst.falseSigns,
      unreadableKeys: decoder?.unreadable ?? 0,
    }),
    close: async () => {
      await fxs.close()
      decoder?.close()
      pins.close()
      // A PWM that cannot be stopped was told as a fault, and the line has no power.
      await options.pwm?.close().catch(() => {})
    },
  }
}

const keys =
  ({ clock, onDigit }: Ag1171Options, fxs: Ag1171FxsPort) =>
  (digit: ChipDigit) => {
    // The ring is no key, whatever the decoder makes of it.
    if (fxs.burst.noise.covers(clock.now())) return
    if (digit.phase === 'on') fxs.keyHeard()
    onDigit?.(digit)
  }
