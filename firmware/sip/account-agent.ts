// One account at work on one line: its user agent, its place on the wire, its registration, its calls. A changed account
// gets a new one of these; the old one lives on until its calls are over.

import type { Clock } from '../../hal/clock.js'
import { ms } from '../../hal/clock.js'
import { isHalError } from '../../hal/errors.js'
import type { Log } from '../log.js'
import type { Call, CallContext } from './engine/call-context.js'
import { plainDisplay } from './engine/caller.js'
import { withOurAllow } from './engine/capabilities.js'
import { createCredentials } from './engine/credentials.js'
import { receiveCall } from './engine/incoming-call.js'
import { createMaskedContacts } from './engine/masked-contact.js'
import { placeCall } from './engine/outgoing-call.js'
import { createRegistrar } from './engine/register-request.js'
import { createSubscriber, stateOf } from './engine/subscribe-request.js'
import { createUserAgent } from './engine/user-agent.js'
import { createMessageWaiting } from './mwi/message-waiting.js'
import { numericProxies, type Resolver, readProxy, resolveProxies } from './proxies.js'
import { createRegistration, type RegistrationState } from './registration.js'
import { requestUri } from './request-uri.js'
import type { CallId, PlaceRequest, RegistrationAttempt, SipAccount, SipSink } from './sip-line.js'
import type { Wire, WireLine } from './wire/wire-contract.js'

export interface AccountAgentOptions extends Resolver {
  readonly lineId: string
  readonly account: SipAccount
  readonly wire: Wire
  readonly clock: Clock
  readonly log: Log
  readonly userAgent: string
  /** User part of its Contact: opaque, and of no other agent that is still at work. */
  readonly contactUser: string
  readonly emit: SipSink
  onState(state: RegistrationState): void
  onAttempt(attempt: RegistrationAttempt): void
  /** A call of this account begins or is over. */
  onCall(call: CallId, control: Call | undefined): void
}

export interface AccountAgent {
  start(): void
  /** Registers at once. */
  register(): void
  place(call: CallId, request: PlaceRequest): void
  /** Takes no further calls, de-registers; resolves when every request is answered or after `withinMs`. */
  stop(withinMs: number): Promise<void>
  /** Leaves the wire. */
  close(): void
  readonly callCount: number
}

/** User part of a sip: or tel: URI: a further number that the registrar says is ours. */
const numberOf = (uri: string): readonly string[] => {
  const user = /^(?:sips?:([^@;]+)@|tel:([^;]+))/i.exec(uri)
  return user ? [user[1] ?? user[2] ?? ''] : []
}

const defaultExpires = 3600
const defaultSession = 1800
const pollMs = 50

