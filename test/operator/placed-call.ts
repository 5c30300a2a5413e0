// A call that the operator itself places: INVITE to all telephones of a subscriber at once, the application for the first
// that answers, CANCEL to the others, BYE to a second one whose answer crossed it (RFC 3261 §13.2.2.4).

import { hostPort } from '../../firmware/sip/wire/header-values.js'
import { headerOf, type SipResponse, tagOf } from '../../firmware/sip/wire/message.js'
import type { ClientTransaction } from '../../firmware/sip/wire/wire-contract.js'
import { ms } from '../../hal/clock.js'
import type { Endpoint } from '../../hal/network.js'
import { elsewhere, hangUpOn, type Target } from './forward.js'
import { readOffer } from './offer.js'
import { type CallOptions, refuseRequest, type ServiceCall } from './service-call.js'
import { ALLOW, contactOf, createServiceDialog, recordedRoutes, SDP } from './service-dialog.js'

export interface OutgoingCall {
  /** Request-URI of each telephone, and where it is sent. */
  readonly telephones: readonly { readonly uri: string; readonly to: Endpoint }[]
  /** From and To, without tag. */
  readonly from: string
  readonly to: string
  /** So long may they ring. */
  readonly ringMs: number
}

export interface PlacedCall extends ServiceCall {
  /** Answer it with `tag` to know its dialog. */
  readonly callId: string
}

/** The application starts when somebody answers, and never when nobody does. */
export const placeCall = (options: CallOptions & OutgoingCall): PlacedCall => {
  const { wire, clock, entropy } = options
  const tag = entropy.hex(8)
  const callId = entropy.hex(16)
  const peer = {
    from: `${options.from};tag=${tag}`,
    to: options.to,
    callId,
    routes: [] as readonly string[],
    target: '',
  }
  const dialog = createServiceDialog({ ...options, tag, session: entropy.uint32() }, peer, 1)
  const body = dialog.body(undefined)
  const ringing = new Set<ClientTransaction>()
  /** Who answered. */
  let taken: { readonly target: Target; readonly tag: string | undefined } | undefined
  let givenUp = false

  const cancelAll: ClientTransaction['cancel'] = extra => {
    for (const client of ringing) client.cancel(extra)
  }
  const begin = (response: SipResponse): void => {
    patience.cancel()
    cancelAll([elsewhere])
    peer.to = headerOf(response, 'To') as string
    peer.routes = recordedRoutes(response).reverse()
    peer.target = contactOf(response) ?? ''
    dialog.send('ACK', 1)
    const answer = readOffer(response.body)
    dialog.answered()
    if (answer === undefined || givenUp) dialog.hangUp()
    else {
      dialog.aim(answer)
      dialog.run({ answer() {}, refuse() {}, sound() {} })
    }
  }
  const answered = (target: Target, response: SipResponse): void => {
    const theirs = tagOf(headerOf(response, 'To'))
    if (taken === undefined && dialog.phase === 'offered') {
      taken = { target, tag: theirs }
      begin(response)
    } else if (taken?.target === target && taken.tag === theirs) {
      // A repetition: our ACK was lost.
      dialog.send('ACK', 1)
    } else hangUpOn(wire, target, response)
  }
  const failed = (status: number): void => {
    if (status >= 600) cancelAll()
    if (ringing.size > 0 || taken !== undefined) return
    patience.cancel()
    dialog.end()
  }
  const targetOf = ({ uri, to }: OutgoingCall['telephones'][number]): Target => ({
    to,
    request: {
      kind: 'request',
      method: 'INVITE',
      uri,
      headers: [
        ['Max-Forwards', '70'],
        ['From', peer.from],
        ['To', options.to],
        ['Call-ID', callId],
        ['CSeq', '1 INVITE'],
        ['Contact', `<sip:${options.facts.called}@${hostPort(wire.local.address, wire.local.port)}>`],
        ALLOW,
        SDP,
      ],
      body,
    },
  })
  const call = (target: Target): void => {
    const client = wire.request(target.request, target.to, outcome => {
      const status = outcome.type === 'failed' ? 408 : outcome.response.status
      if (status < 200) return
      ringing.delete(client)
      if (outcome.type === 'response' && status < 300) answered(target, outcome.response)
      else failed(status)
    })
    ringing.add(client)
  }
  const patience = clock.timer('operator ringing', ms(options.ringMs), () => cancelAll())
  for (const telephone of options.telephones) call(targetOf(telephone))
  return {
    tag,
    callId,
    digit: dialog.digit,
    request: transaction => {
      // Also what another one that answered asks for: it has no call any more.
      if (taken === undefined || tagOf(headerOf(transaction.request, 'From')) !== taken.tag)
        refuseRequest(transaction, 481, 'Call/Transaction Does Not Exist', tag)
      else if (!dialog.request(transaction)) refuseRequest(transaction, 405, 'Method Not Allowed', tag)
    },
    ack: dialog.ack,
    drop: () => dialog.end(),
    hangUp: () => {
      givenUp = true
      if (taken === undefined) cancelAll()
      else dialog.hangUp()
    },
  }
}
