// Configuration, profile and board files: what is accepted, and how every mistake is told with its line.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { errorTable } from '../../firmware/errors.js'
import type { HookTimings } from '../../firmware/line/hook-event.js'
import type { RingCadence, ToneSpec } from '../../firmware/media/media-contract.js'
import type { PhoneTimers } from '../../firmware/phone/config.js'
import { parseListen } from '../../firmware/settings/address.js'
import { withEmergencyCopy } from '../../firmware/settings/emergency-copy.js'
import { loadConfig } from '../../firmware/settings/load-config.js'
import { loadProfile } from '../../firmware/settings/load-profile.js'
import { loadSettings } from '../../firmware/settings/load-settings.js'
import type { SipAccount } from '../../firmware/sip/sip-line.js'
import { shippedProfiles } from '../support/shipped-profiles.js'

const directory = mkdtempSync(join(tmpdir(), 'voiceport-settings-'))
t.teardown(() => rmSync(directory, { recursive: true }))
let count = 0
const write = (text: string, name = `file-${count++}.toml`): string => {
  const path = join(directory, name)
  writeFileSync(path, text)
  return path
}
const dataFile = (kind: string, name: string): string | undefined =>
  [...shippedProfiles, 'sim'].includes(name)
    ? join(process.cwd(), 'board', `${kind}s`, `${name}.toml`)
    : undefined

const problemsOf = (text: string, environment = {}) => {
  const result = loadConfig(write(text), environment)
  return 'errors' in result ? result.errors : []
}
const brief = (text: string, environment = {}) =>
  problemsOf(text, environment).map(e => `${e.code} ${e.line} ${e.key}`)

const minimal = `board = "sim"
[[line]]
id = "tel1"
`

const complete = `board = "sim"
profile = "fr"
timezone = "Europe/Berlin"
[[line]]
id = "tel1"
callWaiting = false
mwi = "off"
unverifiedMark = "?"
numbers = "e164"
masking.owner = "both"
codes.hash = "strip"
codes.okFinals = [480, 603]
xcap.root = "https://xcap.operator.test/root"
xcap.user = "u"
conference.factory = "sip:conf@operator.test"
[line.account]
user = "0389000001"
authUser = "auth"
domain = "operator.test"
password = "secret"
proxies = ["sip:127.0.0.1:5060;transport=udp", "sips:p.operator.test"]
expiresSeconds = 600
sessionSeconds = 90
[[line]]
id = "tel2"
[sip]
listen = "127.0.0.5:5060"
device = "lo"
dscp = 0
allow = ["192.0.2.0/24", "::1"]
[media]
listen = "eth0"
device = "lo"
ports = [20000, 20099]
dscp = 63
[store]
path = "/tmp/x.db"
[bench]
listen = "unix:/tmp/bench.sock"
serial = "/dev/ttyS1"
[console]
serial = "/dev/ttyS0"
socket = "/run/voiceport/console.sock"
viewSecretFile = "view"
enableSecretFile = "enable"
[status]
listen = "127.0.0.1:8080"
[log]
level = "debug"
[trace]
path = "/tmp/trace.jsonl"
`

t.test('a minimal file is filled with defaults', async t => {
  const result = loadConfig(write(minimal))
  if ('errors' in result) return t.fail(JSON.stringify(result.errors))
  const { config } = result
  t.equal(config.profile, 'fr')
  t.equal(config.sip.listen, '0.0.0.0:5060')
  t.strictSame(config.media.ports, [16384, 16483])
  t.strictSame(config.line[0], {
    id: 'tel1',
    callerId: 'profile',
    callerIdInCall: true,
    callWaiting: true,
    mwi: 'subscribe',
    unverifiedMark: '',
    numbers: 'as-dialled',
    masking: { owner: 'box' },
    codes: { hash: 'escaped', okFinals: [] },
    conference: {},
  })
})

t.test('a complete file keeps every value', async t => {
  const result = loadConfig(write(complete))
  if ('errors' in result) return t.fail(JSON.stringify(result.errors))
  const { config } = result
  t.match(config.line[0], {
    masking: { owner: 'both' },
    codes: { hash: 'strip', okFinals: [480, 603] },
    xcap: { root: 'https://xcap.operator.test/root', user: 'u', password: 'secret' },
    account: { user: '0389000001', password: 'secret', proxies: { length: 2 } },
  })
  t.equal(config.line[1]?.account, undefined)
  t.equal(config.trace.path, '/tmp/trace.jsonl')
})

