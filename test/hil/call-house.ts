// Who stands around the box when calls are played in the virtual machine: its subscriber, two people elsewhere, the operator
// with its numbers; and the playing itself. The same in the guest (guest/play.ts) and on the host (outside.ts).

import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { LinuxNetwork } from '../../hal/linux/network.js'
import type { Endpoint } from '../../hal/network.js'
import { pauseOnBox } from '../bench/pace.js'
import { openRemoteTarget } from '../bench/remote-target.js'
import { type RunReport, runScenarios, type ScenarioReport } from '../bench/runner.js'
import { scenariosNamed } from '../bench/scenarios/all.js'
import type { Target } from '../bench/target.js'
import { echo } from '../operator/applications/numbers-to-try.js'
import { createOperator } from '../operator/operator.js'

export const domain = 'operator.test'
export const own = { id: 'tel1', user: '0389000001', password: 'secret of the box' } as const
const farNumbers = ['0389000011', '0389000012'] as const
const passwordOf = (number: string): string => `secret of ${number}`
const echoNumber = '3100'
/** The operator's own (test/operator/services.ts). */
const callBackNumber = '3104'

export const openHouseOperator = (sip: Endpoint) =>
  createOperator(
    {
      sip,
      domain,
      subscribers: Object.fromEntries([
        [own.user, own.password],
        ...farNumbers.map(number => [number, passwordOf(number)]),
      ]),
      services: { [echoNumber]: echo },
    },
    { network: new LinuxNetwork(), clock: new LinuxClock(), entropy: new LinuxEntropy() },
  )

export interface HouseTarget {
  /** Of the bench channel. */
  readonly bench: string
  readonly operator: Endpoint
  /** Of the two people elsewhere. */
  readonly farAddresses: readonly [string, string]
  /** Seen by bench and agent at the same path. */
  readonly folder?: string
  readonly scale: number
  /** The bench is not on the guest's clock. */
  readonly ownPace?: boolean
}

export const openHouseTarget = (options: HouseTarget): Promise<Target> => {
  const { bench, operator, farAddresses, folder, scale, ownPace = false } = options
  return openRemoteTarget({
    address: bench,
    numbers: { [own.id]: own.user },
    operator: { endpoint: operator, domain },
    far: farNumbers.map((number, n) => ({
      number,
      password: passwordOf(number),
      address: farAddresses[n] as string,
    })),
    ...(folder !== undefined && { folder: { here: folder, there: folder } }),
    echo: echoNumber,
    callBack: callBackNumber,
    scale,
    ownPace,
    lacks: [],
  })
}

/**
 * A box that has just started compiles as it goes, which an emulated processor has no time for: the first dial tone would be
 * cut, or late.
 */
export const warmUp = async (target: Target): Promise<void> => {
  await target.client.do({ do: 'offhook' })
  await pauseOnBox(target, 5000)
  await target.client.do({ do: 'onhook' })
  await pauseOnBox(target, 1500)
}

/** What a program that plays scenarios prints of each, one JSON object a line. */
export type Played = Pick<ScenarioReport, 'name' | 'outcome' | 'reason' | 'figures'> &
  Partial<Pick<ScenarioReport, 'steps'>>

const told = ({ name, outcome, reason, figures, steps }: ScenarioReport): Played => ({
  name,
  outcome,
  ...(reason !== undefined && { reason }),
  figures,
  ...(outcome === 'failed' && { steps: steps.slice(-12) }),
})

/** Plays them in the order of the bench's list. */
export const playHere = (target: Target, names: readonly string[]): Promise<RunReport> =>
  runScenarios(target, scenariosNamed(names), report => console.log(JSON.stringify(told(report))))
