// Every command of the binary. Each file is loaded only when its command is asked for: the daemon's start does not pay
// for the laboratory.

import type { DialPlan } from '../../firmware/phone/dialling/plan.js'
import type { Profile } from '../../firmware/settings/profile-schema.js'
import type { Commands } from './command.js'

export const commands: Commands = {
  bench: async () => (await import('./bench.js')).benchCommand,
  check: async () => (await import('./check.js')).checkCommand,
  console: async () => (await import('./console.js')).consoleCommand,
  explain: async () => (await import('./explain.js')).explainCommand(planNamed),
  'lab dial': async () =>
    (await import('./lab-dial.js')).labDialCommand(async name => ({
      plan: await planNamed(name),
      interDigit: (await profileNamed(name)).timers.interDigit,
    })),
  'lab hook': async () =>
    (await import('./lab-hook.js')).labHookCommand(async name => (await profileNamed(name)).hook),
  run: async () => (await import('./run.js')).runCommand,
  'lab clip': async () =>
    (await import('./lab-clip.js')).labClipCommand(async name => (await profileNamed(name)).cid),
  'lab clip-decode': async () => (await import('./lab-clip-decode.js')).labClipDecodeCommand,
  'lab dtmf': async () => (await import('./lab-dtmf.js')).labDtmfCommand,
  'lab echo': async () => (await import('./lab-echo.js')).labEchoCommand,
  'lab tone': async () =>
    (await import('./lab-tone.js')).labToneCommand(async name => (await profileNamed(name)).tones),
  replay: async () => (await import('./replay.js')).replayCommand,
}

// The settings schema is loaded when a command runs, not when --help lists it.
const profileNamed = async (name: string): Promise<Profile> =>
  (await import('../settings.js')).profileOf(name)

const planNamed = async (name: string): Promise<DialPlan> => {
  const { dialPlan } = await import('../../firmware/run/dial-plan.js')
  return dialPlan(await profileNamed(name))
}
