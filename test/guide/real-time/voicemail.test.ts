// The voicemail in real time: the daemon driven over its bench channel, the operator as a program, the portal over HTTP and
// a mail server, in a network namespace of their own.

import t from 'tap'
import { namespaceCommand, noNamespaceReason } from '../../support/netns.js'

const reason = noNamespaceReason()
t.setTimeout(250_000)

const [command, words] = namespaceCommand(new URL('./voicemail.scenarios.js', import.meta.url), [])
t.spawn(
  command,
  words,
  { ...(reason && { skip: reason }) },
  'a box with two telephones, the operator with portal and mail',
)
