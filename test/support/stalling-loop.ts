// An event loop that can be blocked, in virtual time: while it is, time goes on outside; afterwards late timers come
// first, then what waited in the order of its arrival, as in Node.

import type { BytePortSink } from '../../hal/byte-port.js'
import type { Clock } from '../../hal/clock.js'
import type { FxsPort } from '../../hal/fxs-port.js'
import type { Network } from '../../hal/network.js'
import type { VirtualClock } from '../../hal/sim/virtual-clock.js'

export interface StallingLoop {
  /** The clock of what runs in this loop. */
  readonly clock: Clock
  /** Runs `work` in this loop: now, or when it is free again. */
  arrive(work: () => void): void
  /** The same port, its events and answers arriving in this loop. */
  latePort(port: FxsPort): FxsPort
  /** The same network, its datagrams arriving in this loop. */
  lateNetwork(network: Network): Network
  block(): void
  release(): Promise<void>
}

export const createStallingLoop = (clock: VirtualClock): StallingLoop => {
  let blocked = false
  const timers: (() => void)[] = []
  const arrivals: (() => void)[] = []
  const arrive = (work: () => void): void => void (blocked ? arrivals.push(work) : work())
  return {
    arrive,
    clock: {
      now: () => clock.now(),
      wall: () => clock.wall(),
      external: work => clock.external(work),
      timer: (name, delay, fire) => {
        let cancelled = false
        const due = () => {
          if (!cancelled) fire()
        }
        const timer = clock.timer(name, delay, () => void (blocked ? timers.push(due) : due()))
        return {
          cancel: () => {
            cancelled = true
            timer.cancel()
          },
        }
      },
    },
    latePort: port => ({
      id: port.id,
      capabilities: port.capabilities,
      open: (profile, onEvent) => port.open(profile, event => arrive(() => onEvent(event))),
      close: () => port.close(),
      setLinefeed: (state, options) => port.setLinefeed(state, options),
      ringBurst: (on, options) => port.ringBurst(on, options),
      loopDisconnect: duration => port.loopDisconnect(duration),
      setImpedance: id => port.setImpedance(id),
      setGain: gain => port.setGain(gain),
      sense: () => port.sense(),
      lineTest: test => port.lineTest(test),
      readHook: () =>
        new Promise((resolve, reject) => {
          port.readHook().then(
            told => arrive(() => resolve(told)),
            (error: unknown) => arrive(() => reject(error)),
          )
        }),
    }),
    lateNetwork: network =>
      new Proxy(network, {
        get: (target, name: keyof Network) => {
          if (name === 'connectTcp')
            return (to: Parameters<Network['connectTcp']>[0], sink: BytePortSink) =>
              target.connectTcp(to, {
                onBytes: bytes => arrive(() => sink.onBytes(bytes)),
                onDrain: () => arrive(() => sink.onDrain()),
                onClose: () => arrive(() => sink.onClose()),
              })
          if (name !== 'openUdp') return target[name].bind(target)
          return (options: Parameters<Network['openUdp']>[0]) =>
            target.openUdp({
              ...options,
              onDatagram: (data, from) => arrive(() => options.onDatagram(data, from)),
              onError: (error, to) => arrive(() => options.onError(error, to)),
            })
        },
      }),
    block: () => {
      blocked = true
    },
    // Promise callbacks run between two turns of the loop, so each has its own; what arrives meanwhile queues behind.
    release: async () => {
      for (const due of timers.splice(0)) {
        due()
        await clock.settle()
      }
      for (let work = arrivals.shift(); work; work = arrivals.shift()) {
        work()
        await clock.settle()
      }
      blocked = false
    },
  }
}
