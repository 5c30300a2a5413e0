// A display name (RFC 3261 §25.1, UTF-8) as a telephone may show it: one line of printable text in reading order.
// Anybody may write anything into it.

/** Longest name that caller identity can carry (ETSI EN 300 659-3 §5.4.5), characters. */
export const LONGEST_NAME = 50

/** Marks that turn the direction of writing or show nothing at all. */
const invisible = /\p{Cf}/gu
/**
 * Controls (C0, C1), line and paragraph separators, halves of surrogate pairs, characters nobody has defined, and what
 * stands for a byte that was no UTF-8.
 */
const unfit = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\ufffd]/gu

export interface ShownName {
  /** 1 to 50 characters; undefined: there is nothing to show. */
  readonly text: string | undefined
  /** Something was taken out of it or cut off. */
  readonly altered: boolean
}

/** `written`: what stands in the header, without its quotes. */
export const shownName = (written: string | undefined): ShownName => {
  const plain = (written ?? '').replace(/\\(.)/gs, '$1').trim()
  // A name of several KB is not worth normalising whole.
  const start = plain
    .slice(0, 20 * LONGEST_NAME)
    .replace(invisible, '')
    .replace(unfit, ' ')
  const clean = start.normalize('NFC').replace(/\s+/gu, ' ').trim()
  const cut = [...clean].slice(0, LONGEST_NAME).join('').trim()
  // A display name that only repeats the number says nothing.
  const says = cut !== '' && !/^[+0-9\s().-]+$/.test(cut)
  return { text: says ? cut : undefined, altered: cut !== plain.normalize('NFC') }
}