t.test('every mistake in one go, in the order of the lines, each with its range and a remedy', async t => {
  const text = `bord = "sim"
timezone = "Mars/Olympus"
[[line]]
id = "TEL 1"
[line.account]
user = ""
proxies = ["http://x"]
password = "geheim"
passwordFile = "/nonexistent/secret"
[sip]
dscp = 64
listen = "127.0.0.300:5060"
[media]
ports = [16385, 16400]
[log]
level = "loud"
`
  t.strictSame(brief(text), [
    'VP-1005 1 board',
    'VP-1004 1 bord',
    'VP-1003 2 timezone',
    'VP-1003 4 line[0].id',
    'VP-1005 5 line[0].account.domain',
    'VP-1003 6 line[0].account.user',
    'VP-1003 7 line[0].account.proxies[0]',
    'VP-1003 9 line[0].account.passwordFile',
    'VP-1003 11 sip.dscp',
    'VP-1003 12 sip.listen',
    'VP-1003 14 media.ports',
    'VP-1003 16 log.level',
  ])
  const problems = problemsOf(text)
  const message = (key: string) => problems.find(problem => problem.key === key)?.message ?? ''
  t.match(message('bord'), /did you mean "board"/)
  t.match(message('sip.dscp'), /64.*whole number from 0 to 63/)
  t.match(message('log.level'), /"debug", "info", "warn", "error"/)
  t.ok(problems.every(({ fix, code }) => fix === errorTable[code]))
  t.notMatch(JSON.stringify(problems), /geheim/, 'a password is never shown')
})

t.test('caller identity: defaults, and what would not be understood on the line', async t => {
  const cid = (keys: string) => {
    const text = readFileSync('board/profiles/fr.toml', 'utf8')
    const [before, after] = text.split('[cid]') as [string, string]
    return loadProfile(
      write(`${before}[cid]\n${keys}\n${after.slice(after.indexOf('\n\n'))}`, 'cid.toml'),
      () => undefined,
    )
  }
  const read = cid('scheme = "v23"\nalert = "rp-as"')
  t.strictSame(read.ok && read.value.cid, {
    scheme: 'v23',
    alert: 'rp-as',
    pulseMs: 250,
    reversalMs: 300,
    toneMs: 100,
    toneDbm0: -14,
    gapMs: 600,
    ringGapMs: 600,
    afterMs: 300,
    dbm0: -14,
    twistDb: 2,
    seizureBits: 300,
    markBits: 180,
    offHookMarkBits: 80,
    inCall: true,
    inCallDelayMs: 800,
    inCallGapMs: 60,
    message: 'mdmf',
    dtmf: 'a-c',
    mwiAlert: 'none',
  })
  const wrong = (keys: string) => {
    const result = cid(keys)
    return result.ok ? 'accepted' : result.problems.map(({ key }) => key).join(' ')
  }
  t.equal(wrong('scheme = "v23"\nalert = "dt-as"'), 'cid.gapMs', 'the data would come too late')
  t.equal(wrong('scheme = "v23"\nalert = "line-reversal+dt-as"\ngapMs = 45'), 'accepted')
  t.equal(wrong('scheme = "v23"\nalert = "rp-as"\ngapMs = 400'), 'cid.gapMs')
  t.equal(wrong('scheme = "v23"'), 'cid.alert', 'nothing would make the telephone listen')
  t.equal(wrong('scheme = "dtmf"\ndbm0 = -10'), 'accepted')
  t.equal(wrong('scheme = "none"'), 'accepted')
  t.equal(wrong('scheme = "V23"\nalert = "after-ring1"'), 'cid.scheme')
})

t.test('rules over several keys', async t => {
  t.strictSame(brief(`${minimal}[[line]]\nid = "tel1"\n`), ['VP-1003 2 line'])
  const account = (keys: string) => `${minimal}[line.account]\nuser = "1"\ndomain = "d.test"\n${keys}`
  t.strictSame(brief(account('')), ['VP-1005 4 line[0].account.password'])
  t.strictSame(brief(account('password = "a"\npasswordFile = "b"\n')), [
    'VP-1003 8 line[0].account.passwordFile',
  ])
})

