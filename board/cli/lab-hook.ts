// `voiceport lab hook`: hook edges on standard input, what the line makes of them on standard output.

import { VoiceportError } from '../../firmware/errors.js'
import type { HookTimings } from '../../firmware/line/hook-event.js'
import type { Command } from './command.js'
import { hookContexts, hookEvents } from './hook-lab.js'
import { linesOf } from './lines-of.js'

/** `timingsOf`: the hook timings of a profile by name or path; rejects with VoiceportError when there is none. */
export const labHookCommand = (timingsOf: (profile: string) => Promise<HookTimings>): Command => ({
  name: 'lab hook',
  summary: 'Say what hook edges mean: {"offHook":true,"us":0} a line on standard input',
  usage: `[--profile fr] [--context ${hookContexts.join('|')}] < edges.jsonl`,
  options: {
    profile: { type: 'string', default: 'fr' },
    context: { type: 'string', default: 'collecting' },
  },
  run: async ({ values, positionals, stdin, out }) => {
    const context = hookContexts.find(name => name === values['context'])
    if (!context)
      throw new VoiceportError(
        'VP-7203',
        `there is no context "${values['context']}", only ${hookContexts.join(' ')}`,
      )
    if (positionals.length > 0)
      throw new VoiceportError('VP-7203', `"${positionals[0]}" is too much: edges come on standard input`)
    const timings = await timingsOf(String(values['profile']))
    for await (const event of hookEvents(linesOf(stdin), timings, context)) out(event)
    return 0
  },
})
