// No secret in anything a box puts out (ETSI EN 303 645 §5.4-1): a running daemon is made to use each of its secrets, and to die
// of a fault, and everything it wrote, sent, kept or showed is searched for them in every form.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { LinuxNetwork } from '../../hal/linux/network.js'
import { createOperator } from '../operator/operator.js'
import { kindsOf, recordingNetwork, type Sent } from '../support/canary.js'
import { type Child, startChild } from '../support/child.js'
import { startDaemon } from '../support/daemon.js'
import { openFarParty } from '../support/far-party.js'
import { hilClient } from '../support/hil-client.js'
import { sightingsOf } from '../support/secret-forms.js'
import { openXcapServer } from '../support/xcap-server.js'

t.setTimeout(120_000)
const main = fileURLToPath(new URL('../../board/main.js', import.meta.url))
const number = '0389777124'
const domain = 'operator.test'
const account = { users: [number], realm: domain }
const secrets = {
  sip: 'sip-canary-0d94kq7w',
  xcap: 'xcap-canary-w83nvx2p',
  view: 'view-canary-5tq0ahz8',
  enable: 'enable-canary-x7c2mb4e',
  changed: 'changed-canary-b6yd9r1u',
  wrong: 'wrong-canary-m2k8fj5s',
  set: 'set-canary-h3p0xe6l',
}

/** echo -n 0389777124:operator.test:sip-canary-0d94kq7w | md5sum, and sha256sum. */
const ha1 = {
  md5: '65ae142b5e1a89f2b956e26c7840349b',
  sha256: '555619f1d3af25d00beedea2c3e6b101cad7f42988665a1f294fb167d2aaeddc',
}

const everything = [
  ...[
    'line',
    'line tel1',
    'calls',
    'calls last',
    'registration',
    'settings',
    'codes',
    'codes last',
    'profile',
  ],
  ...['trace 2000', 'flash', 'log 500', 'board', 'media', 'version', 'alarms'],
].map(what => `show ${what}`)

