// A whole house in virtual time: the simulated board with its telephones, the firmware as the box runs it, and the
// reference operator, on one in-memory network. Twenty seconds of a call take milliseconds and repeat exactly.

import { fileURLToPath } from 'node:url'
import { type Log, silentLog } from '../../firmware/log.js'
import { MediaEngine } from '../../firmware/media/media-engine.js'
import { type Box, createBox } from '../../firmware/run/box.js'
import { createDiagnosis, type Diagnosis } from '../../firmware/run/diagnosis.js'
import { createFactWatch } from '../../firmware/run/facts/fact-watch.js'
import {
  callerDisplay,
  electricalProfile,
  hookTimings,
  lineDisplay,
  mediaConfig,
  phoneConfig,
} from '../../firmware/run/line-config.js'
import type { LineStore } from '../../firmware/run/masking.js'
import { maskingSettings, networkSettings } from '../../firmware/run/network-settings.js'
import { loadProfile } from '../../firmware/settings/load-profile.js'
import type { LineConfig } from '../../firmware/settings/schema.js'
import type { LineSettings } from '../../firmware/settings/store.js'
import type { SipAccount } from '../../firmware/sip/sip-line.js'
import { createSipStack } from '../../firmware/sip/sip-stack.js'
import { createTraceRing, type TraceRing } from '../../firmware/trace/trace-ring.js'
import { ms } from '../../hal/clock.js'
import { HalError } from '../../hal/errors.js'
import type { FxsPort } from '../../hal/fxs-port.js'
import type { Handset, HandsetAction, HandsetEvent, HandsetReply } from '../../hal/sim/handset-contract.js'
import { MemoryNetwork } from '../../hal/sim/memory-network.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { createSimBoard } from '../../hal/sim/sim-board.js'
import type { SimBoard } from '../../hal/sim/sim-board-contract.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { echo } from '../operator/applications/numbers-to-try.js'
import { createOperator, type Operator } from '../operator/operator.js'
import type { OperatorOptions } from '../operator/operator-options.js'
import { type FarParty, type FarPartyOptions, openFarParty } from './far-party.js'
import { type MemoryStore, memoryStore } from './memory-store.js'
import { createStallingLoop } from './stalling-loop.js'
import { type LineTap, tapPcm } from './tapped-pcm.js'
import { bridgeGlobals } from './virtual-time.js'
import { openXcapServer, type XcapServer } from './xcap-server.js'

export interface VirtualTelephone {
  readonly line: string
  readonly number: string
  /** Everything the telephone noticed, in order. */
  readonly events: HandsetEvent[]
  /** Performs an action to its end, time passing meanwhile. */
  act(action: HandsetAction): Promise<HandsetReply>
  /** The same after `delay` ms, without waiting for it: for what the telephone does while the loop of the box is late. */
  begin(action: HandsetAction, delay?: number): void
  /** What the ear hears now. */
  readonly tone: string
  readonly ringing: boolean
  /** Microphone and receiver, sample by sample; the microphone speaks whatever the queue of actions does. */
  readonly tap: LineTap
  /** Itself, for who would hear its events instead of `events`. */
  readonly handset: Handset
}

/** What the telephones hang on: a board's lines and audio, and the telephones at their far end. */
export interface Hardware extends SimBoard {
  close?(): Promise<void>
}

export interface VirtualHouse {
  readonly clock: VirtualClock
  readonly network: MemoryNetwork
  readonly box: Box
  readonly trace: TraceRing
  readonly store: MemoryStore
  /** The network's service settings, where there are any. */
  readonly xcap: XcapServer | undefined
  readonly operator: Operator | undefined
  readonly diagnosis: Diagnosis
  /** What `work` comes to, time passing meanwhile. */
  ask<T>(work: Promise<T>): Promise<T>
  readonly telephones: readonly VirtualTelephone[]
  /** People elsewhere in the network, registered and idle; numbers as in `options.far`. */
  readonly far: readonly FarParty[]
  /** Lets so much time pass, ms. */
  advance(duration: number): Promise<void>
  /** Lets time pass until `holds`; throws, saying `what`, when it does not within `withinMs`. */
  until(what: string, holds: () => boolean, withinMs?: number): Promise<void>
  close(): Promise<void>
}

