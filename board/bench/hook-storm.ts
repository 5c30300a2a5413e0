// What a storm of hook edges costs the daemon (1,000 edges a second, 60 s): processor time of the hook interpretation with every
// edge passed on, and of each driver before it, in virtual time. Edges are handed over as the kernel's are, or in the frames of a
// microcontroller; nothing that stands for hardware is counted.

import { createHookWatch, type HookWatch } from '../../firmware/run/hook-watch.js'
import { electricalProfile, hookTimings } from '../../firmware/run/line-config.js'
import type { BytePort, BytePortSink } from '../../hal/byte-port.js'
import { connectAg1171 } from '../../hal/chips/ag1171/driver.js'
import { connectSerialSlic } from '../../hal/chips/serial-slic/driver.js'
import { Microcontroller } from '../../hal/chips/serial-slic/model.js'
import { ms } from '../../hal/clock.js'
import type { FxsEvent, FxsPort } from '../../hal/fxs-port.js'
import type { GpioChip, GpioEdge } from '../../hal/gpio.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { createSimBoard } from '../../hal/sim/sim-board.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { profileOf } from '../settings.js'

const seconds = 60
const edgesPerSecond = 1000
/** One way, ms. */
const wireMs = 1

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

/** The reference microcontroller, whose one chip does nothing but tell edges. */
const microcontroller = (clock: VirtualClock, send: (bytes: Uint8Array) => void) => {
  const sim = createSimBoard({ lines: ['tel1'], clock, entropy: new SeededEntropy(1), frames: 'virtual' })
  let offHook = false
  let tell: (event: FxsEvent) => void = () => {}
  const event = (source: 'edge' | 'resync'): FxsEvent => ({ type: 'hook', offHook, us: clock.now(), source })
  const chip = {
    id: 'tel1',
    capabilities: sim.fxs('tel1').capabilities,
    open: async (_profile: unknown, onEvent: (event: FxsEvent) => void) => {
      tell = onEvent
      tell(event('resync'))
    },
    readHook: async () => ({ offHook, us: clock.now() }),
    close: async () => {},
  } as unknown as FxsPort
  return {
    mcu: new Microcontroller({ clock, boot: 1, chips: [chip], pcm: sim.pcm, send }),
    edge: () => {
      offHook = !offHook
      tell(event('edge'))
    },
  }
}

interface Sent {
  readonly us: number
  readonly bytes: Uint8Array
}

/** What is at the other end of the serial line: takes the box's bytes, gives its own to `arrive`. */
type OtherEnd = (
  clock: VirtualClock,
  arrive: (bytes: Uint8Array) => void,
) => { readonly take: (bytes: Uint8Array) => void; readonly edge: () => void }

/** The reference microcontroller, written down. */
const writingDown =
  (sent: Sent[]): OtherEnd =>
  (clock, arrive) => {
    const { mcu, edge } = microcontroller(clock, bytes => {
      sent.push({ us: clock.now(), bytes })
      arrive(bytes)
    })
    return { take: bytes => clock.timer('serial wire', ms(wireMs), () => mcu.take(bytes)), edge }
  }

/** The same bytes at the same instants, and nobody who makes them. */
const asWrittenDown =
  (sent: readonly Sent[]): OtherEnd =>
  (clock, arrive) => {
    let next = 0
    const play = (): void => {
      for (let now = sent[next]; now && now.us <= clock.now(); now = sent[++next]) arrive(now.bytes)
      const then = sent[next]
      if (then) clock.timer('serial wire', ms((then.us - clock.now()) / 1000), play)
    }
    clock.timer('serial wire', ms(0), play)
    return { take: () => {}, edge: () => {} }
  }

const serialStorm = async (otherEnd: OtherEnd) => {
  const clock = new VirtualClock()
  let sink: BytePortSink | undefined
  const other = otherEnd(clock, bytes => sink?.onBytes(bytes))
  const open = (own: BytePortSink): BytePort => {
    sink = own
    return {
      name: 'serial wire',
      write: bytes => {
        other.take(bytes)
        return true
      },
      close: async () => {},
    }
  }
  const slic = await finished(clock, connectSerialSlic({ clock, open, lines: ['tel1'], law: 'linear' }))
  const fxs = slic.fxs('tel1')
  const { counts, take } = watched(clock, fxs)
  await finished(clock, fxs.open(electricalProfile(profile), take))
  const cost = await costOf(clock, other.edge)
  return figuresOf(cost, counts)
}

const serialSlic = async () => {
  const sent: Sent[] = []
  await serialStorm(writingDown(sent))
  return serialStorm(asWrittenDown(sent))
}

export const run = async () => ({
  seconds,
  edgesPerSecond,
  passedOn: await passedOn(),
  ag1171: await ag1171(),
  serialSlic: await serialSlic(),
})
