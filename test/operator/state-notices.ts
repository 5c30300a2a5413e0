// What telephones are told of: their settings, their messages, and what else the operator was given.

import { createNotifier, type Notifier } from './notifier.js'
import { type OperatorCore, telephonesOf } from './operator-core.js'
import type { OperatorDependencies, OperatorOptions } from './operator-options.js'
import { MESSAGE_SUMMARY } from './voicemail/message-summary.js'
import type { Voicemail } from './voicemail/voicemail.js'
import type { XcapServer } from './xcap/xcap-server.js'

export const createStateNotices = (
  options: OperatorOptions,
  { clock, entropy }: OperatorDependencies,
  { wire, registrar, profiles }: OperatorCore,
  { xcap, voicemail }: { readonly xcap: XcapServer; readonly voicemail: Voicemail | undefined },
): Notifier => {
  const notifier = createNotifier({
    ...{ wire, clock, entropy },
    domain: options.domain,
    packages: new Map(
      Object.entries({
        ...xcap.packages,
        ...(voicemail === undefined ? {} : { [MESSAGE_SUMMARY]: voicemail.summary }),
        ...options.packages,
      }),
    ),
    telephonesOf: user => telephonesOf(registrar, user),
  })
  profiles.onChange(change => {
    for (const event of Object.keys(xcap.packages)) notifier.changed(event, change.user, xcap.diff(change))
  })
  return notifier
}
