// HIL mode: JSON lines in and out, nothing echoed, and an end mark that a simple script can wait for.
import fc from 'fast-check'
import t from 'tap'
import { us } from '../../hal/clock.js'
import { fakeBox } from './fake-box.js'
import { consoleRig, enableSecret, viewSecret } from './terminal.js'

const lines = (text: string): readonly string[] => text.split('\r\n').filter(line => line !== '')

t.test('a request, its answer, OK', async t => {
  const terminal = await consoleRig().loggedIn()
  await terminal.type('mode hil\r')
  terminal.news()
  await terminal.type('{"id":7,"do":"show registration"}\n')
  const [reply, end, ...rest] = lines(terminal.news())
  const { id, ok, data, good } = JSON.parse(reply!)
  t.same({ id, ok, good }, { id: 7, ok: true, good: false })
  t.equal(data.lines[1].status, 403)
  t.match(data.verdicts[0], { id: 'password-refused', line: 'tel2' })
  t.equal(end, 'OK')
  t.same(rest, [])
})

t.test('mistakes are ERR and a code; abbreviations are mistakes', async t => {
  const terminal = await consoleRig().loggedIn()
  await terminal.type('mode hil\r')
  terminal.news()
  await terminal.type('{"id":"a","do":"sh reg"}\n')
  t.match(lines(terminal.news()), [/"id":"a","ok":false,"error":"VP-7503"/, 'ERR VP-7503'])
  await terminal.type('show registration\n')
  t.match(lines(terminal.news()), [/"error":"VP-7502"/, 'ERR VP-7502'])
  await terminal.type('{"do":"restart"}\n')
  t.match(lines(terminal.news()), [/"error":"VP-7505"/, 'ERR VP-7505'])
  await terminal.type(`{"do":"${'x'.repeat(9000)}"}\n`)
  t.match(lines(terminal.news()), [/"error":"VP-7502"/, 'ERR VP-7502'])
})

t.test('a script logs in without a prompt, and to change something too', async t => {
  const box = fakeBox()
  const { plug, logged } = consoleRig({ box })
  const terminal = plug('socket')
  await terminal.type('{"id":1,"login":"wrong"}\n')
  t.match(lines(terminal.news()).slice(-2), [/"error":"VP-7501"/, 'ERR VP-7501'])
  await terminal.type('{"id":1,"do":"show version"}\n')
  t.match(lines(terminal.news()).slice(-2), [/"error":"VP-7501"/, 'ERR VP-7501'])
  await terminal.type(
    `{"id":2,"login":"${viewSecret}"}\n{"id":3,"login":"${enableSecret}","level":"enable"}\n`,
  )
  t.match(lines(terminal.news()), [/"level":"view"/, 'OK', /"level":"enable"/, 'OK'])
  await terminal.type('{"id":4,"do":"restart now","text":true,"language":"fr"}\n')
  t.match(lines(terminal.news()), [/"text":\["La box redemarre ; les appels se terminent."\]/, 'OK'])
  t.equal(box.restarts, 1)
  t.notMatch(terminal.shown() + logged.join(), new RegExp(`${viewSecret}|${enableSecret}`))
})

t.test('what goes on is told line by line', async t => {
  const box = fakeBox()
  const { loggedIn, clock } = consoleRig({ box })
  const terminal = await loggedIn()
  await terminal.type('mode hil\r{"id":1,"do":"debug sip 5"}\n')
  box.happen({ us: us(42), text: 'in INVITE é' })
  await clock.advance(6000)
  t.match(lines(terminal.news()).slice(-4), [
    '{"id":1,"ev":"output","data":{"us":42,"text":"in INVITE \\u00e9"}}',
    /"ended":true/,
    '{"id":1,"ok":true}',
    'OK',
  ])
})

t.test('people come back with mode text', async t => {
  const terminal = await consoleRig().loggedIn()
  await terminal.type('mode hil\r{"do":"mode text"}\nshow vers')
  t.match(terminal.news(), 'voiceport> ')
  t.match(terminal.shown(), /show vers$/)
})

t.test('whatever is sent, each line has exactly one end', async () => {
  const request = fc.oneof(
    fc.json({ maxDepth: 2 }),
    fc.string({ maxLength: 60 }),
    fc
      .constantFrom('show version', 'debug', 'exit now', 'show log 0', '')
      .map(text => JSON.stringify({ do: text })),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(request, { maxLength: 6 }), async requests => {
      const terminal = await consoleRig().loggedIn()
      await terminal.type('mode hil\r')
      terminal.news()
      const sent = requests.map(text => text.replace(/[^\x20-\x7e]/g, '')).filter(text => text.trim() !== '')
      await terminal.type(`${sent.join('\n')}\n`)
      return lines(terminal.news()).filter(line => /^(OK|ERR VP-\d{4})$/.test(line)).length === sent.length
    }),
    { numRuns: 25 },
  )
})

t.test(
  'a script that says nothing for ten minutes is logged out, and a client that never logs in is let go',
  async t => {
    const { plug, clock } = consoleRig()
    const script = plug('socket')
    await script.type(`{"id":1,"login":"${viewSecret}"}\n`)
    const nobody = plug('socket')
    await clock.advance(9 * 60_000)
    await script.type('{"id":2,"do":"show version"}\n')
    t.same([script.closed, nobody.closed], [false, false])
    await clock.advance(2 * 60_000)
    t.same([script.closed, nobody.closed], [false, true])
    await clock.advance(9 * 60_000)
    t.equal(script.closed, true)
    const cable = plug('serial')
    await cable.type(`{"id":1,"login":"${viewSecret}"}\n`)
    await clock.advance(11 * 60_000)
    await cable.type('{"id":2,"do":"show version"}\n')
    t.notMatch(cable.news(), '"node"')
  },
)

t.test(
  'who comes to a serial line behind a script that could not log in has a prompt with Enter',
  async t => {
    for (const key of ['\r', '\x03', '\x04']) {
      const { plug } = consoleRig()
      const cable = plug('serial')
      await cable.type('{"id":1,"login":"wrong"}\r\n')
      await cable.type('{"id":2,"login":"wrong"}\r\n')
      t.notMatch(cable.news().split('\r\n{')[2], 'Password', 'the script reads on in peace')
      await cable.type(key)
      t.match(cable.news(), /^\rPassword: /)
      await cable.type(`${viewSecret}\rshow version\r`)
      t.match(cable.news(), /voiceport> .*Node/s)
    }
  },
)

t.test('a serial line left in HIL mode before any login comes back to people after ten minutes', async t => {
  const { plug, clock, logged } = consoleRig()
  const cable = plug('serial')
  await cable.type('{"id":1,"login":"wrong"}\n')
  t.match(cable.news(), 'ERR VP-7501')
  await clock.advance(11 * 60_000)
  t.match(cable.news(), /voiceport console\r\n\rPassword: /)
  t.notMatch(logged.join('\n'), 'logged out', 'nobody was logged in')
  await cable.type(`${viewSecret}\rexit\r`)
  t.match(cable.news(), /voiceport> .*voiceport console\r\n\rPassword: /s, 'and leaves no trace')
})
