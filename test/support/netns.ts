// A private network namespace per test run: only the loopback of its own, so that every actor has an address of
// 127.0.0.0/8 on port 5060 and two runs never meet. The namespace goes away with the process that holds it.

import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findProgram } from './child.js'

/** Why a namespace cannot be had here, or undefined when it can. */
export const noNamespaceReason = (): string | undefined => {
  if (!findProgram('unshare') || !findProgram('ip')) return 'needs util-linux and iproute2'
  const probe = spawnSync('unshare', ['--net', 'true'])
  return probe.status === 0 ? undefined : 'network namespaces are not permitted here'
}

/** The command that runs a test program (TAP on its standard output) inside a fresh namespace. */
export const namespaceCommand = (scenario: URL, args: readonly string[]): [string, string[]] => {
  const script = 'ip link set lo up && exec "$0" "$@"'
  return ['unshare', ['--net', 'sh', '-c', script, process.execPath, fileURLToPath(scenario), ...args]]
}
