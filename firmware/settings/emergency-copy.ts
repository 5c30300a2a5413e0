// The emergency numbers of a country once more, in the program itself: a profile of one's own may add to them, but no
// slip of the pen and no damaged file takes one away. The list to edit is the one in board/profiles/; a
// test holds this copy equal to it.

const copies: Readonly<Record<string, readonly string[]>> = {
  BE: ['112', '100', '101', '102', '103', '105', '106', '107', '108', '110', '116000'],
  CH: ['112', '117', '118', '144', '145', '1414', '143', '147', '116000'],
  DE: ['110', '112', '116000', '116111', '116117'],
  ES: ['112', '061', '062', '080', '085', '088', '091', '092', '016', '024', '116000', '116111'],
  FR: ['15', '17', '18', '112', '114', '115', '119', '191', '196', '197', '116000', '116111', '116117'],
  GB: ['999', '112', '18000', '116000', '116111', '116123'],
  IT: ['112', '113', '115', '118', '114', '117', '1515', '1522', '1530', '116000', '116117'],
  NL: ['112', '113', '116123', '116000', '116006', '116111'],
  US: ['911', '988'],
}

/** Reachable under every profile of Europe and from every mobile telephone (EU directive 2018/1972 article 109). */
const everywhere: readonly string[] = ['112']

/** `listed`, and what it must not lack in this country (ISO 3166-1). */
export const withEmergencyCopy = (country: string, listed: readonly string[]): readonly string[] => [
  ...new Set([...listed, ...(copies[country] ?? everywhere)]),
]
