// What is explored: the French dial plan as shipped; and for the tests, which must be quick, a plan as small as one can
// be with every kind of number in it.

import type { PhoneConfig } from '../../../firmware/phone/config.js'
import type { DialPlan } from '../../../firmware/phone/dialling/plan.js'
import { config } from '../telephone.js'

/** A refusal by which this operator says yes to a code. */
const okFinals = [503]

const bare = { hasAccount: false, howlerTone: false, callWaiting: false, okFinals: [] }

const french: PhoneConfig = { ...config, okFinals }

/** As ordered, and with everything left out that can be; either may become the other at any moment. */
export const frenchConfigs: readonly [PhoneConfig, PhoneConfig] = [french, { ...french, ...bare }]

const smallPlan: DialPlan = {
  rules: [
    { class: 'national', pattern: '05' },
    { class: 'international', pattern: '00.', length: [3, 4] },
    { class: 'voicemail', pattern: '10' },
  ],
  emergency: ['15', '112'],
  codes: [
    { code: '*0*N', does: 'mask-call', by: 'box' },
    { code: '*5#', does: 'mask-on', by: 'box' },
    { code: '#5#', does: 'mask-off', by: 'box' },
    { code: '*6#', does: 'reset-all', by: 'box' },
  ],
  networkCodes: ['*1*N'],
  maxDigits: 6,
}

const small: PhoneConfig = { ...config, okFinals, plan: smallPlan }

export const smallConfigs: readonly [PhoneConfig, PhoneConfig] = [small, { ...small, ...bare }]
