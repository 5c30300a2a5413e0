// The dial plan of a country profile, as the telephone understands it; whether the box itself carries out its codes
// is the line's setting masking.owner.

import type { DialPlan, NumberPrefixes } from '../phone/dialling/plan.js'
import type { Profile } from '../settings/profile-schema.js'
import type { MaskingOwner } from './masking.js'

export const dialPlan = (profile: Profile, owner: MaskingOwner = 'box'): DialPlan => ({
  rules: profile.dialplan.rules,
  emergency: profile.emergency,
  codes: profile.codes.local.map(code => ({ ...code, by: owner === 'network' ? 'network' : 'box' })),
  networkCodes: profile.codes.network,
  maxDigits: profile.dialplan.maxDigits,
  prefixes: prefixesOf(profile),
})

const prefixesOf = ({ dialplan }: Profile): NumberPrefixes => ({
  ...(dialplan.countryCode !== undefined && { country: dialplan.countryCode }),
  international: dialplan.internationalPrefix,
  national: dialplan.nationalPrefix,
})
