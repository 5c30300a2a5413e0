// Settings at the console and as JSON for an agent: ranges, completion, secrets unseen, a commit that undoes itself, resetting.
import t from 'tap'
import { settingFacts } from '../../board/setting-facts.js'
import type { ConsoleBox } from '../../firmware/console/console-box.js'
import { type DeskRig, deskRig } from '../settings/desk-rig.js'
import { type FakeBox, fakeBox } from './fake-box.js'
import { type ConsoleRig, consoleRig, enableSecret, type Terminal } from './terminal.js'

interface Rig extends DeskRig {
  readonly box: FakeBox
  readonly console: ConsoleRig
  /** Logged in for changes. */
  readonly terminal: Terminal
  /** Types a line; what it answers, without the prompt. */
  say(line: string): Promise<string>
}

const rigFor = async (
  teardown: (undo: () => void) => void,
  changes: Partial<ConsoleBox> = {},
): Promise<Rig> => {
  const desk = deskRig(teardown)
  const box = fakeBox({
    ...changes,
    settings: () => settingFacts(desk.desk.current().config, desk.desk.overrides()),
  })
  Object.defineProperty(box, 'desk', { value: desk.desk })
  const console = consoleRig({ box })
  const terminal = await console.loggedIn()
  await terminal.type(`enable\r`)
  await terminal.type(`${enableSecret}\r`)
  terminal.news()
  return Object.assign(desk, {
    box,
    console,
    terminal,
    say: async (line: string) => {
      await terminal.type(`${line}\r`)
      await terminal.type('')
      return terminal.news()
    },
  })
}

t.test('a setting is changed by set and commit, taken back by no set', async t => {
  const { say, applied } = await rigFor(t.teardown)
  t.match(await say('set line.tel1.callWaiting off'), /callWaiting +\(as in the file\) -> false\r\n.*commit/s)
  t.equal(applied.length, 0)
  t.match(await say('show changes'), 'line.tel1.callWaiting  (as in the file) -> false')
  t.match(await say('commit'), 'In effect and stored.')
  t.equal(applied[0]?.config.line[0]?.callWaiting, false)
  await say('no set line.tel1.callwaiting')
  await say('commit')
  t.equal(applied[1]?.config.line[0]?.callWaiting, true)
  t.match(await say('show journal'), /console +line\.tel1\.callWaiting/)
})

t.test('mistakes name the range', async t => {
  const { say } = await rigFor(t.teardown)
  t.match(await say('set sip.dscp 64'), '% sip.dscp = 64: must be a whole number from 0 to 63')
  t.match(await say('set sip.dcsp 6'), '% There is no setting "sip.dcsp" (did you mean "sip.dscp"?)')
  t.match(await say('set sip.dscp'), '% Which value?')
  t.match(await say('set board usb-slic'), '% board can be changed in the configuration file only')
  t.match(await say('commit'), '% nothing is to be committed')
  t.match(await say('commit confirm 5'), '% "5" is no whole number of 10-3600 s')
  t.match(await say('confirm'), '% nothing waits to be confirmed')
})

t.test('? tells range and unit, Tab knows keys and choices', async t => {
  const { terminal } = await rigFor(t.teardown)
  await terminal.type('set line.tel1.account.exp\t?')
  t.match(terminal.news(), /expiresSeconds .*VALUE s +must be a whole number from 60 to 7200 s/s)
  await terminal.type('\x15set log.level w\t')
  t.match(terminal.news(), /set log\.level warn $/)
  await terminal.type('\x15set log.level ?')
  t.match(terminal.news(), /debug.*error.*info.*warn/s)
})

t.test('a password is asked for unseen, and never stands on the line', async t => {
  const { terminal, say, applied, logged, console } = await rigFor(t.teardown)
  t.match(await say('set line.tel1.account.password typed-canary-1'), '% Nothing changed: give no value')
  await say('set line.tel1.account.password')
  t.match(await say('typ\xe9'), '% Nothing changed: letters with accents cannot be typed here')
  await terminal.type('\x1b[A')
  t.notMatch(terminal.news(), /typed-canary/, 'not to be had back')
  await terminal.type('\x15')
  t.match(await say('set line.tel1.account.password'), 'Value (not shown): ')
  t.match(await say('typed-canary-2'), /-> \(set\)/)
  await say('commit')
  t.equal(applied[0]?.config.line[0]?.account?.password, 'typed-canary-2')
  await say('show settings line.tel1.account')
  await say('export')
  await say('show journal')
  t.notMatch(terminal.shown(), /typed-canary-2/)
  t.notMatch(logged.join('\n') + console.logged.join('\n'), /canary/)
})

