// Calls through Kamailio to and from baresip, in a network namespace of their own.

import t from 'tap'
import { namespaceCommand, noNamespaceReason } from '../support/netns.js'
import { noBaresipReason } from './baresip.js'
import { noKamailioReason } from './kamailio.js'

const reason = noNamespaceReason() ?? noKamailioReason() ?? noBaresipReason()
t.setTimeout(200_000)

const [command, words] = namespaceCommand(new URL('./kamailio.scenarios.js', import.meta.url), [])
t.spawn(command, words, { ...(reason && { skip: reason }) }, 'one telephone, Kamailio, baresip')
