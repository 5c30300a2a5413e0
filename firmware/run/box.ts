// The one loop of the box: every event of every telephone passes through here, one at a time:
// event -> feature machine -> effects started in order -> trace. The only stateful loop in the firmware.

import { type Clock, type Timer, type Us, us } from '../../hal/clock.js'
import type { FxsPort, LineProfile } from '../../hal/fxs-port.js'
import type { HookEvent, HookTimings } from '../line/hook-event.js'
import type { Log } from '../log.js'
import type { MediaEvent } from '../media/media-contract.js'
import type { PhoneConfig } from '../phone/config.js'
import type { PhoneEvent, TimerName } from '../phone/event.js'
import { reduce } from '../phone/reduce.js'
import { type Situation, situationOf } from '../phone/situation.js'
import { initialState, type PhoneState } from '../phone/state.js'
import type { SipAccount, SipEvent, SipLine, SipStack } from '../sip/sip-line.js'
import type { TraceRing } from '../trace/trace-ring.js'
import { createWatchers } from '../watchers.js'
import type { BoxEvent } from './box-event.js'
import type { BoxWatch } from './box-watch.js'
import { createCallTable } from './call-table.js'
import { createLineForwarding, type ForwardingSource } from './forwarding.js'
import { onFxsEvent } from './fxs-events.js'
import { createHookWatch } from './hook-watch.js'
import { createKeyOrder } from './key-order.js'
import { type Lamps, lampsOf } from './lamps.js'
import { createLineAccount, type LineAccount } from './line-account.js'
import type { LineContext, MediaPort } from './line-context.js'
import type { LineDisplay } from './line-display.js'
import { createLineMasking, type LineStore, type MaskingSettings } from './masking.js'
import { onLineMediaEvent, onStreamMediaEvent } from './media-events.js'
import { perform } from './perform.js'
import { createQueue } from './queue.js'
import { onSipEvent } from './sip-events.js'

export interface BoxLineOptions {
  readonly id: string
  readonly fxs: FxsPort
  readonly electrical: LineProfile
  readonly hook: HookTimings
  readonly phone: PhoneConfig
  /** Absent: the telephone is not told who calls. */
  readonly display?: LineDisplay | undefined
  /** Absent for a line without one: no-service tone, emergency still tried. */
  readonly account?: SipAccount
  /** Who decides whether the number is withheld for good; default: the box, by itself. */
  readonly masking?: MaskingSettings
  /** Where the network keeps the line's service settings; absent: it cannot be asked about forwards. */
  readonly services?: ForwardingSource
}

/** What a changed configuration may change while the box runs. */
export interface LineChange {
  readonly phone: PhoneConfig
  readonly hook: HookTimings
  readonly display?: LineDisplay | undefined
  /** Absent: the line has none any more. */
  readonly account?: SipAccount
  readonly masking?: MaskingSettings
  readonly services?: ForwardingSource
}

export interface BoxOptions {
  readonly clock: Clock
  readonly log: Log
  readonly media: MediaPort
  readonly sip: Pick<SipStack, 'line'>
  readonly trace: TraceRing
  /** What changes at run time; telephones work without it, their numbers withheld. */
  readonly store: Promise<LineStore | undefined>
  readonly lines: readonly BoxLineOptions[]
  /** Told when the registration, the situation or the lamps of a line have changed. */
  readonly onStatus?: (status: BoxLineStatus) => void
  readonly watch?: BoxWatch
}

export interface BoxLineStatus {
  readonly line: string
  readonly registration: string
  readonly situation: Situation
  /** What its lamps say. */
  readonly lamps: Lamps
  /** Length of the last loop break that was a flash, ms. */
  readonly lastFlashMs?: number
}

export interface Box {
  /** Opens every port; every telephone has its dial tone when this resolves. Registration goes on by itself. */
  open(): Promise<void>
  /** New configuration of a line: what is heard now follows it, timers from their next start on; calls stay up. */
  configure(line: string, next: LineChange): void
  onMedia(event: MediaEvent): void
  /** What the tests of a line (line-tests/) work on; undefined: there is no such line. */
  line(id: string): LineContext | undefined
  status(): readonly BoxLineStatus[]
  /** Ring off, calls released, de-registered (given up after `withinMs`), ports safe. */
  close(withinMs: number): Promise<void>
}

