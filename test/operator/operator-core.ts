// What all parts of the operator stand on: the database and what is kept in it, one SIP socket with its faults, bindings,
// digest, and the operator's own user agent.

import { createWire } from '../../firmware/sip/wire/transactions.js'
import type { Wire } from '../../firmware/sip/wire/wire-contract.js'
import type { Endpoint } from '../../hal/network.js'
import { keepBindings, readBindings } from './binding-store.js'
import { type CallJournal, createCallJournal } from './call-journal.js'
import { captionOf } from './captions.js'
import { type OperatorDatabase, openDatabase } from './database.js'
import { createDigest, type Digest } from './digest.js'
import { createFaultScript, type FaultScript } from './faults/fault-script.js'
import { migrations } from './migrations.js'
import { createNewsBoard, type NewsBoard } from './news.js'
import { numericEndpoint } from './numbers.js'
import { type OperatorDependencies, type OperatorOptions, passwordIn } from './operator-options.js'
import { openProfiles, type Profiles } from './profiles.js'
import { createRegistrar, type Registrar } from './registrar.js'
import { createServiceAgent, type ServiceAgent } from './service-agent.js'

export interface OperatorCore {
  readonly database: OperatorDatabase
  readonly profiles: Profiles
  readonly journal: CallJournal
  readonly digest: Digest
  readonly faults: FaultScript
  readonly wire: Wire
  readonly registrar: Registrar
  readonly agent: ServiceAgent
  readonly news: NewsBoard
}

/** One source may be a whole network of boxes here, datagrams a second. */
const SOURCE_RATE = 5000
/** Calls that ring at once, up to a minute each. */
const MOST_RINGING = 20_000

const digestOf = (options: OperatorOptions, { clock, entropy }: OperatorDependencies): Digest =>
  createDigest({
    clock,
    entropy,
    realm: options.domain,
    passwordOf: passwordIn(options),
    ...(options.algorithms === undefined ? {} : { algorithms: options.algorithms }),
    ...(options.nonceSeconds === undefined ? {} : { nonceSeconds: options.nonceSeconds }),
  })

const openRegistrar = async (
  options: OperatorOptions,
  { clock }: OperatorDependencies,
  database: OperatorDatabase,
): Promise<Registrar> =>
  createRegistrar({
    clock,
    domain: options.domain,
    ...(options.minExpires === undefined ? {} : { minExpires: options.minExpires }),
    ...(options.maxExpires === undefined ? {} : { maxExpires: options.maxExpires }),
    bindings: await readBindings(database),
    onChange: (user, bindings) => void keepBindings(database, user, bindings).catch(() => {}),
  })

const agentOf = (
  options: OperatorOptions,
  dependencies: OperatorDependencies,
  { wire, faults, news }: Pick<OperatorCore, 'wire' | 'faults' | 'news'>,
): ServiceAgent =>
  createServiceAgent({
    ...dependencies,
    network: faults.network('rtp'),
    wire,
    mediaAddress: options.mediaAddress ?? options.sip.address,
    mediaPorts: options.mediaPorts ?? [30_000, 30_199],
    onDigit: (called, digit) => {
      options.onDigit?.(called, digit)
      news.tell({ ev: 'key', called, digit })
    },
    onPlay: ({ caller, called }, clips) =>
      news.tell({ ev: 'said', user: caller.number, called, ...captionOf(clips) }),
  })

/** Rejects as Network.openUdp does, or when the database cannot be opened. */
export const openCore = async (
  options: OperatorOptions,
  dependencies: OperatorDependencies,
): Promise<OperatorCore> => {
  const { clock, entropy } = dependencies
  const { onMessage } = options
  const database = await openDatabase(options.database ?? ':memory:', clock, migrations)
  const profiles = await openProfiles({ database, clock, users: Object.keys(options.subscribers) })
  const digest = digestOf(options, dependencies)
  const faults = createFaultScript({ ...dependencies, challenge: digest.challenge })
  const wire = await createWire(
    {
      listen: options.sip,
      sourceRate: SOURCE_RATE,
      maxUnanswered: MOST_RINGING,
      ...(onMessage === undefined ? {} : { onMessage }),
    },
    { ...dependencies, network: faults.network('sip') },
  )
  const news = createNewsBoard(profiles)
  return {
    database,
    profiles,
    news,
    journal: createCallJournal({ database, clock, entropy }),
    digest,
    faults,
    wire,
    registrar: await openRegistrar(options, dependencies, database),
    agent: agentOf(options, dependencies, { wire, faults, news }),
  }
}

/** Contact URI of each telephone of a user, the newest first, and where to send. */
export const telephonesOf = (
  registrar: Registrar,
  user: string,
): readonly { readonly uri: string; readonly to: Endpoint }[] =>
  registrar
    .bindingsOf(user)
    .map(({ contact, source }) => ({ uri: contact, to: numericEndpoint(contact) ?? source }))