t.test('passwords come from the file, a password file beside it, or a systemd credential', async t => {
  const account = (keys: string) => `${minimal}[line.account]\nuser = "1"\ndomain = "d.test"\n${keys}`
  const password = (keys: string, environment = {}) => {
    const result = loadConfig(write(account(keys)), environment)
    return 'config' in result ? result.config.line[0]?.account?.password : result.errors[0]?.message
  }
  write('from a file\n', 'secret')
  write('', 'empty')
  mkdirSync(join(directory, 'credentials'))
  write('from systemd', 'credentials/tel1-password')
  const systemd = { CREDENTIALS_DIRECTORY: join(directory, 'credentials') }
  t.equal(password('password = "plain"\n', systemd), 'plain')
  t.equal(password('passwordFile = "secret"\n', systemd), 'from a file')
  t.equal(password('', systemd), 'from systemd')
  t.match(password('passwordFile = "empty"\n'), /one line of 1 to 256 characters/)
  t.match(password('passwordFile = "none"\n'), /cannot be read: no such file/)
  t.match(password('', { CREDENTIALS_DIRECTORY: directory }), /tel1-password cannot be read/)
  t.strictSame(brief(`${account('passwordFile = "none"\n')}[log]\nlevel = 3\n`), [
    'VP-1006 7 line[0].account.passwordFile',
    'VP-1003 9 log.level',
  ])
})

t.test('files that cannot be read or are no TOML', async t => {
  const missing = loadConfig(join(directory, 'none.toml'))
  t.match(missing, { errors: [{ code: 'VP-1001', message: /none\.toml cannot be read: no such file/ }] })
  t.match(loadConfig(directory), { errors: [{ code: 'VP-1001' }] })
  t.strictSame(brief('board = "sim"\nprofile = \n'), ['VP-1002 2 '])
  t.strictSame(brief('board = "a"\nboard = "b"\n'), ['VP-1002 2 '])
  t.strictSame(brief(''), ['VP-1005 1 board', 'VP-1005 1 line'])
  t.ok(brief('__proto__ = 1\n').includes('VP-1004 1 __proto__'))
  t.ok(brief('line = 3\n').includes('VP-1003 1 line'))
  t.strictSame(brief(`\uFEFF${minimal}`), [], 'a byte order mark is no mistake')
  t.strictSame(brief(minimal.replaceAll('\n', '\r\n')), [])
})

t.test('any single corrupted key of a valid file gives an error that names its line', async () => {
  const lines = complete.split('\n')
  const keyLines = lines.flatMap((line, n) =>
    /^[\w.]+ = /.test(line) && !line.startsWith('password') ? [n] : [],
  )
  const wrong = ['1979-05-27', '{ zz = 1 }', '-1e9', '[[]]', '"\\u0000"', 'nan', 'bare', '"unterminated']
  fc.assert(
    fc.property(
      fc.constantFrom(...keyLines),
      fc.oneof(
        fc.constantFrom(...wrong).map(value => (line: string) => line.replace(/ = .*/, ` = ${value}`)),
        fc.constantFrom('x', 'Q', '_2').map(tail => (line: string) => line.replace(' =', `${tail} =`)),
      ),
      (n, corrupt) => {
        const text = lines.map((line, at) => (at === n ? corrupt(line) : line)).join('\n')
        const problems = problemsOf(text)
        return problems.some(problem => problem.line === n + 1)
      },
    ),
    { numRuns: 400 },
  )
})

t.test('the loader never throws, whatever the file', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...complete.split('\n'), '[sip', 'a.b.c = 1', '[[sip]]', '[line]', '=')),
      lines => {
        const result = loadConfig(write(lines.join('\n'), 'fuzz.toml'))
        return 'config' in result || result.errors.length > 0
      },
    ),
    { numRuns: 200 },
  )
})

t.test('the profiles of the repository are valid', async t => {
  for (const name of shippedProfiles) {
    const read = loadProfile(dataFile('profile', name) ?? '', () => undefined)
    t.equal(read.ok, true, read.ok ? name : JSON.stringify(read.problems, null, 1))
  }
})

