// Why the operator does not take the line, from its last answer or from its silence.

import type { RegistrationFacts } from '../facts/facts.js'
import { holds, type Rule } from './rule.js'

const answer = ({ address, status, reason }: RegistrationFacts) => ({
  address: address ?? '',
  status: status ?? '',
  reason: reason ?? '',
})

const isOut = ({ hasAccount, state }: RegistrationFacts): boolean => hasAccount && state !== 'registered'

/** The operator has said one of these, and the line is not registered. */
const refusedWith =
  (...statuses: readonly number[]) =>
  (facts: RegistrationFacts) =>
    isOut(facts) && facts.answered === true && statuses.includes(facts.status ?? 0)
      ? answer(facts)
      : undefined

/** It asks again, or says no to the proof that it asks for; a password it has taken before is not the reason of a 403. */
const isProofRefused = ({ status, challenged, wasRegistered }: RegistrationFacts): boolean =>
  status === 401 || status === 407 || (challenged === true && !wasRegistered)

const byName = (facts: RegistrationFacts) => ({ domain: facts.address?.split('@')[1] ?? '' })

/** Told by other rules. */
const explained: readonly number[] = [401, 403, 404, 407]

export const registrationRules: readonly Rule<RegistrationFacts>[] = [
  { id: 'no-account', severity: 'fault', when: ({ hasAccount }) => (hasAccount ? undefined : holds) },
  {
    id: 'no-name-server',
    severity: 'fault',
    when: facts => (isOut(facts) && facts.names === 'no-name-server' ? byName(facts) : undefined),
  },
  {
    id: 'no-such-name',
    severity: 'fault',
    when: facts => (isOut(facts) && facts.names === 'no-such-name' ? byName(facts) : undefined),
  },
  {
    id: 'password-refused',
    severity: 'fault',
    when: facts => (isProofRefused(facts) ? refusedWith(401, 403, 407)(facts) : undefined),
  },
  {
    id: 'account-forbidden',
    severity: 'fault',
    when: facts => (isProofRefused(facts) ? undefined : refusedWith(403)(facts)),
  },
  { id: 'account-unknown', severity: 'fault', when: refusedWith(404) },
  {
    id: 'operator-silent',
    severity: 'fault',
    when: facts =>
      isOut(facts) && facts.answered === false && facts.names === undefined
        ? { proxies: facts.proxies.join(', ') || '?' }
        : undefined,
  },
  {
    id: 'operator-refuses',
    severity: 'fault',
    when: facts => {
      // Without an address nobody was asked: what was answered was the good-bye to a proxy used before.
      const asked = isOut(facts) && facts.names === undefined
      const said = asked && facts.answered === true && (facts.status ?? 0) >= 300
      return said && !explained.includes(facts.status ?? 0) ? answer(facts) : undefined
    },
  },
  {
    id: 'not-registered',
    severity: 'warning',
    when: facts => (isOut(facts) && (facts.status ?? 200) < 300 ? holds : undefined),
  },
  {
    id: 'refresh-failed',
    severity: 'warning',
    when: facts =>
      facts.hasAccount && !isOut(facts) && (facts.status ?? 200) >= 300 ? answer(facts) : undefined,
  },
]
