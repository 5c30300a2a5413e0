// The message-waiting body (RFC 3842 §5.2): how many voice messages are new and how many old.

import type { EventPackage } from '../notifier.js'
import type { Mailboxes, Summary } from './mailboxes.js'

export const MESSAGE_SUMMARY = 'message-summary'

export const summaryBody = (account: string, { fresh, archived }: Summary): string =>
  [
    `Messages-Waiting: ${fresh > 0 ? 'yes' : 'no'}`,
    `Message-Account: ${account}`,
    `Voice-Message: ${fresh}/${archived} (0/0)`,
    '',
  ].join('\r\n')

/** Telephones that do not subscribe are told as well. */
export const messageSummary = (mailboxes: Pick<Mailboxes, 'summary'>, domain: string): EventPackage => ({
  contentType: 'application/simple-message-summary',
  unsolicited: true,
  state: user => summaryBody(`sip:${user}@${domain}`, mailboxes.summary(user)),
})
