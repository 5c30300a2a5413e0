// The reference operator: registrar, stateful proxy and announcement user agent on one socket. Driven by a clock, a
// network and an entropy, so that it runs in virtual time as well as on a real machine (main.ts).

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
import { migrations } from './migrations.js'
import { createNotifier, type EventPackage, type Notifier } from './notifier.js'
import { numericEndpoint } from './numbers.js'
import { openProfiles, type Profiles } from './profiles.js'
import { createHop, createProxy } from './proxy.js'
import { type Binding, createRegistrar } from './registrar.js'
import { createServiceAgent } from './service-agent.js'
import { createServices } from './services.js'
import { createStandingCalls } from './standing-calls.js'

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
  /** Takes diverted calls, and the calls of subscribers to this number. */
  readonly voicemail?: { readonly number: string; readonly application: Application }
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
}

export interface Operator {
  readonly sip: Endpoint
  readonly database: OperatorDatabase
  readonly profiles: Profiles
  readonly journal: CallJournal
  readonly notifier: Notifier
  bindingsOf(user: string): readonly Binding[]
  /** Calls that stand to service numbers. */
  readonly serviceCalls: number
  /** BYE to the calls that stand to service numbers. */
  hangUpAll(): void
  close(): Promise<void>
}

/** So long does a telephone ring that asked to be called back. */
const RING_BACK_MS = 30_000

/** One source may be a whole network of boxes here. */
const SOURCE_RATE = 5000

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
  const wire = await createWire(
    {
      listen: options.sip,
      sourceRate: SOURCE_RATE,
      ...(onMessage === undefined ? {} : { onMessage }),
    },
    dependencies,
  )
  const registrar = createRegistrar({
    clock,
    domain,
    ...(options.minExpires === undefined ? {} : { minExpires: options.minExpires }),
    ...(options.maxExpires === undefined ? {} : { maxExpires: options.maxExpires }),
    bindings: await readBindings(database),
    onChange: (user, bindings) => void keepBindings(database, user, bindings).catch(() => {}),
  })
  const digest = createDigest({
    clock,
    entropy,
    realm: domain,
    passwordOf: user => (Object.hasOwn(subscribers, user) ? subscribers[user] : undefined),
    ...(options.algorithms === undefined ? {} : { algorithms: options.algorithms }),
    ...(options.nonceSeconds === undefined ? {} : { nonceSeconds: options.nonceSeconds }),
  })
  const agent = createServiceAgent({
    ...dependencies,
    wire,
    mediaAddress: options.mediaAddress ?? options.sip.address,
    mediaPorts: options.mediaPorts ?? [30_000, 30_199],
    ...(onDigit === undefined ? {} : { onDigit }),
  })
  const notifier = createNotifier({
    wire,
    clock,
    entropy,
    domain,
    packages: new Map(Object.entries(options.packages ?? {})),
    telephonesOf: user =>
      registrar
        .bindingsOf(user)
        .map(({ contact, source }) => ({ uri: contact, to: numericEndpoint(contact) ?? source })),
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
  const serviceAt = createServices({
    clock,
    profiles,
    timezone: options.timezone ?? 'Europe/Paris',
    gateway: options.gateway !== undefined,
    callBack,
    more: options.services ?? {},
  })
  const calls = createStandingCalls(clock, journal)
  const hop = createHop(wire)
  const newTag = (): string => entropy.hex(8)
  const router = createCallRouter({
    ...{ wire, clock, domain, countryCode, profiles, registrar, agent, calls },
    gateway: options.gateway,
    serviceAt,
    voicemail: options.voicemail,
    respondWith: (request, status, reason, extra) => responseTo(request, status, reason, newTag(), extra),
    copyFor: (request, uri) => hop.copyFor(request, uri, true),
    newToken: newTag,
  })
  const proxy = createProxy({
    ...{ wire, clock, domain, countryCode, digest, registrar, agent, notifier, calls, router, hop, newTag },
    gateway: options.gateway,
    isSubscriber: user => profiles.has(user),
  })
  wire.onRequest = transaction => proxy.request(transaction)
  wire.onAck = ack => {
    if (!agent.ack(ack)) proxy.ack(ack)
  }
  return {
    sip: wire.local,
    database,
    profiles,
    journal,
    notifier,
    bindingsOf: user => registrar.bindingsOf(user),
    get serviceCalls() {
      return agent.calls
    },
    hangUpAll: () => agent.close(),
    close: async () => {
      agent.close()
      await wire.close()
      await database.close()
    },
  }
}
