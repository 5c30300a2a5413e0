// Everything that is remembered of one telephone: what passes the loop of the box, sorted into its journals.

import type { Clock } from '../../../hal/clock.js'
import type { FxsEvent } from '../../../hal/fxs-port.js'
import type { MediaEvent } from '../../media/media-contract.js'
import { type Situation, situationOf } from '../../phone/situation.js'
import type { SipEvent } from '../../sip/sip-line.js'
import type { TraceStep } from '../../trace/trace-ring.js'
import type { WatchedLine } from '../box-watch.js'
import type { AlarmTable } from './alarm-table.js'
import { type CallJournal, createCallJournal } from './call-journal.js'
import { type CodeJournal, createCodeJournal } from './code-journal.js'
import type { LineFacts, LineFault, StreamFacts } from './facts.js'
import { createFlashHistogram, type FlashHistogram } from './flash-histogram.js'
import { createRegistrationWatch, type RegistrationWatch } from './registration-watch.js'
import type { SipDialogs } from './sip-dialogs.js'

export interface LineWatch {
  readonly calls: CallJournal
  readonly codes: CodeJournal
  readonly flash: FlashHistogram
  readonly registration: RegistrationWatch
  fxs(event: FxsEvent): void
  /** More edges than a telephone makes: it began, or is over. */
  storm(on: boolean): void
  sip(event: SipEvent): void
  media(event: MediaEvent): void
  step(step: TraceStep): void
  configured(next: WatchedLine): void
  /** All but what has to be asked for. */
  facts(): Omit<LineFacts, 'sense' | 'media' | 'faults'>
  readonly situation: Situation
  /** Played to the telephone by the machine; null: silence. */
  readonly tone: string | null
}

/** A fault that is over sooner, µs, nobody could have looked at while it stood. */
const briefUs = 1_000_000
/** Nothing heard of the far end for so long is more than a pause, ms. */
const silentMs = 10_000

export const createLineWatch = (
  line: string,
  first: WatchedLine,
  { clock, alarms, dialogs }: { clock: Clock; alarms: AlarmTable; dialogs: SipDialogs },
): LineWatch => {
  const flash = createFlashHistogram(first.hook)
  const calls = createCallJournal(line, clock, dialogs)
  const codes = createCodeJournal(clock)
  const registration = createRegistrationWatch(clock, first.account)
  let situation: Situation = 'idle'
  let since = clock.now()
  let offHook = false
  let ringing = false
  let tone: string | null = null
  const raised = new Map<LineFault, number>()
  let storming = false

  const fault = (kind: LineFault, on: boolean, us: number): void => {
    if (on) {
      alarms.raise(kind, line)
      raised.set(kind, us)
      return
    }
    const brief = us - (raised.get(kind) ?? 0) < briefUs
    raised.delete(kind)
    if (brief || kind === 'edge-loss') alarms.pass(kind, line)
    else alarms.clear(kind, line)
    calm()
  }
  /** A driver that holds the edges of a storm back lets the loop seem at rest: the loss it tells stands for it. */
  const calm = (): void => {
    if (!storming && !raised.has('edge-loss')) alarms.pass('hook-storm', line)
  }
  const fxs = (event: FxsEvent): void => {
    if (event.type === 'fault') fault(event.kind, event.on, event.us)
    else if (event.type === 'linefeed') ringing = event.state === 'ringing'
    else if (event.type === 'hook') {
      if (event.source === 'resync' || event.overrun) flash.resync(event.offHook)
      else flash.edge(event.offHook, event.us)
    }
  }

  return {
    ...{ calls, codes, flash, registration, fxs },
    storm: on => {
      storming = on
      if (on) alarms.raise('hook-storm', line)
      else calm()
    },
    sip: event => {
      if (event.type === 'registration') {
        registration.event(event)
        if (event.state === 'registered') alarms.clear('unregistered', line)
        else if (event.state !== 'registering' && registration.facts().hasAccount)
          alarms.raise('unregistered', line)
      } else if (event.type === 'media') calls.agreed(event.call, event.remote)
    },
    media: event => {
      switch (event.type) {
        case 'pcm-fault':
          return alarms.note('pcm-xrun', line, `${event.lostFrames} frames`)
        case 'pcm-lost':
          return fault('sound-lost', event.on, clock.now())
        case 'rtp-started':
          return calls.heard(event.stream, 'far end heard')
        case 'rtp-silent':
          calls.heard(event.stream, `nothing heard for ${Math.round(event.ms / 1000)} s`)
          if (event.ms >= silentMs && calls.talking().includes(event.stream))
            alarms.note('one-way-audio', line)
          return
        case 'closed':
          calls.measured(event.statistics)
      }
    },
    step: step => {
      const now = situationOf(step.after)
      if (now !== situation) since = clock.now()
      situation = now
      offHook = step.after.hook === 'off'
      calls.step(step)
      codes.step(step)
      const { event } = step
      if (event.type === 'off-hook' || event.type === 'on-hook') calls.happened(event.type)
      if (event.type === 'flash') calls.happened(`R ${Math.round(event.ms)} ms`)
      if (event.type === 'media-lost') alarms.note('media-lost', line)
      for (const effect of step.effects) {
        if (effect.type === 'hook-context') flash.setContext(effect.context)
        if (effect.type === 'tone') tone = effect.tone
        if (effect.type === 'line' && effect.state !== 'active') tone = null
      }
    },
    configured: next => {
      flash.setTimings(next.hook)
      registration.configure(next.account)
      if (next.account === undefined) alarms.clear('unregistered', line)
    },
    facts: () => ({
      ...{ line, situation, offHook, ringing },
      ...tested(calls.lastTested()),
      situationMs: Math.round((clock.now() - since) / 1000),
      registration: registration.facts(),
      flash: flash.facts(clock.now()),
      calls: calls.records(),
      codes: codes.records(),
    }),
    get situation() {
      return situation
    },
    get tone() {
      return tone
    },
  }
}

const tested = (figures: StreamFacts | undefined): Pick<LineFacts, 'tested'> =>
  figures ? { tested: figures } : {}
