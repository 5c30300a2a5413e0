// The settings of one telephone side by side: what the box keeps, and what the network keeps for its number. Pure.

import type { NetworkSettings } from './network-side.js'
import type { Telephone } from './telephone.js'

/** Five seconds are one ring (guide line 67). */
const RING_SECONDS = 5

export interface Setting {
  readonly name: string
  readonly value: string
}

export const boxSettings = (telephone: Telephone, masked: boolean): readonly Setting[] =>
  telephone.kind === 'far'
    ? [{ name: 'not on the box', value: '' }]
    : [
        { name: 'own number', value: masked ? 'WITHHELD' : 'shown' },
        { name: 'call waiting', value: 'on' },
        { name: 'masking kept', value: 'in the box' },
        { name: 'profile', value: 'fr' },
      ]

export const networkSettings = (settings: NetworkSettings): readonly Setting[] => {
  const { profile, new: fresh, archived } = settings
  const always = profile.forwardAlways ?? (profile.voicemailAlways ? 'voicemail' : 'ring the telephone')
  const rings = profile.ringSeconds / RING_SECONDS
  return [
    { name: 'all calls', value: always },
    {
      name: 'no reply',
      value: `${profile.forwardNoReply ?? 'voicemail'}, ${profile.ringSeconds} s = ${rings} rings`,
    },
    {
      name: 'busy',
      value: `${profile.forwardBusy ?? 'voicemail'}   number ${profile.masking ? 'WITHHELD' : 'shown'}`,
    },
    {
      name: 'messages',
      value: `${fresh} new, ${archived} archived${profile.mailMessages ? ', by mail too' : ''}`,
    },
  ]
}
