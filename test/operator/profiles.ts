// The service profile of each subscriber: what star codes, portal and XCAP change, and what the call handling reads.
// One truth: kept in memory, changed in memory only after the change is on the disk. Guide lines 41-125, 157-171.

import type { Clock } from '../../hal/clock.js'
import type { OperatorDatabase, Row, Statement, Value } from './database.js'
import { isEmergency } from './numbers.js'

export interface Profile {
  /** Number every call goes to at once; excludes `voicemailAlways`. */
  readonly forwardAlways: string | undefined
  readonly forwardNoReply: string | undefined
  readonly forwardBusy: string | undefined
  /** Every call goes to voicemail at once; excludes `forwardAlways`. */
  readonly voicemailAlways: boolean
  /** 20-60 in steps of 5: one ring is 5 s. */
  readonly ringSeconds: number
  /** Number withheld in every call, where the network owns that setting. */
  readonly masking: boolean
  /** What a call meets while no telephone is registered: as if nobody answered, or 480 at once. */
  readonly notRegistered: 'no-reply' | 'refuse'
  /** Where voicemail is sent; undefined: the subscriber's address of record in the operator's domain. */
  readonly mailAddress: string | undefined
  /** Voice messages are also sent by e-mail. */
  readonly mailMessages: boolean
}

/** The guide's initial state (lines 163-171). */
export const initialProfile: Profile = {
  forwardAlways: undefined,
  forwardNoReply: undefined,
  forwardBusy: undefined,
  voicemailAlways: false,
  ringSeconds: 20,
  masking: false,
  notRegistered: 'no-reply',
  mailAddress: undefined,
  mailMessages: false,
}

/** What "return to the initial state" takes back: everything but where the mail goes. */
export const resetPatch: ProfilePatch = {
  forwardAlways: undefined,
  forwardNoReply: undefined,
  forwardBusy: undefined,
  voicemailAlways: false,
  ringSeconds: 20,
  masking: false,
}

/** A field that is present with `undefined` is switched off; one that is absent stays. */
export type ProfilePatch = { readonly [F in keyof Profile]?: Profile[F] }

export type Author = 'star-code' | 'portal' | 'xcap' | 'operator'

export type ProfileFault =
  | 'no-subscriber'
  | 'not-a-number'
  | 'own-number'
  | 'emergency-number'
  | 'ring-seconds'
  | 'mail-address'
  | 'both-unconditional'
  /** Somebody else was faster; see `revision` of Profiles.change. */
  | 'changed-meanwhile'

/** The change was refused and nothing was stored. */
export class ProfileError extends Error {
  constructor(
    readonly fault: ProfileFault,
    readonly field: keyof Profile | undefined,
  ) {
    super(field === undefined ? fault : `${field}: ${fault}`)
  }
}

export interface ProfileChange {
  readonly user: string
  readonly before: Profile
  readonly after: Profile
  readonly author: Author
  /** Grows by one with each change, also one that changes nothing (a reset of what is already so). */
  readonly revision: number
}

export interface Profiles {
  has(user: string): boolean
  readonly users: readonly string[]
  /** Throws ProfileError 'no-subscriber'. */
  of(user: string): Profile
  revisionOf(user: string): number
  /**
   * Resolves once stored; rejects with ProfileError, or when the disk refuses. Changes happen in order. With `revision` only
   * if that is still the profile's.
   */
  change(user: string, patch: ProfilePatch, author: Author, revision?: number): Promise<Profile>
  /** Called after each stored change. */
  onChange(listener: (change: ProfileChange) => void): void
}

export interface ProfileOptions {
  readonly database: OperatorDatabase
  readonly clock: Clock
  /** These get an initial profile if they have none yet. */
  readonly users: readonly string[]
}

const columns: { readonly [F in keyof Profile]: string } = {
  forwardAlways: 'forward_always',
  forwardNoReply: 'forward_no_reply',
  forwardBusy: 'forward_busy',
  voicemailAlways: 'voicemail_always',
  ringSeconds: 'ring_seconds',
  masking: 'masking',
  notRegistered: 'not_registered',
  mailAddress: 'mail_address',
  mailMessages: 'mail_messages',
}
const fields = Object.keys(columns) as readonly (keyof Profile)[]
const forwards = ['forwardAlways', 'forwardNoReply', 'forwardBusy'] as const

