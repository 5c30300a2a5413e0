// Who gets in, how often he may try, and that nothing he types is told to anybody.
import t from 'tap'
import { fits, flawOf, makeVerifier } from '../../firmware/console/secret.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { consoleRig, enableSecret, viewSecret } from './terminal.js'

t.test(
  'of ten thousand pasted passwords five are looked at, and the right one among them opens nothing',
  async t => {
    const { plug, looked, clock } = consoleRig()
    const terminal = plug()
    const wrong = Array.from({ length: 9_999 }, (_, i) => `guess-${i}`)
    // In pieces, as a serial line delivers them.
    const text = `${[...wrong, viewSecret].join('\r')}\r`
    for (let at = 0; at < text.length; at += 1024) await terminal.type(text.slice(at, at + 1024))
    await clock.advance(60_000)
    t.ok(looked.length <= 5, `${looked.length} looked at`)
    t.ok(looked.length > 0)
    t.notMatch(terminal.shown(), /voiceport>|guess/)
  },
)

t.test('after five wrong ones the wait doubles from 1 s to 15 minutes', async t => {
  const { plug, clock } = consoleRig()
  const terminal = plug()
  const waits: number[] = []
  for (let i = 0; i < 17; i++) {
    await terminal.type('wrong\r')
    const [, seconds = '0'] = /wait (\d+) s/.exec(terminal.news()) ?? []
    waits.push(Number(seconds))
    await clock.advance(Number(seconds) * 1000 + 10)
  }
  t.same(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900])
  await terminal.type(`${viewSecret}\r`)
  t.match(terminal.news(), 'voiceport> ')
})

t.test('who comes back, and who comes with ten clients, waits all the same', async t => {
  const { plug, clock } = consoleRig()
  for (let i = 0; i < 6; i++) {
    const client = plug('socket')
    await client.type('wrong\r')
    client.unplug()
  }
  const client = plug('socket')
  await client.type(`${viewSecret}\r`)
  t.match(client.news(), /% Too early; wait \d+ s/)
  const cable = plug('serial')
  await cable.type(`${viewSecret}\r`)
  t.match(cable.news(), 'voiceport> ', 'the other front has tries of its own')
  await clock.advance(5000)
  await client.type(`${viewSecret}\r`)
  t.match(client.news(), 'voiceport> ')
})

t.test('one who may look cannot guess on at the other secret for ever', async t => {
  const { loggedIn, clock } = consoleRig()
  const terminal = await loggedIn()
  for (let i = 0; i < 5; i++) await terminal.type('enable\rwrong\r')
  terminal.news()
  await terminal.type('exit\r')
  await terminal.type(`${viewSecret}\r`)
  await terminal.type(`enable\r${enableSecret}\r`)
  t.match(terminal.news(), /wait 1 s|wait \d+ s/)
  await clock.advance(10_000)
  await terminal.type(`enable\r`)
  await terminal.type(`${enableSecret}\r`)
  t.match(terminal.news(), 'voiceport# ')
})

