// The daemon with line chips behind a serial port, in real time: a pseudo-terminal is the cable, the reference
// microcontroller stands at its other end.

import { spawnSync } from 'node:child_process'
import t from 'tap'
import { namespaceCommand, noNamespaceReason } from '../support/netns.js'

const noSocat = spawnSync('socat', ['-V']).status === 0 ? undefined : 'socat is not installed'
const reason = noNamespaceReason() ?? noSocat
t.setTimeout(120_000)

const [command, words] = namespaceCommand(new URL('./serial-board.scenarios.js', import.meta.url), [])
t.spawn(command, words, { ...(reason && { skip: reason }) }, 'a box on a serial cable, the operator')
