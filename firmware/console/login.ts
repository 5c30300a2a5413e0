// Giving a secret: to look, and to change.

import type { Verdict } from './access.js'
import type { Refusal, Translated } from './command.js'
import { phrases } from './phrases.js'
import type { LiveSession } from './session.js'

/** Looks at what was typed at the locked prompt; what is wrong with it is written. */
export const logIn = async (live: LiveSession, typed: string): Promise<void> => {
  const refused = await enter(live, typed, live.entry)
  if (refused) live.outlet.write(`% ${live.say(refused)}\r\n`)
}

/** A box without a secret for viewing is opened with that for changes. */
export const firstLevel = async ({ parts: { access } }: LiveSession): Promise<'view' | 'enable'> =>
  (await access.has('view')) || !(await access.has('enable')) ? 'view' : 'enable'

/** undefined: the session has that level now. */
export const enter = async (
  live: LiveSession,
  typed: string,
  level: 'view' | 'enable',
): Promise<Translated | undefined> => {
  const { access, log } = live.parts
  const verdict = await access.try(level, typed)
  if (verdict.type === 'open') {
    live.level = level
    log.info('console logged in', { front: live.front, access: level })
    return undefined
  }
  live.forgetTyped()
  // Its secret may have been taken away, or given, since the greeting.
  if (verdict.type === 'no-secret') live.entry = await firstLevel(live)
  if (verdict.type === 'wrong')
    log.warn('wrong console password', { front: live.front, access: level, waitSeconds: verdict.waitSeconds })
  return reason(verdict, level)
}

const reason = (verdict: Exclude<Verdict, { type: 'open' }>, level: 'view' | 'enable'): Translated => {
  switch (verdict.type) {
    case 'wrong':
      return verdict.waitSeconds > 0 ? phrases.wrongWait(verdict.waitSeconds) : phrases.wrong
    case 'wait':
      return phrases.wait(verdict.waitSeconds)
    case 'unreadable':
      return phrases.unreadable
    case 'no-secret':
      return level === 'enable' ? phrases.noEnableSecret : withoutPercent(phrases.closed)
  }
}

const withoutPercent = ({ en, fr }: Translated): Translated => ({ en: en.slice(2), fr: fr.slice(2) })

/** Asks for the secret of the changing level. */
export const raise = async (live: LiveSession): Promise<Refusal | undefined> => {
  if (live.level === 'enable') return undefined
  if (!(await live.parts.access.has('enable'))) return { refused: phrases.noEnableSecret, code: 'VP-7505' }
  const typed = await live.secret(phrases.enablePassword)
  if (typed === undefined) return { refused: phrases.notNow, code: 'VP-7505' }
  const refused = await enter(live, typed, 'enable')
  return refused && { refused, code: 'VP-7501' }
}

/** A level without a secret of its own stays shut: whoever has the other one must not open it for somebody else. */
export const keepSecret = async (
  { parts: { access, log }, front }: LiveSession,
  level: 'view' | 'enable',
  secret: string,
): Promise<Refusal | undefined> => {
  if (!(await access.has(level))) return { refused: phrases.noSecretToChange, code: 'VP-7504' }
  try {
    await access.change(level, secret)
  } catch (error) {
    log.error('a console secret cannot be kept', { reason: (error as Error).message })
    return { refused: phrases.notKept, code: 'VP-7504' }
  }
  log.warn('console password changed', { front, access: level })
  return undefined
}