export interface HouseOptions {
  readonly profile?: string
  readonly seed?: number
  /** Numbers of the lines, "tel1" first. */
  readonly numbers?: readonly string[]
  /** Parties outside the house, the first 0389000011, then 0389000012, …. */
  readonly far?: readonly Pick<FarPartyOptions, 'codec'>[]
  /** Probability that a datagram is lost, 0-1. */
  readonly loss?: number
  /** The event loop of the control half (hook, machine, SIP) stands still for so long at a time, ms. */
  readonly stallMs?: number
  /** What the store holds when the house is opened, by line. */
  readonly stored?: Readonly<Record<string, Partial<LineSettings>>>
  /** "missing": it cannot be opened. Otherwise in place of the one in memory. */
  readonly store?: 'missing' | ((clock: VirtualClock) => Promise<LineStore>)
  /** "silent": no name server answers. */
  readonly dns?: 'silent'
  /** False: the house is open before its lines are registered, if they ever are. */
  readonly waitsForRegistration?: false
  /** Wall time when the box starts, ms since 1970. */
  readonly startWall?: number
  /** The line chip as the firmware has it. */
  readonly chip?: (port: FxsPort) => FxsPort
  /** Keys of every line's table in the configuration. */
  readonly lineSettings?: Partial<
    Pick<LineConfig, 'masking' | 'codes' | 'mwi' | 'callerId' | 'callerIdInCall' | 'callWaiting'>
  >
  /** Of every line's account, over what follows from its number. */
  readonly account?: Partial<SipAccount>
  /** The network keeps service settings, with the number of these subscribers withheld. */
  readonly xcap?: { readonly withheld?: readonly string[] } | 'operator'
  /** Another board than the simulated one. */
  readonly hardware?: (clock: VirtualClock, lines: readonly string[]) => Promise<Hardware>
  /** What the box tells of itself. */
  readonly log?: Log
  /** In place of a trace of its own. */
  readonly trace?: TraceRing
  /** False: nobody answers at the operator's address. */
  readonly operator?: Partial<OperatorOptions> | false
}

const noNameServer = () => Promise.reject(new HalError('unreachable', 'no name server answers'))
const domain = 'operator.test'
const operatorEndpoint = { address: '127.0.0.1', port: 5060 }
const boxAddress = '127.0.0.5'
const operatorWeb = { address: operatorEndpoint.address, port: 8080 }
const operatorXcapRoot = `http://${operatorWeb.address}:${operatorWeb.port}/xcap`
const xcapEndpoint = { address: '127.0.0.4', port: 8080 }
const profileFile = (name: string) =>
  fileURLToPath(new URL(`../../../board/profiles/${name}.toml`, import.meta.url))

