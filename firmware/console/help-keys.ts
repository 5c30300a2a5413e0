// What "?" and Tab answer while a line is being typed: at once, without Enter, and the line stays as it was.

import { allows } from './carry-out.js'
import type { CommandTable } from './command.js'
import { completion, type GrammarWorld, helpFor } from './grammar.js'
import { edit, redrawn } from './line-editor.js'
import { inColumns, tableRows } from './pages.js'
import type { LiveSession } from './session.js'

interface Cursor {
  readonly text: string
  readonly at: number
}

export const answerHelp = async (
  live: LiveSession,
  { text, at }: Cursor,
  signal: AbortSignal,
): Promise<void> => {
  const rows = helpFor(text, at, permitted(live))
  if ('mistake' in rows) return live.outlet.write(`% ${live.say(rows.mistake)}\r\n`)
  await live.screen.print(tableRows(rows.map(({ word, help }) => [word, live.say(help)])), signal)
}

export const answerTab = async (
  live: LiveSession,
  { text, at }: Cursor,
  signal: AbortSignal,
): Promise<void> => {
  const { insert, choices } = completion(text, at, permitted(live))
  for (const char of insert) {
    const edited = edit(live.editor, { type: 'char', char, pasted: true })
    live.editor = edited.state
    live.outlet.write(edited.output)
  }
  if (insert !== '' || choices.length === 0) return
  live.outlet.write('\r\n')
  await live.screen.print(inColumns(choices), signal)
  live.outlet.write(redrawn(live.editor).output)
}

/** What the session may not do is not offered. */
const permitted = (live: LiveSession): GrammarWorld => {
  const world = live.world(false)
  const table: CommandTable = {
    ...world.table,
    commands: world.table.commands.filter(({ level }) => allows(live.level, level)),
  }
  return { ...world, table }
}
