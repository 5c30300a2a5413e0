// The console of the running daemon: over its socket with the `voiceport console` client, and over a serial port that is
// pulled out and put back.

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SerialPort } from 'serialport'
import t from 'tap'
import { type Child, findProgram, startChild } from '../support/child.js'
import { startDaemon } from '../support/daemon.js'
import { hilClient } from '../support/hil-client.js'
import { sightingsOf } from '../support/secret-forms.js'

t.setTimeout(120_000)
const main = fileURLToPath(new URL('../../board/main.js', import.meta.url))
const viewSecret = 'view-canary-5d0c1b'
const changedSecret = 'changed-canary-92fe03'
const laterSecret = 'later-canary-c4417d'
const enableSecret = 'enable-canary-77aa21'
const password = 'sip-canary-1b9e44'

const cable = async (box: string, person: string): Promise<Child> => {
  const child = startChild(findProgram('socat')!, [
    '-d',
    '-d',
    `PTY,link=${box},raw,echo=0`,
    `PTY,link=${person},raw,echo=0`,
  ])
  await child.waitFor(/starting data transfer loop/)
  return child
}

t.test('the console of a running box', { timeout: 90_000 }, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-'))
  const socket = join(folder, 'console.sock')
  const serial = join(folder, 'serial')
  const [view, enable, wrong, given] = ['view', 'enable', 'wrong', 'given'].map(name =>
    join(folder, name),
  ) as [string, string, string, string]
  writeFileSync(view, `${viewSecret}\n`, { mode: 0o600 })
  writeFileSync(enable, `${enableSecret}\n`, { mode: 0o600 })
  writeFileSync(wrong, 'wrong\n')
  const daemon = await startDaemon({
    address: '127.0.0.77',
    lines: [{ id: 'tel1', user: '0389000001', password }],
    domain: 'operator.test',
    proxy: '127.0.0.78:5060',
    more: `[console]\nsocket = "${socket}"\nserial = "${serial}"\nviewSecretFile = "${view}"\nenableSecretFile = "${enable}"\n`,
  })
  let shown = ''
  const exec = async (...words: readonly string[]) => {
    const child = startChild(process.execPath, [main, 'console', '--socket', socket, ...words])
    const code = await child.exit()
    shown += child.output()
    return { code, output: child.output() }
  }

  await t.test('is for its own user only', async t => {
    await daemon.child.waitFor(/console\.sock.*console open/)
    t.equal(statSync(socket).mode & 0o777, 0o600)
  })

  await t.test('--exec prints what a command answers, in words and as JSON', async t => {
    const said = await exec('--exec', 'sh reg', '--secret-file', view)
    const output =
      /^tel1 {2}sip:0389000001@operator\.test {2}(not registered|registering).*\n {2}answer {4}503/
    t.match(said, { code: 1, output }, 'and 1: not registered')
    const json = await exec('--exec', 'show version', '--secret-file', view, '--json')
    t.equal(json.code, 0)
    t.match(JSON.parse(json.output), { version: /^\d/, timezone: 'Europe/Paris' })
  })

  await t.test('2 for what is no command, not allowed, or the wrong secret', async t => {
    t.match(await exec('--exec', 'show nothing', '--secret-file', view), { code: 2, output: /VP-7503/ })
    t.match(await exec('--exec', 'show version', '--secret-file', wrong), { code: 2, output: /VP-7501/ })
    t.match(await exec('--socket', join(folder, 'none')), { code: 2, output: /VP-7507/ })
  })

  await t.test('a support bundle is one JSON document', async t => {
    const said = await exec('--exec', 'support bundle', '--secret-file', enable, '--enable', '--json')
    t.equal(said.code, 0)
    const bundle = JSON.parse(said.output) as {
      readonly facts: { readonly lines: readonly { line: string }[] }
    }
    t.match(bundle, { bundle: 1, settings: { 'line.tel1.account.password': '(set)' } })
    t.same(
      bundle.facts.lines.map(({ line }) => line),
      ['tel1'],
    )
  })

  const script = hilClient(socket)
  await t.test('a script asks for everything there is to see', async t => {
    t.match(await script.ask({ login: viewSecret }), { ok: true, level: 'view' })
    const text = async (command: string): Promise<string> => {
      const { text: rows } = await script.ask({ do: command, text: true })
      return Array.isArray(rows) ? rows.join('\n') : JSON.stringify(rows)
    }
    t.match(await text('show profile'), /hook\.flashMs +80 600\n/)
    t.match(await text('show codes'), /\*93# +box/)
    t.match(await text('show board'), /driver +sim/)
    t.match(await text('show media'), /^No call has audio\.\nok tel1: No call has had audio/)
    t.match(await text('show calls'), /^ {2}tel1 {2}idle\n!! tel1: The operator does not answer/)
    t.match(await text('explain in active R 2'), /^active, R 2: /)
    t.match(await text('show log 5'), /console logged in/)
    t.match(await text('show line tel1'), /^!! tel1: The operator does not answer at 127\.0\.0\.78:5060\.$/m)
    t.match(await text('show flash'), /R has not been pressed/)
    t.match(await script.ask({ do: 'show settings sip.dscp' }), {
      data: [{ tr104: /SIP\.Network\.1\.DSCPMark$/ }],
    })
    const settings = await text('show settings')
    t.match(settings, /\* {2}line\.tel1\.account\.password +\(set\)/)
    t.match(settings, / {3}sip\.dscp +24/)
    t.match(await script.ask({ do: 'restart' }), { ok: false, error: 'VP-7505' })
  })

  await t.test('what the telephone does is seen as it happens', async t => {
    const watching = script.ask({ do: 'debug line 30' })
    await daemon.bench.request({ do: 'offhook', line: 'tel1' })
    await script.until(/"text":"off-hook, [^"]*line active/)
    await daemon.bench.request({ do: 'onhook', line: 'tel1' })
    await script.until(/"text":"on-hook/)
    script.cancel()
    t.match(await watching, { ok: true })
    const { data } = await script.ask({ do: 'show trace 50' })
    t.match(JSON.stringify(data), /"event":"off-hook","from":"idle"/)
  })

  await t.test('a person at the client: log in, look, log out', async t => {
    const child = startChild(process.execPath, [main, 'console', '--socket', socket], { input: 'pipe' })
    await child.waitFor(/Password: /)
    child.process.stdin?.write(`${viewSecret}\r`)
    await child.waitFor(/voiceport> /)
    child.process.stdin?.write('show board\rexit\r')
    t.equal(await child.exit(), 0)
    t.match(child.output(), /driver +sim/)
    shown += child.output()
  })

  await t.test(
    'a serial cable pulled out in mid-line and put back',
    { skip: findProgram('socat') ? false : 'needs socat' },
    async t => {
      const person = join(folder, 'person')
      let pair = await cable(serial, person)
      t.teardown(() => pair.stop())
      await daemon.child.waitFor(/serial".*console open/)
      const talk = (text: string, until: RegExp): Promise<string> =>
        new Promise((resolve, reject) => {
          const port = new SerialPort({ path: person, baudRate: 115_200 })
          let seen = ''
          const late = setTimeout(() => {
            port.close()
            reject(new Error(`never ${until}: ${seen}`))
          }, 10_000)
          port.on('data', (bytes: Buffer) => {
            seen += bytes.toString()
            if (!until.test(seen)) return
            clearTimeout(late)
            shown += seen
            port.close(() => resolve(seen))
          })
          port.write(text)
        })
      await talk('\r', /Password: /)
      await talk(`${viewSecret}\r`, /voiceport> /)
      await talk('show ver', /show ver/)
      await pair.stop()
      const log = daemon.child.mark()
      pair = await cable(serial, person)
      await daemon.child.waitFor(/serial".*console open/, 10_000, log)
      await talk('\r', /Password: /)
      const back = await talk(`${viewSecret}\r`, /show ver/)
      t.match(back, 'voiceport> show ver')
      await talk('sion\r', /Node .*voiceport> /s)
      await pair.stop()
    },
  )

  await t.test('a changed secret is kept as a verifier that nobody else reads', async t => {
    const child = startChild(process.execPath, [main, 'console', '--socket', socket], { input: 'pipe' })
    for (const [prompt, answer] of [
      [/Password: /, viewSecret],
      [/voiceport> /, 'enable'],
      [/for changes: /, enableSecret],
      [/voiceport# /, 'passwd view'],
      [/New password: /, changedSecret],
      [/Once more: /, changedSecret],
      [/Password changed\.\r\n\rvoiceport# /, 'exit'],
    ] as const) {
      await child.waitFor(prompt)
      child.process.stdin?.write(`${answer}\r`)
    }
    t.equal(await child.exit(), 0)
    const file = join(daemon.folder, 'console-view.verifier')
    t.equal(statSync(file).mode & 0o777, 0o600)
    t.match(readFileSync(file, 'utf8'), /^(\$scrypt\$ln=14,r=8,p=5\$[^\n]*\n){2}$/)
    writeFileSync(given, changedSecret)
    t.equal((await exec('--exec', 'show board', '--secret-file', given)).code, 0)
    t.equal((await exec('--exec', 'show board', '--secret-file', view)).code, 2, 'the old one')
    shown += child.output()
  })

  await t.test('a secret that is provisioned later counts', async t => {
    writeFileSync(view, `${laterSecret}\n`)
    t.equal((await exec('--exec', 'show board', '--secret-file', view)).code, 0)
    t.equal((await exec('--exec', 'show board', '--secret-file', given)).code, 2)
    await daemon.child.waitFor(/newly provisioned console secret counts/)
  })

  await t.test('eight clients at most', async t => {
    script.close()
    const clients = Array.from({ length: 9 }, () => connect(socket))
    const refused = await new Promise<string>(resolve => {
      for (const client of clients)
        client.on('data', text => {
          if (/Too many/.test(text.toString())) resolve(text.toString())
        })
    })
    t.match(refused, '% Too many sessions.')
    await Promise.all(clients.map(client => new Promise(resolve => client.once('close', resolve).destroy())))
  })

  await t.test('restart ends the box in order', async t => {
    const said = await exec('--exec', 'restart', '--secret-file', enable, '--enable')
    t.match(said, { code: 0, output: 'The box restarts; calls end.\n' })
    t.equal(await daemon.child.exit(), 1, 'whoever supervises it starts it again')
  })

  await t.test('no secret shows anywhere', async t => {
    t.match(script.seen(), /"ok":true/, 'there is something to search in')
    const places = { shown, script: script.seen(), output: daemon.child.output() }
    const secrets = { viewSecret, changedSecret, laterSecret, enableSecret, password }
    t.same(sightingsOf(places, secrets, { users: ['0389000001'], realm: 'operator.test' }), [])
    t.match(daemon.child.output(), /wrong console password/)
  })
  await daemon.stop()
  rmSync(folder, { recursive: true, force: true })
})
