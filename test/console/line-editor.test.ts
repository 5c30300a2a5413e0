// A line typed at a VT100: what stands on the screen is what will be submitted.
import fc from 'fast-check'
import t from 'tap'
import {
  type EditorState,
  edit,
  longestLine,
  newEditor,
  promptFor,
  screenWidth,
} from '../../firmware/console/line-editor.js'
import type { EditKey, TerminalKey } from '../../firmware/console/terminal-keys.js'

/** One row of a VT100: what stands there, and where the cursor is. */
class Row {
  cells: string[] = []
  cursor = 0
  write(text: string): void {
    const parts = text.matchAll(/\x1b\[(\d*)([A-Z])|([^\x1b])/g)
    for (const [, count, final, char] of parts) {
      if (final === 'K') this.cells.length = Math.min(this.cells.length, this.cursor)
      else if (final === 'D') this.cursor = Math.max(0, this.cursor - Number(count || 1))
      else if (final !== undefined) throw new Error(`unknown sequence ${final}`)
      else this.put(char!)
    }
  }
  put(char: string): void {
    if (char === '\r') this.cursor = 0
    else if (char === '\n') this.cells = []
    else if (char === '\b') this.cursor = Math.max(0, this.cursor - 1)
    else if (char >= ' ') {
      if (this.cursor >= screenWidth) throw new Error('written beyond the row')
      while (this.cells.length < this.cursor) this.cells.push(' ')
      this.cells[this.cursor++] = char
    }
  }
  get text(): string {
    return this.cells.join('')
  }
}

const rig = (prompt = '> ', hidden = false) => {
  const row = new Row()
  const submitted: string[] = []
  const first = promptFor(newEditor(), prompt, hidden)
  row.write(first.output)
  let state: EditorState = first.state
  const press = (key: TerminalKey): void => {
    const edited = edit(state, key)
    state = edited.state
    row.write(edited.output)
    if (edited.action?.type === 'submit') submitted.push(edited.action.text)
    if (edited.action?.type === 'submit' || edited.action?.type === 'cancel') {
      const again = promptFor(state, prompt, hidden)
      state = again.state
      row.write(again.output)
    }
  }
  return {
    row,
    submitted,
    press,
    type: (text: string) => {
      for (const char of text) press({ type: 'char', char, pasted: true })
    },
    keys: (...keys: EditKey[]) => {
      for (const type of keys) press({ type })
    },
    state: () => state,
  }
}

t.test('a letter is put in where the cursor stands', async t => {
  const { type, keys, row, submitted } = rig()
  type('shw')
  keys('left')
  type('o')
  t.equal(row.text, '> show')
  t.equal(row.cursor, 5)
  keys('enter')
  t.same(submitted, ['show'])
})

t.test('words and ends of the line are killed and put back', async t => {
  const { type, keys, row } = rig()
  type('show line tel1')
  keys('kill-word')
  t.equal(row.text, '> show line ')
  keys('home', 'yank')
  t.equal(row.text, '> tel1show line ')
  keys('kill-end')
  t.equal(row.text, '> tel1')
  keys('kill-line', 'kill-word', 'backspace', 'delete')
  t.equal(row.text, '> ')
})

t.test('a killed line is gone whole, also right of the cursor', async t => {
  const { type, keys, row } = rig()
  type('show line')
  keys('home', 'right', 'kill-line')
  t.equal(row.text, '> ')
})

t.test('earlier lines come back, and what was begun is not lost by looking', async t => {
  const { type, keys, row } = rig()
  type('one')
  keys('enter')
  type('two')
  keys('enter')
  type('thr')
  keys('up')
  t.equal(row.text, '> two')
  keys('up', 'up')
  t.equal(row.text, '> one')
  keys('down', 'down')
  t.equal(row.text, '> thr')
})

t.test('a secret shows nothing, is kept nowhere, and can be mended', async t => {
  const { type, keys, row, submitted, state } = rig('Password: ', true)
  type('sesamx')
  keys('backspace')
  type('e')
  keys('kill-word')
  type('sesame')
  t.equal(row.text, 'Password: ')
  keys('enter')
  t.same(submitted, ['sesame'])
  keys('up')
  t.notMatch(JSON.stringify(state()), /sesam/)
})

t.test(`no line grows beyond ${longestLine} characters, and one that is too long rings once`, async t => {
  let state = promptFor(newEditor(), '> ').state
  let bells = 0
  for (let i = 0; i < 1000; i++) {
    const edited = edit(state, { type: 'char', char: 'x', pasted: false })
    state = edited.state
    if (edited.output.includes('\x07')) bells++
  }
  t.equal(state.text.length, longestLine)
  t.equal(bells, 1)
})

const keyNames: readonly EditKey[] = [
  'enter',
  'backspace',
  'delete',
  'left',
  'right',
  'word-left',
  'word-right',
  'home',
  'end',
  'up',
  'down',
  'kill-line',
  'kill-end',
  'kill-word',
  'yank',
  'cancel',
  'redraw',
]

t.test(
  'whatever is pressed, the row shows the line around the cursor and nothing beyond 80 columns',
  async () => {
    const key = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('a', 'b', ' ', '"', '?').map(char => ({ char })) },
      { weight: 1, arbitrary: fc.constant({ char: 'long '.repeat(20) }) },
      { weight: 4, arbitrary: fc.constantFrom(...keyNames).map(type => ({ type })) },
    )
    fc.assert(
      fc.property(fc.array(key, { maxLength: 60 }), presses => {
        const { row, type, press, state } = rig('voiceport> ')
        for (const one of presses) {
          if ('char' in one) type(one.char)
          else press(one)
          const { text, cursor, offset, prompt } = state()
          const room = screenWidth - 1 - prompt.length
          const shown = `${prompt}${text.slice(offset, offset + room)}`
          if (row.text.trimEnd() !== shown.trimEnd()) return false
          if (row.cursor !== prompt.length + cursor - offset) return false
        }
        return true
      }),
      { numRuns: 1000 },
    )
  },
)
