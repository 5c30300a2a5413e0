// Carries out one command: rights, then its answers, one by one, to whoever shows them.

import type { ErrorCode } from '../errors.js'
import type { Log } from '../log.js'
import type { Answer, CommandContext, Level, Outcome, Translated } from './command.js'
import { isRefusal } from './command.js'
import type { Mistake, Parsed } from './grammar.js'
import { phrases } from './phrases.js'

export interface Shown {
  /** Every answer, in order. May resolve late: the far end is slow. */
  answer(answer: Answer, streamed: boolean): Promise<void>
  refused(code: ErrorCode, message: Translated, at?: number): void
  /** All is said; `ok`: nothing bad was found. */
  done(ok: boolean): void
}

const rank: Readonly<Record<Level, number>> = { locked: 0, view: 1, enable: 2 }

export const allows = (level: Level, needed: Level): boolean => rank[level] >= rank[needed]

/** Never rejects. */
export const carryOut = async (
  parsed: Parsed | Mistake,
  context: Omit<CommandContext, 'no'>,
  shown: Shown,
  log: Log,
): Promise<void> => {
  if ('mistake' in parsed) return shown.refused('VP-7503', parsed.mistake, parsed.at)
  const { command, args, no } = parsed
  const { session, signal } = context
  if (!allows(session.level, command.level))
    return session.level === 'locked'
      ? shown.refused('VP-7501', phrases.needsLogin)
      : shown.refused('VP-7505', phrases.needsEnable)
  // Who changed what, without its arguments: one of them may be a secret.
  const name = command.words.filter(word => typeof word === 'string').join(' ')
  if (command.level === 'enable')
    log.info('console command', { front: session.front, command: no ? `no ${name}` : name })
  try {
    const outcome = command.run({ ...context, no }, args)
    if (Symbol.asyncIterator in outcome) await stream(outcome, signal, shown)
    else await single(await unlessAborted(Promise.resolve(outcome), signal), shown)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    log.error('a console command failed', { command: name, reason })
    shown.refused('VP-7506', phrases.fault)
  }
}

const single = async (outcome: Outcome | undefined, shown: Shown): Promise<void> => {
  if (outcome === undefined) return shown.done(true)
  if (isRefusal(outcome)) return shown.refused(outcome.code ?? 'VP-7504', outcome.refused)
  await shown.answer(outcome, false)
  shown.done(outcome.ok !== false)
}

const stream = async (answers: AsyncIterable<Answer>, signal: AbortSignal, shown: Shown): Promise<void> => {
  const iterator = answers[Symbol.asyncIterator]()
  let ok = true
  for (;;) {
    const next = await unlessAborted(iterator.next(), signal)
    if (next === undefined || next.done) break
    if (next.value.ok === false) ok = false
    await shown.answer(next.value, true)
  }
  // Not awaited: a command that hangs must not hold the session.
  if (signal.aborted) void iterator.return?.()
  shown.done(ok)
}

/** undefined: given up. */
const unlessAborted = <T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> => {
  if (signal.aborted) return Promise.resolve(undefined)
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined)
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}
