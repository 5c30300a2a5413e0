// What an operator is told when it starts, and what it takes where nothing is said.

import type { Clock } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import type { Endpoint, Network } from '../../hal/network.js'
import type { Application } from './application.js'
import type { Algorithm } from './digest.js'
import type { EventPackage } from './notifier.js'
import type { Mailer } from './voicemail/mailer.js'

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

export interface OperatorDependencies {
  readonly network: Network
  readonly clock: Clock
  readonly entropy: Entropy
}

export const DEFAULT_TIMEZONE = 'Europe/Paris'
export const DEFAULT_COUNTRY = '33'

/** Password of a line; undefined for who is no subscriber. */
export const passwordIn =
  ({ subscribers }: OperatorOptions): ((user: string) => string | undefined) =>
  user =>
    Object.hasOwn(subscribers, user) ? subscribers[user] : undefined
