// The dial plan of a country profile, as the telephone understands it.

import type { DialPlan } from '../phone/dialling/plan.js'
import type { Profile } from '../settings/profile-schema.js'

export const dialPlan = (profile: Profile): DialPlan => ({
  rules: profile.dialplan.rules,
  emergency: profile.emergency,
  codes: profile.codes.local,
  networkCodes: profile.codes.network,
  maxDigits: profile.dialplan.maxDigits,
})
