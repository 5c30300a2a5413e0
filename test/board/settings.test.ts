// Settings changed on the running daemon by the local socket: a proxy and a password during a call, a wrong proxy that nobody
// confirms, a sudden death before anybody could, who did what in the journal, and a reset.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startChild } from '../support/child.js'
import { startDaemon } from '../support/daemon.js'

t.setTimeout(120_000)
const first = '127.0.0.141'
const second = '127.0.0.142'
const boxAddress = '127.0.0.143'
const nobody = '127.0.0.144'
const secret = 'enable-canary-33ab'
const newPassword = 'account-canary-77'
const main = fileURLToPath(new URL('../../board/main.js', import.meta.url))
const operatorMain = fileURLToPath(new URL('../operator/main.js', import.meta.url))

const operatorAt = async (address: string, password: string) => {
  const operator = startChild(process.execPath, [
    operatorMain,
    ...['--sip', `${address}:5060`, '--trace', '--subscriber', `0389000001:${password}`],
  ])
  await operator.waitFor(/operator ready/)
  return operator
}

/** The box's own agent. */
const agent = async (path: string) => {
  const socket = connect(path)
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  const ask = async (request: object) => {
    socket.write(`${JSON.stringify(request)}\n`)
    for (;;) {
      const { value, done } = await lines.next()
      if (done) throw new Error('the console hung up')
      if (String(value).startsWith('{')) return JSON.parse(String(value))
    }
  }
  await ask({ login: secret, level: 'enable' })
  return { ask, close: () => socket.destroy() }
}

