// One line being typed at a VT100: inserting in the middle, killing, history. Pure: (state, key) -> state, what to send to the
// terminal, and what the front has to do about it. A line longer than the screen scrolls sideways, so that every redraw stays in
// one row (VT100: CR, EL, CUF only).

import type { TerminalKey } from './terminal-keys.js'

export interface EditorState {
  readonly text: string
  readonly cursor: number
  /** First character shown. */
  readonly offset: number
  readonly prompt: string
  /** Oldest first. */
  readonly history: readonly string[]
  /** Which line of the history is shown; `history.length`: none, the line is a new one. */
  readonly recalled: number
  /** The new line, while one of the history is shown. */
  readonly draft: string
  readonly killed: string
  /** Nothing is echoed or kept: a secret. */
  readonly hidden: boolean
  /** Characters it takes. */
  readonly most: number
  /** Characters beyond that are being dropped; told once. */
  readonly full: boolean
}

/** What the front does about a key beyond editing. `text` is the whole line, `at` the cursor in it. */
export type EditorAction =
  /** `cut`: more was typed than the line takes, and is not in `text`. */
  | { readonly type: 'submit'; readonly text: string; readonly cut?: true }
  | { readonly type: 'help'; readonly text: string; readonly at: number }
  | { readonly type: 'complete'; readonly text: string; readonly at: number }
  /** Ctrl-C. */
  | { readonly type: 'cancel' }
  /** Ctrl-D on an empty line. */
  | { readonly type: 'leave' }

export interface Edited {
  readonly state: EditorState
  readonly output: string
  readonly action?: EditorAction
}

export const screenWidth = 80
export const longestLine = 256
const longestHistory = 50
const bell = '\x07'

export const newEditor = (history: readonly string[] = []): EditorState => ({
  text: '',
  cursor: 0,
  offset: 0,
  prompt: '',
  history,
  recalled: history.length,
  draft: '',
  killed: '',
  hidden: false,
  most: longestLine,
  full: false,
})

/** A new line under this prompt; `text` stands in it already. */
export const promptFor = (
  state: EditorState,
  prompt: string,
  hidden = false,
  text = '',
  most = longestLine,
): Edited => {
  const next = {
    ...state,
    prompt,
    hidden,
    text,
    cursor: text.length,
    offset: 0,
    recalled: state.history.length,
    draft: '',
    most,
    full: false,
  }
  return redrawn(next)
}

