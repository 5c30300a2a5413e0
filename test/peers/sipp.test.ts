// SIPp behind a relay that loses datagrams by script and by chance, side by side in network namespaces of their own:
// the scenarios wait for retransmissions, they do not compute.

import t from 'tap'
import { namespaceCommand, noNamespaceReason } from '../support/netns.js'
import { noSippReason } from './sipp.js'

const reason = noNamespaceReason() ?? noSippReason()
t.setTimeout(295_000)
t.jobs = 3

const run = (name: string, scenario: string, ...args: string[]) => {
  const [command, words] = namespaceCommand(new URL(scenario, import.meta.url), args)
  t.spawn(command, words, { buffered: true, ...(reason && { skip: reason }) }, name)
}

run('losses by script', './sipp-scripted-loss.scenarios.js')
run('5 % random loss', './sipp-random-loss.scenarios.js', '5', '13')
run('10 % random loss', './sipp-random-loss.scenarios.js', '10', '13')
