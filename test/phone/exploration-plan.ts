// A dial plan as small as one can be with every kind of number in it, so that every string of keys can be explored.

import type { PhoneConfig } from '../../firmware/phone/config.js'
import type { DialPlan } from '../../firmware/phone/dialling/plan.js'
import { config } from './telephone.js'

const plan: DialPlan = {
  rules: [
    { class: 'national', pattern: '05' },
    { class: 'international', pattern: '00.', length: [3, 4] },
    { class: 'voicemail', pattern: '10' },
  ],
  emergency: ['15'],
  codes: [
    { code: '*0*N', does: 'mask-call' },
    { code: '*5#', does: 'mask-on' },
    { code: '#5#', does: 'mask-off' },
  ],
  networkCodes: ['*1*N'],
  maxDigits: 5,
}

export const explorationKeys = '015*#A'

/** `maxDigits`: most keys of a number; states grow fivefold with each. */
export const explorationConfig = (maxDigits: number, hasAccount = true): PhoneConfig => ({
  ...config,
  hasAccount,
  plan: { ...plan, maxDigits },
})
