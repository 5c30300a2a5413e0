// Composes the box from its configuration: store, audio half, SIP and the one loop. Opened in the order in which a
// telephone needs it, closed in reverse.

import type { Worker } from 'node:worker_threads'
import type { Log } from '../firmware/log.js'
import type { MediaEvent } from '../firmware/media/media-contract.js'
import { type Box, type BoxLineStatus, createBox } from '../firmware/run/box.js'
import { createContactUsers } from '../firmware/run/contact-users.js'
import { createDiagnosis, type Diagnosis } from '../firmware/run/diagnosis.js'
import { createFactWatch } from '../firmware/run/facts/fact-watch.js'
import {
  electricalProfile,
  hookTimings,
  lineDisplay,
  phoneConfig,
  sipAccount,
} from '../firmware/run/line-config.js'
import {
  maskingSettings,
  type NetworkDependencies,
  networkSettings,
} from '../firmware/run/network-settings.js'
import { parseListen } from '../firmware/settings/address.js'
import { soundChannels } from '../firmware/settings/board-rules.js'
import type { Board } from '../firmware/settings/board-schema.js'
import type { LoadWith } from '../firmware/settings/fitting-overrides.js'
import type { Settings } from '../firmware/settings/load-settings.js'
import type { Problem } from '../firmware/settings/problem.js'
import type { LineConfig } from '../firmware/settings/schema.js'
import { openStore, type Store } from '../firmware/settings/store.js'
import type { SipStackOptions } from '../firmware/sip/sip-line.js'
import { createSipStack } from '../firmware/sip/sip-stack.js'
import { formatTrace } from '../firmware/trace/trace-file.js'
import { createTraceRing } from '../firmware/trace/trace-ring.js'
import { createWatchers } from '../firmware/watchers.js'
import type { Clock } from '../hal/clock.js'
import { LinuxClock } from '../hal/linux/clock.js'
import { LinuxEntropy } from '../hal/linux/entropy.js'
import { collectGarbage, keepYoungHeapSmall, returnFreedMemory } from '../hal/linux/memory.js'
import { LinuxNetwork } from '../hal/linux/network.js'
import type { SimControl } from '../hal/sim/sim-board-contract.js'
import { createAudioSettings } from './audio-settings.js'
import { openBenchChannel } from './bench-channel.js'
import type { ConsoleFronts } from './console.js'
import type { ConsoleBoxParts } from './console-box.js'
import { version } from './data.js'
import type { Hardware } from './hardware.js'
import { keepTrying } from './keep-trying.js'
import { keepLog } from './kept-log.js'
import { simulatedLamps } from './lamps.js'
import { createRingNotice, openSettingsDesk, settingsAtStart } from './live-settings.js'
import { startMediaWorker } from './media-link.js'
import type { MediaBoard } from './media-protocol.js'
import { createOrderlyRestart } from './orderly-restart.js'
import { patienceMs } from './patiently.js'
import { signOff } from './sign-off.js'
import { tidyHeaps } from './tidy-heap.js'
import { watchTrace } from './watched-trace.js'

export interface Daemon {
  readonly box: Box
  /** The telephones of the simulated board. */
  readonly control: SimControl
  /** What the technician may ask and have tested. */
  readonly diagnosis: Diagnosis
  /** Accounts, proxies and profile of a changed file; calls stay up. The rest needs a restart. What is wrong with it. */
  reload(): readonly Problem[]
  /** Tells how the lines stand, now and whenever that changes. Replaces the sink. */
  onStatus(sink: (lines: readonly BoxLineStatus[]) => void): void
  /** Resolves when the audio half has answered. */
  alive(): Promise<void>
  /** The trace as JSON lines. */
  trace(): string
  /** Ring off, BYE, de-REGISTER, ports safe: within two seconds, whatever the operator does. */
  close(): Promise<void>
}

export interface DaemonParts {
  readonly log: Log
  /** The audio half died: no call can be heard until the process starts again. */
  readonly onLost: (error: Error) => void
  /** A technician asked for it at the console. */
  readonly onRestart?: () => void
  /** Reads the configuration again, with what a technician set; without it nothing can be set. */
  readonly load?: LoadWith
  /** The settings as they count, at the start and whenever they change. */
  readonly onSettings?: (settings: Settings) => void
  /** From prepareMediaThread, when the caller had something to do meanwhile. */
  readonly mediaThread?: Worker
}

/** How long the operator may take to answer the good-byes, ms. */
const signOffMs = 1200

/** Resolves when every telephone has its dial tone; rejects with HalError when that cannot be. */
export const startDaemon = async (written: Settings, parts: DaemonParts): Promise<Daemon> => {
  const opened: (() => Promise<unknown>)[] = []
  try {
    return await composeDaemon(written, parts, opened)
  } catch (error) {
    // Whoever starts it again finds pins, sound device, ports and store free.
    const nobody = async () => undefined
    await signOff({
      clock: new LinuxClock(),
      goodbyes: nobody,
      lookers: opened.reverse(),
      lookersMs: signOffMs,
      last: [],
    })
    throw error
  }
}

