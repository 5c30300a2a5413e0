// Bytes from a terminal as keys: VT100 and xterm escape sequences (ECMA-48 §5.4), any line ending, bracketed paste.
// Whatever is no key vanishes whole, so that no half of a sequence is ever typed into a line.

export type EditKey =
  | 'enter'
  | 'tab'
  | 'backspace'
  | 'delete'
  | 'left'
  | 'right'
  | 'word-left'
  | 'word-right'
  | 'home'
  | 'end'
  | 'up'
  | 'down'
  | 'kill-line'
  | 'kill-end'
  | 'kill-word'
  | 'yank'
  | 'cancel'
  | 'end-of-input'
  | 'redraw'

/** `pasted`: between the marks of a bracketed paste, where "?" and Tab are text. */
export type TerminalKey =
  | { readonly type: 'char'; readonly char: string; readonly pasted: boolean }
  | { readonly type: EditKey }

type Mode =
  | 'ground'
  | 'escape'
  | 'csi'
  /** Behind ESC [ [: function keys of the Linux console have one letter more. */
  | 'csi-linux'
  | 'ss3'
  /** Title strings and the like, up to their end or the end of the line. */
  | 'string'
  | 'string-escape'
  /** Bytes of a mouse report still to come. */
  | 'mouse'

export interface KeyState {
  readonly mode: Mode
  readonly parameters: string
  readonly left: number
  readonly pasting: boolean
  /** The last byte was CR: an LF behind it belongs to it. */
  readonly afterReturn: boolean
}

export const noKeys: KeyState = {
  mode: 'ground',
  parameters: '',
  left: 0,
  pasting: false,
  afterReturn: false,
}

/** Longer ones are garbage and are ended there. */
const mostParameters = 24

const esc = 0x1b
const cr = 0x0d
const lf = 0x0a

const controls: Readonly<Record<number, EditKey>> = {
  1: 'home',
  2: 'left',
  3: 'cancel',
  4: 'end-of-input',
  5: 'end',
  6: 'right',
  8: 'backspace',
  9: 'tab',
  11: 'kill-end',
  12: 'redraw',
  14: 'down',
  16: 'up',
  21: 'kill-line',
  23: 'kill-word',
  25: 'yank',
  127: 'backspace',
}

const finals: Readonly<Record<string, EditKey>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  '1~': 'home',
  '3~': 'delete',
  '4~': 'end',
  '7~': 'home',
  '8~': 'end',
  '1;5C': 'word-right',
  '1;5D': 'word-left',
  '1;3C': 'word-right',
  '1;3D': 'word-left',
}

const metas: Readonly<Record<string, EditKey>> = { b: 'word-left', f: 'word-right' }

type Step = readonly [KeyState, TerminalKey | undefined]

/** One byte further. */
export const nextKey = (state: KeyState, byte: number): Step => {
  const on = { ...state, afterReturn: false }
  // A line end ends whatever was begun: nobody is locked out by a sequence that lacks its end.
  if (byte === cr || byte === lf) return lineEnd(state, byte)
  if (byte === esc && state.mode !== 'string') return [{ ...on, mode: 'escape', parameters: '' }, undefined]
  // CAN and SUB give a sequence up (ECMA-48 §8.3.6).
  if (byte === 0x18 || byte === 0x1a) return [{ ...on, mode: 'ground' }, undefined]
  switch (state.mode) {
    case 'ground':
      return [on, plain(byte, state.pasting)]
    case 'escape':
      return afterEscape(on, byte)
    case 'csi':
      return inCsi(on, byte)
    case 'csi-linux':
      return [{ ...on, mode: 'ground' }, undefined]
    case 'ss3':
      return [{ ...on, mode: 'ground' }, keyOf(finals[String.fromCharCode(byte)])]
    case 'string':
      if (byte === esc) return [{ ...on, mode: 'string-escape' }, undefined]
      return [byte === 7 ? { ...on, mode: 'ground' } : on, undefined]
    case 'string-escape':
      return byte === 0x5c ? [{ ...on, mode: 'ground' }, undefined] : afterEscape(on, byte)
    case 'mouse':
      return [{ ...on, left: on.left - 1, mode: on.left > 1 ? 'mouse' : 'ground' }, undefined]
  }
}

const lineEnd = (state: KeyState, byte: number): Step => {
  const rest = { ...state, mode: 'ground', parameters: '', afterReturn: byte === cr } as const
  if (byte === lf && state.afterReturn && state.mode === 'ground') return [rest, undefined]
  return [rest, { type: 'enter' }]
}

const plain = (byte: number, pasted: boolean): TerminalKey | undefined => {
  if (pasted && byte === 9) return { type: 'char', char: ' ', pasted }
  const key = controls[byte]
  if (key !== undefined) return { type: key }
  // No accents on this line, and no C1 controls: 0x80 and above are parts of UTF-8 characters or noise.
  return byte >= 0x20 && byte < 0x7f ? { type: 'char', char: String.fromCharCode(byte), pasted } : undefined
}

const afterEscape = (state: KeyState, byte: number): Step => {
  const char = String.fromCharCode(byte)
  if (char === '[') return [{ ...state, mode: 'csi', parameters: '' }, undefined]
  if (char === 'O') return [{ ...state, mode: 'ss3' }, undefined]
  if (']PX^_'.includes(char)) return [{ ...state, mode: 'string' }, undefined]
  // Intermediate bytes (ESC ( B and its like) have a final to come.
  if (byte >= 0x20 && byte < 0x30) return [{ ...state, mode: 'escape' }, undefined]
  return [{ ...state, mode: 'ground' }, keyOf(metas[char])]
}

const inCsi = (state: KeyState, byte: number): Step => {
  const char = String.fromCharCode(byte)
  if (byte >= 0x20 && byte < 0x40) {
    if (state.parameters.length >= mostParameters) return [state, undefined]
    return [{ ...state, parameters: state.parameters + char }, undefined]
  }
  const done = { ...state, mode: 'ground' } as const
  if (byte < 0x40 || byte > 0x7e) return [byte < 0x20 ? state : done, undefined]
  if (char === '[' && state.parameters === '') return [{ ...state, mode: 'csi-linux' }, undefined]
  if (char === 'M' && state.parameters === '') return [{ ...state, mode: 'mouse', left: 3 }, undefined]
  const sequence = state.parameters + char
  if (sequence === '200~') return [{ ...done, pasting: true }, undefined]
  if (sequence === '201~') return [{ ...done, pasting: false }, undefined]
  return [done, keyOf(finals[sequence])]
}

const keyOf = (key: EditKey | undefined): TerminalKey | undefined =>
  key === undefined ? undefined : { type: key }
