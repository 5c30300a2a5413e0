// The operator's own user agent: keeps the calls with applications, opens their audio, finds the call a request belongs to.

import { headerOf, responseTo, type SipRequest, tagOf } from '../../firmware/sip/wire/message.js'
import type { ServerTransaction, Wire } from '../../firmware/sip/wire/wire-contract.js'
import type { Clock } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import type { Network } from '../../hal/network.js'
import type { Application } from './application.js'
import { type Audio, openAudio } from './audio.js'
import { readOffer } from './offer.js'
import { type OutgoingCall, type PlacedCall, placeCall } from './placed-call.js'
import { type ServiceCall, takeCall } from './service-call.js'
import { type CallFacts, keyOfDialog, keyOfRequest } from './service-dialog.js'

export interface ServiceAgentOptions {
  readonly wire: Wire
  readonly network: Network
  readonly clock: Clock
  readonly entropy: Entropy
  readonly mediaAddress: string
  readonly mediaPorts: readonly [number, number]
  onDigit?(number: string, digit: string): void
  /** What somebody in a call with us is played from now on. */
  onPlay?(facts: CallFacts, clips: readonly Uint8Array[]): void
}

export interface ServiceAgent {
  /** A request inside one of our calls, or one that names a call we do not know any more. */
  owns(request: SipRequest): boolean
  request(transaction: ServerTransaction): void
  /** False when the ACK belongs to none of our calls. */
  ack(ack: SipRequest): boolean
  /** Takes a new INVITE. `onOver` runs once when the call has ended or was refused. */
  take(invite: ServerTransaction, application: Application, facts: CallFacts, onOver?: () => void): void
  /** Nothing is told when nobody answers: the application never starts. */
  call(outgoing: OutgoingCall & { readonly facts: CallFacts }, application: Application): void
  /** Calls that stand. */
  readonly calls: number
  close(): void
  /** Ends all calls without a word to the far ends. */
  forget(): void
}

export const createServiceAgent = (options: ServiceAgentOptions): ServiceAgent => {
  const calls = new Map<string, ServiceCall>()
  const refuse = (transaction: ServerTransaction, status: number, reason: string): void =>
    transaction.respond(responseTo(transaction.request, status, reason, options.entropy.hex(8)))

  const audioFor = (facts: CallFacts, call: () => ServiceCall | undefined): Promise<Audio> =>
    openAudio({
      ...options,
      address: options.mediaAddress,
      ports: options.mediaPorts,
      onDigit: digit => {
        options.onDigit?.(facts.called, digit)
        call()?.digit(digit)
      },
      onPlay: clips => options.onPlay?.(facts, clips),
    })

  /** What this user agent cannot do, told before anything is opened; true when it was refused. */
  const unfit = (invite: ServerTransaction): boolean => {
    const { request } = invite
    const unknown = (headerOf(request, 'Require') ?? '')
      .split(',')
      .map(name => name.trim())
      .filter(name => name !== '' && name !== '100rel')
    if (unknown.length > 0)
      invite.respond(
        responseTo(request, 420, 'Bad Extension', options.entropy.hex(8), [
          ['Unsupported', unknown.join(', ')],
        ]),
      )
    else if (request.body !== '' && readOffer(request.body) === undefined)
      refuse(invite, 488, 'Not Acceptable Here')
    else return false
    return true
  }

  const take: ServiceAgent['take'] = (invite, application, facts, onOver) => {
    if (unfit(invite)) {
      onOver?.()
      return
    }
    let cancelled = false
    invite.onCancel = () => {
      cancelled = true
    }
    let call: ServiceCall | undefined
    const begin = (audio: Audio): void => {
      if (cancelled) {
        audio.close()
        refuse(invite, 487, 'Request Terminated')
        onOver?.()
        return
      }
      let gone = false
      const taken = takeCall(
        {
          ...options,
          audio,
          facts,
          application,
          onGone: () => {
            gone = true
            if (call !== undefined) calls.delete(keyOfDialog(headerOf(invite.request, 'Call-ID'), call.tag))
            onOver?.()
          },
        },
        invite,
      )
      call = taken
      if (!gone) calls.set(keyOfDialog(headerOf(invite.request, 'Call-ID'), taken.tag), taken)
    }
    audioFor(facts, () => call).then(begin, () => {
      refuse(invite, 503, 'Service Unavailable')
      onOver?.()
    })
  }

  const call: ServiceAgent['call'] = (outgoing, application) => {
    let placed: PlacedCall | undefined
    const begin = (audio: Audio): void => {
      placed = placeCall({
        ...options,
        ...outgoing,
        audio,
        application,
        onGone: () => {
          if (placed !== undefined) calls.delete(keyOfDialog(placed.callId, placed.tag))
        },
      })
      calls.set(keyOfDialog(placed.callId, placed.tag), placed)
    }
    audioFor(outgoing.facts, () => placed).then(begin, () => {})
  }

  return {
    get calls() {
      return calls.size
    },
    owns: request => tagOf(headerOf(request, 'To')) !== undefined && calls.has(keyOfRequest(request)),
    request: transaction => {
      const owner = calls.get(keyOfRequest(transaction.request))
      if (owner === undefined) refuse(transaction, 481, 'Call/Transaction Does Not Exist')
      else owner.request(transaction)
    },
    ack: ack => {
      const owner = calls.get(keyOfRequest(ack))
      owner?.ack(ack)
      return owner !== undefined
    },
    take,
    call,
    forget: () => {
      for (const standing of [...calls.values()]) standing.drop()
    },
    close: () => {
      for (const standing of [...calls.values()]) standing.hangUp()
    },
  }
}