/** Carries HTTP to a server and keeps what goes by, both ways. */
const tapped = async (root: string) => {
  const { hostname, port, pathname } = new URL(root)
  const chunks: Buffer[] = []
  const open = new Set<Socket>()
  const server = createServer(here => {
    const there = dial(Number(port), hostname)
    for (const [from, to] of [
      [here, there],
      [there, here],
    ] as const) {
      open.add(from)
      from.on('data', chunk => {
        chunks.push(chunk)
        to.write(chunk)
      })
      from.on('close', () => to.destroy())
      from.on('error', () => undefined)
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.135', resolve))
  const { port: own } = server.address() as AddressInfo
  return {
    root: `http://127.0.0.135:${own}${pathname}`,
    carried: () => Buffer.concat(chunks),
    close: () => {
      for (const socket of open) socket.destroy()
      return new Promise(resolve => server.close(resolve))
    },
  }
}

t.test('each form of a secret is found, whatever stands around it', async t => {
  const found = (place: string): number => sightingsOf({ place }, { sip: secrets.sip }, account).length
  t.equal(found(`x${secrets.sip}x`), 1)
  for (const before of ['', 'u:', 'us:', `${number}:`])
    for (const behind of ['', '\n', 'xy']) {
      const coded = Buffer.from(before + secrets.sip + behind)
      t.equal(found(coded.toString('base64')) > 0, true, `base64: ${before}, ${JSON.stringify(behind)}`)
      t.equal(found(coded.toString('base64url')) > 0, true)
      t.equal(found(coded.toString('hex')), 1)
    }
  t.equal(found(JSON.stringify(Buffer.from(secrets.sip))), 1)
  t.ok(found(`ha1=${ha1.md5}`) > 0)
  t.ok(found(ha1.sha256.toUpperCase()) > 0)
  t.ok(found(Buffer.from(ha1.sha256, 'hex').toString('base64')) > 0)
  t.equal(found('sip-canary'), 0)
})

t.test('nothing that a box puts out shows a secret', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-secrets-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const file = (name: string, content: string): string => {
    const path = join(folder, name)
    writeFileSync(path, content, { mode: 0o600 })
    return path
  }
  const sent: Sent[] = []
  const network = recordingNetwork(new LinuxNetwork(), sent)
  const hal = { network, clock: new LinuxClock(), entropy: new LinuxEntropy() }
  const at = { address: '127.0.0.132', port: 5060 }
  const operator = await createOperator(
    {
      sip: at,
      domain,
      subscribers: { [number]: secrets.sip, '0389000011': 'eleven' },
      algorithms: ['MD5', 'SHA-256'],
    },
    hal,
  )
  const other = { number: '0389000011', password: 'eleven', address: '127.0.0.133' }
  const far = await openFarParty(other, hal, { endpoint: at, domain })
  far.answersAfter = 100
  const xcap = await openXcapServer(hal, {
    at: { address: '127.0.0.134', port: 0 },
    subscribers: { [number]: secrets.xcap },
    domain,
  })
  const http = await tapped(xcap.root)
  t.teardown(async () => {
    await http.close()
    await xcap.close()
    await far.close()
    await operator.close()
  })

  const socket = join(folder, 'console.sock')
  const [view, enable] = [file('view', `${secrets.view}\n`), file('enable', `${secrets.enable}\n`)]
  const crash = "process.on('SIGWINCH',()=>{throw(new(Error)('crash'))})"
  const daemon = await startDaemon({
    address: '127.0.0.131',
    lines: [{ id: 'tel1', user: number, password: secrets.sip }],
    domain,
    proxy: `${at.address}:${at.port}`,
    within: ['env', `NODE_OPTIONS=--import=data:text/javascript,${encodeURIComponent(crash)}`],
    more: `[log]\nlevel = "debug"
[console]\nsocket = "${socket}"\nviewSecretFile = "${view}"\nenableSecretFile = "${enable}"
[line.masking]\nowner = "both"
[line.xcap]\nroot = "${http.root}"\nuser = "${number}"\npasswordFile = "${file('xcap', `${secrets.xcap}\n`)}"\n`,
  })
  const { child, bench } = daemon
  t.teardown(() => daemon.stop())
  const places: Record<string, string | Buffer> = {}
  const processFacts = (who: string, { process: { pid } }: Child): void => {
    for (const fact of ['cmdline', 'environ']) places[`${who} ${fact}`] = readFileSync(`/proc/${pid}/${fact}`)
    for (const task of readdirSync(`/proc/${pid}/task`))
      places[`${who} thread ${task}`] = readFileSync(`/proc/${pid}/task/${task}/comm`)
  }

  await t.test('a code that XCAP carries, and a call', async t => {
    await child.waitFor(/"state":"registered"/)
    for (const [digits, tone] of [
      ['*93#', 'confirmation'],
      [far.number, undefined],
    ] as const) {
      const from = bench.mark()
      await bench.do({ do: 'offhook' })
      await bench.waitFor(({ ev, name }) => ev === 'tone' && name === 'dial', 5000, from)
      await bench.do({ do: 'dtmf', digits })
      if (tone) await bench.waitFor(({ ev, name }) => ev === 'tone' && name === tone, 8000, from)
      else await child.waitFor(/"situation":"active"/)
      await bench.do({ do: 'onhook' })
      await child.waitFor(/"situation":"idle"/, 5000, child.mark() - 1)
    }
    t.ok(xcap.restricted(number))
  })

  await t.test('a script that asks for everything', async t => {
    const script = hilClient(socket)
    t.match(await script.ask({ login: secrets.wrong }), { ok: false })
    t.match(await script.ask({ login: secrets.view }), { ok: true })
    t.match(await script.ask({ login: secrets.enable, level: 'enable' }), { ok: true })
    const watcher = hilClient(socket)
    t.match(await watcher.ask({ login: secrets.view }), { ok: true })
    const watched = watcher.ask({ do: 'debug sip 30' })
    t.match(await script.ask({ do: 'test registration tel1' }), { ok: true })
    await watcher.until(/"text":"out [^"]*REGISTER/)
    watcher.cancel()
    t.match(await watched, { ok: true })
    for (const command of everything)
      t.match(await script.ask({ do: command, text: true }), { ok: true }, command)
    places['HIL mode'] = script.seen() + watcher.seen()
    script.close()
    watcher.close()
  })

  await t.test('a person who changes a secret, and one who waits at the prompt', async () => {
    const client = startChild(process.execPath, [main, 'console', '--socket', socket], { input: 'pipe' })
    for (const [prompt, typed] of [
      [/Password: /, secrets.wrong],
      [/Wrong password[\s\S]*Password: /, secrets.view],
      [/voiceport> /, 'enable'],
      [/for changes: /, secrets.enable],
      [/voiceport# /, 'passwd view'],
      [/New password: /, secrets.changed],
      [/Once more: /, secrets.changed],
      // The line before, by Up and by Ctrl-Y.
      [/Password changed\.\r\n\rvoiceport# /, '\x1b[A\x1b[A\x15\x19\x15'],
      [/voiceport# [\s\S]*voiceport# /, 'set line.tel1.account.password'],
      [/not shown\): /, secrets.set],
      [/Laid aside[\s\S]*voiceport# /, 'commit'],
      [/commit\r\n[\s\S]*voiceport# /, 'exit'],
    ] as const) {
      await client.waitFor(prompt)
      client.process.stdin?.write(`${typed}\r`)
    }
    processFacts('client', client)
    await client.exit()
    places['transcript of a person'] = client.output()
  })

  await t.test(
    'support bundle, trace, store, and what check says of a configuration with mistakes',
    async t => {
      const exec = async (...words: readonly string[]): Promise<string> => {
        const run = startChild(process.execPath, [main, ...words])
        await run.exit()
        return run.output()
      }
      const said = (command: string, ...words: readonly string[]): Promise<string> =>
        exec('console', '--socket', socket, '--exec', command, '--secret-file', enable, '--enable', ...words)
      places['support bundle'] = await said('support bundle', '--json')
      for (const command of ['export', 'show journal', 'show settings']) places[command] = await said(command)
      // The account answers with it now.
      await child.waitFor(/"state":"refused"/)
      child.process.kill('SIGUSR2')
      await child.waitFor(/trace written/)
      for (const name of readdirSync(daemon.folder)) {
        const path = join(daemon.folder, name)
        // Here they belong, and nobody else reads them.
        if (/-secret-[0-9a-f]+$/.test(name)) t.equal(statSync(path).mode & 0o777, 0o600)
        else if (name !== 'voiceport.toml' && !name.endsWith('.sock')) places[name] = readFileSync(path)
      }
      const right = readFileSync(daemon.config, 'utf8')
      for (const [mistake, text] of [
        ['no end of a string', right.replace(`"${secrets.sip}"`, `"${secrets.sip}`)],
        ['no string', right.replace(`"${secrets.sip}"`, `["${secrets.sip}"]`)],
        ['no value', right.replace(`"${secrets.sip}"`, secrets.sip)],
        ['a misspelt key', right.replace('password =', 'passwrod =')],
        ['two of them', right.replace('password =', `passwordFile = "${view}"\npassword =`)],
      ] as const) {
        const config = file('mistake.toml', text)
        places[`check: ${mistake}`] = await exec('check', '--config', config)
        if (mistake === 'no value') places['check --json'] = await exec('check', '--config', config, '--json')
        t.match(places[`check: ${mistake}`], /VP-\d{4}/, `${mistake} is found`)
      }
    },
  )

  await t.test('a fault that nobody foresaw', async t => {
    processFacts('daemon', child)
    child.process.kill('SIGWINCH')
    t.equal(await child.exit(), 1)
    places['output of the daemon'] = child.output()
    t.match(child.output(), /crash.*unforeseen fault/)
  })

  places['SIP and RTP'] = Buffer.concat(sent.map(({ data }) => data))
  places['XCAP'] = http.carried()
  const kinds = kindsOf(sent)
  for (const kind of ['REGISTER', 'INVITE', 'BYE', 'RTP'])
    t.ok((kinds.get(kind) ?? 0) > 0, `there is ${kind}`)
  t.match(String(places['SIP and RTP']), /Authorization: Digest [^\r]*response=/)
  t.match(String(places['XCAP']), /authorization: Digest [^\r]*response=[\s\S]*PUT /i)
  t.match(String(places['voiceport.db']), /SQLite format 3/)
  t.match(
    Object.keys(places).join(),
    /console-view\.verifier.*trace\.jsonl|trace\.jsonl.*console-view\.verifier/,
  )
  t.match(String(places['support bundle']), /^\{"bundle":1/)
  for (const where of ['HIL mode', 'show settings', 'show journal'])
    t.match(String(places[where]), /\(set\)/, where)
  t.ok(Object.values(places).every(({ length }) => length > 0))
  t.same(sightingsOf(places, secrets, account), [])
})
