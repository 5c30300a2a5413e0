// What is known of the registration of one line: its state, the last attempt and why it failed, who was asked, when the
// next one is due, and how far the operator's clock is from ours.

import type { Clock } from '../../../hal/clock.js'
import type { RegistrationAttempt, SipEvent } from '../../sip/sip-line.js'
import type { WatchedAccount } from '../box-watch.js'
import type { RegistrationFacts } from './facts.js'
import type { SipText } from './sip-dialogs.js'

export interface RegistrationWatch {
  /** Of the configuration; undefined: the line has no account. */
  configure(account: WatchedAccount | undefined): void
  event(event: Extract<SipEvent, { type: 'registration' }>): void
  attempt(attempt: RegistrationAttempt): void
  /** A message of a REGISTER for this line's address. */
  message(direction: 'in' | 'out', message: SipText): void
  facts(): RegistrationFacts
  /** Attempts that have ended. */
  readonly attempts: number
}

interface Said {
  readonly wallMs: number
  readonly answered: boolean
  readonly challenged: boolean
}

export const createRegistrationWatch = (
  clock: Clock,
  first: WatchedAccount | undefined,
): RegistrationWatch => {
  let address = first && addressOf(first)
  let credentials = credentialsOf(first)
  let state = 'unregistered'
  let sinceMs = clock.wall()
  let last: (RegistrationAttempt & Said) | undefined
  let heard = false
  let challenged = false
  let wasRegistered = false
  let attempts = 0
  /** Against the monotonic clock: ours may be set meanwhile. */
  let operatorMs: number | undefined
  const upMs = (): number => clock.now() / 1000

  return {
    configure: account => {
      if (credentialsOf(account) === credentials) return
      credentials = credentialsOf(account)
      address = account && addressOf(account)
      last = undefined
      heard = challenged = wasRegistered = false
      if (account === undefined) state = 'unregistered'
    },
    event: event => {
      if (event.state !== state) sinceMs = clock.wall()
      state = event.state
      wasRegistered ||= state === 'registered'
    },
    attempt: attempt => {
      last = { ...attempt, wallMs: clock.wall(), answered: heard, challenged }
      heard = false
      attempts++
    },
    message: (direction, { status, date, to }) => {
      if (to !== address || direction === 'out') return
      if (status !== undefined && status >= 200) heard = true
      if (status === 401 || status === 407) challenged = true
      const told = date === undefined ? Number.NaN : Date.parse(date)
      if (!Number.isNaN(told)) operatorMs = told - upMs()
    },
    get attempts() {
      return attempts
    },
    facts: () => ({
      hasAccount: address !== undefined,
      state,
      sinceMs,
      wasRegistered,
      ...(address !== undefined && { address }),
      proxies: last?.proxies ?? [],
      ...(last && {
        status: last.status,
        answered: last.answered,
        challenged: last.challenged,
        attemptMs: last.wallMs,
        nextMs: last.wallMs + last.nextMs,
        ...(last.reason !== undefined && { reason: last.reason }),
        ...(last.names !== undefined && { names: last.names }),
      }),
      ...(operatorMs !== undefined && {
        aheadSeconds: Math.round((operatorMs + upMs() - clock.wall()) / 1000),
      }),
    }),
  }
}

const addressOf = ({ user, domain }: WatchedAccount): string => `${user}@${domain}`

const credentialsOf = (account: WatchedAccount | undefined): string =>
  account === undefined
    ? ''
    : JSON.stringify([account.user, account.domain, account.authUser ?? account.user, account.password])