/** `opened`: told of all that is to be closed again if it cannot be finished. */
const composeDaemon = async (
  written: Settings,
  parts: DaemonParts,
  opened: (() => Promise<unknown>)[],
): Promise<Daemon> => {
  const { onLost, mediaThread } = parts
  // The board and the place of the store can be changed in the file only.
  const { board } = written
  // koffi comes here and not later: the SIP socket needs it anyhow.
  void returnFreedMemory()
  const clock = new LinuxClock()
  const kept = keepLog(parts.log, clock)
  const { log } = kept
  const network = new LinuxNetwork()
  const entropy = new LinuxEntropy()
  const opening = openStoreOrSay(written.config.store.path, clock, log)
  // Told already; what it means is decided where the store is used.
  opening.catch(() => undefined)
  let onKey = (_event: MediaEvent): void => {}
  const hardware = await openHardwareOf(board, clock, log, event => onKey(event))
  if (hardware) opened.push(() => hardware.close())
  const startingMedia = startMediaWorker({ board: mediaBoard(written, hardware), log, onLost }, mediaThread)
  opened.push(() => startingMedia.then(link => link.close()))
  const toNetwork = { network, clock, entropy, userAgent: userAgent() }
  // What a technician set is in the store; a disk that does not answer must not keep the telephones from their dial tone.
  const atStart = await settingsAtStart(written, opening, { clock, log, load: parts.load })
  const { settings } = atStart
  const { config, profile } = settings
  parts.onSettings?.(settings)
  const facts = createFactWatch({
    clock,
    log,
    lines: config.line.map(({ id, account }) => ({
      id,
      hook: hookTimings(profile),
      ...(account && { account }),
    })),
  })
  const openingStore = facts.store(opening)
  opened.push(() => openingStore.then(store => store?.close()))
  const sip = createSipStack({
    ...sipOptions(settings, clock, network, log),
    contactUsers: createContactUsers(openingStore, log),
    watch: facts.sip,
  })
  const link = await startingMedia
  opened.push(() => sip.close())
  const trace = watchTrace(createTraceRing(), log)
  const onStatus = createWatchers<[status: BoxLineStatus]>('status', log)
  const box = createBox({
    clock,
    log,
    media: link,
    sip,
    trace,
    watch: facts.box,
    store: openingStore,
    onStatus: onStatus.tell,
    lines: config.line.map(line => {
      const account = sipAccount(profile, line)
      const services = networkSettings(line, toNetwork)
      return {
        id: line.id,
        fxs: (hardware?.lines ?? link.control).fxs(line.id),
        electrical: electricalProfile(profile),
        hook: hookTimings(profile),
        phone: phoneConfig(profile, line),
        display: lineDisplay(profile, line, config.timezone),
        masking: maskingSettings(line, toNetwork),
        ...(account && { account }),
        ...(services && { services }),
      }
    }),
  })
  onKey = event => box.onMedia(event)
  link.onEvent(event => {
    if (!isKeyOf(event, hardware?.decoded)) box.onMedia(event)
  })
  const audio = createAudioSettings({
    settings,
    network,
    clock,
    log,
    configure: next => link.command({ do: 'configure', config: next }),
  })
  opened.push(async () => audio.close())
  await audio.begun
  const listening = keepTrying('SIP', { clock, log }, () => sip.open())
  opened.push(async () => listening.stop())
  await listening.begun
  await box.open()
  const bench = await openBenchChannel({
    bench: config.bench,
    lines: config.line.map(({ id }) => id),
    control: link.control,
    clock,
    log,
  }).catch(async (error: unknown) => {
    // Registered already: calls must not be sent to a box that is going away.
    await box.close(signOffMs)
    throw error
  })
  const lamps = bench.lamp ? simulatedLamps(bench.lamp, { clock, log }) : await hardware?.lamps()
  onStatus.add(({ line, lamps: next }) => lamps?.show(line, next))
  for (const status of box.status()) onStatus.tell(status)
  let stopTelling = (): void => {}
  const stopTidying = tidyHeaps(clock, box, () => {
    collectGarbage()
    keepYoungHeapSmall()
    link.tidyHeap()
  })
  const diagnosis = createDiagnosis({ box, watch: facts, media: link, clock })
  const noticeRing = createRingNotice(profile, log)
  const desk = openSettingsDesk({
    ...atStart,
    load: parts.load,
    store: openingStore,
    clock,
    log,
    entropy,
    apply: next => {
      parts.onSettings?.(next)
      // Tones before the telephones that are to hear them; neither waits for a name server.
      audio.use(next)
      configureLines(next, box, toNetwork, log)
      noticeRing(next.profile)
    },
  })
  const restart = createOrderlyRestart({
    clock,
    log,
    lines: () => box.status(),
    restart: () => parts.onRestart?.(),
  })
  const consoles = openConsoleFronts({
    diagnosis,
    clock,
    trace,
    log: kept,
    desk,
    restart: restart.ask,
  })
  return {
    box,
    control: link.control,
    diagnosis,
    reload: () => desk.reload(),
    alive: () => link.alive(),
    onStatus: sink => {
      stopTelling()
      stopTelling = onStatus.add(() => sink(box.status()))
      sink(box.status())
    },
    trace: () => formatTrace(trace.steps(), version()),
    close: async () => {
      audio.close()
      listening.stop()
      stopTidying()
      restart.close()
      desk.close()
      await signOff({
        clock,
        goodbyes: () => box.close(signOffMs),
        lookers: [() => consoles.then(fronts => fronts?.close()), () => lamps?.close(), () => bench.close()],
        lookersMs: patienceMs,
        last: [
          () => sip.close(),
          () => link.close(),
          () => hardware?.close(),
          () => openingStore.then(store => store?.close()),
        ],
      })
    },
  }
}

