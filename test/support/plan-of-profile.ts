// The dial plan of a shipped profile, read from its file without the settings code, so that the two check each other.

import { readFileSync } from 'node:fs'
import { getStaticTOMLValue, parseTOML } from 'toml-eslint-parser'
import type { DialPlan, DialRule, LocalCode } from '../../firmware/phone/dialling/plan.js'

interface ProfileFile {
  readonly emergency: readonly string[]
  readonly codes: { readonly local: readonly Omit<LocalCode, 'by'>[]; readonly network: readonly string[] }
  readonly dialplan: {
    readonly maxDigits: number
    readonly rules: readonly DialRule[]
    readonly countryCode?: string
    readonly nationalPrefix?: string
    readonly internationalPrefix?: string
  }
}

export const planOfProfile = (name: string): DialPlan => {
  const file = new URL(`../../../board/profiles/${name}.toml`, import.meta.url)
  const profile = getStaticTOMLValue(parseTOML(readFileSync(file, 'utf8'))) as unknown as ProfileFile
  const { countryCode, nationalPrefix = '', internationalPrefix = '00' } = profile.dialplan
  return {
    rules: profile.dialplan.rules,
    emergency: profile.emergency,
    codes: profile.codes.local.map(code => ({ ...code, by: 'box' })),
    networkCodes: profile.codes.network,
    maxDigits: profile.dialplan.maxDigits,
    prefixes: {
      ...(countryCode !== undefined && { country: countryCode }),
      international: internationalPrefix,
      national: nationalPrefix,
    },
  }
}
