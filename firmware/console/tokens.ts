// A command line in words. Quotation marks keep blanks together; each word knows where it begins, for the caret.

export interface Token {
  readonly text: string
  /** Index of its first character in the line. */
  readonly at: number
  /** Index behind its last one. */
  readonly end: number
}

export const tokens = (line: string): readonly Token[] => {
  const found: Token[] = []
  const word = /(?:"[^"]*(?:"|$)|[^\s"])+/g
  for (let match = word.exec(line); match; match = word.exec(line))
    found.push({ text: match[0].replaceAll('"', ''), at: match.index, end: match.index + match[0].length })
  return found
}

/** The words before the cursor and the beginning of the one it stands in ("" behind a blank). */
export const upTo = (
  line: string,
  at: number,
): { readonly before: readonly Token[]; readonly partial: Token } => {
  const head = line.slice(0, at)
  const words = tokens(head)
  const last = words.at(-1)
  if (last === undefined || last.end < head.length || /[\s]$/.test(head))
    return { before: words, partial: { text: '', at: head.length, end: head.length } }
  return { before: words.slice(0, -1), partial: last }
}
