// Every implementation of every contract of the box, and what it stands on in the tests: one row each. The tests
// (conformance.test.ts) and `npm run conformance` go through this table; a new driver is one more row.

import type { Test } from 'tap'
import { bytePortConformance } from '../../hal/conformance/byte-port.js'
import { clockConformance } from '../../hal/conformance/clock.js'
import { entropyConformance } from '../../hal/conformance/entropy.js'
import { fxsPortConformance } from '../../hal/conformance/fxs-port.js'
import { gpioConformance } from '../../hal/conformance/gpio.js'
import { networkConformance } from '../../hal/conformance/network.js'
import { pcmPortConformance } from '../../hal/conformance/pcm-port.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { ag1171FxsRig, ag1171PcmRig } from '../support/ag1171-rig.js'
import { childrenRig, koffiRig, virtualAlsaRig } from '../support/alsa-rigs.js'
import { serialBytePortRig, socketBytePortRig, threadBytePortRig } from '../support/byte-port-rigs.js'
import { findProgram } from '../support/child.js'
import { modelledCdevRig, onoffRules } from '../support/gpio-rigs.js'
import { noFakeSysfsReason } from '../support/gpio-sysfs-fake.js'
import { simGpioRig } from '../support/sim-gpio-rig.js'
import {
  inProcessFxsRig,
  proxiedFxsRig,
  realPcmRig,
  virtualPcmRig,
  workerFxsRig,
} from '../support/sim-rigs.js'
import { withStandInLibrary } from '../support/stand-in-libasound.js'
import { linuxClock, linuxNetwork, memoryNetwork, virtualClock } from '../support/system-rigs.js'
import { serialFxsRig, serialPcmRig } from './chips/serial-slic/conformance-rigs.js'

export interface Rig {
  /** Who implements it: "sim", "serial-slic". */
  readonly driver: string
  /** The contract: a file of hal/. */
  readonly contract: string
  /** What is particular about this stand. */
  readonly variant?: string
  /** Why it cannot run on this machine; undefined when it can. */
  missing?(): string | undefined
  /** The suite of the contract on this implementation. */
  suite(t: Test): unknown
}

const fastAndWrapping = { aheadUs: 2 ** 32 - 2_000_000, rate: 1.0001 }
const oftenLate = { queue: 'reckoned', delay: (n: number) => (n * 7) % 10 } as const
const needsGcc = () => (findProgram('gcc') ? undefined : 'needs the Debian package gcc')
const needsSocat = () => (findProgram('socat') ? undefined : 'needs the Debian package socat')

