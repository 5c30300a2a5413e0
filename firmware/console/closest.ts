// The word somebody probably meant: at most two slips of the finger away (Damerau-Levenshtein, adjacent transpositions).

/** undefined: none is near enough, or two are equally near. */
export const closest = (typed: string, words: readonly string[]): string | undefined => {
  const most = typed.length < 4 ? 1 : 2
  const ranked = words
    .map(word => ({ word, slips: slipsTo(typed.toLowerCase(), word.toLowerCase()) }))
    .filter(({ slips }) => slips <= most)
    .sort((a, b) => a.slips - b.slips)
  const [best, second] = ranked
  return best && best.slips !== second?.slips ? best.word : undefined
}

/** Words may be shortened: a slip in the beginning of a long one counts as one too. */
const slipsTo = (typed: string, word: string): number => {
  const lengths =
    typed.length < 4 ? [word.length] : [word.length, typed.length - 1, typed.length, typed.length + 1]
  return Math.min(...lengths.map(length => distance(typed, word.slice(0, length))))
}

const distance = (a: string, b: string): number => {
  // Longer words are no slip; the table would be large for nothing.
  if (Math.abs(a.length - b.length) > 2) return 3
  let twoUp: number[] = []
  let up = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let slips = Math.min(row[j - 1]! + 1, up[j]! + 1, up[j - 1]! + (same ? 0 : 1))
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] && i > 1 && j > 1)
        slips = Math.min(slips, twoUp[j - 2]! + 1)
      row.push(slips)
    }
    twoUp = up
    up = row
  }
  return up[b.length]!
}
