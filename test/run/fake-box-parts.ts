// The neighbours of the one loop, recorded: a port whose hook the test moves, an audio half that opens streams at
// once, an account whose events the test makes. With the virtual clock this is the box of build step (a).

import type { MediaCommand, MediaEvent } from '../../firmware/media/media-contract.js'
import type { SipEvent, SipLine, SipSink } from '../../firmware/sip/sip-line.js'
import type { Clock } from '../../hal/clock.js'
import { HalError } from '../../hal/errors.js'
import type { FxsEvent, FxsPort } from '../../hal/fxs-port.js'

export interface FakePort extends FxsPort {
  readonly log: string[]
  hook(offHook: boolean): void
  /** Moves without an edge. */
  hookUnseen(offHook: boolean): void
  emit(event: FxsEvent): void
}

export const fakePort = (id: string, clock: Clock): FakePort => {
  const log: string[] = []
  let sink: ((event: FxsEvent) => void) | undefined
  let offHook = false
  const unsupported = () => Promise.reject(new HalError('unsupported', 'not on this port'))
  return {
    id,
    log,
    capabilities: {
      polarityReversal: true,
      onHookTransmission: true,
      ring: { source: 'chip', hz: [25, 50], maxVrms: 65 },
      hookTimestamps: 'chip',
      impedances: ['600'],
      gainDb: { receive: [-6, 6], transmit: [-6, 6] },
      senses: [],
      lineTests: [],
      faults: [],
    },
    hook: level => {
      offHook = level
      sink?.({ type: 'hook', offHook, us: clock.now(), source: 'edge' })
    },
    hookUnseen: level => {
      offHook = level
    },
    emit: event => sink?.(event),
    open: async (_profile, onEvent) => {
      sink = onEvent
      log.push('open')
      onEvent({ type: 'hook', offHook, us: clock.now(), source: 'resync' })
    },
    close: async () => {
      sink = undefined
      log.push('close')
    },
    setLinefeed: async state => void log.push(`feed ${state}`),
    ringBurst: async on => void log.push(`burst ${on ? 'on' : 'off'}`),
    loopDisconnect: unsupported,
    setImpedance: unsupported,
    setGain: unsupported,
    sense: unsupported,
    lineTest: unsupported,
    readHook: async () => ({ offHook, us: clock.now() }),
  }
}

export interface FakeMedia {
  readonly log: string[]
  command(command: MediaCommand): void
  /** Streams are opened only when the test says so. */
  holdOpens: boolean
  open(stream: string): void
}

export const fakeMedia = (onEvent: (event: MediaEvent) => void): FakeMedia => {
  let port = 16384
  const media: FakeMedia = {
    log: [],
    holdOpens: false,
    open: stream => onEvent({ type: 'opened', stream, local: { address: '127.0.0.5', port: (port += 2) } }),
    command: command => {
      media.log.push(JSON.stringify(command))
      if (command.do === 'open' && !media.holdOpens) media.open(command.stream)
    },
  }
  return media
}

export interface FakeSip extends SipLine {
  readonly log: string[]
  emit(event: SipEvent): void
}

export const fakeSip = (id: string, sink: SipSink): FakeSip => {
  const log: string[] = []
  const note =
    (name: string) =>
    (...args: unknown[]) =>
      void log.push(
        [name, ...args.map(arg => (typeof arg === 'string' ? arg : JSON.stringify(arg)))].join(' '),
      )
  return {
    id,
    log,
    emit: sink,
    start: () => sink({ type: 'registration', state: 'registered' }),
    stop: async () => void log.push('stop'),
    update: note('update'),
    register: note('register'),
    place: note('place'),
    ring: note('ring'),
    answer: note('answer'),
    reject: note('reject'),
    hangUp: note('hangUp'),
    hold: note('hold'),
    resume: note('resume'),
  }
}
