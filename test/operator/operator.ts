// The reference operator: registrar, stateful proxy and announcement user agent on one socket. Driven by a clock, a
// network and an entropy, so that it runs in virtual time as well as on a real machine (main.ts).

import { hostPort } from '../../firmware/sip/wire/header-values.js'
import { responseTo } from '../../firmware/sip/wire/message.js'
import { createWire } from '../../firmware/sip/wire/transactions.js'
import type { Clock } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import type { Endpoint, Network } from '../../hal/network.js'
import type { Application } from './application.js'
import { keepBindings, readBindings } from './binding-store.js'
import { type CallJournal, createCallJournal } from './call-journal.js'
import { createCallRouter } from './call-router.js'
import { type OperatorDatabase, openDatabase } from './database.js'
import { type Algorithm, createDigest } from './digest.js'
import { openControlServer, type State } from './faults/control-server.js'
import { createFaultScript, type FaultScript } from './faults/fault-script.js'
import { type HttpServer, openHttpServer, type WebHandler } from './http-server.js'
import { migrations } from './migrations.js'
import { createNotifier, type EventPackage, type Notifier } from './notifier.js'
import { numericEndpoint } from './numbers.js'
import { createAccounts } from './portal/accounts.js'
import { createPortal } from './portal/portal.js'
import { openProfiles, type Profiles } from './profiles.js'
import { createHop, createProxy } from './proxy.js'
import { type Binding, createRegistrar } from './registrar.js'
import { createServiceAgent } from './service-agent.js'
import { createServices } from './services.js'
import { createStandingCalls } from './standing-calls.js'
import type { Mailer } from './voicemail/mailer.js'
import { MESSAGE_SUMMARY } from './voicemail/message-summary.js'
import { defaultAddress, openVoicemail, type Voicemail } from './voicemail/voicemail.js'
import { createXcapServer } from './xcap/xcap-server.js'

export interface VoicemailSetup {
  readonly number: string
  /** Answers instead of the mailboxes. */
  readonly application?: Application
  /** Without it no message goes out by e-mail. */
  readonly mailer?: Mailer
  /** Messages a box holds. */
  readonly capacity?: number
}

export interface OperatorOptions {
  readonly sip: Endpoint
  /** Realm and host part of every address of record, lower case. */
  readonly domain: string
  /** Password by user. */
  readonly subscribers: Readonly<Record<string, string>>
  /** Numbers that are no subscriber's go here; without it they get 404. */
  readonly gateway?: Endpoint
  /** What answers at service numbers, beside those of services.ts. */
  readonly services?: Readonly<Record<string, Application>>
  /** Takes diverted calls, and the calls of subscribers to its number. Without it nobody does. */
  readonly voicemail?: VoicemailSetup
  /** Where the portal is served; port 0 takes a free one. Without it only `Operator.web` answers. */
  readonly http?: Endpoint
  /** Where faults are ordered (faults/); without it only `Operator.faults` takes them. */
  readonly control?: Endpoint
  /** What telephones may subscribe to, by event name. */
  readonly packages?: Readonly<Record<string, EventPackage>>
  /** Defaults to the address of `sip`. */
  readonly mediaAddress?: string
  /** Default 30000-30199. */
  readonly mediaPorts?: readonly [number, number]
  /** Of what is spoken; default "Europe/Paris". */
  readonly timezone?: string
  /** Without "+"; default "33". */
  readonly countryCode?: string
  readonly nonceSeconds?: number
  /** Digest algorithms offered; default SHA-256, then MD5. */
  readonly algorithms?: readonly Algorithm[]
  readonly minExpires?: number
  readonly maxExpires?: number
  /** SQLite file of profiles, calls and bindings; default: in memory, gone with the operator. */
  readonly database?: string
  /** A key pressed in a call to a service number (RFC 4733). */
  onDigit?(number: string, digit: string): void
  onMessage?(direction: 'in' | 'out', peer: Endpoint, text: string): void
  /** Something went wrong that no caller is told of. */
  onFailure?(error: Error): void
}