interface Telephone extends LineContext {
  readonly options: BoxLineOptions
  readonly account: LineAccount
  config: PhoneConfig
  display: LineDisplay | undefined
  state: PhoneState
  registration: string
  /** As last told. */
  told?: BoxLineStatus
  lastFlashMs?: number
  /** End of the last R since the telephone was lifted. */
  lastFlashAt?: Us
}

export const createBox = (options: BoxOptions): Box => {
  const { clock, log, media, trace, watch } = options
  const calls = createCallTable()
  const telephones = new Map<string, Telephone>()
  const queue = createQueue<BoxEvent>(event => dispatch(event))
  const statusWatchers = createWatchers<[status: BoxLineStatus]>('status', log)
  if (options.onStatus) statusWatchers.add(options.onStatus)

  const step = (telephone: Telephone, event: PhoneEvent): void => {
    const before = telephone.state
    const [after, effects] = reduce(before, event, telephone.config)
    telephone.state = after
    const { id: line, config } = telephone
    const made = { us: clock.now(), line, before, event, after, effects, config }
    trace.record(made)
    watch?.step(made)
    const situation = situationOf(after)
    if (situation !== situationOf(before)) log.info('telephone', { line: telephone.id, situation })
    for (const effect of effects) perform(effect, telephone)
    tell(telephone)
  }

  const tell = (telephone: Telephone): void => {
    if (options.onStatus === undefined) return
    const status = statusOf(telephone)
    if (telephone.told !== undefined && isSameStatus(status, telephone.told)) return
    telephone.told = status
    statusWatchers.tell(status)
  }

  const dispatch = (tagged: BoxEvent): void => {
    if (watch?.event(tagged)) return
    if (tagged.from === 'media') {
      dispatchMedia(tagged.event)
      return
    }
    const telephone = telephones.get(tagged.line)
    if (!telephone) return
    switch (tagged.from) {
      case 'phone':
        return step(telephone, tagged.event)
      case 'timer':
        return step(telephone, { type: 'timer', name: tagged.name })
      case 'fxs':
        return onFxsEvent(tagged.event, telephone)
      case 'hook-quiet':
        telephone.hook.quiet(tagged.now)
        return telephone.keys.confirmed(tagged.now)
      case 'sip':
        return dispatchSip(tagged.event, telephone)
    }
  }

  const dispatchSip = (event: SipEvent, telephone: Telephone): void => {
    if (event.type === 'registration') {
      telephone.registration = event.state
      log.info('registration', {
        line: telephone.id,
        state: event.state,
        status: event.status,
        reason: event.reason,
      })
    }
    const owner = 'call' in event ? calls.byId(event.call)?.line : undefined
    onSipEvent(event, (owner && telephones.get(owner)) || telephone)
    tell(telephone)
  }

  const dispatchMedia = (event: MediaEvent): void => {
    if ('line' in event) {
      const telephone = telephones.get(event.line)
      if (telephone) onLineMediaEvent(event, telephone)
    } else if ('stream' in event) {
      const line = calls.byId(event.stream)?.line
      const telephone = line === undefined ? undefined : telephones.get(line)
      if (telephone) onStreamMediaEvent(event, telephone)
    }
  }

  for (const line of options.lines) telephones.set(line.id, createTelephone(line))

  function createTelephone(line: BoxLineOptions): Telephone {
    const { id } = line
    const post = (event: PhoneEvent) => queue.post({ from: 'phone', line: id, event })
    const account = createLineAccount({
      clock,
      account: line.account,
      make: (of, sink) => options.sip.line(id, of, sink),
      onEvent: event => queue.post({ from: 'sip', line: id, event }),
      isBusy: calls.uses,
    })
    const telephone: Telephone = {
      id,
      account,
      options: line,
      fxs: line.fxs,
      get sip() {
        return account.sip
      },
      rescue: () => anyAccount(telephones),
      media,
      calls,
      hook: createHookWatch({
        clock,
        line: id,
        fxs: line.fxs,
        timings: line.hook,
        onEvent: event => telephone.keys.hook(begunAt(event), fromHook(event, telephone)),
        onSettled: us => media.command({ do: 'loop-known', line: id, us }),
        onStorm: (on, edges) => {
          log.warn('hook storm', { line: id, on, edges })
          watch?.storm(id, on)
        },
        onQuiet: now => queue.post({ from: 'hook-quiet', line: id, now }),
        onResync: edge => queue.post({ from: 'fxs', line: id, event: edge }),
      }),
      masking: createLineMasking({
        ...(line.masking ?? ownMasking),
        line: id,
        store: options.store,
        clock,
        log,
        post,
      }),
      get masked() {
        return telephone.state.masked
      },
      forwarding: createLineForwarding({ line: id, network: line.services, clock, log, post }),
      keys: createKeyOrder({
        clock,
        line: id,
        ask: () => telephone.hook.ask(),
        deliver: event => step(telephone, event),
        post,
        onStale: event => log.info('key came after the hook had moved', { line: id, event: event.type }),
      }),
      faults: new Set(),
      timers: new Map<TimerName, Timer>(),
      clock,
      log,
      post,
      config: line.phone,
      display: line.display,
      onHookJob: 0,
      state: initialState,
      registration: 'unregistered',
    }
    return telephone
  }

  return {
    open: async () => {
      for (const telephone of telephones.values()) {
        const { id, options: line, fxs } = telephone
        await fxs.open(line.electrical, event => queue.post({ from: 'fxs', line: id, event }))
      }
      for (const { account, masking } of telephones.values()) {
        masking.start()
        account.start()
      }
    },
    configure: (line, { phone, hook, display, account, masking, services }) => {
      const telephone = telephones.get(line)
      if (!telephone) return
      telephone.config = phone
      telephone.display = display
      telephone.hook.setTimings(hook)
      telephone.account.set(account)
      telephone.masking.configure(masking ?? ownMasking)
      telephone.forwarding.configure(services)
      watch?.configured(line, { hook, account })
      telephone.post({ type: 'configured' })
    },
    onMedia: event => queue.post({ from: 'media', event }),
    line: id => telephones.get(id),
    status: () => [...telephones.values()].map(statusOf),
    close: async withinMs => {
      for (const { timers, hook, keys, forwarding, masking } of telephones.values()) {
        for (const timer of timers.values()) timer.cancel()
        hook.close()
        keys.close()
        forwarding.close()
        masking.close()
      }
      queue.close()
      const silent = [...telephones.values()].map(({ fxs }) => fxs.close())
      const signedOff = [...telephones.values()].map(({ account }) => account.stop(withinMs))
      await Promise.allSettled([...silent, ...signedOff])
    },
  }
}