t.test('without secrets the console is shut and says why', async t => {
  const { plug } = consoleRig({ secrets: { read: async () => undefined } })
  const terminal = plug()
  await terminal.type('admin\r\radmin\r')
  t.match(terminal.shown(), /% This console is shut: no secret is set \(\[console\] viewSecretFile/)
  t.notMatch(terminal.shown(), 'voiceport> ')
})

t.test('an empty secret file opens nothing', async t => {
  const terminal = consoleRig({ secrets: { read: async () => '' } }).plug()
  await terminal.type('\r \r')
  t.notMatch(terminal.shown(), 'voiceport> ')
})

t.test('a box with the secret for changes only is opened with that', async t => {
  const secrets = { read: async (level: string) => (level === 'enable' ? enableSecret : undefined) }
  const terminal = consoleRig({ secrets }).plug()
  await terminal.type(`${enableSecret}\r`)
  t.match(terminal.shown(), /Viewing has no secret.*voiceport# /s)
})

t.test('a box without the secret for changes changes nothing', async t => {
  const secrets = { read: async (level: string) => (level === 'view' ? viewSecret : undefined) }
  const terminal = await consoleRig({ secrets }).loggedIn()
  await terminal.type('enable\r')
  t.match(terminal.news(), '% Changes are shut: no secret is set ([console] enableSecretFile)')
})

t.test('a secret that cannot be read opens nothing', async t => {
  const secrets = { read: () => Promise.reject(new Error('EACCES')) }
  const terminal = consoleRig({ secrets }).plug()
  await terminal.type('anything\r')
  t.match(terminal.shown(), '% The file of the secret cannot be used')
})

t.test('a stored verifier fits its secret and nothing else, and does not contain it', async t => {
  const clock = new VirtualClock()
  const verifier = await makeVerifier('correct horse', clock, new SeededEntropy(7))
  t.match(verifier, /^\$scrypt\$ln=14,r=8,p=5\$/)
  t.notMatch(verifier, /correct|horse/)
  t.equal(await fits('correct horse', verifier, clock), true)
  t.equal(await fits('correct hors', verifier, clock), false)
  t.equal(
    await fits(verifier, verifier, clock),
    false,
    'who reads the file cannot log in with what stands there',
  )
  t.equal(await fits('x', '$scrypt$ln=31,r=8,p=5$AAAAAAAAAAA$AAAA', clock), false)
})

t.test('passwd changes a secret: typed twice, shown never, kept as a verifier', async t => {
  const kept: Record<string, string> = { view: viewSecret, enable: enableSecret }
  const secrets = {
    read: async (level: string) => kept[level],
    keep: async (level: string, verifier: string) => {
      kept[level] = verifier
    },
  }
  const { loggedIn, plug, clock, logged } = consoleRig({ secrets, fits })
  const terminal = await loggedIn()
  const say = async (text: string) => {
    await terminal.type(text)
    await clock.advance(20)
    return terminal.news()
  }
  await say('enable\r')
  t.match(await say(`${enableSecret}\r`), 'voiceport# ')
  t.match(await say('passwd view\r'), 'New password: ')
  t.match(await say('short\r'), '% Nothing changed: 8 to 128 characters are needed')
  await say('passwd view\r')
  t.match(await say('brand-new-lens\r'), 'Once more: ')
  t.match(await say('brand-new-lans\r'), '% Nothing changed: the two differ')
  t.equal(kept['view'], viewSecret)
  await say('passwd view\r')
  await say('brand-new-lens\r')
  t.match(await say('brand-new-lens\r'), 'Password changed.')
  t.match(kept['view'], /^\$scrypt\$/)
  t.notMatch(terminal.shown() + logged.join(), /brand-new/)
  const other = plug('socket')
  await other.type(`${viewSecret}\r`)
  t.match(other.news(), 'Wrong password')
  await other.type('brand-new-lens\r')
  t.match(other.news(), 'voiceport> ')
})

t.test('a secret that could not be typed again is not taken, and says so', async t => {
  const kept: string[] = []
  const secrets = { keep: async (_: string, verifier: string) => void kept.push(verifier) }
  const terminal = await consoleRig({ secrets }).loggedIn()
  await terminal.type(`enable\r${enableSecret}\r`)
  terminal.news()
  for (const secret of ['caf\xc3\xa9-au-lait', ' '.repeat(12), '{"login":"hunter-gatherer"}']) {
    await terminal.type(`passwd view\r${secret}\r`)
    t.match(terminal.news(), '% Nothing changed: it could not be typed again', secret)
  }
  await terminal.type(`passwd view\r${'x'.repeat(300)}\r`)
  t.match(terminal.news(), '% Nothing changed: 8 to 128 characters are needed')
  t.same(kept, [])
})

t.test('what is provisioned can be typed, or is said to be wrong', async t => {
  const good = ['s3cret', ' blanks at both ends ', '~'.repeat(256), '{"do":"x"}', 'a?b\\"c']
  for (const secret of good) t.equal(flawOf(secret), undefined, secret)
  t.match(flawOf('x'.repeat(257)), /more than 256/)
  for (const secret of ['', '   ', 'caf\u00e9', 'two\nlines', 'a\tb', 'bell\x07', '{"login":"x"}'])
    t.match(flawOf(secret), /cannot be typed/, JSON.stringify(secret))
  t.match(flawOf('$scrypt$ln=31,r=8,p=5$AAAAAAAAAAA$AAAA'), /no verifier/)
})

t.test('a secret that cannot be kept leaves the old one', async t => {
  const { loggedIn } = consoleRig()
  const terminal = await loggedIn()
  for (const text of ['enable', enableSecret, 'passwd view', 'brand-new-lens', 'brand-new-lens'])
    await terminal.type(`${text}\r`)
  t.match(terminal.news(), '% Nothing changed: it cannot be stored')
})
