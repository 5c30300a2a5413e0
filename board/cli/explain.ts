// `voiceport explain "R 2" --state active`: what a key or code means, from the tables the feature machine uses.

import { VoiceportError } from '../../firmware/errors.js'
import type { DialPlan } from '../../firmware/phone/dialling/plan.js'
import { explain, isSituation } from '../../firmware/phone/explain.js'
import { situations } from '../../firmware/phone/situation.js'
import type { Command } from './command.js'

/** `planOf`: the dial plan of a profile by name or path; rejects with VoiceportError when there is none. */
export const explainCommand = (planOf: (profile: string) => Promise<DialPlan>): Command => ({
  name: 'explain',
  summary: 'Say what a key or code means now',
  usage: `[--state ${situations.join('|')}] [--profile fr] [--json] KEYS`,
  options: {
    state: { type: 'string' },
    profile: { type: 'string', default: 'fr' },
    json: { type: 'boolean' },
  },
  run: async ({ values, positionals, out }) => {
    const keys = positionals.join(' ')
    // Without a state the question is meant where the key usually has a meaning.
    const state = String(values['state'] ?? (/^\s*r/i.test(keys) ? 'active' : 'dial-tone'))
    if (!isSituation(state))
      throw new VoiceportError('VP-7102', `there is no state "${state}", only ${situations.join(' ')}`)
    const told = explain(keys, state, await planOf(String(values['profile'])))
    if (!told)
      throw new VoiceportError(
        'VP-7102',
        `"${keys}" is neither R with one key nor a string of the keys 0-9 * #`,
      )
    out(values['json'] ? JSON.stringify(told) : `${told.state}, ${told.input}: ${told.meaning}`)
    return 0
  },
})
