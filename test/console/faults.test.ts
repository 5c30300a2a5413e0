// What goes wrong in the box, or comes from the network, while somebody is at the console.
import t from 'tap'
import { us } from '../../hal/clock.js'
import { fakeBox } from './fake-box.js'
import { consoleRig, viewSecret } from './terminal.js'

/** Broken once. */
const brokenLines = (): (() => readonly string[]) => {
  let broken = true
  return () => {
    if (!broken) return ['tel1']
    broken = false
    throw new Error('no lines')
  }
}

for (const front of ['serial', 'socket'] as const)
  t.test(`a fault while a line is read ends the session and no more: ${front}`, async t => {
    const { loggedIn, clock, logged } = consoleRig({ box: fakeBox({ lineIds: brokenLines() }) })
    const terminal = await loggedIn(front)
    await t.resolves(terminal.type('show line tel1\r'))
    t.match(logged.join('\n'), /error console fault .*no lines/)
    t.notMatch(terminal.news(), /voiceport> \x1b/, 'locked')
    await clock.advance(2000)
    t.match(terminal.news(), /voiceport console\r\n\rPassword: /)
    await terminal.type(`${viewSecret}\rshow version\r`)
    t.match(terminal.news(), 'Node')
  })

t.test('a fault in the greeting, and unplugging before the console comes back', async t => {
  let broken = true
  const good = fakeBox()
  const box = fakeBox({
    version: () => {
      if (broken) throw new Error('no version')
      return good.version()
    },
  })
  const { plug, clock, logged } = consoleRig({ box })
  const terminal = plug()
  await t.resolves(terminal.type(`${viewSecret}\r`))
  t.match(logged.join('\n'), /error console fault .*no version/)
  terminal.unplug()
  terminal.news()
  await clock.advance(5000)
  t.equal(terminal.news(), '', 'nobody is there')
  t.same(clock.pending(), [])
  broken = false
  const again = plug()
  await again.type(`${viewSecret}\r`)
  t.match(again.news(), 'voiceport> ')
})

t.test('a fault while the typed-ahead lines are read behind a command', async t => {
  const { loggedIn, clock, logged } = consoleRig({ box: fakeBox({ lineIds: brokenLines() }) })
  const terminal = await loggedIn()
  await terminal.type('debug sip 1\r')
  await terminal.type('show line tel1\r')
  await t.resolves(clock.advance(3000))
  t.match(logged.join('\n'), /error console fault .*no lines/)
  t.match(terminal.news(), /Password: \x1b\[K$/)
})

t.test('nothing that the network says reaches the terminal as a control character', async t => {
  const box = fakeBox()
  const { clock, loggedIn } = consoleRig({ box })
  const terminal = await loggedIn()
  await terminal.type('debug sip 10\r')
  terminal.news()
  box.happen({ us: us(clock.now()), text: 'in 192.0.2.1:5060 SIP/2.0 486 \x1b]0;owned\x07\x9b2J \xe9t\xe9' })
  await clock.advance(20)
  t.match(terminal.news(), 'SIP/2.0 486 \\x1b]0;owned\\x07\\x9b2J ete')
  t.notMatch(terminal.news(), /[^\x20-\x7e\r\n]/)
})

t.test('Ctrl-D where nobody is logged in only brings the prompt again', async t => {
  let reads = 0
  const { plug, logged } = consoleRig({
    secrets: {
      read: async level => {
        reads++
        return level === 'view' ? viewSecret : undefined
      },
    },
  })
  const terminal = plug()
  await terminal.type('')
  terminal.news()
  const before = reads
  await terminal.type('\x04'.repeat(20))
  t.equal(terminal.news().match(/Password: /g)?.length, 20)
  t.equal(reads, before)
  t.notMatch(logged.join('\n'), 'logged out')
  await terminal.type(`${viewSecret}\r\x04`)
  t.equal(logged.filter(line => line.includes('console logged out')).length, 1)
  const client = plug('socket')
  await client.type('\x04')
  t.equal(client.closed, true)
  t.equal(logged.filter(line => line.includes('console logged out')).length, 1)
})
