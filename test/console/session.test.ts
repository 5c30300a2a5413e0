// A person at the console, in virtual time: logging in, commands, pages, a slow line, unplugging.
import t from 'tap'
import { us } from '../../hal/clock.js'
import { fakeBox } from './fake-box.js'
import { consoleRig, enableSecret, viewSecret } from './terminal.js'

t.test('locked until the secret is given, which is never shown', async t => {
  const { plug, logged } = consoleRig()
  const terminal = plug()
  await terminal.type('show version\r')
  t.match(terminal.news(), /voiceport console\r\n\rPassword: .*\r\n% Wrong password\r\n/s)
  await terminal.type(`${viewSecret}\r`)
  t.match(terminal.news(), /voiceport 0\.1\.0, up 2 h 3 min\. \? helps\.\r\n\rvoiceport> /)
  await terminal.type('\x1b[A\r')
  t.notMatch(terminal.shown(), new RegExp(viewSecret))
  t.notMatch(logged.join('\n'), new RegExp(`${viewSecret}|show version`))
})

t.test('before the login nothing tells the version', async t => {
  const terminal = consoleRig().plug()
  await terminal.type('?\r\r')
  t.notMatch(terminal.shown(), /0\.1\.0/)
})

t.test('a command, its answer, and the prompt again', async t => {
  const terminal = await consoleRig().loggedIn()
  await terminal.type('sh reg\r')
  const shown = terminal.news()
  t.match(shown, 'tel1  sip:0389000001@operator.test  registered, for 2 h 0 min')
  t.match(shown, 'tel2  sip:0389000002@operator.test  refused, for 1 min 5 s')
  t.match(shown, 'answer  403 Forbidden')
  t.ok(shown.endsWith('\rvoiceport> \x1b[K'))
})

t.test('a mistake is told with a caret under its word', async t => {
  const terminal = await consoleRig().loggedIn()
  await terminal.type('show regster\r')
  t.match(
    terminal.news(),
    `\r\n${' '.repeat('voiceport> show '.length)}^\r\n% Unknown word "regster" (did you mean "registration"?)`,
  )
})

t.test('? answers at once and leaves the line as it was', async t => {
  const terminal = await consoleRig().loggedIn()
  await terminal.type('show v?')
  t.match(terminal.news(), /\?\r\n {2}version {2}Version, uptime, memory, time\r\n\rvoiceport> show v/)
  await terminal.type('er\r')
  t.match(terminal.news(), 'Node       v20.19.2')
})

t.test('Tab completes, and lists what is open', async t => {
  const terminal = await consoleRig().loggedIn()
  await terminal.type('sh\tre\t\r')
  t.match(terminal.news(), 'show registration \r\n')
  await terminal.type('show \t')
  t.match(terminal.news(), /\r\n {2}alarms +board +calls +changes +codes\r\n.*\r\n\rvoiceport> show /s)
})

t.test('French, without accents', async t => {
  const terminal = await consoleRig().loggedIn()
  await terminal.type('terminal language fr\rshow registration\rshow lun\r')
  const shown = terminal.news()
  t.match(shown, 'enregistre, depuis 2 h 0 min')
  t.match(shown, '% Mot inconnu "lun"')
  t.notMatch(shown, /[^\x00-\x7f]/)
})

t.test('changes need the second secret', async t => {
  const box = fakeBox()
  const terminal = await consoleRig({ box }).loggedIn()
  await terminal.type('restart\r')
  t.match(terminal.news(), '% This changes something: type enable first')
  t.equal(box.restarts, 0)
  await terminal.type(`enable\r`)
  t.match(terminal.news(), 'Password for changes: ')
  await terminal.type(`${enableSecret}\r`)
  t.match(terminal.news(), 'voiceport# ')
  await terminal.type('restart now\r')
  t.equal(box.restarts, 1)
  await terminal.type('disable\rrestart now\r')
  t.equal(box.restarts, 1)
  t.notMatch(terminal.shown(), new RegExp(enableSecret))
})

t.test('a long answer comes in pages', async t => {
  const terminal = await consoleRig().loggedIn()
  await terminal.type('terminal length 5\rshow trace 12\r')
  const page = terminal.news()
  t.equal(page.match(/dialling/g)?.length, 4)
  t.ok(page.endsWith('--More--'))
  await terminal.type('\r')
  t.equal(terminal.news().match(/dialling/g)?.length, 1)
  await terminal.type(' ')
  t.equal(terminal.news().match(/dialling/g)?.length, 4)
  await terminal.type('q')
  const end = terminal.news()
  t.notMatch(end, /dialling/)
  t.ok(end.endsWith('voiceport> \x1b[K'))
})