/** Loaded only where it is wanted, and when the telephones have their dial tone: it must not delay them. */
const openConsoleFronts = async (
  parts: Omit<ConsoleBoxParts, 'version'>,
): Promise<ConsoleFronts | undefined> => {
  const { log, clock, desk } = parts
  const config = () => desk.current().config
  const { serial, socket } = config().console
  if (serial === undefined && socket === undefined) return undefined
  try {
    const [{ openConsole }, { createConsoleBox }] = await Promise.all([
      import('./console.js'),
      import('./console-box.js'),
    ])
    return await openConsole({
      config,
      box: createConsoleBox({ ...parts, version: version() }),
      clock,
      entropy: new LinuxEntropy(),
      log: log.log,
    })
  } catch (error) {
    log.log.error('the console cannot be opened', { reason: (error as Error).message })
    return undefined
  }
}

const openHardwareOf = async (
  board: Board,
  clock: Clock,
  log: Log,
  onEvent: (event: MediaEvent) => void,
): Promise<Hardware | undefined> => {
  if (board.gpio === undefined) return undefined
  const { openHardware } = await import('./hardware.js')
  return openHardware({ board, clock, log, onEvent })
}

const mediaBoard = ({ board, profile }: Settings, hardware: Hardware | undefined): MediaBoard => {
  const { lines, serial, audio, slic } = board
  if (serial) return { kind: 'serial-slic', lines, ...serial }
  if (audio === undefined || slic === undefined) return { kind: 'sim', lines, country: profile.country }
  return {
    kind: 'alsa',
    ...audio,
    lines: slic.map(({ line, channel }) => ({ id: line, channel })),
    channels: soundChannels(slic),
    ringing: hardware?.lines?.ringing ?? [],
  }
}

/** A key on a line that has a decoder of its own: told by that one, not twice. */
const isKeyOf = (event: MediaEvent, decoded: ReadonlySet<string> | undefined): boolean =>
  decoded !== undefined &&
  (event.type === 'digit-start' || event.type === 'digit-end') &&
  decoded.has(event.line)

/** What is wrong with one line keeps no other from its settings. */
const configureLines = (next: Settings, box: Box, toNetwork: NetworkDependencies, log: Log): void => {
  for (const line of next.config.line)
    try {
      configureLine(next, line, box, toNetwork)
    } catch (error) {
      log.error('a line keeps its former settings', { line: line.id, reason: (error as Error).message })
    }
}

const configureLine = (
  { config, profile }: Settings,
  line: LineConfig,
  box: Box,
  toNetwork: NetworkDependencies,
): void => {
  const account = sipAccount(profile, line)
  const services = networkSettings(line, toNetwork)
  box.configure(line.id, {
    phone: phoneConfig(profile, line),
    hook: hookTimings(profile),
    display: lineDisplay(profile, line, config.timezone),
    masking: maskingSettings(line, toNetwork),
    ...(account && { account }),
    ...(services && { services }),
  })
}

const sipOptions = ({ config }: Settings, clock: Clock, network: LinuxNetwork, log: Log): SipStackOptions => {
  const listen = parseListen(config.sip.listen, 5060)
  const host = listen?.isInterface ? network.interfaceAddress(listen.host) : listen?.host
  if (host === undefined)
    log.warn('the SIP interface has no address: any will do', { listen: config.sip.listen })
  return {
    clock,
    network,
    entropy: new LinuxEntropy(),
    log,
    listen: { address: host ?? '0.0.0.0', port: listen?.port ?? 5060 },
    dscp: config.sip.dscp,
    ...(config.sip.device !== undefined && { device: config.sip.device }),
    allow: config.sip.allow,
    userAgent: userAgent(),
  }
}

const userAgent = (): string => `voiceport/${version()}`

/** The telephone must work with a broken disk: what can be read counts, else the defaults, and an alarm says so. */
const openStoreOrSay = async (path: string, clock: Clock, log: Log): Promise<Store> => {
  try {
    const store = await openStore({ path, clock, log })
    if (store.unwritable)
      log.error('settings cannot be stored; those stored before count', {
        path,
        reason: store.unwritable.message,
      })
    return store
  } catch (error) {
    log.error('settings cannot be stored; the defaults count', { path, reason: (error as Error).message })
    throw error
  }
}
