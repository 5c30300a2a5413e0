// The voicemail as a whole (guide lines 3-51): who calls 123 reads his messages, a diverted caller leaves one; lamps and
// mail follow what is in the box.

import type { Clock } from '../../../hal/clock.js'
import type { Entropy } from '../../../hal/entropy.js'
import type { Application } from '../application.js'
import type { OperatorDatabase } from '../database.js'
import type { EventPackage } from '../notifier.js'
import type { Profiles } from '../profiles.js'
import { openDeposit, openReading } from './dialogue.js'
import { createMailOutbox } from './mail-outbox.js'
import { type Mailboxes, openMailboxes } from './mailboxes.js'
import type { Mailer } from './mailer.js'
import { messageSummary } from './message-summary.js'
import { takeVoicemailCall } from './voicemail-call.js'

export interface VoicemailOptions {
  readonly database: OperatorDatabase
  readonly clock: Clock
  readonly entropy: Entropy
  readonly profiles: Profiles
  readonly domain: string
  readonly timeZone: string
  /** Without it messages stay in their boxes, whatever the profile says. */
  readonly mailer?: Mailer
  /** Messages a box holds. */
  readonly capacity?: number
  /** What a subscriber's telephones show has changed. */
  onSummary(user: string): void
  onFailure?(error: Error): void
}

export interface Voicemail {
  readonly application: Application
  readonly summary: EventPackage
  readonly mailboxes: Mailboxes
  /** After the calls have ended: what they left is stored first. */
  close(): Promise<void>
}

/** Where mail goes while the subscriber has named no address. */
export const defaultAddress = (user: string, domain: string): string => `${user}@${domain}`

export const openVoicemail = async (options: VoicemailOptions): Promise<Voicemail> => {
  const { profiles, mailer, domain } = options
  const onFailure = (error: Error): void => options.onFailure?.(error)
  const mailboxes = await openMailboxes(options)
  const outbox =
    mailer === undefined
      ? undefined
      : createMailOutbox({
          ...options,
          mailer,
          addressOf: user => profiles.of(user).mailAddress ?? defaultAddress(user, domain),
        })
  mailboxes.onChange(user => {
    options.onSummary(user)
    outbox?.look()
  })
  outbox?.look()

  const application: Application = line => {
    const { caller, diversion } = line
    const reader = caller.subscriber ? caller.number : undefined
    const user = diversion?.user ?? reader
    if (user === undefined) {
      line.refuse(403, 'Forbidden')
      return {}
    }
    const from = caller.withheld ? undefined : caller.number
    const mail = (): boolean => mailer !== undefined && profiles.of(user).mailMessages
    return takeVoicemailCall(line, { ...options, mailboxes, user, from, mail, onFailure }, async () => {
      if (diversion === undefined) return openReading(await mailboxes.messages(user))
      const own = (await mailboxes.greeting(user)) !== undefined
      return openDeposit({
        greeting: own ? 'own' : 'standard',
        full: mailboxes.isFull(user),
        guests: await mailboxes.hasPassword(user),
      })
    })
  }

  return {
    application,
    mailboxes,
    summary: messageSummary(mailboxes, domain),
    close: async () => {
      await mailboxes.settled()
      await outbox?.close()
      mailer?.close()
    },
  }
}