t.test('a key that this box does not know can be taken back, and is offered for that only', async t => {
  const { terminal, say, store } = await rigFor(t.teardown)
  await store.setOverrides(
    new Map([
      ['sip.gone', 1],
      ['sip.lost', 1],
    ]),
    'console',
  )
  t.match(await say('set sip.gone 1'), '% There is no setting "sip.gone"')
  await terminal.type('no set sip.go	')
  t.match(terminal.news(), /no set sip\.gone $/)
  t.match(await say(''), 'sip.gone  1 -> (as in the file)')
  t.match(await say('commit'), 'In effect and stored.')
  await say('mode hil')
  t.match(await say('{"set":{"sip.lost":2}}'), 'VP-7508')
  t.match(await say('{"set":{"sip.lost":null}}'), /"key":"sip.lost".*OK/s)
  t.same([...store.overrides()], [])
})

t.test('commit confirm undoes itself; show changes tells how long is left', async t => {
  const { say, clock, applied } = await rigFor(t.teardown)
  await say('set line.tel1.callWaiting false')
  t.match(await say('commit confirm 60'), 'In effect; undone in 60 s unless you type confirm.')
  await clock.advance(20_000)
  t.match(await say('show changes'), 'undone in 40 s')
  t.match(await say('commit'), '% nothing is to be committed')
  await clock.advance(40_000)
  t.equal(applied.at(-1)?.config.line[0]?.callWaiting, true)
  t.match(await say('confirm'), '% nothing waits')
})

t.test('an export pasted into import is the same settings', async t => {
  const one = await rigFor(t.teardown)
  await one.desk.change({ 'line.tel1.callWaiting': false, 'sip.dscp': 10 }, 'network')
  const text = (await one.say('export')).split('\r\n').filter(line => /^(set|!)/.test(line))
  t.equal(text.length, 4)
  const two = await rigFor(t.teardown)
  await two.say('import')
  for (const line of text) await two.say(line)
  await two.say('commit')
  t.same([...two.desk.overrides()].sort(), [...one.desk.overrides()].sort())
  await two.say('import')
  await two.say('set sip.dscp 99')
  t.match(await two.say('end'), '% line 1: sip.dscp = 99')
  await two.terminal.type('import\r')
  await two.terminal.type('\x03')
  t.match(await two.say('show changes'), 'Nothing is laid aside.')
})

t.test('what is longer than a line is never taken cut short', async t => {
  const rig = await rigFor(t.teardown)
  const { desk, say } = rig
  await say('set line.tel1.account.password')
  t.match(await say('x'.repeat(300)), '% Nothing changed: too long')
  await say('set line.tel1.account.password')
  t.match(await say(`${'x'.repeat(300)}\x7f\x7f`), '% Nothing changed: too long')
  t.match(await say(`set line.tel1.account.user ${'1'.repeat(300)}`), '% Too long: at most 256 characters')
  t.same(desk.staged(), [])
  const proxies = Array.from({ length: 8 }, (_, n) => `sip:a-host-with-a-long-name-${n}.operator.test:5060`)
  await desk.change({ 'line.tel1.account.proxies': proxies }, 'network')
  const text = desk.exported()
  t.ok(text.some(line => line.length > 256))
  const two = await rigFor(t.teardown)
  await two.say('import')
  for (const line of text) await two.say(line)
  await two.say('commit')
  t.same([...two.desk.overrides()], [...desk.overrides()], 'its own export fits')
  await two.say('import')
  await two.say('set log.level warn')
  await two.say(`set line.tel1.account.user ${'1'.repeat(9000)}`)
  t.match(await two.say('end'), '% Nothing changed: line 2 is too long')
  t.same(two.desk.staged(), [])
})