// biome-ignore format: one row a line
export const rigs: readonly Rig[] = [
  { driver: 'sim', contract: 'fxs-port', suite: t => fxsPortConformance(t, inProcessFxsRig) },
  { driver: 'sim', contract: 'pcm-port', suite: t => pcmPortConformance(t, virtualPcmRig) },
  { driver: 'sim', contract: 'pcm-port', variant: 'real time', suite: t => pcmPortConformance(t, realPcmRig) },
  { driver: 'control-proxy', contract: 'fxs-port', variant: 'message channel', suite: t => fxsPortConformance(t, proxiedFxsRig) },
  { driver: 'control-proxy', contract: 'fxs-port', variant: 'worker, real time', suite: t => fxsPortConformance(t, workerFxsRig) },
  { driver: 'serial-slic', contract: 'fxs-port', suite: t => fxsPortConformance(t, serialFxsRig) },
  { driver: 'serial-slic', contract: 'fxs-port', variant: 'clock 100 ppm fast, about to wrap', suite: t => fxsPortConformance(t, () => serialFxsRig(fastAndWrapping)) },
  { driver: 'serial-slic', contract: 'pcm-port', variant: 'linear samples', suite: t => pcmPortConformance(t, () => serialPcmRig({ law: 'linear' })) },
  { driver: 'serial-slic', contract: 'pcm-port', variant: 'A-law', suite: t => pcmPortConformance(t, () => serialPcmRig({ law: 'alaw' })) },
  { driver: 'ag1171', contract: 'fxs-port', suite: t => fxsPortConformance(t, () => ag1171FxsRig({ quirks: { ohtResistor: true } })) },
  // With a telephone whose contact leaves something of the 15 ms to the module.
  { driver: 'ag1171', contract: 'fxs-port', variant: '3.3 V, longer bounce, no resistor', suite: t => fxsPortConformance(t, () => ag1171FxsRig({ supply: '3.3', seed: 9 })) },
  { driver: 'ag1171', contract: 'fxs-port', variant: 'bounce passed on, stamped by the process', suite: t => fxsPortConformance(t, () => ag1171FxsRig({ bounceMs: 0, timestamps: 'process' })) },
  { driver: 'ag1171', contract: 'fxs-port', variant: 'RM alone', suite: t => fxsPortConformance(t, () => ag1171FxsRig({ ring: 'rm-only' })) },
  { driver: 'ag1171', contract: 'pcm-port', suite: t => pcmPortConformance(t, ag1171PcmRig) },
  { driver: 'alsa', contract: 'pcm-port', variant: 'the queue asked for', suite: t => pcmPortConformance(t, virtualAlsaRig()) },
  { driver: 'alsa', contract: 'pcm-port', variant: 'the queue reckoned, frames up to 9 ms late', suite: t => pcmPortConformance(t, virtualAlsaRig(oftenLate)) },
  { driver: 'alsa-children', contract: 'pcm-port', variant: 'real time', suite: t => pcmPortConformance(t, childrenRig) },
  { driver: 'alsa-koffi', contract: 'pcm-port', variant: 'real time', missing: needsGcc, suite: t => withStandInLibrary(library => pcmPortConformance(t, koffiRig(library))) },
  { driver: 'sim', contract: 'gpio', variant: 'stamped where edges happen', suite: t => gpioConformance(t, simGpioRig('kernel')) },
  { driver: 'sim', contract: 'gpio', variant: 'stamped where they are delivered', suite: t => gpioConformance(t, simGpioRig('process')) },
  { driver: 'gpio-cdev', contract: 'gpio', variant: 'model of the kernel', suite: t => gpioConformance(t, modelledCdevRig()) },
  { driver: 'gpio-onoff', contract: 'gpio', variant: 'FUSE for sysfs', missing: noFakeSysfsReason, suite: onoffRules },
  { driver: 'linux-serial', contract: 'byte-port', missing: needsSocat, suite: t => bytePortConformance(t, serialBytePortRig) },
  { driver: 'linux-socket', contract: 'byte-port', suite: t => bytePortConformance(t, socketBytePortRig) },
  { driver: 'byte-port-proxy', contract: 'byte-port', suite: t => bytePortConformance(t, threadBytePortRig) },
  { driver: 'memory', contract: 'network', suite: t => networkConformance(t, memoryNetwork()) },
  { driver: 'linux', contract: 'network', suite: async t => networkConformance(t, await linuxNetwork(t)) },
  { driver: 'virtual', contract: 'clock', suite: t => clockConformance(t, virtualClock()) },
  { driver: 'linux', contract: 'clock', suite: t => clockConformance(t, linuxClock()) },
  { driver: 'seeded', contract: 'entropy', suite: t => entropyConformance(t, new SeededEntropy(42)) },
  { driver: 'linux', contract: 'entropy', suite: t => entropyConformance(t, new LinuxEntropy()) },
]

/** As a test and the command name it: "serial-slic  pcm-port (A-law)". */
export const titleOf = ({ driver, contract, variant }: Rig): string =>
  `${driver}  ${contract}${variant === undefined ? '' : ` (${variant})`}`

/** Rows whose driver or contract is one of the words; all without any. Throws RangeError for a word that is neither. */
export const rigsNamed = (words: readonly string[]): readonly Rig[] => {
  const unknown = words.find(
    word => !rigs.some(({ driver, contract }) => driver === word || contract === word),
  )
  if (unknown !== undefined) {
    const names = [...new Set(rigs.flatMap(({ driver, contract }) => [driver, contract]))]
    throw new RangeError(`there is no driver or contract "${unknown}", only ${names.join(', ')}`)
  }
  if (words.length === 0) return rigs
  return rigs.filter(({ driver, contract }) => words.includes(driver) || words.includes(contract))
}
