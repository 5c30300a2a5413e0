// What is explored: the French dial plan as shipped; and for the tests, which must be quick, a plan as small as one can
// be with every kind of number in it.

import type { PhoneConfig } from '../../../firmware/phone/config.js'
import type { DialPlan } from '../../../firmware/phone/dialling/plan.js'
import { config } from '../telephone.js'

const bare = { hasAccount: false, howlerTone: false, callWaiting: false }

/** As ordered, and with everything left out that can be; either may become the other at any moment. */
export const frenchConfigs: readonly PhoneConfig[] = [config, { ...config, ...bare }]

const smallPlan: DialPlan = {
  rules: [
    { class: 'national', pattern: '05' },
    { class: 'international', pattern: '00.', length: [3, 4] },
    { class: 'voicemail', pattern: '10' },
  ],
  emergency: ['15', '112'],
  codes: [
    { code: '*0*N', does: 'mask-call' },
    { code: '*5#', does: 'mask-on' },
    { code: '#5#', does: 'mask-off' },
    { code: '*6#', does: 'reset-all' },
  ],
  networkCodes: ['*1*N'],
  maxDigits: 6,
}

const small: PhoneConfig = { ...config, plan: smallPlan }

export const smallConfigs: readonly PhoneConfig[] = [small, { ...small, ...bare }]
