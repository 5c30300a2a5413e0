// The target "sim": the daemon as systemd starts it, on a simulated board with two telephones, the reference operator and
// two people elsewhere, all on loopback addresses of its own.

import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { LinuxNetwork } from '../../hal/linux/network.js'
import { echo } from '../operator/applications/numbers-to-try.js'
import { createOperator } from '../operator/operator.js'
import { startDaemon } from '../support/daemon.js'
import { openFarParty } from '../support/far-party.js'
import { freeHouse } from '../support/free-house.js'
import { messageLog } from './message-log.js'
import type { Target } from './target.js'

export const simNumbers = {
  lines: ['0389000001', '0389000002'],
  far: ['0389000011', '0389000012'],
  echo: '3100',
  callBack: '3104',
  /** National, and no subscriber's. */
  nobody: '0399999999',
} as const

const domain = 'operator.test'
const passwordOf = (number: string): string => `secret-${number}`

/** Rejects when something does not come up. */
export const openSimTarget = async (): Promise<Target> => {
  const clock = new LinuxClock()
  const hal = { network: new LinuxNetwork(), clock, entropy: new LinuxEntropy() }
  const house = await freeHouse('127.61')
  const at = { operator: { address: `${house}.1`, port: 5060 }, box: `${house}.5` }
  const closing: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (const part of closing.splice(0).reverse()) await part()
  }
  try {
    const { messages, onMessage } = messageLog(clock, address => address === at.box)
    const operator = await createOperator(
      {
        sip: at.operator,
        domain,
        subscribers: Object.fromEntries(
          [...simNumbers.lines, ...simNumbers.far].map(number => [number, passwordOf(number)]),
        ),
        services: { [simNumbers.echo]: echo },
        onMessage,
      },
      hal,
    )
    closing.push(() => operator.close())
    const far = []
    for (const [n, number] of simNumbers.far.entries()) {
      const party = await openFarParty(
        { number, password: passwordOf(number), address: `${house}.${11 + n}` },
        hal,
        { endpoint: at.operator, domain },
      )
      closing.push(() => party.close())
      far.push(party)
    }
    const lines = simNumbers.lines.map((number, n) => ({ id: `tel${n + 1}`, number }))
    const box = await startDaemon({
      address: at.box,
      lines: lines.map(({ id, number }) => ({ id, user: number, password: passwordOf(number) })),
      domain,
      proxy: `${at.operator.address}:5060`,
    })
    closing.push(() => box.stop())
    for (const { id } of lines)
      await box.child.waitFor(new RegExp(`"line":"${id}"[^\\n]*"state":"registered"`), 15_000)
    return {
      name: 'sim',
      client: box.bench,
      clock,
      lines,
      far,
      messages,
      folder: { here: box.folder, there: box.folder },
      numbers: simNumbers,
      scale: 1,
      lacks: () => undefined,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
