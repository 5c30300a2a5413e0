// Voice messages on their way to e-mail: sent one after the other, tried again while the mail server is away, also after
// a restart. A crash between sending and noting it sends a mail twice; none is lost.

import { type Clock, ms, type Timer } from '../../../hal/clock.js'
import type { OperatorDatabase, Row } from '../database.js'
import { type Mailer, MailRefused } from './mailer.js'
import { messageMail } from './message-mail.js'

export interface MailOutbox {
  /** Sends what is due; called after each new message. */
  look(): void
  /** Resolves when nothing is being sent. */
  close(): Promise<void>
}

export interface MailOutboxOptions {
  readonly database: OperatorDatabase
  readonly mailer: Mailer
  readonly clock: Clock
  /** At the time of sending: an address changed since then counts. */
  readonly addressOf: (user: string) => string
  readonly timeZone: string
  /** Given up, or not stored. Never says what a message contains. */
  onFailure?(error: Error): void
}

/** Delays before the next tries. Together two days, as long as mail servers commonly wait. */
const minutes = [1, 5, 15, 60, 120, 240, 480, 960, 960]

export const createMailOutbox = (options: MailOutboxOptions): MailOutbox => {
  const { database, mailer, clock } = options
  let closed = false
  let wanted = false
  let timer: Timer | undefined
  let working: Promise<void> | undefined

  const next = async (): Promise<Row | undefined> =>
    (
      await database.all(
        'SELECT id, user, caller, received_ms, mail_due_ms, mail_attempts FROM message ' +
          'WHERE mail_due_ms IS NOT NULL ORDER BY mail_due_ms, id LIMIT 1',
      )
    )[0]
  const note = (id: number, due: number | null, attempts: number): Promise<void> =>
    database.write([
      'UPDATE message SET mail_due_ms = ?, mail_attempts = ? WHERE id = ?',
      [due, attempts, id],
    ])

  const send = async (row: Row): Promise<void> => {
    const id = Number(row['id'])
    const attempts = Number(row['mail_attempts']) + 1
    const [found] = await database.all('SELECT recording FROM message WHERE id = ?', [id])
    // Erased in the meantime.
    if (found === undefined) return
    const mail = messageMail(
      options.addressOf(row['user'] as string),
      {
        from: (row['caller'] as string | null) ?? undefined,
        receivedAt: Number(row['received_ms']),
        recording: found['recording'] as Uint8Array,
      },
      options.timeZone,
    )
    try {
      await clock.external(mailer.send(mail))
      await note(id, null, attempts)
    } catch (error) {
      const delay = error instanceof MailRefused ? undefined : minutes[attempts - 1]
      if (delay === undefined) options.onFailure?.(error as Error)
      await note(id, delay === undefined ? null : clock.wall() + delay * 60_000, attempts)
    }
  }

  const sendAll = async (): Promise<void> => {
    while (wanted && !closed) {
      wanted = false
      for (let row = await next(); row !== undefined && !closed; row = await next()) {
        const wait = Number(row['mail_due_ms']) - clock.wall()
        if (wait > 0) {
          timer?.cancel()
          timer = clock.timer('voicemail mail', ms(wait), look)
          break
        }
        await send(row)
      }
    }
  }

  const look = (): void => {
    wanted = true
    if (closed || working !== undefined) return
    working = sendAll()
      .catch((error: Error) => options.onFailure?.(error))
      .finally(() => {
        working = undefined
        if (wanted) look()
      })
  }

  return {
    look,
    close: async () => {
      closed = true
      timer?.cancel()
      await working
    },
  }
}
