// One account's user agent on sip.js' core (its dialogs, offer/answer state, PRACK and 2xx handling; not its API layer, whose
// promises, timers and early-media rules do not fit a telephone). Nothing of sip.js leaves this folder.

import * as Core from 'sip.js/lib/core/index.js'
import type { Clock } from '../../../hal/clock.js'
import type { Entropy } from '../../../hal/entropy.js'
import type { Log } from '../../log.js'
import { optionTagsWeKnow } from './capabilities.js'
import type { Credentials } from './credentials.js'
import { exactUri } from './grammar.js'
import { dispatchRequest, type InboundHandlers } from './inbound.js'
import type { MaskedContacts } from './masked-contact.js'
import { installPatches } from './patches.js'

export interface UserAgentOptions {
  readonly clock: Clock
  readonly entropy: Entropy
  readonly log: Log
  /** User-Agent header. */
  readonly name: string
  /** Opaque host and user that we go by (WireLineOptions). */
  readonly token: string
  readonly contactUser: string
  readonly maskedContacts: MaskedContacts
  readonly user: string
  readonly domain: string
  readonly credentials: Credentials
  /** Hands a whole message to the wire; rejects when it cannot go out at all. */
  send(text: string): Promise<void>
}

export interface UserAgent extends Omit<UserAgentOptions, 'send' | 'name'> {
  readonly core: Core.UserAgentCore
  /** `sip:user@domain`. */
  readonly address: string
  /** Contact header line of everything we send, masked calls apart. */
  readonly contactLine: string
  /** A message from the wire. Never throws: one bad packet costs at most its own request (trap 11). */
  receive(text: string): void
  /** Route set of requests outside dialogs: the Service-Route of the last registration (RFC 3608). */
  setRoutes(routes: readonly string[]): void
  /** True while a request of ours has no final answer. */
  isWaiting(): boolean
  /** Drops everything at once, without a word to anybody. */
  dispose(): void
}

const unanswered: ReadonlySet<string> = new Set([
  Core.TransactionState.Calling,
  Core.TransactionState.Trying,
  Core.TransactionState.Proceeding,
])

// It prints whole messages at debug: those stay out, credentials with them.
const isPrintable = (content: unknown): content is string =>
  typeof content === 'string' && !/authorization|\r\n/i.test(content)

const loggerFactory = (log: Log): Core.LoggerFactory => {
  const factory = new Core.LoggerFactory()
  factory.builtinEnabled = false
  factory.connector = (level, category, _label, content) => {
    if (level !== 'debug' && isPrintable(content)) log.debug(content, { category, level })
  }
  return factory
}

/** The same, as a masked call goes by it. */
export const maskedAgent = (agent: UserAgent, callId: string): UserAgent => ({
  ...agent,
  contactLine: `Contact: <sip:${agent.maskedContacts.of(callId)}@${agent.token}>`,
})

export const createUserAgent = (options: UserAgentOptions, handlers: InboundHandlers): UserAgent => {
  installPatches()
  const { token, contactUser, user, domain, entropy, log } = options
  const factory = loggerFactory(log)
  const logger = factory.getLogger('parser')
  const contactUri = exactUri(`sip:${contactUser}@${token}`)
  const contactText = `<${contactUri.toString()}>`
  const transport: Core.Transport = { protocol: 'UDP', send: options.send }
  const address = `sip:${user}@${domain}`
  const core = new Core.UserAgentCore({
    aor: exactUri(address),
    contact: { uri: contactUri, pubGruu: undefined, tempGruu: undefined, toString: () => contactText },
    // A configured name would stand in every in-dialog request of a masked call (trap 14).
    displayName: '',
    loggerFactory: factory,
    hackViaTcp: false,
    routeSet: [],
    sipjsId: entropy.hex(3),
    supportedOptionTags: [...optionTagsWeKnow],
    supportedOptionTagsResponse: [...optionTagsWeKnow],
    userAgentHeaderFieldValue: options.name,
    viaForceRport: true,
    viaHost: token,
    authenticationFactory: () => undefined,
    transportAccessor: () => transport,
  })

  const agent: UserAgent = {
    ...options,
    core,
    address,
    contactLine: `Contact: ${contactText}`,
    receive(text) {
      let message: Core.IncomingRequestMessage | Core.IncomingResponseMessage | undefined
      try {
        message = Core.Parser.parseMessage(text, logger)
        if (message instanceof Core.IncomingResponseMessage)
          core.receiveIncomingResponseFromTransport(message)
        else if (message) dispatchRequest(agent, message, handlers)
        else log.debug('message dropped: not readable')
      } catch (error) {
        log.warn('message dropped', { method: message?.method, reason: String(error) })
      }
    },
    setRoutes(routes) {
      core.configuration.routeSet = [...routes]
    },
    isWaiting: () =>
      [...core.userAgentClients.values()].some(client => unanswered.has(client.transaction.state)),
    dispose() {
      core.dispose()
    },
  }
  core.delegate = { onInvite: request => handlers.onInvite(request) }
  return agent
}