export const openVirtualHouse = async (options: HouseOptions = {}): Promise<VirtualHouse> => {
  const numbers = options.numbers ?? ['0389000001', '0389000002']
  const farNumbers = (options.far ?? []).map((_, i) => `03890000${11 + i}`)
  const clock = new VirtualClock(options.startWall === undefined ? {} : { startWall: options.startWall })
  const entropy = new SeededEntropy(options.seed ?? 1)
  const loop = createStallingLoop(clock)
  const unbridge = bridgeGlobals(loop.clock, entropy)
  const network = new MemoryNetwork({ clock, entropy: new SeededEntropy((options.seed ?? 1) + 1) })
  if (options.dns === 'silent') network.resolveHost = network.resolveSrv = noNameServer
  const read = loadProfile(profileFile(options.profile ?? 'fr'), profileFile)
  if (!read.ok) throw new Error(JSON.stringify(read.problems))
  const profile = read.value
  const lines = numbers.map((_, i) => `tel${i + 1}`)
  const board: Hardware = options.hardware
    ? await options.hardware(clock, lines)
    : createSimBoard({ lines, clock, entropy, country: profile.country, frames: 'virtual' })
  const operator =
    options.operator === false
      ? undefined
      : await createOperator(
          {
            sip: operatorEndpoint,
            domain,
            subscribers: Object.fromEntries(
              [...numbers, ...farNumbers].map(number => [number, `secret-${number}`]),
            ),
            services: { '3100': echo },
            ...(options.xcap === 'operator' && { http: operatorWeb }),
            ...options.operator,
          },
          { network, clock, entropy },
        )
  const { pcm, taps } = tapPcm(board.pcm)
  const xcap =
    options.xcap &&
    options.xcap !== 'operator' &&
    (await openXcapServer(
      { network, clock },
      {
        at: xcapEndpoint,
        domain,
        subscribers: Object.fromEntries(numbers.map(number => [number, `secret-${number}`])),
        ...options.xcap,
      },
    ))
  const engine = new MediaEngine({
    board: pcm,
    network,
    clock,
    entropy,
    onEvent: event => loop.arrive(() => box.onMedia(event)),
  })
  engine.command({
    do: 'configure',
    config: mediaConfig(profile, boxAddress, { ports: [16384, 16483], dscp: 46 }),
  })
  const accountOf = (number: string) => ({ user: number, domain, ...options.account })
  // Whoever only looks on fails in silence on a box; here it fails the test.
  const unkept: unknown[] = []
  const facts = createFactWatch({
    clock: loop.clock,
    log: { ...silentLog, error: (_, fields) => void unkept.push(fields) },
    lines: lines.map((id, i) => ({
      id,
      hook: hookTimings(profile),
      account: accountOf(numbers[i] as string),
    })),
  })
  const sip = createSipStack({
    watch: facts.sip,
    clock: loop.clock,
    network: loop.lateNetwork(network),
    entropy,
    log: options.log ?? silentLog,
    listen: { address: boxAddress, port: 5060 },
    allow: [],
    userAgent: 'voiceport/test',
  })
  const settings = {
    account: {},
    callWaiting: true,
    mwi: 'subscribe',
    unverifiedMark: '',
    callerIdInCall: true,
    masking: { owner: 'box' },
    codes: { hash: 'escaped', okFinals: [] },
    ...options.lineSettings,
  } as unknown as LineConfig
  const xcapRoot = xcap ? xcap.root : options.xcap === 'operator' ? operatorXcapRoot : undefined
  const lineOf = (number: string): LineConfig => ({
    ...settings,
    account: { user: number, domain } as NonNullable<LineConfig['account']>,
    ...(xcapRoot !== undefined && { xcap: { root: xcapRoot, password: `secret-${number}` } }),
  })
  const toNetwork = { network, clock: loop.clock, entropy, userAgent: 'voiceport/test' }
  const servicesOf = (number: string) => {
    const services = networkSettings(lineOf(number), toNetwork)
    return services ? { services } : {}
  }
  const trace = options.trace ?? createTraceRing(20_000)
  const store = memoryStore(clock, options.stored)
  const opening =
    typeof options.store === 'function'
      ? options.store(clock)
      : Promise.resolve(options.store === 'missing' ? undefined : store)
  const box: Box = createBox({
    clock: loop.clock,
    log: options.log ?? silentLog,
    media: engine,
    sip,
    trace,
    store: facts.store(opening),
    watch: facts.box,
    lines: lines.map((id, i) => ({
      id,
      fxs: loop.latePort((options.chip ?? (port => port))(board.fxs(id))),
      electrical: electricalProfile(profile),
      hook: hookTimings(profile),
      phone: phoneConfig(profile, { ...settings, id }),
      display: lineDisplay(profile, { ...settings, id }, 'Europe/Paris'),
      masking: maskingSettings(lineOf(numbers[i] as string), toNetwork),
      ...servicesOf(numbers[i] as string),
      account: {
        ...accountOf(numbers[i] as string),
        password: `secret-${numbers[i]}`,
        proxies: ['sip:127.0.0.1:5060;transport=udp'],
        hash: settings.codes.hash,
        mwi: settings.mwi,
        display: callerDisplay(profile, settings),
        ...options.account,
      },
    })),
  })
  await sip.open()
  if (options.hardware) await whileTimePasses(clock, box.open())
  else await box.open()
  const far: FarParty[] = []
  const { stallMs } = options
  const runUntil = async (holds: () => boolean, limitMs: number): Promise<boolean> => {
    if (stallMs === undefined) return clock.runUntil(holds, limitMs)
    for (let left = limitMs; left > 0 && !holds(); left -= stallMs) {
      loop.block()
      await clock.advance(Math.min(left, stallMs))
      await loop.release()
    }
    return holds()
  }
  const house: VirtualHouse = {
    clock,
    network,
    box,
    trace,
    store,
    xcap: xcap || undefined,
    operator,
    diagnosis: createDiagnosis({ box, watch: facts, media: engine, clock: loop.clock }),
    ask: async work => {
      let answered = false
      const settle = (): void => {
        answered = true
      }
      work.then(settle, settle)
      await house.until('the answer', () => answered, 120_000)
      return work
    },
    telephones: lines.map((line, i) =>
      telephone(board.handset(line), numbers[i] as string, taps.get(line) as LineTap, clock, runUntil),
    ),
    far,
    advance: async duration => void (await runUntil(() => false, duration)),
    until: async (what, holds, withinMs = 20_000) => {
      if (!(await runUntil(holds, withinMs))) {
        const heard = house.telephones.map(
          ({ line, tone, ringing }) => `${line}: ${tone}${ringing ? ', ringing' : ''}`,
        )
        throw new Error(`not within ${withinMs} ms: ${what} (${heard.join('; ')})`)
      }
    },
    close: async () => {
      const closed = box.close(500)
      await clock.advance(600)
      await closed
      for (const party of far) await party.close()
      await operator?.close()
      if (xcap) await xcap.close()
      await sip.close()
      await engine.close()
      await board.pcm.stop()
      await board.close?.()
      unbridge()
      if (unkept.length > 0) throw new Error(`facts not kept: ${JSON.stringify(unkept)}`)
    },
  }
  if (operator && options.waitsForRegistration !== false)
    await house.until('every line registers', () =>
      box.status().every(({ registration }) => registration === 'registered'),
    )
  for (const [i, { codec }] of (options.far ?? []).entries()) {
    const opening = openFarParty(
      {
        number: farNumbers[i] as string,
        password: `secret-${farNumbers[i]}`,
        address: `127.0.0.${11 + i}`,
        ...(codec && { codec }),
      },
      { network, clock, entropy },
      { endpoint: operatorEndpoint, domain },
    )
    opening.then(party => far.push(party))
    await house.until('the far party registers', () => far.length === i + 1)
  }
  network.loss = options.loss ?? 0
  return house
}

