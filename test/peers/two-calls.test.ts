// Two calls through Kamailio with two baresip telephones, in a network namespace of their own.

import t from 'tap'
import { namespaceCommand, noNamespaceReason } from '../support/netns.js'
import { noBaresipReason } from './baresip.js'
import { noKamailioReason } from './kamailio.js'
import { noWiretapReason } from './wiretap.js'

const reason = noNamespaceReason() ?? noKamailioReason() ?? noBaresipReason() ?? noWiretapReason()
t.setTimeout(260_000)

const [command, words] = namespaceCommand(new URL('./two-calls.scenarios.js', import.meta.url), [])
t.spawn(command, words, { ...(reason && { skip: reason }) }, 'two calls, Kamailio, two baresip')