/** The row as it stands, from its beginning: after something else was written over it. */
export const redrawn = (state: EditorState): Edited => {
  const room = screenWidth - 1 - state.prompt.length
  const offset = Math.max(0, Math.min(state.offset, state.cursor), state.cursor - room)
  const shown = state.hidden ? '' : state.text.slice(offset, offset + room)
  const back = state.hidden ? 0 : shown.length - (state.cursor - offset)
  const output = `\r${state.prompt}${shown}\x1b[K${back > 0 ? `\x1b[${back}D` : ''}`
  return { state: { ...state, offset }, output }
}

export const edit = (state: EditorState, key: TerminalKey): Edited => {
  if (key.type === 'char') {
    const asks = key.char === '?' && !key.pasted && !state.hidden && !quoted(state)
    return asks ? acting(state, 'help') : inserted(state, key.char)
  }
  switch (key.type) {
    case 'enter':
      return submitted(state)
    case 'cancel':
      return { state: emptied(state), output: '\r\n', action: { type: 'cancel' } }
    case 'end-of-input':
      return state.text === '' ? { state, output: '\r\n', action: { type: 'leave' } } : deleted(state, 1)
    case 'tab':
      return state.hidden ? { state, output: '' } : acting(state, 'complete')
    case 'up':
      return recalled(state, state.recalled - 1)
    case 'down':
      return recalled(state, state.recalled + 1)
    case 'redraw':
      return redrawn(state)
    default:
      return changed(state, key.type)
  }
}

const acting = (state: EditorState, type: 'help' | 'complete'): Edited => ({
  state,
  output: '',
  action: { type, text: state.text, at: state.cursor },
})

/** Inside quotation marks "?" is text. */
const quoted = ({ text, cursor }: EditorState): boolean => text.slice(0, cursor).split('"').length % 2 === 0

const emptied = (state: EditorState): EditorState => ({
  ...state,
  text: '',
  cursor: 0,
  offset: 0,
  draft: '',
  recalled: state.history.length,
  full: false,
})

const submitted = (state: EditorState): Edited => {
  const { text, history, hidden, full } = state
  const keep = !hidden && text.trim() !== '' && history.at(-1) !== text
  const kept = keep ? [...history, text].slice(-longestHistory) : history
  return {
    state: { ...emptied(state), history: kept, recalled: kept.length },
    output: '\r\n',
    action: { type: 'submit', text, ...(full && { cut: true as const }) },
  }
}

/** As if the line before had never been typed. */
export const withoutLast = (state: EditorState): EditorState => {
  const history = state.history.slice(0, -1)
  return { ...state, history, recalled: history.length }
}

const inserted = (state: EditorState, char: string): Edited => {
  if (state.text.length >= state.most)
    return { state: { ...state, full: true }, output: state.full ? '' : bell }
  const { text, cursor } = state
  const next = {
    ...state,
    text: text.slice(0, cursor) + char + text.slice(cursor),
    cursor: cursor + 1,
  }
  if (state.hidden) return { state: next, output: '' }
  // At the end of a line that fits, the character is all there is to send: a slow line stays quick.
  const fits = next.cursor - next.offset + next.prompt.length < screenWidth
  return cursor === text.length && fits ? { state: next, output: char } : redrawn(next)
}

/** Without the characters from the cursor on, `count` of them; negative: before it. */
const deleted = (state: EditorState, count: number): Edited => {
  const from = Math.max(0, Math.min(state.cursor, state.cursor + count))
  const to = Math.min(state.text.length, Math.max(state.cursor, state.cursor + count))
  if (from === to) return { state, output: '' }
  const text = state.text.slice(0, from) + state.text.slice(to)
  // Nobody sees what is missing of a secret: only an emptied line is a new one.
  const next = { ...state, text, cursor: from, full: state.hidden && state.full }
  if (state.hidden) return { state: next, output: '' }
  const lastOnly = count === -1 && from === text.length && state.offset === 0
  return lastOnly ? { state: next, output: '\b \b' } : redrawn(next)
}

const moved = (state: EditorState, cursor: number): Edited => {
  const to = Math.max(0, Math.min(state.text.length, cursor))
  if (to === state.cursor || state.hidden) return { state: { ...state, cursor: to }, output: '' }
  return redrawn({ ...state, cursor: to })
}

type LineKey = Exclude<
  TerminalKey['type'],
  'char' | 'enter' | 'cancel' | 'end-of-input' | 'tab' | 'up' | 'down' | 'redraw'
>

const changed = (state: EditorState, key: LineKey): Edited => {
  const { text, cursor } = state
  switch (key) {
    case 'backspace':
      return deleted(state, -1)
    case 'delete':
      return deleted(state, 1)
    case 'left':
      return moved(state, cursor - 1)
    case 'right':
      return moved(state, cursor + 1)
    case 'word-left':
      return moved(state, wordStart(text, cursor))
    case 'word-right':
      return moved(state, wordEnd(text, cursor))
    case 'home':
      return moved(state, 0)
    case 'end':
      return moved(state, text.length)
    case 'kill-line':
      return wholeKilled(state)
    case 'kill-end':
      return killed(state, text.length - cursor)
    case 'kill-word':
      return killed(state, wordStart(text, cursor) - cursor)
    case 'yank':
      return yanked(state)
  }
}

const wordStart = (text: string, from: number): number => Math.max(0, text.slice(0, from).search(/\S+\s*$/))
const wordEnd = (text: string, from: number): number => {
  const rest = /^\s*\S+/.exec(text.slice(from))
  return rest ? from + rest[0].length : text.length
}

const killed = (state: EditorState, count: number): Edited => {
  const from = Math.min(state.cursor, state.cursor + count)
  const gone = state.text.slice(from, from + Math.abs(count))
  // A secret is never kept, not even to be put back.
  return deleted(gone === '' || state.hidden ? state : { ...state, killed: gone }, count)
}

/** Right of the cursor too. */
const wholeKilled = (state: EditorState): Edited => {
  if (state.text === '') return { state, output: '' }
  const next = { ...state, text: '', cursor: 0, full: false }
  return state.hidden ? { state: next, output: '' } : redrawn({ ...next, killed: state.text })
}

const yanked = (state: EditorState): Edited => {
  if (state.hidden || state.killed === '') return { state, output: '' }
  const { text, cursor } = state
  const added = state.killed.slice(0, state.most - text.length)
  return redrawn({
    ...state,
    text: text.slice(0, cursor) + added + text.slice(cursor),
    cursor: cursor + added.length,
    full: state.full || added.length < state.killed.length,
  })
}

const recalled = (state: EditorState, to: number): Edited => {
  if (state.hidden || to < 0 || to > state.history.length || to === state.recalled)
    return { state, output: '' }
  const draft = state.recalled === state.history.length ? state.text : state.draft
  const text = state.history[to] ?? draft
  return redrawn({ ...state, text, cursor: text.length, offset: 0, recalled: to, draft, full: false })
}