t.test('settings of a running box', { timeout: 90_000 }, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const socket = join(folder, 'console.sock')
  const secretFile = join(folder, 'enable')
  writeFileSync(secretFile, `${secret}\n`, { mode: 0o600 })
  const store = join(folder, 'voiceport.db')
  const operators = await Promise.all([operatorAt(first, 'one'), operatorAt(second, newPassword)])
  t.teardown(() => Promise.all(operators.map(operator => operator.stop())))
  const [one, two] = operators
  const start = () =>
    startDaemon({
      address: boxAddress,
      lines: [{ id: 'tel1', user: '0389000001', password: 'one' }],
      domain: 'operator.test',
      proxy: `${first}:5060`,
      allow: [`${second}/32`],
      store,
      more: `[console]\nsocket = "${socket}"\nenableSecretFile = "${secretFile}"\n`,
    })
  const proxies = 'line.tel1.account.proxies'
  const password = 'line.tel1.account.password'
  const inForce = async ({ ask }: Awaited<ReturnType<typeof agent>>, key: string) =>
    (await ask({ get: key })).data[0].value

  const daemon = await start()
  t.teardown(() => daemon.child.stop())
  await daemon.child.waitFor(/"state":"registered"/)
  await daemon.child.waitFor(/console open/)
  const box = await agent(socket)

  await t.test('another proxy and password count at once, and the call that stands goes on', async t => {
    await daemon.bench.do({ do: 'offhook', line: 'tel1' })
    await daemon.bench.waitFor(event => event.ev === 'tone' && event['name'] === 'dial', 10_000)
    await daemon.bench.do({ do: 'dtmf', line: 'tel1', digits: '3100' })
    await one.waitFor(/\nACK sip:/)
    const mark = one.mark()
    const log = daemon.child.mark()
    const set = { [proxies]: `sip:${second}:5060;transport=udp`, [password]: newPassword }
    const reply = await box.ask({ set, by: 'network' })
    t.match(reply, { ok: true, data: { changed: [{ key: proxies, restart: false }, { after: '(set)' }] } })
    await daemon.child.waitFor(/"state":"registered"/, 10_000, log)
    await two.waitFor(/REGISTER sip:.*Authorization: Digest.*SIP\/2\.0 200 /s)
    await daemon.bench.do({ do: 'dtmf', line: 'tel1', digits: '5' })
    await one.waitFor(/^3100 digit 5$/m, 10_000, mark)
    t.notMatch(one.output().slice(mark), /\nBYE /)
    await daemon.bench.do({ do: 'onhook', line: 'tel1' })
    await one.waitFor(/\nBYE sip:/, 10_000, mark)
  })

  await t.test('a wrong proxy that nobody confirms goes by itself', async t => {
    const log = daemon.child.mark()
    t.match(await box.ask({ do: `set ${proxies} sip:${nobody}` }), { ok: true })
    t.match(await box.ask({ do: 'commit confirm 10' }), { ok: true, data: { rollbackSeconds: 10 } })
    t.match(await inForce(box, proxies), nobody)
    t.match(await box.ask({ set: { [proxies]: null } }), { ok: false, message: /waits to be confirmed/ })
    await daemon.child.waitFor(/not confirmed are undone/, 15_000, log)
    await daemon.child.waitFor(/"state":"registered"/, 10_000, daemon.child.output().lastIndexOf('undone'))
    t.match(await inForce(box, proxies), second)
  })

  await t.test('what a telephone sets stands in the journal too', async t => {
    const mark = daemon.bench.mark()
    await daemon.bench.do({ do: 'offhook', line: 'tel1' })
    await daemon.bench.waitFor(event => event.ev === 'tone' && event['name'] === 'dial', 10_000, mark)
    await daemon.bench.do({ do: 'dtmf', line: 'tel1', digits: '*93#' })
    await daemon.bench.waitFor(event => event.ev === 'tone' && event['name'] === 'confirmation', 10_000)
    await daemon.bench.do({ do: 'onhook', line: 'tel1' })
    const { data } = await box.ask({ do: 'show journal 1' })
    t.match(data, [{ by: 'handset', key: 'line.tel1.masking', after: 'true' }])
  })

  await t.test('what nobody confirmed is gone after a sudden death; what was committed is not', async t => {
    t.match(await box.ask({ do: 'set line.tel1.callWaiting false' }), { ok: true })
    t.match(await box.ask({ do: 'commit confirm 600' }), { ok: true, data: { rollbackSeconds: 600 } })
    t.equal(await inForce(box, 'line.tel1.callWaiting'), 'false')
    box.close()
    await daemon.bench.close()
    daemon.child.process.kill('SIGKILL')
    await daemon.child.exit()
  })

  const again = await start()
  t.teardown(() => again.stop())
  await again.child.waitFor(/console open/)
  const after = await agent(socket)
  await t.test('the next start has what was confirmed only', async t => {
    t.equal(await inForce(after, 'line.tel1.callWaiting'), 'true')
    t.match(await inForce(after, proxies), second)
    const { data } = await after.ask({ do: 'show journal' })
    t.same(
      data.map(({ by, key }: { by: string; key: string }) => `${by} ${key}`),
      [
        'box line.tel1.callWaiting',
        'console line.tel1.callWaiting',
        'handset line.tel1.masking',
        `box ${proxies}`,
        `console ${proxies}`,
        `network ${password}`,
        `network ${proxies}`,
      ],
    )
  })

  await t.test('a file of exported settings is taken as a whole, or every mistake in it is told', async t => {
    const file = join(folder, 'settings.txt')
    const imported = async (text: string) => {
      writeFileSync(file, text)
      const words = ['console', '--socket', socket, '--import', file, '--secret-file', secretFile]
      const child = startChild(process.execPath, [main, ...words])
      return { code: await child.exit(), output: child.output() }
    }
    const wrong = await imported('set log.level loud\nset line.tel1.mwi off\nset sip.dscp 64\n')
    t.match(wrong, { code: 2, output: /line 1: log\.level = loud.*line 3: sip\.dscp = 64/ })
    t.equal(await inForce(after, 'line.tel1.mwi'), 'subscribe')
    const { data } = await after.ask({ do: 'export' })
    const right = await imported([...data.lines, 'set line.tel1.mwi off'].join('\n'))
    t.match(right, { code: 0, output: /"key":"line\.tel1\.mwi"/ })
    t.equal(await inForce(after, 'line.tel1.mwi'), 'off')
    t.match(await inForce(after, proxies), second)
  })

  await t.test('a password set by the agent is nowhere in clear but in its own file', async t => {
    await after.ask({ set: { [password]: 'agent-canary-51' } })
    for (const command of ['show settings', 'export', 'support bundle'])
      t.notMatch(JSON.stringify(await after.ask({ do: command })), /canary/, command)
    const holding = readdirSync(folder).filter(name => {
      try {
        return readFileSync(join(folder, name), 'latin1').includes('agent-canary-51')
      } catch {
        return false
      }
    })
    t.equal(holding.length, 1)
    t.match(holding[0], /^voiceport\.db-secret-[0-9a-f]{16}$/)
    t.notMatch(daemon.child.output() + again.child.output(), /canary/)
  })

  await t.test('a reset erases what was set here, keeps what was provisioned, and restarts', async t => {
    const mine = () => readdirSync(folder).filter(name => /secret-|verifier|damaged/.test(name))
    writeFileSync(join(folder, 'console-view.verifier'), 'of a password changed here\n')
    t.equal(mine().length, 2)
    const child = startChild(process.execPath, [main, 'console', '--socket', socket], { input: 'pipe' })
    for (const [prompt, words] of [
      [/Password: /, secret],
      [/voiceport# /, 'factory-reset'],
      [/Erased: .*Kept: .*"erase": /s, 'erase'],
      [/Once more, to be sure: /, 'erase'],
    ] as const) {
      await child.waitFor(prompt)
      child.process.stdin?.write(`${words}\r`)
    }
    t.equal(await again.child.exit(), 1, 'whoever supervises it starts it again')
    t.same(mine(), [])
    t.equal(readFileSync(secretFile, 'utf8'), `${secret}\n`)
    const last = await start()
    t.teardown(() => last.stop())
    await last.child.waitFor(/console open/)
    const fresh = await agent(socket)
    t.match(await inForce(fresh, proxies), first)
    t.same((await fresh.ask({ do: 'show journal' })).data, [])
    await last.child.waitFor(/"state":"registered"/)
    fresh.close()
  })
  after.close()
  rmSync(daemon.folder, { recursive: true, force: true })
})
