// From settings and country profile to what each part of a line needs. The assignments are also the compile-time
// proof that the settings schema satisfies every part's own types.

import type { LineProfile } from '../../hal/fxs-port.js'
import type { HookTimings } from '../line/hook-event.js'
import type { MediaConfig } from '../media/media-contract.js'
import type { PhoneConfig } from '../phone/config.js'
import type { Profile } from '../settings/profile-schema.js'
import type { LineConfig } from '../settings/schema.js'
import type { CallerDisplay, SipAccount } from '../sip/sip-line.js'
import { dialPlan } from './dial-plan.js'
import type { LineDisplay } from './line-display.js'

export const phoneConfig = (profile: Profile, line: LineConfig): PhoneConfig => ({
  timers: profile.timers,
  plan: dialPlan(profile, line.masking.owner),
  hasAccount: line.account !== undefined,
  howlerTone: profile.tones.howler !== undefined,
  callWaiting: line.callWaiting,
  okFinals: line.codes.okFinals,
})

export const callerDisplay = ({ dialplan }: Profile, line: LineConfig): CallerDisplay => ({
  numbering: {
    ...(dialplan.countryCode !== undefined && { countryCode: dialplan.countryCode }),
    nationalPrefix: dialplan.nationalPrefix,
    internationalPrefix: dialplan.internationalPrefix,
  },
  unverifiedMark: line.unverifiedMark,
})

/** undefined: the line has none. */
export const sipAccount = (profile: Profile, line: LineConfig): SipAccount | undefined =>
  line.account && {
    ...line.account,
    hash: line.codes.hash,
    mwi: line.mwi,
    display: callerDisplay(profile, line),
  }

export const lineDisplay = ({ cid, ring }: Profile, line: LineConfig, timezone: string): LineDisplay => ({
  timezone,
  callerId: line.callerId,
  inCall: line.callerIdInCall,
  cid,
  rings: ring.cadences,
})

export const hookTimings = (profile: Profile): HookTimings => profile.hook

export const electricalProfile = ({ ring }: Profile): LineProfile => ({
  impedances: ring.impedances,
  loopMa: ring.loopMa,
  ringHz: ring.hz,
  ringVrms: ring.vrms,
})

/** `address`: where RTP binds. */
export const mediaConfig = (
  profile: Profile,
  address: string,
  media: { readonly ports: readonly [number, number]; readonly dscp: number; readonly device?: string },
): MediaConfig => {
  const { howler, ...tones } = profile.tones
  return {
    address,
    ports: media.ports,
    dscp: media.dscp,
    ...(media.device !== undefined && { device: media.device }),
    tones: { ...tones, ...derivedTones(tones), ...(howler && { howler }) },
    rings: profile.ring.cadences,
    cid: profile.cid,
  }
}

/** The command window sounds like the recall dial tone, 6 dB softer; an error in a conversation is one of its bursts. */
const derivedTones = ({ recall, error }: Pick<Profile['tones'], 'recall' | 'error'>) => ({
  'recall-soft': { ...recall, dbm0: recall.dbm0 - 6 },
  'error-beep': { ...error, repeat: 1 },
})
