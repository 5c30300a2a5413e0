// The settings of one telephone side by side: what the box keeps, and what the network keeps for its number. Pure.

import type { NetworkSettings } from './network-side.js'
import type { Telephone } from './telephone.js'

/** Five seconds are one ring (guide line 67). */
const RING_SECONDS = 5

export interface Setting {
  readonly name: string
  readonly value: string
}

/** What the portal asks for. */
export interface PortalDoor {
  readonly url: string
  readonly password: string
}

const shown = (masked: boolean): string => (masked ? 'WITHHELD' : 'shown')

const portalRows = ({ number }: Telephone, { url, password }: PortalDoor): readonly Setting[] => [
  { name: 'portal', value: url },
  { name: 'log in', value: `${number} ${password}` },
]

export const boxSettings = (
  telephone: Telephone,
  masked: boolean,
  portal: PortalDoor,
): readonly Setting[] => [
  ...(telephone.kind === 'far'
    ? [{ name: 'no line of the box', value: '' }, nothing, nothing]
    : [
        { name: 'own number', value: shown(masked) },
        { name: 'call waiting', value: 'on' },
        { name: 'profile', value: 'fr' },
      ]),
  ...portalRows(telephone, portal),
]
const nothing: Setting = { name: '', value: '' }

export const networkSettings = (settings: NetworkSettings): readonly Setting[] => {
  const { profile, new: fresh, archived } = settings
  const rings = profile.ringSeconds / RING_SECONDS
  return [
    { name: 'own number', value: shown(profile.masking) },
    {
      name: 'all calls',
      value: profile.forwardAlways ?? (profile.voicemailAlways ? 'voicemail' : 'ring the telephone'),
    },
    { name: 'busy', value: profile.forwardBusy ?? 'voicemail' },
    {
      name: 'no reply',
      value: `${profile.forwardNoReply ?? 'voicemail'}, ${profile.ringSeconds} s (${rings} rings)`,
    },
    {
      name: 'messages',
      value: `${fresh} new, ${archived} old${profile.mailMessages ? ', also by mail' : ''}`,
    },
  ]
}
