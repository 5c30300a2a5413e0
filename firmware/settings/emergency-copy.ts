// The emergency numbers of a country once more, in the program itself: a profile of one's own may add to them, but no
// slip of the pen and no damaged file takes one away (design §6.1). The list to edit is the one in board/profiles/; a
// test holds this copy equal to it.

const copies: Readonly<Record<string, readonly string[]>> = {
  DE: ['110', '112', '116000', '116111', '116117'],
  FR: ['15', '17', '18', '112', '114', '115', '119', '191', '196', '197', '116000', '116111', '116117'],
}

/** Reachable under every profile of Europe and from every mobile telephone (EU directive 2018/1972 article 109). */
const everywhere: readonly string[] = ['112']

/** `listed`, and what it must not lack in this country (ISO 3166-1). */
export const withEmergencyCopy = (country: string, listed: readonly string[]): readonly string[] => [
  ...new Set([...listed, ...(copies[country] ?? everywhere)]),
]