t.test('what happens is shown as it happens, until its time is over', async t => {
  const box = fakeBox()
  const { clock, loggedIn } = consoleRig({ box })
  const terminal = await loggedIn()
  await terminal.type('debug line 10\r')
  box.happen({ us: us(clock.now() + 250_000), line: 'tel1', text: 'off-hook' })
  await clock.advance(20)
  t.match(terminal.news(), /0\.2\d\d tel1 off-hook\r\n/)
  await clock.advance(10_000)
  t.match(terminal.news(), /-- debug line ended\r\n\rvoiceport> /)
  t.equal(box.watchers, 0)
})

t.test('Ctrl-C ends what runs', async t => {
  const box = fakeBox()
  const terminal = await consoleRig({ box }).loggedIn()
  await terminal.type('debug sip 3600\r')
  t.equal(box.watchers, 1)
  await terminal.type('\x03')
  t.equal(box.watchers, 0)
  t.ok(terminal.news().endsWith('voiceport> \x1b[K'))
})

t.test('a far end that takes nothing costs lines, not memory, and is told how many', async t => {
  const box = fakeBox()
  const { clock, loggedIn } = consoleRig({ box })
  const terminal = await loggedIn()
  await terminal.type('debug sip\r')
  terminal.news()
  terminal.slow(true)
  for (let i = 0; i < 5000; i++) {
    box.happen({ us: clock.now(), text: `message ${i}` })
    await clock.advance(1)
  }
  const before = terminal.news()
  t.equal(before.match(/message/g)?.length, 1, 'the one that met the full line')
  terminal.slow(false)
  box.happen({ us: clock.now(), text: 'the last' })
  await clock.advance(10)
  const [, lost] = /% (\d+) lines dropped/.exec(terminal.news()) ?? []
  t.equal(Number(lost), 2000, 'all that debug tells at most, and that it ended')
})

t.test('an answer waits for a slow line and loses nothing', async t => {
  const { clock, loggedIn } = consoleRig()
  const terminal = await loggedIn()
  await terminal.type('terminal length 0\r')
  terminal.news()
  terminal.slow(true)
  await terminal.type('show trace 50\r')
  for (let i = 0; i < 120; i++) {
    terminal.slow(false)
    terminal.slow(true)
    await clock.advance(5)
  }
  terminal.slow(false)
  await clock.advance(100)
  t.equal(terminal.news().match(/dialling/g)?.length, 50)
})

t.test('ten minutes of silence log out; a command that runs is no silence', async t => {
  const { clock, loggedIn } = consoleRig()
  const terminal = await loggedIn()
  await terminal.type('debug phone 1200\r')
  await clock.advance(19 * 60_000)
  t.notMatch(terminal.news(), /Logged out/)
  await terminal.type('\x03')
  await clock.advance(9 * 60_000)
  t.notMatch(terminal.news(), /Logged out/)
  await clock.advance(2 * 60_000)
  t.match(terminal.news(), /Logged out.*Password: /s)
  await terminal.type('show version\r')
  t.notMatch(terminal.news(), /Node/)
})

t.test('a page that nobody turns does not keep the console open', async t => {
  const { clock, loggedIn } = consoleRig()
  const terminal = await loggedIn()
  await terminal.type('terminal length 5\rshow trace 50\r')
  await clock.advance(11 * 60_000)
  t.match(terminal.news(), /Logged out.*Password: /s)
})

t.test(
  'unplugged in the middle of a line: locked again, and behind the lock the line is still there',
  async t => {
    const { plug, loggedIn } = consoleRig()
    const terminal = await loggedIn()
    await terminal.type('terminal language fr\rshow vers')
    terminal.unplug()
    const again = plug()
    await again.type('\r')
    t.notMatch(again.news(), /show/)
    await again.type(`${viewSecret}\r`)
    t.match(again.news(), 'voiceport> show vers')
    await again.type('ion\r')
    t.match(again.news(), 'actif')
    await again.type('\x1b[A\x1b[A\r')
    t.match(again.news(), 'terminal language fr')
  },
)

t.test('exit locks the serial port and closes a client', async t => {
  const { loggedIn } = consoleRig()
  const serial = await loggedIn()
  await serial.type('exit\rshow version\r')
  t.match(serial.news(), /Password: /)
  t.notMatch(serial.news(), /Node/)
  const client = await loggedIn('socket')
  await client.type('exit\r')
  t.equal(client.closed, true)
})

t.test('one session does not disturb another', async t => {
  const { loggedIn } = consoleRig()
  const one = await loggedIn('serial')
  const two = await loggedIn('socket')
  await one.type('show ver')
  await two.type('terminal language fr\rshow trace 50\r')
  one.news()
  await one.type('sion\r')
  t.match(one.news(), /up +2 h 3 min/)
})

t.test('a fault of a command is told, logged, and the console goes on', async t => {
  const box = fakeBox({
    codes: () => {
      throw new Error('broken')
    },
  })
  const { loggedIn, logged } = consoleRig({ box })
  const terminal = await loggedIn()
  await terminal.type('show codes\rshow version\r')
  t.match(terminal.news(), /% A fault of the box; see show log.*Node/s)
  t.match(logged.join('\n'), /a console command failed.*broken/)
})
