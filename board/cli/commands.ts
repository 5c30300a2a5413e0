// Every command of the binary. Each file is loaded only when its command is asked for: the daemon's start does not pay
// for the laboratory.

import type { Command } from './command.js'

/** By name as typed behind `voiceport`. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  check: async () => (await import('./check.js')).checkCommand,
  explain: async () => {
    const [{ explainCommand }, { dialPlanOf, profileOf }] = await Promise.all([
      import('./explain.js'),
      import('../settings.js'),
    ])
    return explainCommand(async name => dialPlanOf(profileOf(name)))
  },
  run: async () => (await import('./run.js')).runCommand,
  replay: async () => (await import('./replay.js')).replayCommand,
}
