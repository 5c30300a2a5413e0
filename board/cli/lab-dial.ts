// `voiceport lab dial DIGITS`: what the dial plan of a profile makes of a string of keys, as one JSON object.

import { VoiceportError } from '../../firmware/errors.js'
import type { DialPlan } from '../../firmware/phone/dialling/plan.js'
import type { Command } from './command.js'
import { dialOutcome } from './dial-lab.js'

export interface Dialling {
  readonly plan: DialPlan
  /** ms. */
  readonly interDigit: number
}

const hashes = ['escaped', 'raw', 'strip'] as const

/** `diallingOf`: dial plan and timer of a profile by name or path; rejects with VoiceportError when there is none. */
export const labDialCommand = (diallingOf: (profile: string) => Promise<Dialling>): Command => ({
  name: 'lab dial',
  summary: 'Say what the dial plan makes of a string of keys',
  usage: `[--profile fr] [--domain operator.test] [--hash ${hashes.join('|')}] DIGITS`,
  options: {
    profile: { type: 'string', default: 'fr' },
    domain: { type: 'string', default: 'operator.test' },
    hash: { type: 'string', default: 'escaped' },
    json: { type: 'boolean' },
  },
  run: async ({ values, positionals, out }) => {
    const hash = hashes.find(name => name === values['hash'])
    if (!hash)
      throw new VoiceportError('VP-7203', `--hash is one of ${hashes.join(', ')}, not "${values['hash']}"`)
    const [keys, ...more] = positionals
    if (keys === undefined || more.length > 0)
      throw new VoiceportError('VP-7201', 'exactly one string of keys is needed')
    const { plan, interDigit } = await diallingOf(String(values['profile']))
    const domain = String(values['domain'])
    out(JSON.stringify(dialOutcome(keys, plan, { domain, hash, interDigit })))
    return 0
  },
})