export const createAccountAgent = (options: AccountAgentOptions): AccountAgent => {
  const { account, wire, clock, entropy, log, lineId, contactUser, emit } = options
  const token = `${entropy.hex(6)}.invalid`
  const maskedContacts = createMaskedContacts(entropy)
  const calls = new Set<CallId>()
  let proxies = numericProxies(account)
  /** Why the last look-up found nothing. */
  let names: RegistrationAttempt['names']
  let closing = false

  const agent = createUserAgent(
    {
      clock,
      entropy,
      log,
      name: options.userAgent,
      token,
      contactUser,
      maskedContacts,
      user: account.user,
      domain: account.domain,
      credentials: createCredentials({
        user: account.authUser ?? account.user,
        password: account.password,
        domain: account.domain,
        proxies: account.proxies.flatMap(text => readProxy(text)?.host ?? []),
        entropy,
      }),
      send: text => wireLine.send(text),
    },
    {
      onInvite: invite => {
        if (closing) {
          invite.reject({ statusCode: 480 })
          return
        }
        const call = `${lineId}-in-${entropy.hex(5)}`
        hold(call, receiveCall(context, call, invite))
      },
      onSettingsChanged: () => emit({ type: 'settings-changed' }),
      onSummary: notify => {
        const status = notify.toTag ? subscriber.claim(notify) : 200
        if (status === 200) messages.notified(notify.body, notify.toTag ? stateOf(notify) : undefined)
        return status
      },
      onUpdate: (dialog, request) => {
        const owner = context.dialogs.get(dialog.id)
        if (owner) owner.onUpdate(request)
        else request.reject({ statusCode: 481 })
      },
    },
  )
  const wireLine: WireLine = wire.line({
    token,
    contactUser,
    isContactOf: maskedContacts.is,
    users: [account.user],
    proxies,
    outbound: withOurAllow,
    onMessage: text => agent.receive(text),
  })

  const context: CallContext = {
    agent,
    sessionSeconds: account.sessionSeconds ?? defaultSession,
    display: account.display ?? plainDisplay,
    emit,
    dialogs: new Map(),
    forget: call => {
      if (calls.delete(call)) options.onCall(call, undefined)
    },
  }

  const subscriber = createSubscriber(agent, 'message-summary')
  const messages = createMessageWaiting({
    clock,
    entropy,
    log,
    subscriber,
    mode: account.mwi ?? 'off',
    onSummary: summary => {
      // The mailbox of a former account tells its telephone nothing any more.
      if (!closing) emit({ type: 'messages', ...summary })
    },
  })

  const hold = (call: CallId, control: Call | undefined): void => {
    if (!control) return
    calls.add(call)
    options.onCall(call, control)
  }

  const findProxies = async (): Promise<void> => {
    try {
      proxies = await resolveProxies(account, options)
      wireLine.setProxies(proxies)
      names = undefined
    } catch (error) {
      names = isHalError(error) && error.kind === 'missing' ? 'no-such-name' : 'no-name-server'
      // The last addresses that were good serve on while the name server is away.
      if (proxies.length === 0) throw error
    }
  }

  const registration = createRegistration({
    clock,
    entropy,
    log,
    registrar: createRegistrar(agent),
    seconds: account.expiresSeconds ?? defaultExpires,
    prepare: findProxies,
    onState: state => {
      messages.registered(state.state === 'registered')
      options.onState(state)
    },
    onAttempt: attempt =>
      options.onAttempt({
        address: `${account.user}@${account.domain}`,
        ...attempt,
        proxies: proxies.map(({ address, port }) => `${address}:${port}`),
        ...(names && { names }),
      }),
    onRegistered: reply => {
      agent.setRoutes(reply.routes)
      wireLine.setUsers([...new Set([account.user, ...reply.identities.flatMap(numberOf)])])
    },
  })

  const placeNow = (call: CallId, request: PlaceRequest): void => {
    const target = requestUri(request.target, account)
    try {
      hold(call, placeCall(context, { call, request, target }))
    } catch (error) {
      log.warn('call cannot be placed', { call, reason: String(error) })
      emit({ type: 'failed', call, status: 400 })
    }
  }

  /** Stands for the call while its destination is looked up. */
  const placeLater = (call: CallId, request: PlaceRequest): void => {
    let wanted = true
    const idle = (): void => {}
    const hangUp = (): void => {
      wanted = false
      context.forget(call)
    }
    hold(call, { ring: idle, answer: idle, reject: idle, hold: idle, resume: idle, hangUp })
    findProxies().then(
      () => wanted && placeNow(call, request),
      () => {
        if (!wanted) return
        context.forget(call)
        emit({ type: 'failed', call, status: 503, reason: 'No address' })
      },
    )
  }

  return {
    start: () => registration.start(),
    register: () => registration.now(),
    place: (call, request) => (proxies.length > 0 ? placeNow(call, request) : placeLater(call, request)),
    async stop(withinMs) {
      closing = true
      const end = clock.now() + withinMs * 1000
      await Promise.all([messages.stop(withinMs), registration.stop(withinMs)])
      while (agent.isWaiting() && clock.now() < end)
        await new Promise<void>(resolve => clock.timer('sip stop', ms(pollMs), resolve))
    },
    close() {
      wireLine.close()
      agent.dispose()
    },
    get callCount() {
      return calls.size
    },
  }
}