/** A line chip behind a wire takes its time. */
const whileTimePasses = async (clock: VirtualClock, work: Promise<void>): Promise<void> => {
  let done = false
  const mark = () => {
    done = true
  }
  work.then(mark, mark)
  for (let waited = 0; !done && waited < 20_000; waited += 10) await clock.runUntil(() => done, 10)
  await work
}

const telephone = (
  handset: Handset,
  number: string,
  tap: LineTap,
  clock: VirtualClock,
  runUntil: (holds: () => boolean, limitMs: number) => Promise<boolean>,
): VirtualTelephone => {
  const events: HandsetEvent[] = []
  handset.onEvent(event => void events.push(event))
  const latest = <E extends HandsetEvent['ev']>(ev: E) =>
    events.findLast((event): event is Extract<HandsetEvent, { ev: E }> => event.ev === ev)
  return {
    line: handset.line,
    number,
    events,
    tap,
    handset,
    act: async action => {
      let reply: HandsetReply | undefined
      handset.perform(action).then(done => {
        reply = done
      })
      await runUntil(() => reply !== undefined, 60_000)
      if (!reply) throw new Error(`${action.do} did not end within a minute`)
      return reply
    },
    begin: (action, delay = 0) => void clock.timer('finger', ms(delay), () => void handset.perform(action)),
    get tone() {
      return latest('tone')?.name ?? 'none'
    },
    get ringing() {
      return latest('ring')?.on ?? false
    },
  }
}
