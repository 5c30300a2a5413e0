// Message waiting against Kamailio and SIPp, in a network namespace of its own.

import t from 'tap'
import { namespaceCommand, noNamespaceReason } from '../support/netns.js'
import { noKamailioReason, noPresenceReason } from './kamailio.js'
import { noSippReason } from './sipp.js'

const reason = noNamespaceReason() ?? noKamailioReason() ?? noPresenceReason() ?? noSippReason()
t.setTimeout(200_000)

const [command, words] = namespaceCommand(new URL('./messages.scenarios.js', import.meta.url), [])
t.spawn(command, words, { ...(reason && { skip: reason }) }, 'two telephones, Kamailio, SIPp')
