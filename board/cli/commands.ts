// Every command of the binary. Each file is loaded only when its command is asked for: the daemon's start does not pay
// for the laboratory.

import type { Command } from './command.js'

/** By name as typed behind `voiceport`. */
export const commands: Readonly<Record<string, () => Promise<Command>>> = {
  check: async () => (await import('./check.js')).checkCommand,
  explain: async () => {
    const [{ explainCommand }, { planOf }] = await Promise.all([import('./explain.js'), profileParts()])
    return explainCommand(planOf)
  },
  'lab dial': async () => {
    const [{ labDialCommand }, { diallingOf }] = await Promise.all([import('./lab-dial.js'), profileParts()])
    return labDialCommand(diallingOf)
  },
  'lab hook': async () => {
    const [{ labHookCommand }, { hookOf }] = await Promise.all([import('./lab-hook.js'), profileParts()])
    return labHookCommand(hookOf)
  },
  run: async () => (await import('./run.js')).runCommand,
  'lab dtmf': async () => (await import('./lab-dtmf.js')).labDtmfCommand,
  'lab echo': async () => (await import('./lab-echo.js')).labEchoCommand,
  'lab tone': async () => {
    const [{ labToneCommand }, { profileOf }] = await Promise.all([
      import('./lab-tone.js'),
      import('../settings.js'),
    ])
    return labToneCommand(async name => profileOf(name).tones)
  },
  replay: async () => (await import('./replay.js')).replayCommand,
}

/** What commands take from a profile, by its name or path. */
const profileParts = async () => {
  const [{ profileOf }, { dialPlan }] = await Promise.all([
    import('../settings.js'),
    import('../../firmware/run/dial-plan.js'),
  ])
  return {
    planOf: async (name: string) => dialPlan(profileOf(name)),
    diallingOf: async (name: string) => {
      const profile = profileOf(name)
      return { plan: dialPlan(profile), interDigit: profile.timers.interDigit }
    },
    hookOf: async (name: string) => profileOf(name).hook,
  }
}
