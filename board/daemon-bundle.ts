// What scripts/bundle makes one file of: the command line with the daemon as its only command.

import type { Command } from './cli/command.js'
import { commandLine } from './cli/command-line.js'
import { runCommand } from './cli/run.js'

/** What the bundle offers to board/main.ts, and to whoever warms it up. */
export interface DaemonBundle {
  /** `words` begin with "run". Ends the process. */
  daemonLine(words: readonly string[]): Promise<void>
  readonly runCommand: Command
}

export const daemonLine: DaemonBundle['daemonLine'] = words =>
  commandLine(words, { run: async () => runCommand })

export { runCommand }