export interface Operator {
  readonly sip: Endpoint
  readonly database: OperatorDatabase
  readonly profiles: Profiles
  readonly journal: CallJournal
  readonly notifier: Notifier
  /** Its mailboxes, where `options.voicemail` names no application of its own. */
  readonly voicemail: Voicemail | undefined
  /** Portal and XCAP, as `http` serves them. */
  readonly web: WebHandler
  readonly http: Endpoint | undefined
  readonly faults: FaultScript
  readonly control: Endpoint | undefined
  bindingsOf(user: string): readonly Binding[]
  /** Calls that stand to service numbers. */
  readonly serviceCalls: number
  /** BYE to the calls that stand to service numbers. */
  hangUpAll(): void
  close(): Promise<void>
}

const DEFAULT_TIMEZONE = 'Europe/Paris'

/** So long does a telephone ring that asked to be called back. */
const RING_BACK_MS = 30_000

/** One source may be a whole network of boxes here. */
const SOURCE_RATE = 5000

/** The mailboxes, and their message lamps among what telephones may subscribe to. */
const joinVoicemail = async (
  options: OperatorOptions,
  parts: Pick<Operator, 'database' | 'profiles'> & { readonly clock: Clock; readonly entropy: Entropy },
  onSummary: (user: string) => void,
): Promise<Voicemail | undefined> => {
  const { voicemail, onFailure } = options
  if (voicemail === undefined || voicemail.application !== undefined) return undefined
  return openVoicemail({
    ...parts,
    ...voicemail,
    domain: options.domain,
    timeZone: options.timezone ?? DEFAULT_TIMEZONE,
    onSummary,
    ...(onFailure === undefined ? {} : { onFailure }),
  })
}

const joinPortal = (
  options: OperatorOptions,
  parts: Pick<Operator, 'database' | 'profiles' | 'journal'> & {
    readonly clock: Clock
    readonly entropy: Entropy
  },
): WebHandler => {
  const { domain, subscribers } = options
  const accounts = createAccounts({
    ...parts,
    firstPassword: user => (Object.hasOwn(subscribers, user) ? subscribers[user] : undefined),
  })
  return createPortal({
    ...parts,
    accounts,
    defaultAddressOf: user => defaultAddress(user, domain),
    timeZone: options.timezone ?? DEFAULT_TIMEZONE,
  })
}

