// The Request-URI of what was dialled: telephone digits as a SIP URI with user=phone (RFC 3261 §19.1.1, §25.1).
// "#" is not allowed in a user part and stands as %23; "*" is, and some networks compare it literally.

export interface RequestUriOptions {
  /** Host of the account, with its port if it has one. */
  readonly domain: string
  /** How "#" stands: %23 (the standard's way), as such, or a trailing one left out. Settings `codes.hash`. */
  readonly hash: 'escaped' | 'raw' | 'strip'
}

// user = 1*( unreserved / escaped / user-unreserved )
const notInUser = /[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/gu

/** `target`: digits, "*" and "#" as dialled; anything else a user part cannot hold is percent-encoded. */
export const requestUri = (target: string, { domain, hash }: RequestUriOptions): string => {
  const kept = hash === 'strip' ? target.replace(/#$/, '') : target
  const user = kept.replace(notInUser, char => (char === '#' && hash === 'raw' ? char : percent(char)))
  return `sip:${user}@${domain};user=phone`
}

const percent = (char: string): string =>
  [...new TextEncoder().encode(char)]
    .map(byte => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
