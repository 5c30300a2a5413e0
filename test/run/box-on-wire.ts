// The box's loop with its real SIP stack on an in-memory network, and everybody else at one far end: virtual time, one
// line, a port whose hook the test moves. What the audio half is, each test says.

import { silentLog } from '../../firmware/log.js'
import type { MediaEvent } from '../../firmware/media/media-contract.js'
import { type Box, createBox } from '../../firmware/run/box.js'
import type { MediaPort } from '../../firmware/run/line-context.js'
import type { SipLine } from '../../firmware/sip/sip-line.js'
import { createSipStack } from '../../firmware/sip/sip-stack.js'
import { createWire } from '../../firmware/sip/wire/transactions.js'
import type { TraceStep } from '../../firmware/trace/trace-ring.js'
import { MemoryNetwork } from '../../hal/sim/memory-network.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { config as phone } from '../phone/telephone.js'
import { frenchHook } from '../support/french-line.js'
import { memoryStore } from '../support/memory-store.js'
import { bridgeGlobals } from '../support/virtual-time.js'
import { fakePort } from './fake-box-parts.js'
import { createFarEnd } from './lossy-lives/far-end.js'

export const boxAt = { address: '127.0.0.5', port: 5060 }
const farAt = { address: '127.0.0.1', port: 5060 }
const user = '0389000001'

export interface Surroundings {
  readonly clock: VirtualClock
  readonly entropy: SeededEntropy
  readonly network: MemoryNetwork
  readonly onEvent: (event: MediaEvent) => void
}

export interface BoxOnWireOptions<M extends MediaPort> {
  readonly seed: number
  /** What the far end draws its answers from: 0 to n-1. */
  readonly draw: (n: number) => number
  readonly audio: (surroundings: Surroundings) => M
  /** Every step of the machine. */
  readonly onStep: (step: TraceStep) => void
  /** Puts a fault into the SIP side. */
  readonly spoil?: (line: SipLine) => SipLine
}

export const openBoxOnWire = async <M extends MediaPort>(options: BoxOnWireOptions<M>) => {
  const { seed, spoil = line => line } = options
  const clock = new VirtualClock()
  const entropy = new SeededEntropy(seed)
  const unbridge = bridgeGlobals(clock, entropy)
  const network = new MemoryNetwork({ clock, entropy: new SeededEntropy(seed + 1), captureLimit: 1 })
  const media = options.audio({ clock, entropy, network, onEvent: event => telephone.onMedia(event) })
  const wire = await createWire({ listen: farAt }, { network, clock, entropy })
  const parties = createFarEnd(wire, clock, boxAt, user, options.draw)
  const sip = createSipStack({
    clock,
    network,
    entropy,
    log: silentLog,
    listen: boxAt,
    allow: [],
    userAgent: 'voiceport/test',
  })
  const port = fakePort('tel1', clock)
  const telephone: Box = createBox({
    clock,
    log: silentLog,
    media,
    store: Promise.resolve(memoryStore(clock)),
    sip: { line: (...of) => spoil(sip.line(...of)) },
    trace: { record: options.onStep, steps: () => [] },
    lines: [
      {
        id: 'tel1',
        fxs: port,
        electrical: { impedances: ['600'], loopMa: 23, ringHz: 50, ringVrms: 50 },
        // A break of less than 80 ms is nothing: only R and hanging up are meant.
        hook: { ...frenchHook, pulse: false },
        phone,
        account: {
          user,
          domain: 'operator.test',
          password: 'secret',
          proxies: ['sip:127.0.0.1:5060;transport=udp'],
          hash: 'escaped',
        },
      },
    ],
  })
  await sip.open()
  await telephone.open()
  const close = async (): Promise<void> => {
    const closed = telephone.close(200)
    await clock.advance(300)
    await closed
    parties.close()
    await sip.close()
    await wire.close()
    unbridge()
  }
  return { clock, network, parties, port, telephone, media, close }
}
