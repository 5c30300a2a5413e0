// SIGHUP on the running daemon, with the reference operator as a process of its own: accounts that change, go and come
// while telephones are in use.

import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startChild } from '../support/child.js'
import { startDaemon } from '../support/daemon.js'

const operatorAddress = '127.0.0.121'
const boxAddress = '127.0.0.122'
const operatorMain = fileURLToPath(new URL('../operator/main.js', import.meta.url))

/** A REGISTER of this user whose expiry begins with `digit`. */
const registerOf = (user: string, digit: string): RegExp =>
  new RegExp(
    `REGISTER sip:\\S+ SIP/2.0\\r\\n(?=(?:[^\\r\\n]+\\r\\n)*To: [^\\r\\n]*${user})(?:[^\\r\\n]+\\r\\n)*(?:Expires: |Contact: [^\\r\\n]*expires=)${digit}`,
    'i',
  )

t.test('a changed configuration is taken without dropping a call', async t => {
  const subscribers = ['0389000001:one', '0389000002:two', '0389000003:three']
  const operator = startChild(process.execPath, [
    operatorMain,
    ...['--sip', `${operatorAddress}:5060`, '--trace'],
    ...subscribers.flatMap(subscriber => ['--subscriber', subscriber]),
  ])
  t.teardown(() => operator.stop())
  await operator.waitFor(/operator ready/)
  const daemon = await startDaemon({
    address: boxAddress,
    lines: [
      { id: 'tel1', user: '0389000001', password: 'one' },
      { id: 'tel2', user: '0389000002', password: 'two' },
    ],
    domain: 'operator.test',
    proxy: `${operatorAddress}:5060`,
  })
  t.teardown(() => daemon.stop())
  const { bench, child } = daemon
  for (const line of ['tel1', 'tel2'])
    await child.waitFor(new RegExp(`"line":"${line}","state":"registered"`))

  const heard = (line: string, name: string, from = 0) =>
    bench.waitFor(event => event.ev === 'tone' && event.line === line && event['name'] === name, 10_000, from)
  const tel1 = (request: { readonly do: string; readonly digits?: string }) =>
    bench.do({ ...request, line: 'tel1' })
  await tel1({ do: 'offhook' })
  await heard('tel1', 'dial')
  await tel1({ do: 'dtmf', digits: '3100' })
  await operator.waitFor(/\nACK sip:/)

  const original = readFileSync(daemon.config, 'utf8')
  const reload = (text: string): number => {
    const mark = operator.mark()
    writeFileSync(daemon.config, text)
    child.process.kill('SIGHUP')
    return mark
  }
  const tel2Account = original.slice(original.lastIndexOf('[line.account]'), original.indexOf('[sip]'))
  const changed = original
    .replace('user = "0389000001"', 'user = "0389000003"')
    .replace('password = "one"', 'password = "three"')
    .replace(tel2Account, '')
  const atFirst = child.mark()
  const first = reload(changed)
  await operator.waitFor(registerOf('0389000003', '[1-9]'), 10_000, first)
  await child.waitFor(/"line":"tel1","state":"registered"/, 10_000, atFirst)
  await operator.waitFor(registerOf('0389000002', '0'), 10_000, first)

  await tel1({ do: 'dtmf', digits: '5' })
  await operator.waitFor(/^3100 digit 5$/m, 10_000, first)
  t.notMatch(operator.output().slice(first), /\nBYE /, 'the call stands')

  await bench.do({ do: 'offhook', line: 'tel2' })
  await heard('tel2', 'congestion')
  t.pass('no account: no-service tone')

  const atWrong = child.mark()
  reload(original.replace('[sip]', '[sipp]'))
  await child.waitFor(/the former one stays/, 10_000, atWrong)

  const mark = bench.mark()
  reload(changed.replace('[sip]', `${tel2Account}[sip]`))
  await heard('tel2', 'dial', mark)
  t.pass('the account is there: dial tone, without being hung up')

  const parting = operator.mark()
  await tel1({ do: 'onhook' })
  await operator.waitFor(/\nBYE sip:/, 10_000, parting)
  t.equal(await daemon.stop(), 0)
})
