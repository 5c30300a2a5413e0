// Recorded sessions of a technician (test/console/golden): what was typed, and what his terminal showed.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface Session {
  /** The command as it was typed, or the name of a habit ("log in"). */
  readonly title: string
  /** Keys of each step: "show line tel1 Enter"; a secret is "(secret)". */
  readonly keys: readonly string[]
  /** From the prompt on, without the prompt that follows. */
  readonly rows: readonly string[]
}

export type Language = 'en' | 'fr'

const prompt = /^voiceport[>#]$/

/** `name`: "commands", "incidents". */
export const goldenSessions = (name: string, language: Language): readonly Session[] =>
  sessionsIn(
    readFileSync(
      fileURLToPath(new URL(`../../../test/console/golden/${name}-${language}.txt`, import.meta.url)),
      'utf8',
    ),
  )

export const sessionsIn = (text: string): readonly Session[] =>
  text
    .split(/^### /m)
    .slice(1)
    .map(part => {
      const [title = '', ...lines] = part.trimEnd().split('\n')
      const keys = lines.filter(line => line.startsWith('=== ')).map(line => line.slice(4))
      const rows = lines.slice(keys.length)
      while (rows[0] === '') rows.shift()
      if (prompt.test(rows.at(-1) ?? '')) rows.pop()
      return { title, keys, rows }
    })
