// Bytes of a terminal become keys; what is no key vanishes whole.
import fc from 'fast-check'
import t from 'tap'
import { type KeyState, nextKey, noKeys } from '../../firmware/console/terminal-keys.js'

const keysOf = (
  text: string,
  from: KeyState = noKeys,
): { readonly keys: string[]; readonly state: KeyState } => {
  const keys: string[] = []
  let state = from
  for (const byte of Buffer.from(text, 'latin1')) {
    const [next, key] = nextKey(state, byte)
    state = next
    if (key) keys.push(key.type === 'char' ? key.char : key.type)
  }
  return { keys, state }
}
const keys = (text: string): string => keysOf(text).keys.join(' ')

t.test('cursor keys of VT100, xterm, rxvt and the Linux console', async t => {
  t.equal(keys('\x1b[A\x1b[B\x1b[C\x1b[D'), 'up down right left')
  t.equal(keys('\x1bOA\x1bOH\x1bOF'), 'up home end')
  t.equal(keys('\x1b[1~\x1b[4~\x1b[7~\x1b[8~\x1b[3~\x1b[H\x1b[F'), 'home end home end delete home end')
  t.equal(keys('\x1b[1;5C\x1bb'), 'word-right word-left')
})

t.test('every line ending is one Enter', async t => {
  t.equal(keys('a\rb\nc\r\nd'), 'a enter b enter c enter d')
  t.equal(keys('\r\r\n\n'), 'enter enter enter')
})

t.test('sequences that mean nothing here leave nothing behind', async t => {
  const nothing = [
    '\x1b[24;80R',
    '\x1b[?1;2c',
    '\x1b[[A',
    '\x1b[15~',
    '\x1b(B',
    '\x1b]0;title\x07',
    '\x1b]0;title\x1b\\',
    '\x1bP+q544e\x1b\\',
    '\x1b[M !!',
    '\x1b[<0;10;10M',
    '\x1bOP',
    '\x9b\xc3\xa9\xe2\x82\xac',
    '\x00\x07\x1d',
    '\x1b[123\x18',
  ]
  for (const sequence of nothing) t.equal(keys(`${sequence}x`), 'x', JSON.stringify(sequence))
})

t.test('a sequence without an end is ended by the next line end', async t => {
  t.equal(keys('\x1b]0;never ends\rok'), 'enter o k')
  t.equal(keys('\x1b[12;12\rok'), 'enter o k')
})

t.test('between the marks of a paste a question mark is told to be text, and a tab is a blank', async t => {
  let state = noKeys
  const found: string[] = []
  for (const byte of Buffer.from('\x1b[200~a?\tb\x1b[201~?')) {
    const [next, key] = nextKey(state, byte)
    state = next
    if (key?.type === 'char') found.push(`${key.char}${key.pasted ? '+' : ''}`)
  }
  t.same(found, ['a+', '?+', ' +', 'b+', '?'])
})

t.test(
  'whatever comes, keys are printable or named, and after two line ends typing works again',
  async () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), bytes => {
        const { keys: found, state } = keysOf(Buffer.from(bytes).toString('latin1'))
        for (const key of found) if (!/^[\x20-\x7e]$|^[a-z-]{2,}$/.test(key)) return false
        return (
          keysOf('\r\nok', { ...state, pasting: false })
            .keys.slice(-2)
            .join('') === 'ok'
        )
      }),
      { numRuns: 2000 },
    )
  },
)

t.test('the cut of a sequence between two reads changes nothing', async t => {
  const text = 'sh\x1b[A\x1b[1;5Dx\x1b]0;t\x07y\r\nz'
  const whole = keysOf(text).keys
  for (let cut = 0; cut <= text.length; cut++) {
    const first = keysOf(text.slice(0, cut))
    t.same([...first.keys, ...keysOf(text.slice(cut), first.state).keys], whole)
  }
})
