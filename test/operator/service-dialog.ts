// A dialog of the operator itself, whichever side called (RFC 3261 §12-15): its requests, re-INVITE, 200 until its ACK,
// BYE, the end when the far end is gone. Gives an application its Dialogue.

import {
  bareHost,
  hostPort,
  parseNameAddress,
  parseSipUri,
  splitOutside,
} from '../../firmware/sip/wire/header-values.js'
import {
  type HeaderLine,
  headerOf,
  headersOf,
  responseTo,
  type SipMessage,
  type SipRequest,
  tagOf,
} from '../../firmware/sip/wire/message.js'
import type { ServerTransaction, Wire } from '../../firmware/sip/wire/wire-contract.js'
import { type Clock, ms, type Timer } from '../../hal/clock.js'
import type { Endpoint } from '../../hal/network.js'
import type { Application, CallEvents, Caller, Dialogue, Diversion } from './application.js'
import type { Audio } from './audio.js'
import { type AudioOffer, readOffer, writeSession } from './offer.js'

export interface CallFacts {
  /** The service's number. */
  readonly called: string
  readonly caller: Caller
  readonly diversion?: Diversion
}

/** Both ends of the dialog as its requests name them. */
export interface Peer {
  /** Our From, tag included. */
  readonly from: string
  readonly to: string
  readonly callId: string
  readonly routes: readonly string[]
  target: string
}

export interface DialogOptions {
  readonly wire: Wire
  readonly clock: Clock
  readonly audio: Audio
  readonly facts: CallFacts
  readonly application: Application
  readonly tag: string
  /** SDP session id. */
  readonly session: number
  /** The call is over and forgotten. */
  onGone(): void
}

/** How the side that has not answered yet carries out what the application wants. */
export interface Opening {
  answer(): void
  refuse(status: number, reason: string): void
  /** Before the first sound. */
  sound(): void
}

export interface ServiceDialog {
  readonly phase: 'offered' | 'answered' | 'leaving' | 'over'
  readonly contact: HeaderLine
  /** Starts the application. */
  run(opening: Opening): void
  body(offer: AudioOffer | undefined): string
  /** Sends to the far end unless it wants to hear nothing. */
  aim(offer: AudioOffer): void
  answered(): void
  /** 200 with `body`, repeated until its ACK (§13.3.1.4). */
  accept(transaction: ServerTransaction, offer: AudioOffer | undefined, body: string): void
  send(method: string, cseq?: number): void
  /** Ends the application, tells nobody. */
  end(): void
  hangUp(): void
  digit(digit: string): void
  /** BYE, re-INVITE, OPTIONS; false for anything else. */
  request(transaction: ServerTransaction): boolean
  ack(ack: SipRequest): void
}

export const ALLOW: HeaderLine = ['Allow', 'INVITE, ACK, CANCEL, BYE, PRACK, OPTIONS']
export const SDP: HeaderLine = ['Content-Type', 'application/sdp']
const T1 = 500
const T2 = 4000
const PATIENCE = 64 * T1
/** Silent for so long means that nobody is there any more. */
const GONE_MS = 60_000

export const keyOfDialog = (callId: string | undefined, ownTag: string | undefined): string =>
  `${callId} ${ownTag}`
export const keyOfRequest = (request: SipRequest): string =>
  keyOfDialog(headerOf(request, 'Call-ID'), tagOf(headerOf(request, 'To')))

export const recordedRoutes = (message: SipMessage): string[] =>
  headersOf(message, 'Record-Route').flatMap(value => splitOutside(value, ',') ?? [])
export const contactOf = (message: SipMessage): string | undefined =>
  parseNameAddress(headerOf(message, 'Contact') ?? '')?.uri

/** Sends again and again at T1, doubled up to `longest`, until cancelled; gives up after 64*T1. */
export const repeat = (
  clock: Clock,
  name: string,
  longest: number,
  send: () => void,
  onGivenUp: () => void,
): Timer => {
  let waited = 0
  let timer: Timer
  const next = (delay: number): void => {
    send()
    timer = clock.timer(name, ms(delay), () => {
      waited += delay
      if (waited >= PATIENCE) onGivenUp()
      else next(Math.min(delay * 2, longest))
    })
  }
  next(T1)
  return { cancel: () => timer.cancel() }
}

const hopOf = ({ routes, target }: Peer): Endpoint | undefined => {
  const hop = parseSipUri(routes[0] === undefined ? target : (parseNameAddress(routes[0])?.uri ?? ''))
  return hop === undefined ? undefined : { address: bareHost(hop.host), port: hop.port ?? 5060 }
}

