// What a SIP request meets: faults that were ordered, the operator's own calls, then the proxy with its router.

import { responseTo } from '../../firmware/sip/wire/message.js'
import { createCallRouter } from './call-router.js'
import type { Notifier } from './notifier.js'
import type { OperatorCore } from './operator-core.js'
import { DEFAULT_COUNTRY, type OperatorDependencies, type OperatorOptions } from './operator-options.js'
import type { OwnNumbers } from './own-numbers.js'
import { createHop, createProxy } from './proxy.js'
import { createStandingCalls, type StandingCalls } from './standing-calls.js'

/** Takes all requests from now on. Answers with the calls that go through. */
export const handleCalls = (
  options: OperatorOptions,
  { clock, entropy }: OperatorDependencies,
  core: OperatorCore,
  parts: OwnNumbers & { readonly notifier: Notifier },
): StandingCalls => {
  const { wire, agent, faults, profiles, journal } = core
  const countryCode = options.countryCode ?? DEFAULT_COUNTRY
  const calls = createStandingCalls(clock, journal)
  const hop = createHop(wire)
  const newTag = (): string => entropy.hex(8)
  const shared = {
    ...core,
    ...parts,
    ...{ clock, countryCode, calls },
    domain: options.domain,
    gateway: options.gateway,
  }
  const router = createCallRouter({
    ...shared,
    respondWith: (request, status, reason, extra) => responseTo(request, status, reason, newTag(), extra),
    copyFor: (request, uri) => hop.copyFor(request, uri, true),
    newToken: newTag,
  })
  const proxy = createProxy({
    ...shared,
    ...{ router, hop, newTag },
    isSubscriber: user => profiles.has(user),
  })
  wire.onRequest = transaction => {
    if (!faults.answers(transaction)) proxy.request(transaction)
  }
  wire.onAck = ack => {
    if (!agent.ack(ack)) proxy.ack(ack)
  }
  return calls
}