t.test('a profile is what the line, the tones and the telephone take', async t => {
  const read = loadProfile(dataFile('profile', 'fr') ?? '', () => undefined)
  if (!read.ok) return t.fail(JSON.stringify(read.problems))
  // Assignments the compiler checks: the schema satisfies the types of folders it must not import.
  const hook: HookTimings = read.value.hook
  const tones: Readonly<Record<string, ToneSpec>> = { ...read.value.tones }
  const rings: Readonly<Record<string, RingCadence>> = read.value.ring.cadences
  const timers: PhoneTimers = read.value.timers
  t.equal(hook.flashMs.length, 2)
  t.strictSame(tones['dial']?.cadence, [{ hz: [440] }])
  t.strictSame(rings['normal'], [1500, 3500])
  t.equal(timers.window, 3500)
})

t.test('an account is what SIP takes', async t => {
  const result = loadConfig(write(complete))
  if ('errors' in result) return t.fail(JSON.stringify(result.errors))
  const [line] = result.config.line
  if (!line?.account) return t.fail('no account')
  const account: SipAccount = { ...line.account, hash: line.codes.hash }
  t.match(account, { user: '0389000001', password: 'secret', hash: 'strip', sessionSeconds: 90 })
})

t.test('the emergency numbers of a country stand in its profile and, the same, in the program', async t => {
  for (const name of shippedProfiles) {
    const text = readFileSync(dataFile('profile', name) as string, 'utf8')
    const country = /^country = "(..)"$/m.exec(text)?.[1] ?? ''
    const listed = /^emergency = \[([^\]]*)\]/m.exec(text)?.[1]?.match(/"\d+"/g)
    t.ok(listed && listed.length > 1)
    const numbers = listed?.map(quoted => quoted.slice(1, -1)) ?? []
    t.same([...withEmergencyCopy(country, [])].sort(), [...numbers].sort(), name)
  }
  t.same(withEmergencyCopy('XX', ['911']), ['911', '112'])
})

t.test('a profile extends another: tables are laid over, tones replaced whole', async t => {
  const find = (name: string, from: string) =>
    name.startsWith('file') ? join(directory, name) : (dataFile('profile', name) ?? from)
  const load = (text: string) => loadProfile(write(text), find)
  const read = load(
    'extends = "fr"\nname = "mine"\n[timers]\nwindow = 9000\n[tones.stutter]\ndbm0 = -20\ncadence = [{ hz = [400] }]\n',
  )
  if (!read.ok) return t.fail(JSON.stringify(read.problems))
  t.equal(read.value.name, 'mine')
  t.equal(read.value.timers.window, 9000)
  t.equal(read.value.timers.waiting, 20_000)
  t.strictSame(read.value.tones.stutter, { dbm0: -20, cadence: [{ hz: [400] }] }, 'no lead of the base')
  t.equal(read.value.emergency.length, 13)

  const own = load('extends = "fr"\nemergency = ["999"]\n')
  t.strictSame(
    own.ok && [...own.value.emergency].sort(),
    [...read.value.emergency, '999'].sort(),
    'emergency numbers are added, never taken away',
  )

  const bad = load('extends = "fr"\n[timers]\nwindow = 1\nwindoww = 2\n[hook]\nonHookMs = 300\n')
  t.strictSame(bad.ok ? [] : bad.problems.map(p => `${p.code} ${p.line} ${p.key}`), [
    'VP-1003 3 timers.window',
    'VP-1004 4 timers.windoww',
    'VP-1003 6 hook.onHookMs',
  ])
  t.match(load('extends = 5\n'), { problems: [{ code: 'VP-1003', line: 1 }] })
  const self = write('extends = "file-self.toml"\n', 'file-self.toml')
  t.match(loadProfile(self, find), { problems: [{ code: 'VP-1009', line: 1 }] })
  t.match(
    loadProfile(write('extends = "xx"\n'), () => undefined),
    { problems: [{ code: 'VP-1008', line: 1 }] },
  )
})