const diallable = /^(?:\+[1-9]\d{5,14}|0[1-9]\d{8}|00\d{6,15}|[1-9]\d{2,5})$/
const mailbox = /^[^\s@<>,;"]{1,64}@[^\s@<>,;"]+\.[^\s@<>,;".]+$/

const check = (user: string, profile: Profile, patch: ProfilePatch): void => {
  for (const field of forwards) {
    const number = patch[field]
    if (number === undefined) continue
    if (isEmergency(number)) throw new ProfileError('emergency-number', field)
    if (!diallable.test(number)) throw new ProfileError('not-a-number', field)
    if (number === user) throw new ProfileError('own-number', field)
  }
  const { ringSeconds, mailAddress } = profile
  if (!(ringSeconds >= 20 && ringSeconds <= 60 && ringSeconds % 5 === 0))
    throw new ProfileError('ring-seconds', 'ringSeconds')
  if (mailAddress !== undefined && (mailAddress.length > 254 || !mailbox.test(mailAddress)))
    throw new ProfileError('mail-address', 'mailAddress')
  if (patch.forwardAlways !== undefined && patch.voicemailAlways === true)
    throw new ProfileError('both-unconditional', 'forwardAlways')
}

/** Of the two unconditional diversions the one set last holds. */
const merge = (profile: Profile, patch: ProfilePatch): Profile => ({
  ...profile,
  ...(patch.forwardAlways === undefined ? {} : { voicemailAlways: false }),
  ...(patch.voicemailAlways === true ? { forwardAlways: undefined } : {}),
  ...patch,
})

const stored = (value: Profile[keyof Profile]): Value =>
  value === undefined ? null : typeof value === 'boolean' ? Number(value) : value

const read = (row: Row): Profile => {
  const text = (field: keyof Profile): string | undefined =>
    (row[columns[field]] as string | null) ?? undefined
  return {
    forwardAlways: text('forwardAlways'),
    forwardNoReply: text('forwardNoReply'),
    forwardBusy: text('forwardBusy'),
    voicemailAlways: row[columns.voicemailAlways] === 1,
    ringSeconds: Number(row[columns.ringSeconds]),
    masking: row[columns.masking] === 1,
    notRegistered: row[columns.notRegistered] as Profile['notRegistered'],
    mailAddress: text('mailAddress'),
    mailMessages: row[columns.mailMessages] === 1,
  }
}

/** Reads what is stored and adds who is new. */
export const openProfiles = async (options: ProfileOptions): Promise<Profiles> => {
  const { database, clock } = options
  const known = new Map<string, { profile: Profile; revision: number }>()
  const listeners: ((change: ProfileChange) => void)[] = []
  if (options.users.length > 0)
    await database.write(
      ...options.users.map((user): Statement => ['INSERT OR IGNORE INTO profile (user) VALUES (?)', [user]]),
    )
  for (const row of await database.all('SELECT * FROM profile'))
    if (options.users.includes(row['user'] as string))
      known.set(row['user'] as string, { profile: read(row), revision: Number(row['revision']) })

  const found = (user: string) => {
    const entry = known.get(user)
    if (entry === undefined) throw new ProfileError('no-subscriber', undefined)
    return entry
  }
  const store = (user: string, before: Profile, after: Profile, revision: number, author: Author) => {
    const changed = fields.filter(field => before[field] !== after[field])
    const setting = [...changed.map(field => `${columns[field]} = ?`), 'revision = ?'].join(', ')
    return database.write(
      [
        `UPDATE profile SET ${setting} WHERE user = ?`,
        [...changed.map(field => stored(after[field])), revision, user],
      ],
      ...changed.map(
        (field): Statement => [
          'INSERT INTO profile_change (user, changed_ms, author, field, before, after) VALUES (?, ?, ?, ?, ?, ?)',
          [user, clock.wall(), author, field, stored(before[field]), stored(after[field])],
        ],
      ),
    )
  }
  let queue: Promise<unknown> = Promise.resolve()
  const apply = async (
    user: string,
    patch: ProfilePatch,
    author: Author,
    only: number | undefined,
  ): Promise<Profile> => {
    const entry = found(user)
    if (only !== undefined && only !== entry.revision) throw new ProfileError('changed-meanwhile', undefined)
    const before = entry.profile
    const after = merge(before, patch)
    check(user, after, patch)
    const revision = entry.revision + 1
    await store(user, before, after, revision, author)
    known.set(user, { profile: after, revision })
    for (const listener of listeners) listener({ user, before, after, author, revision })
    return after
  }

  return {
    has: user => known.has(user),
    get users() {
      return [...known.keys()]
    },
    of: user => found(user).profile,
    revisionOf: user => found(user).revision,
    change: (user, patch, author, only) => {
      const result = queue.then(() => apply(user, patch, author, only))
      queue = result.catch(() => {})
      return result
    },
    onChange: listener => void listeners.push(listener),
  }
}