/** Rejects as Network.openUdp does, or when the database cannot be opened. */
export const createOperator = async (
  options: OperatorOptions,
  dependencies: { readonly network: Network; readonly clock: Clock; readonly entropy: Entropy },
): Promise<Operator> => {
  const { clock, entropy } = dependencies
  const { domain, subscribers, onMessage, onDigit } = options
  const countryCode = options.countryCode ?? '33'
  const database = await openDatabase(options.database ?? ':memory:', clock, migrations)
  const profiles = await openProfiles({ database, clock, users: Object.keys(subscribers) })
  const journal = createCallJournal({ database, clock, entropy })
  const digest = createDigest({
    clock,
    entropy,
    realm: domain,
    passwordOf: user => (Object.hasOwn(subscribers, user) ? subscribers[user] : undefined),
    ...(options.algorithms === undefined ? {} : { algorithms: options.algorithms }),
    ...(options.nonceSeconds === undefined ? {} : { nonceSeconds: options.nonceSeconds }),
  })
  const faults = createFaultScript({ ...dependencies, challenge: digest.challenge })
  const wire = await createWire(
    {
      listen: options.sip,
      sourceRate: SOURCE_RATE,
      ...(onMessage === undefined ? {} : { onMessage }),
    },
    { ...dependencies, network: faults.network('sip') },
  )
  const registrar = createRegistrar({
    clock,
    domain,
    ...(options.minExpires === undefined ? {} : { minExpires: options.minExpires }),
    ...(options.maxExpires === undefined ? {} : { maxExpires: options.maxExpires }),
    bindings: await readBindings(database),
    onChange: (user, bindings) => void keepBindings(database, user, bindings).catch(() => {}),
  })
  const agent = createServiceAgent({
    ...dependencies,
    network: faults.network('rtp'),
    wire,
    mediaAddress: options.mediaAddress ?? options.sip.address,
    mediaPorts: options.mediaPorts ?? [30_000, 30_199],
    ...(onDigit === undefined ? {} : { onDigit }),
  })
  const voicemail = await joinVoicemail(options, { database, profiles, clock, entropy }, user =>
    notifier.changed(MESSAGE_SUMMARY, user),
  )
  let server: HttpServer | undefined
  const xcap = createXcapServer({
    ...{ digest, profiles, domain, countryCode },
    voicemail: options.voicemail?.number,
    root: '/xcap',
    origin: () => (server === undefined ? '' : `http://${hostPort(server.local.address, server.local.port)}`),
  })
  const notifier: Notifier = createNotifier({
    wire,
    clock,
    entropy,
    domain,
    packages: new Map(
      Object.entries({
        ...xcap.packages,
        ...(voicemail === undefined ? {} : { [MESSAGE_SUMMARY]: voicemail.summary }),
        ...options.packages,
      }),
    ),
    telephonesOf: user =>
      registrar
        .bindingsOf(user)
        .map(({ contact, source }) => ({ uri: contact, to: numericEndpoint(contact) ?? source })),
  })
  profiles.onChange(change => {
    for (const event of ['xcap-diff', 'ua-profile']) notifier.changed(event, change.user, xcap.diff(change))
  })
  const callBack = (user: string, application: Application): void => {
    const [binding] = registrar.bindingsOf(user)
    if (binding === undefined) return
    const { contact, source } = binding
    agent.call(
      {
        facts: { called: user, caller: { number: user, withheld: false, subscriber: true } },
        uri: contact,
        to: numericEndpoint(contact) ?? source,
        from: `<sip:${user}@${domain}>`,
        ringMs: RING_BACK_MS,
      },
      application,
    )
  }
  const application = options.voicemail?.application ?? voicemail?.application
  const answering =
    options.voicemail === undefined || application === undefined
      ? undefined
      : { number: options.voicemail.number, application }
  const serviceAt = createServices({
    clock,
    profiles,
    timezone: options.timezone ?? DEFAULT_TIMEZONE,
    gateway: options.gateway !== undefined,
    callBack,
    more: {
      ...(answering === undefined ? {} : { [answering.number]: answering.application }),
      ...options.services,
    },
  })
  const calls = createStandingCalls(clock, journal)
  const hop = createHop(wire)
  const newTag = (): string => entropy.hex(8)
  const router = createCallRouter({
    ...{ wire, clock, domain, countryCode, profiles, registrar, agent, calls },
    gateway: options.gateway,
    serviceAt,
    voicemail: answering,
    respondWith: (request, status, reason, extra) => responseTo(request, status, reason, newTag(), extra),
    copyFor: (request, uri) => hop.copyFor(request, uri, true),
    newToken: newTag,
  })
  const proxy = createProxy({
    ...{ wire, clock, domain, countryCode, digest, registrar, agent, notifier, calls, router, hop, newTag },
    gateway: options.gateway,
    isSubscriber: user => profiles.has(user),
  })
  wire.onRequest = transaction => {
    if (!faults.answers(transaction)) proxy.request(transaction)
  }
  wire.onAck = ack => {
    if (!agent.ack(ack)) proxy.ack(ack)
  }
  const portal = joinPortal(options, { database, profiles, journal, clock, entropy })
  const web: WebHandler = async request => (await xcap.handle(request)) ?? portal(request)
  server = options.http === undefined ? undefined : await openHttpServer(options.http, dependencies, [web])
  const losing: Readonly<Record<State, { forget(): void }>> = {
    bindings: registrar,
    calls: {
      forget: () => {
        agent.forget()
        calls.forget()
      },
    },
    subscriptions: notifier,
    nonces: digest,
  }
  const control =
    options.control === undefined
      ? undefined
      : await openControlServer(options.control, {
          ...{ network: dependencies.network, faults, profiles },
          bindingsOf: user => registrar.bindingsOf(user),
          lose: state => losing[state].forget(),
        })
  return {
    sip: wire.local,
    database,
    profiles,
    journal,
    notifier,
    voicemail,
    web,
    http: server?.local,
    faults,
    control: control?.local,
    bindingsOf: user => registrar.bindingsOf(user),
    get serviceCalls() {
      return agent.calls
    },
    hangUpAll: () => agent.close(),
    close: async () => {
      agent.close()
      await server?.close()
      await control?.close()
      await voicemail?.close()
      await wire.close()
      await database.close()
    },
  }
}
