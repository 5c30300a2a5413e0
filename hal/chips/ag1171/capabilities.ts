// What a module can do, from its data sheet and from what is soldered around it.
//
// It has no fault output: a short circuit, a warm module or a missing supply are not told (they look like a lifted or a
// dead telephone). What `faults` names is found by the driver: edges that were lost or never end, pins that fail, a
// ring that was refused, was not heard, or trips without an answer (WIRING.md, "What cannot be noticed").

import type { FxsCapabilities } from '../../fxs-port.js'
import type { Ag1171Options } from './options.js'

/** Battery while RM is high is 72 V: about 60 V rms of square wave at one telephone. */
export const MAX_RING_VRMS = 60
const RING_HZ = [16.7, 20, 25, 30, 40, 50]

export const ag1171Capabilities = ({
  shk,
  fr,
  ring,
  quirks = {},
}: Pick<Ag1171Options, 'shk' | 'fr' | 'ring' | 'quirks'>): FxsCapabilities => ({
  polarityReversal: fr !== undefined,
  onHookTransmission: quirks.ohtResistor === true,
  ring:
    ring === 'pwm'
      ? { source: 'pwm', hz: RING_HZ, maxVrms: MAX_RING_VRMS }
      : { source: 'none', hz: [], maxVrms: MAX_RING_VRMS },
  hookTimestamps: shk.chip.timestamps,
  impedances: ['600'],
  gainDb: { receive: [0, 0], transmit: [0, 0] },
  senses: [],
  lineTests: [],
  faults: ['power', 'ground', 'link-lost', 'edge-loss'],
})
