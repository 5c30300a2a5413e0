// A target that runs already: a bench channel on a socket or a serial port (a box on this machine, in a virtual machine, a
// relay board with a real telephone), and what the bench engineer says stands around it.

import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { LinuxNetwork } from '../../hal/linux/network.js'
import type { Endpoint } from '../../hal/network.js'
import { type FarParty, openFarParty } from '../support/far-party.js'
import { BenchClient } from './bench-client.js'
import type { Need } from './scenarios/scenario.js'
import type { Target } from './target.js'

export interface FarSubscriber {
  readonly number: string
  readonly password: string
  /** Own address of it on this machine. */
  readonly address: string
}

export interface RemoteOptions {
  /** "host:port", "unix:/path" or a serial device. */
  readonly address: string
  /** By line. */
  readonly numbers: Readonly<Record<string, string>>
  readonly operator?: { readonly endpoint: Endpoint; readonly domain: string }
  /** Subscribers of that operator that the bench plays. */
  readonly far: readonly FarSubscriber[]
  readonly folder?: Target['folder']
  readonly echo?: string
  readonly callBack?: string
  readonly nobody?: string
  readonly scale: number
  readonly ownPace?: boolean
  /** What the target lacks, as the engineer knows it. */
  readonly lacks: readonly Need[]
}

/** Rejects with a message for people when nobody answers there, or a far party cannot register. */
export const openRemoteTarget = async (options: RemoteOptions): Promise<Target> => {
  const client = await BenchClient.connect(options.address)
  const clock = new LinuxClock()
  const far: FarParty[] = []
  const close = async (): Promise<void> => {
    for (const party of far) await party.close()
    await client.close()
  }
  try {
    for (const subscriber of options.far) {
      if (!options.operator) throw new Error('far parties need an operator (--operator, --domain)')
      const hal = { network: new LinuxNetwork(), clock, entropy: new LinuxEntropy() }
      far.push(await openFarParty(subscriber, hal, options.operator))
    }
  } catch (error) {
    await close()
    throw error
  }
  const { echo, callBack } = options
  return {
    name: options.address,
    client,
    clock,
    lines: client.lines.map(id => ({ id, number: options.numbers[id] })),
    far,
    messages: undefined,
    folder: options.folder,
    numbers: {
      nobody: options.nobody ?? '0399999999',
      ...(echo !== undefined && { echo }),
      ...(callBack !== undefined && { callBack }),
    },
    scale: options.scale,
    ownPace: options.ownPace === true,
    lacks: need => (options.lacks.includes(need) ? 'the target has none (--lacks)' : undefined),
    close,
  }
}
