// Text for a screen of 80 columns: folding, tables, columns. ASCII only.

import { screenWidth } from './line-editor.js'

/**
 * Accents and signs of other alphabets have no place on this line: their nearest ASCII form, or "?". A control character would
 * move the reader's terminal: it stands as "\x1b".
 */
export const ascii = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replaceAll('…', '...')
    .replaceAll('–', '-')
    .replace(/[‘’]/g, "'")
    .replace(/\p{Cc}/gu, control => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replace(/«\s*|\s*»|[“”]/g, '"')
    .replace(/[^\x20-\x7e]/g, '?')

/** A line in pieces of at most 79 columns, broken at blanks where there are some; what follows is indented like the first. */
export const folded = (line: string): readonly string[] => {
  const plain = ascii(line)
  const width = screenWidth - 1
  if (plain.length <= width) return [plain]
  const indent = `${/^ */.exec(plain)![0].slice(0, 40)}  `
  const pieces: string[] = []
  let rest = plain
  while (rest.length > width) {
    const blank = rest.lastIndexOf(' ', width)
    const cut = blank > indent.length ? blank : width
    pieces.push(rest.slice(0, cut).trimEnd())
    rest = indent + rest.slice(cut).trimStart()
  }
  return [...pieces, rest]
}

/** Rows in columns two blanks apart, behind two blanks; empty rows for none. */
export const tableRows = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths: number[] = []
  for (const row of rows)
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length)
  return rows.map(row => `  ${row.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`.trimEnd())
}

/** Words side by side. */
export const inColumns = (words: readonly string[]): readonly string[] => {
  const width = Math.max(...words.map(word => word.length)) + 2
  const across = Math.max(1, Math.floor((screenWidth - 3) / width))
  const lines: string[] = []
  for (let i = 0; i < words.length; i += across)
    lines.push(
      `  ${words
        .slice(i, i + across)
        .map(word => word.padEnd(width))
        .join('')}`.trimEnd(),
    )
  return lines
}

/** "3 h 12 min", "2 d 4 h", "45 s". */
export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.floor(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  if (minutes < 60) return `${minutes} min ${whole % 60} s`
  const hours = Math.floor(minutes / 60)
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}
