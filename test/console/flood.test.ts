// What a cat on the keyboard, a boot loader or somebody wicked sends: the console stays small and goes on.
import fc from 'fast-check'
import t from 'tap'
import { createTypeAhead } from '../../firmware/console/type-ahead.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { collect } from '../support/young-generation.js'
import { fakeBox } from './fake-box.js'
import { consoleRig, viewSecret } from './terminal.js'

const piece = 4096

/** What lives in this process, bytes. */
const held = (): number => {
  // Code that was not used for a while goes with a later one.
  for (let i = 0; i < 4; i++) collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

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

t.test(
  'ten thousand pasted commands are all carried out, and with a megabyte leave nothing behind',
  async t => {
    let asked = 0
    const box = fakeBox({
      codes: () => {
        asked++
        return []
      },
    })
    const { console, clock } = consoleRig({ box })
    // Whatever comes back is not kept here either.
    const sink = console.accept({ name: 'serial', write: () => true, close: async () => undefined }, 'serial')
    const type = async (text: string): Promise<void> => {
      sink.onBytes(Buffer.from(text, 'latin1'))
      await clock.advance(100)
    }
    const flood = async (commands: number, bytes: number): Promise<void> => {
      const text = 'show codes\r'.repeat(commands)
      asked = 0
      // As fast as a serial line brings them: 11,520 characters a second.
      for (let at = 0; at < text.length; at += 1152) await type(text.slice(at, at + 1152))
      await clock.runUntil(() => asked === commands, 60_000)
      for (let at = 0; at < bytes; at += piece) await type('x'.repeat(piece))
      await type('\x03')
    }
    await type('')
    await type(`${viewSecret}\r`)
    // Compiled, and its history full.
    await flood(300, 50_000)
    const before = held()
    await flood(10_000, 1 << 20)
    t.equal(asked, 10_000)
    const grown = held() - before
    t.ok(grown < 1_000_000, `${grown} bytes`)
  },
)

t.test('bytes that come one by one take no more room than those that come together', t => {
  const typed = createTypeAhead()
  const before = held()
  for (let i = 0; i < 65_536; i++) typed.push(Uint8Array.of(i & 0xff))
  const grown = held() - before
  t.ok(grown < 1_000_000, `${grown} bytes for 65,536`)
  t.equal(typed.length, 65_536)
  t.end()
})

t.test('what was typed ahead comes out as it went in, whatever the pieces', t => {
  const work = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40_000, minLength: 0, size: 'max' }),
      fc.nat({ max: 70_000 }).map(take => ({ take })),
      fc.constant('clear' as const),
    ),
    { maxLength: 12 },
  )
  const holds = fc.property(work, steps => {
    const typed = createTypeAhead()
    let model: number[] = []
    let lost = 0
    for (const step of steps) {
      if (step === 'clear') {
        typed.clear()
        model = []
      } else if ('take' in step) {
        const out = model.splice(0, step.take)
        if (out.some(byte => typed.next() !== byte)) return false
      } else {
        const kept = step.subarray(0, 65_536 - model.length)
        typed.push(step)
        model.push(...kept)
        lost += step.length - kept.length
      }
      if (typed.length !== model.length) return false
    }
    return typed.lost() === lost && model.every(byte => typed.next() === byte) && typed.next() === undefined
  })
  fc.assert(holds, { numRuns: 30 })
  t.end()
})