const statusOf = ({ id, registration, state, lastFlashMs, account }: Telephone): BoxLineStatus => {
  const situation = situationOf(state)
  const { fault, indications } = state
  return {
    line: id,
    registration,
    situation,
    lamps: lampsOf({
      hasAccount: account.sip !== undefined,
      fault,
      registration,
      situation,
      messages: indications.messages?.waiting ?? false,
    }),
    ...(lastFlashMs !== undefined && { lastFlashMs }),
  }
}

const isSameStatus = (a: BoxLineStatus, b: BoxLineStatus): boolean =>
  a.registration === b.registration &&
  a.situation === b.situation &&
  a.lamps.line === b.lamps.line &&
  a.lamps.messages === b.lamps.messages

const ownMasking: MaskingSettings = { owner: 'box' }

const anyAccount = (telephones: ReadonlyMap<string, Telephone>): SipLine | undefined => {
  for (const { sip } of telephones.values()) if (sip) return sip
  return undefined
}

const fromHook = (event: HookEvent, telephone: Telephone): PhoneEvent => {
  switch (event.type) {
    case 'on-hook':
      return { type: 'on-hook', ...sinceFlash(event.us - 1000 * event.ms, telephone) }
    case 'off-hook':
      delete telephone.lastFlashAt
      return { type: event.type }
    case 'digit-begun':
    case 'digit-lost':
      return { type: event.type }
    case 'flash':
      telephone.lastFlashMs = event.ms
      telephone.lastFlashAt = event.us
      return { type: 'flash', ms: event.ms }
    case 'digit':
      return { type: 'digit', digit: event.digit, source: 'rotary' }
  }
}

/** No key sounds while the loop is open: one heard at the edge that ends R comes after it, however roughly it is timed. */
const begunAt = (event: HookEvent): Us => us('ms' in event ? event.us - 1000 * event.ms : event.us)

/** `opened`: the edge that became the hang-up. */
const sinceFlash = (opened: number, { lastFlashAt }: Telephone) =>
  lastFlashAt === undefined ? {} : { afterFlashMs: Math.round((opened - lastFlashAt) / 1000) }
