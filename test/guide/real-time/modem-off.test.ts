// Forwards with the modem off (guide line 97), with the real daemon and the operator as processes: killed, stopped in
// order, and its cable pulled, in a network namespace of its own on a virtual cable.

import t from 'tap'
import { namespaceCommand, noNamespaceReason } from '../../support/netns.js'

const reason = noNamespaceReason()
t.setTimeout(200_000)

const [command, words] = namespaceCommand(new URL('./modem-off.scenarios.js', import.meta.url), [])
t.spawn(
  command,
  words,
  { ...(reason && { skip: reason }) },
  'a box on a cable, the operator, two people elsewhere',
)