t.test('factory-reset asks twice, waits for an emergency call, and restarts', async t => {
  const situations = ['emergency']
  const rig = await rigFor(t.teardown, {
    lines: async () =>
      situations.map(situation => ({ line: 'tel1', proxies: [], registration: '', situation })),
  })
  for (const words of [['yes'], ['erase', 'no']]) {
    await rig.say('factory-reset')
    let last = ''
    for (const word of words) last = await rig.say(word)
    t.match(last, '% Nothing was erased')
  }
  await rig.say('factory-reset')
  await rig.say('erase')
  t.match(await rig.say('erase'), '% Not now: an emergency call stands')
  t.equal(rig.store.erased, false)
  situations[0] = 'idle'
  await rig.say('factory-reset')
  await rig.say('erase')
  t.match(await rig.say('erase'), 'Erased. The box restarts.')
  t.same([rig.store.erased, rig.filesErased, rig.box.restarts], [true, 1, 1])
})

t.test('an agent lists, reads and sets by key or by the name of the data model', async t => {
  const { terminal, applied, store } = await rigFor(t.teardown)
  await terminal.type('mode hil\r')
  terminal.news()
  const ask = async (request: object) => {
    await terminal.type(`${JSON.stringify(request)}\n`)
    await terminal.type('')
    return JSON.parse(terminal.news().split('\r\n')[0]!)
  }
  const service = 'Device.Services.VoiceService.1.'
  t.match((await ask({ id: 1, list: `${service}SIP.Network.1.DSCPMark` })).data, [
    {
      key: 'sip.dscp',
      name: `${service}SIP.Network.1.DSCPMark`,
      value: '24',
      type: 'number',
      default: '24',
      writable: true,
      restart: true,
    },
  ])
  t.equal((await ask({ list: '' })).data.length > 60, true)
  t.match((await ask({ get: ['line.tel1.account.password', 'line.tel2.account.password'] })).data, [
    { value: '' },
    { value: '' },
  ])
  t.match(await ask({ get: 'sip.nothing' }), { ok: false, error: 'VP-7508' })
  const waiting = `${service}CallControl.CallingFeatures.Set.1.CallWaitingEnable`
  t.match(await ask({ set: { [waiting]: '0', 'line.tel1.account.expiresSeconds': 600 }, by: 'network' }), {
    ok: true,
    data: { changed: [{ key: 'line.tel1.callWaiting', after: 'false' }, { after: '600' }] },
  })
  t.match(applied[0]?.config.line[0], { callWaiting: false, account: { expiresSeconds: 600 } })
  t.equal(store.journalled[0]?.by, 'network')
  t.match(await ask({ set: { [waiting]: true, 'sip.dscp': 64 } }), { ok: false, message: /0 to 63/ })
  t.match(await ask({ set: { [`${service}SIP.Client.1.RegisterURI`]: 'x' } }), { error: 'VP-7508' })
  t.equal(applied.length, 1, 'all or nothing')
  t.match(await ask({ set: { 'line.tel1.account.password': 'agent-canary-1' } }), {
    data: { changed: [{ after: '(set)' }] },
  })
  t.match((await ask({ get: waiting })).data, [{ key: 'line.tel1.callWaiting', value: 'false' }])
  t.notMatch(terminal.shown(), /canary/)
  t.match(await ask({ import: ['set sip.dscp 99', 'reboot'], by: 'network' }), {
    ok: false,
    error: 'VP-1003',
    message: /^line 1: sip\.dscp = 99.*line 2: neither/,
  })
  t.match(await ask({ import: ['! a remark', 'set log.level warn'], by: 'network' }), {
    data: { changed: [{ key: 'log.level', after: 'warn' }] },
  })
  const { length } = applied
  await terminal.type('{"set":{"line.tel1.account.password":"pass\xc3\xa9"}}\n')
  t.match(terminal.news(), /"error":"VP-7502"/, 'never another password than the one meant')
  await ask({ do: 'disable' })
  t.match(await ask({ set: { [waiting]: true } }), { ok: false, error: 'VP-7505' })
  t.match(await ask({ import: ['set log.level info'] }), { ok: false, error: 'VP-7505' })
  t.equal(applied.length, length)
})
