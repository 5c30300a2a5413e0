// Who may open the console: five tries, then a wait of 1 s that doubles up to 15 minutes (ETSI EN 303 645 §5.1-5). Counted for
// each front and level, not for each session: hanging up and coming back, or ten sessions at once, gain nothing.

import { type Clock, msBetween, type Us, us } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import { makeVerifier } from './secret.js'

export type GuardedLevel = 'view' | 'enable'

/** Where the secrets are kept. */
export interface ConsoleSecrets {
  /** The secret or its verifier; undefined: the level has none and stays shut. Rejects when it cannot be read. */
  read(level: GuardedLevel): Promise<string | undefined>
  /** Durable when it resolves; from then on `read` answers with it. Rejects when it cannot be kept. */
  keep(level: GuardedLevel, verifier: string): Promise<void>
}

export type Verdict =
  | { readonly type: 'open' }
  | { readonly type: 'wrong'; readonly waitSeconds: number }
  /** Not looked at: too early. */
  | { readonly type: 'wait'; readonly waitSeconds: number }
  | { readonly type: 'no-secret' }
  | { readonly type: 'unreadable' }

/** Whether what was typed is the secret: slow on purpose (secret.ts). */
export type Fits = (typed: string, kept: string, clock: Clock) => Promise<boolean>

export interface Access {
  try(level: GuardedLevel, typed: string): Promise<Verdict>
  /** The level has a secret (readable or not). */
  has(level: GuardedLevel): Promise<boolean>
  /** A new secret for a level that has one. Rejects when it cannot be kept; the old one counts on then. */
  change(level: GuardedLevel, secret: string): Promise<void>
}

const freeTries = 5
const longestWaitSeconds = 15 * 60

interface Gate {
  /** Tries since the last right one. */
  tries: number
  notBefore: Us
  busy: boolean
}

export const createAccess = (
  secrets: ConsoleSecrets,
  fits: Fits,
  { clock, entropy }: { readonly clock: Clock; readonly entropy: Entropy },
): Access => {
  const gates: Record<GuardedLevel, Gate> = { view: newGate(), enable: newGate() }
  return {
    try: async (level, typed) => {
      const gate = gates[level]
      const early = waitOf(gate, clock)
      // Whoever goes on pasting waits on: without a pause nothing is looked at.
      if (early > 0 || gate.busy) {
        postpone(gate, clock)
        return { type: 'wait', waitSeconds: Math.max(1, waitOf(gate, clock)) }
      }
      // Counted before it is looked at: a second session must not slip in between.
      gate.tries++
      gate.busy = true
      try {
        return await judged(level, typed, gate, { secrets, fits, clock })
      } finally {
        gate.busy = false
      }
    },
    has: level =>
      secrets.read(level).then(
        secret => secret !== undefined,
        () => true,
      ),
    change: async (level, secret) => secrets.keep(level, await makeVerifier(secret, clock, entropy)),
  }
}

const newGate = (): Gate => ({ tries: 0, notBefore: us(0), busy: false })

const judged = async (
  level: GuardedLevel,
  typed: string,
  gate: Gate,
  { secrets, fits, clock }: { readonly secrets: ConsoleSecrets; readonly fits: Fits; readonly clock: Clock },
): Promise<Verdict> => {
  const kept = await secrets.read(level).catch(() => null)
  if (kept === undefined || kept === null || kept === '') {
    gate.tries--
    return { type: kept === null ? 'unreadable' : 'no-secret' }
  }
  if (await fits(typed, kept, clock)) {
    gate.tries = 0
    gate.notBefore = us(0)
    return { type: 'open' }
  }
  postpone(gate, clock)
  return { type: 'wrong', waitSeconds: waitOf(gate, clock) }
}

/** Nothing up to the fifth try; then 1 s, 2 s, 4 s … from now on. */
const postpone = (gate: Gate, clock: Clock): void => {
  if (gate.tries < freeTries) return
  const seconds = Math.min(longestWaitSeconds, 2 ** Math.min(20, gate.tries - freeTries))
  gate.notBefore = us(clock.now() + seconds * 1_000_000)
}

const waitOf = ({ notBefore }: Gate, clock: Clock): number =>
  Math.max(0, Math.ceil(msBetween(clock.now(), notBefore) / 1000))