export const createServiceDialog = (options: DialogOptions, peer: Peer, firstCSeq = 0): ServiceDialog => {
  const { wire, clock, audio, facts, tag } = options
  let phase: ServiceDialog['phase'] = 'offered'
  let events: CallEvents = {}
  let opening: Opening | undefined
  let cseq = firstCSeq
  let version = 0
  let deaf = false
  let unacknowledged = false
  let repeating: Timer | undefined
  let lifeline: Timer | undefined
  const timers = new Set<Timer>()

  const leave = (): void => {
    if (phase === 'leaving' || phase === 'over') return
    phase = 'leaving'
    audio.silence()
    for (const timer of timers) timer.cancel()
    events.onHangUp?.()
  }
  const end = (): void => {
    if (phase === 'over') return
    leave()
    phase = 'over'
    lifeline?.cancel()
    repeating?.cancel()
    audio.close()
    options.onGone()
  }
  const bye = (): void => {
    if (phase === 'over') return
    end()
    dialog.send('BYE')
  }
  const watch = (): void => {
    const left = GONE_MS - (clock.now() - audio.heardAt) / 1000
    if (left <= 0 && !deaf) bye()
    else lifeline = clock.timer('operator lifeline', ms(deaf ? GONE_MS : left), watch)
  }
  const refuse = (status: number, reason: string): void => {
    if (phase === 'offered') opening?.refuse(status, reason)
    else dialog.hangUp()
  }
  const sound = (start: () => void): void => {
    if (phase === 'offered') opening?.sound()
    // Announcing it may have ended the call.
    if (phase === 'offered' || phase === 'answered') start()
  }
  const dialogue = (): Dialogue => ({
    called: facts.called,
    caller: facts.caller,
    diversion: facts.diversion,
    get answered() {
      return phase === 'answered'
    },
    answer: () => {
      if (phase === 'offered') opening?.answer()
    },
    refuse,
    hangUp: () => refuse(480, 'Temporarily Unavailable'),
    play: (clips, onEnd) => sound(() => audio.play(clips, () => onEnd?.())),
    echo: () => sound(() => audio.echo()),
    silence: () => audio.silence(),
    record: recordOptions => audio.record(recordOptions),
    timer: (name, delayMs, fire) => {
      const timer = clock.timer(`operator ${name}`, ms(delayMs), () => {
        timers.delete(timer)
        fire()
      })
      if (phase === 'offered' || phase === 'answered') timers.add(timer)
      else timer.cancel()
      return timer
    },
  })
  const reinvite = (transaction: ServerTransaction): void => {
    const { request } = transaction
    const offer = readOffer(request.body)
    if (request.body !== '' && offer === undefined)
      transaction.respond(responseTo(request, 488, 'Not Acceptable Here', tag))
    else dialog.accept(transaction, offer, dialog.body(offer))
  }

  const dialog: ServiceDialog = {
    get phase() {
      return phase
    },
    contact: ['Contact', `<sip:${facts.called}@${hostPort(wire.local.address, wire.local.port)}>`],
    run: first => {
      opening = first
      const started = options.application(dialogue())
      events = started
    },
    body: offer => writeSession(audio.local, options.session, ++version, offer),
    aim: offer => {
      deaf = /^(?:sendonly|inactive)$/.test(offer.direction) || offer.remote.address === '0.0.0.0'
      audio.setRemote(deaf ? undefined : offer.remote, offer)
    },
    answered: () => {
      phase = 'answered'
      watch()
    },
    accept: (transaction, offer, body) => {
      if (offer !== undefined) dialog.aim(offer)
      peer.target = contactOf(transaction.request) ?? peer.target
      const ok = responseTo(transaction.request, 200, 'OK', tag, [dialog.contact, ALLOW, SDP], body)
      repeating?.cancel()
      unacknowledged = true
      repeating = repeat(clock, 'operator 2xx', T2, () => transaction.respond(ok), bye)
    },
    send: (method, number = ++cseq) => {
      const to = hopOf(peer)
      if (to === undefined) return
      const request: SipRequest = {
        kind: 'request',
        method,
        uri: peer.target,
        headers: [
          ['Max-Forwards', '70'],
          ['From', peer.from],
          ['To', peer.to],
          ['Call-ID', peer.callId],
          ['CSeq', `${number} ${method}`],
          ...peer.routes.map((route): HeaderLine => ['Route', route]),
        ],
        body: '',
      }
      if (method === 'ACK') wire.send(request, to)
      else wire.request(request, to, () => {})
    },
    end,
    hangUp: () => {
      // No BYE before the ACK (§15).
      if (phase === 'answered' && unacknowledged) leave()
      else if (phase === 'answered') bye()
    },
    digit: digit => {
      if (phase === 'answered' || phase === 'offered') events.onDigit?.(digit)
    },
    request: transaction => {
      const { request } = transaction
      if (request.method === 'BYE') {
        transaction.respond(responseTo(request, 200, 'OK', tag))
        end()
      } else if (request.method === 'INVITE') reinvite(transaction)
      else if (request.method === 'OPTIONS') transaction.respond(responseTo(request, 200, 'OK', tag, [ALLOW]))
      else return false
      return true
    },
    ack: ack => {
      if (!unacknowledged) return
      unacknowledged = false
      repeating?.cancel()
      const answer = readOffer(ack.body)
      if (answer !== undefined) dialog.aim(answer)
      if (phase === 'leaving') bye()
    },
  }
  return dialog
}
