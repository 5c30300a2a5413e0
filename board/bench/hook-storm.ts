// What a storm of hook edges costs the daemon (1,000 edges a second, 60 s): processor time of the hook interpretation with every
// edge passed on, and of the Ag1171's driver before it, in virtual time. Edges are handed over as the kernel's are; nothing that
// stands for hardware is counted.

import { createHookWatch, type HookWatch } from '../../firmware/run/hook-watch.js'
import { electricalProfile, hookTimings } from '../../firmware/run/line-config.js'
import { connectAg1171 } from '../../hal/chips/ag1171/driver.js'
import type { FxsEvent, FxsPort } from '../../hal/fxs-port.js'
import type { GpioChip, GpioEdge } from '../../hal/gpio.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { profileOf } from '../settings.js'

const seconds = 60
const edgesPerSecond = 1000

const profile = profileOf('fr')

/** A line whose events go to the hook interpretation, as in the box. */
const watched = (clock: VirtualClock, fxs: FxsPort) => {
  const counts = { told: 0, phantoms: 0 }
  const watch: HookWatch = createHookWatch({
    clock,
    line: 'tel1',
    fxs,
    timings: hookTimings(profile),
    onEvent: () => counts.phantoms++,
    onQuiet: now => watch.quiet(now),
    onResync: edge => watch.edge(edge),
  })
  const take = (event: FxsEvent): void => {
    if (event.type === 'hook') {
      counts.told++
      watch.edge(event)
    } else if (event.type === 'fault' && event.kind === 'edge-loss') watch.resync()
  }
  return { counts, take }
}

const finished = async <T>(clock: VirtualClock, work: Promise<T>): Promise<T> => {
  let done = false
  const mark = (): void => {
    done = true
  }
  work.then(mark, mark)
  for (let waited = 0; !done && waited < 20_000; waited += 10) await clock.runUntil(() => done, 10)
  return work
}

/** Processor time of `each` for every millisecond of the storm, less that of as many milliseconds without it, ms. */
const costOf = async (clock: VirtualClock, each: () => void): Promise<number> => {
  const spent = async (act: () => void): Promise<number> => {
    const before = process.cpuUsage()
    for (let n = 0; n < seconds * edgesPerSecond; n++) {
      act()
      await clock.advance(1)
    }
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1000
  }
  const idle = await spent(() => {})
  return Math.max(0, (await spent(each)) - idle)
}

const figuresOf = (
  cpuMs: number,
  { told, phantoms }: { readonly told: number; readonly phantoms: number },
) => ({
  cpuPercent: Math.round((cpuMs / (seconds * 1000)) * 10_000) / 100,
  usPerEdge: Math.round((cpuMs * 1e6) / (seconds * edgesPerSecond)) / 1000,
  edgesTold: told,
  phantoms,
})

/** The hook interpretation alone, every edge passed on: what the simulated line's driver does. */
const passedOn = async () => {
  const clock = new VirtualClock()
  let offHook = false
  const readHook = async () => ({ offHook, us: clock.now() })
  const { counts, take } = watched(clock, { readHook } as unknown as FxsPort)
  const cost = await costOf(clock, () => {
    offHook = !offHook
    take({ type: 'hook', offHook, us: clock.now(), source: 'edge' })
  })
  return figuresOf(cost, counts)
}

const ag1171 = async () => {
  const clock = new VirtualClock()
  let high = false
  let edge: (edge: GpioEdge) => void = () => {}
  const chip: GpioChip = {
    timestamps: 'kernel',
    openOutput: async () => ({ write: () => {}, close: () => {} }),
    openInput: async (offset, _options, onEdge) => {
      if (offset === 0) edge = onEdge
      return { read: () => offset === 0 && high, close: () => {} }
    },
    close: async () => {},
  }
  const module = await connectAg1171({
    id: 'tel1',
    clock,
    ring: 'rm-only',
    shk: { chip, offset: 0 },
    rm: { chip, offset: 1 },
  })
  const { counts, take } = watched(clock, module.fxs)
  await finished(clock, module.fxs.open(electricalProfile(profile), take))
  const cost = await costOf(clock, () => {
    high = !high
    edge({ high, us: clock.now(), overrun: false })
  })
  await finished(clock, module.close())
  return figuresOf(cost, counts)
}

export const run = async () => ({
  seconds,
  edgesPerSecond,
  passedOn: await passedOn(),
  ag1171: await ag1171(),
})