t.test('codes of a profile: what can be none, or two things at once, is refused', async t => {
  const problems = (codes: string) => {
    const read = loadProfile(write(`name = "own"\nextends = "fr"\n[codes]\n${codes}\n`), name =>
      dataFile('profile', name),
    )
    return read.ok ? [] : read.problems.map(({ key, message }) => `${key}: ${message}`)
  }
  t.same(problems('local = [{ code = "*67*N", does = "mask-call" }]\nnetwork = ["*#21#", "**61*N"]'), [])
  for (const code of ['93#', '*93', '*N', '*92N', '*92*N#', '*', '*#', '**#', '*21*N*', '*9a#'])
    t.match(problems(`network = ["${code}"]`), [/must be a code such as/], code)
  t.match(problems('local = [{ code = "*93#", does = "mask-call" }]'), [/must have an N/])
  t.match(problems('local = [{ code = "*93*N", does = "mask-on" }]'), [/must have an N/])
  t.match(problems('local = [{ code = "*75#", does = "mask-on" }]'), [/nor one of the operator/])
  t.match(problems('local = [{ code = "*93#", does = "mask-on" }, { code = "*93#", does = "mask-off" }]'), [
    /name a code twice/,
  ])
})

t.test('masking by both needs a way to the network and an account', async t => {
  const both = `board = "sim"\n[[line]]\nid = "tel1"\nmasking.owner = "both"\n`
  t.strictSame(brief(both), ['VP-1003 4 line[0].masking'])
  t.strictSame(brief(`${both}xcap.root = "http://x.test"\nxcap.passwordFile = "/dev/null"\n`).length, 2)
  t.strictSame(
    brief(
      `${both}xcap.root = "http://x.test"\naccount = { user = "1", domain = "o.test", password = "p" }\n`,
    ),
    [],
  )
})

t.test('configuration, board and profile must fit', async t => {
  const load = (text: string) => {
    const result = loadSettings(write(text), dataFile, {})
    return 'errors' in result ? result.errors.map(e => `${e.code} ${e.line} ${e.key}`) : result.settings
  }
  t.match(load(minimal), { board: { driver: 'sim', lines: ['tel1', 'tel2'] }, profile: { country: 'FR' } })
  t.strictSame(load(minimal.replace('tel1', 'tel9')), ['VP-1010 3 line[0].id'])
  t.strictSame(load(`profile = "mars"\n${minimal.replace('"sim"', '"moon"')}`), [
    'VP-1008 2 board',
    'VP-1008 1 profile',
  ])
  t.strictSame(
    load(`profile = "mars"\nfrob = 1\n${minimal.replace('"sim"', '"moon"')}`),
    ['VP-1008 1 profile', 'VP-1004 2 frob', 'VP-1008 3 board'],
    'beside every other mistake',
  )
  t.strictSame(load(minimal.replace('tel1', 'tel9').replace('[[', 'frob = 1\n[[')), [
    'VP-1004 2 frob',
    'VP-1010 4 line[0].id',
  ])
  const chip = 'name = "mine"\ndriver = "serial-slic"\nlines = ["tel1"]\n'
  const bare = write(chip)
  t.match(load(minimal.replace('"sim"', `"${bare}"`)), [/^VP-1005 1 serial/], 'a serial chip needs its port')
  const whole = write(`${chip}[serial]\npath = "/dev/ttyACM0"\n`)
  t.match(load(minimal.replace('"sim"', `"${whole}"`)), {
    board: { serial: { path: '/dev/ttyACM0', baud: 460_800, law: 'linear' } },
  })
  const board = write('name = "mine"\ndriver = "quantum"\nlines = ["a", "a"]\n')
  t.strictSame(load(minimal.replace('"sim"', `"${board}"`)), ['VP-1003 2 driver', 'VP-1003 3 lines'])
})

t.test('listen addresses', async t => {
  t.match(parseListen('eth0', 5060), { host: 'eth0', isInterface: true, port: 5060 })
  t.match(parseListen('[::1]:7', 5060), { host: '::1', isInterface: false, port: 7 })
  t.match(parseListen('::', 5060), { isAny: true, port: 5060 })
  t.match(parseListen('0.0.0.0:5061', 5060), { isAny: true, port: 5061 })
  for (const bad of ['', '300.1.1.1', '1.2.3.4:99999', 'a b', ':5060', 'eth0:x'])
    t.equal(parseListen(bad, 1), undefined, bad)
})
