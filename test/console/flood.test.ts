// What a cat on the keyboard, a boot loader or somebody wicked sends: the console stays small and goes on.
import fc from 'fast-check'
import t from 'tap'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { fakeBox } from './fake-box.js'
import { consoleRig } from './terminal.js'

const piece = 4096

t.test('a megabyte without a line end keeps 256 characters, and the next line is read as ever', async t => {
  const { loggedIn } = consoleRig()
  const terminal = await loggedIn()
  for (let i = 0; i < 256; i++) await terminal.type('x'.repeat(piece))
  t.ok(terminal.news().length < 50_000, 'and little of it comes back')
  await terminal.type('\x03show version\r')
  t.match(terminal.news(), 'Node')
})

t.test('a megabyte of noise changes nothing and opens nothing', async t => {
  const box = fakeBox()
  const { plug, clock, looked } = consoleRig({ box })
  const entropy = new SeededEntropy(41)
  const terminal = plug()
  for (let i = 0; i < 256; i++) await terminal.type(Buffer.from(entropy.hex(piece), 'hex').toString('latin1'))
  t.ok(looked.length < 100, `${looked.length} tries in ${clock.now() / 1_000_000} s`)
  t.notMatch(terminal.shown(), /voiceport>/)
  t.equal(box.restarts, 0)
})

t.test('ten thousand pasted commands are all carried out, one after the other', async t => {
  let asked = 0
  const box = fakeBox({
    codes: () => {
      asked++
      return []
    },
  })
  const { loggedIn, clock } = consoleRig({ box })
  const terminal = await loggedIn()
  // As fast as a serial line brings them: 11,520 characters a second.
  const text = 'show codes\r'.repeat(10_000)
  for (let at = 0; at < text.length; at += 1152) {
    await terminal.type(text.slice(at, at + 1152))
    await clock.advance(100)
  }
  await clock.runUntil(() => asked === 10_000, 60_000)
  t.equal(asked, 10_000)
})

t.test('what is pasted beyond all measure is lost, and how much is told', async t => {
  const { loggedIn, clock } = consoleRig()
  const terminal = await loggedIn()
  await terminal.type('debug sip 5\r')
  await terminal.type(' '.repeat(200_000))
  await clock.advance(10_000)
  t.match(terminal.news(), /% 134464 characters typed ahead were lost\./)
})

t.test('no bytes whatever stop the console', async () => {
  const part = fc.oneof(
    fc.constantFrom(
      '\x1b[',
      '\x1b]',
      '\x1bO',
      '\x1b[200~',
      '\x1b[201~',
      '\r',
      '\t',
      '?',
      '"',
      '\x03',
      'show ',
      'no ',
      'debug sip 1',
    ),
    fc.string({ maxLength: 6 }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 30 }), async parts => {
      const { loggedIn, clock } = consoleRig()
      const terminal = await loggedIn()
      await terminal.type(parts.join('').replaceAll('exit', '').replaceAll('\x04', ''))
      await clock.advance(1200)
      // The end of whatever was begun: a paste, a sequence, a page, a line.
      await terminal.type('\x18\x1b[201~\x03')
      await terminal.type('\x03terminal language en\rshow version\r')
      return terminal.news().includes('v20.19.2')
    }),
    { numRuns: 60 },
  )
})
