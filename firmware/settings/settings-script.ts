// Technician's settings as text: the commands that would set them, so that an export can be read, kept, pasted into another
// console or imported. Lines that begin with "!" are remarks there too. Secrets are named and left out.

import { deskWords, type Words } from './desk-words.js'
import type { Overrides } from './overrides.js'
import { isSecretKey } from './secret-key.js'
import { unquoted, valueText } from './setting-values.js'

/** Ends a text that is typed or pasted. */
export const endOfScript = '! end'

/** `unused`: keys that count for nothing in this box; another one would refuse them. */
export const exportedScript = (overrides: Overrides, unused: ReadonlySet<string>): readonly string[] => [
  '! voiceport settings of the technician',
  ...[...overrides]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) =>
      unused.has(key)
        ? `! ${key} counts for nothing here; no set ${key} takes it back`
        : isSecretKey(key)
          ? `! ${key} is kept in the box; a secret is not exported`
          : `set ${key} ${valueText(value)}`,
    ),
  endOfScript,
]

/** `text` undefined: `no set KEY`. Lines count from 1. */
export type ScriptLine =
  | { readonly line: number; readonly key: string; readonly text: string | undefined }
  | { readonly line: number; readonly mistake: Words }

/** Without blank lines and remarks. */
export const parseScript = (lines: readonly string[]): readonly ScriptLine[] =>
  lines.flatMap((line, n): readonly ScriptLine[] => {
    const text = line.trim()
    if (text === '' || text.startsWith('!')) return []
    const [, no, key, value] = /^(no\s+)?set\s+(\S+)(?:\s+(.+))?$/i.exec(text) ?? []
    return key !== undefined && (no === undefined) === (value !== undefined)
      ? [{ line: n + 1, key, text: value === undefined ? undefined : unquoted(value) }]
      : [{ line: n + 1, mistake: deskWords.noCommand }]
  })
