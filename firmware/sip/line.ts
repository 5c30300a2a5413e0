// SipLine (sip-line.ts) for one line: its account at work, the calls by id, and the events in order. Events leave in a
// microtask, so that nothing calls back from inside a method.

import { type Clock, ms } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import type { Network } from '../../hal/network.js'
import type { Log } from '../log.js'
import { type AccountAgent, createAccountAgent } from './account-agent.js'
import type { Call } from './engine/call-context.js'
import type { RegistrationState } from './registration.js'
import type {
  CallId,
  ContactUsers,
  RegistrationAttempt,
  SipAccount,
  SipEvent,
  SipLine,
  SipSink,
} from './sip-line.js'
import type { Wire } from './wire/wire-contract.js'

export interface LineOptions {
  readonly id: string
  readonly account: SipAccount
  readonly sink: SipSink
  readonly clock: Clock
  readonly network: Network
  readonly entropy: Entropy
  readonly log: Log
  readonly userAgent: string
  readonly contactUsers?: ContactUsers
  readonly onAttempt?: (attempt: RegistrationAttempt) => void
}

export interface StackLine extends SipLine {
  /** The socket is open: what was started begins. */
  attach(wire: Wire): void
  close(): void
}

/** A former account gets this long to de-register, ms. */
const farewellMs = 4000
/** How often a former account is looked at until its calls are over, ms. */
const retireMs = 5000

export const createLine = (options: LineOptions): StackLine => {
  const { id, clock, entropy, log, sink } = options
  const calls = new Map<CallId, Call>()
  const waiting: SipEvent[] = []
  const former = new Set<AccountAgent>()
  let { account } = options
  let wire: Wire | undefined
  let current: AccountAgent | undefined
  let started = false
  let stopped = false

  const flush = (): void => {
    for (let event = waiting.shift(); event !== undefined; event = waiting.shift())
      try {
        sink(event)
      } catch (error) {
        log.error('SIP event not handled', { line: id, event: event.type, reason: String(error) })
      }
  }
  const emit = (event: SipEvent): void => {
    if (waiting.push(event) === 1) queueMicrotask(flush)
  }

  let told = ''
  const onState = (state: RegistrationState): void => {
    if (stopped) return
    const { state: name, ...rest } = state
    const event: SipEvent = { type: 'registration', state: name, ...rest }
    // Each refresh would say the same again.
    const text = JSON.stringify(event)
    if (text === told) return
    told = text
    emit(event)
  }

  const contactUser = (): string => {
    const address = `${account.user}@${account.domain}`
    const last = options.contactUsers?.take(id, address)
    if (last !== undefined) return last
    const user = `u${entropy.hex(8)}`
    options.contactUsers?.keep(id, { address, user })
    return user
  }

  const makeAgent = (on: Wire): AccountAgent => {
    const agent = createAccountAgent({
      ...options,
      lineId: id,
      account,
      contactUser: contactUser(),
      wire: on,
      emit,
      onState: state => {
        if (agent === current) onState(state)
      },
      onAttempt: attempt => {
        if (agent === current && !stopped) options.onAttempt?.(attempt)
      },
      onCall: (call, control) => {
        if (control) calls.set(call, control)
        else calls.delete(call)
      },
    })
    return agent
  }

  const retire = (agent: AccountAgent): void => {
    former.add(agent)
    const look = (): void => {
      if (agent.callCount === 0) {
        former.delete(agent)
        agent.close()
      } else clock.timer('former account', ms(retireMs), look)
    }
    agent.stop(farewellMs).then(() => clock.timer('former account', ms(retireMs), look))
  }

  /** Nothing of SIP may reach the caller as an exception. */
  const safely = (what: string, work: () => void): void => {
    try {
      work()
    } catch (error) {
      log.error('SIP call not served', { line: id, what, reason: String(error) })
    }
  }
  const onCall = (call: CallId, what: string, work: (control: Call) => void): void => {
    const control = calls.get(call)
    if (control) safely(what, () => work(control))
  }

  const begin = (): void => {
    const on = wire
    if (!on || stopped) return
    safely('start', () => {
      current ??= makeAgent(on)
      if (started) current.start()
    })
    // Settings refuse such an account; if one comes all the same, the line has no service and says so.
    if (!current && started) onState({ state: 'refused', status: 400, reason: 'account is no SIP address' })
  }

  return {
    id,
    attach(on) {
      wire = on
      begin()
    },
    start() {
      started = true
      begin()
    },
    register: () => safely('register', () => current?.register()),
    async stop(withinMs) {
      stopped = true
      for (const control of [...calls.values()]) safely('stop', () => control.hangUp())
      const all = [...former, ...(current ? [current] : [])]
      await Promise.all(all.map(agent => agent.stop(withinMs)))
    },
    update(next) {
      account = next
      const old = current
      current = undefined
      begin()
      if (old) retire(old)
    },
    place(call, request) {
      if (calls.has(call)) return
      if (!current || stopped) emit({ type: 'failed', call, status: 503 })
      else safely('place', () => current?.place(call, request))
    },
    ring: (call, waiting) => onCall(call, 'ring', control => control.ring(waiting)),
    answer: (call, media) => onCall(call, 'answer', control => control.answer(media)),
    reject: (call, status, q850) => onCall(call, 'reject', control => control.reject(status, q850)),
    hangUp: call => onCall(call, 'hang up', control => control.hangUp()),
    hold: call => onCall(call, 'hold', control => control.hold()),
    resume: call => onCall(call, 'resume', control => control.resume()),
    close() {
      stopped = true
      current?.close()
      for (const agent of former) agent.close()
    },
  }
}
