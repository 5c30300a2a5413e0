// Reading and writing the network's service settings, in virtual time and once through the kernel, over HTTP and HTTPS.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { networkSettings } from '../../firmware/run/network-settings.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { LinuxNetwork } from '../../hal/linux/network.js'
import { MemoryNetwork } from '../../hal/sim/memory-network.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { startChild } from '../support/child.js'
import { type Fault, openXcapServer } from '../support/xcap-server.js'

const user = '0389000001'
const lineOf = (root: string, password = 'secret') =>
  ({ account: { user, domain: 'operator.test' }, xcap: { root, password } }) as Parameters<
    typeof networkSettings
  >[0]

const world = async (password = 'secret') => {
  const clock = new VirtualClock()
  const network = new MemoryNetwork({ clock, hosts: { 'xcap.operator.test': ['127.0.0.44', '127.0.0.4'] } })
  const server = await openXcapServer(
    { network, clock },
    { at: { address: '127.0.0.4', port: 8080 }, subscribers: { [user]: 'secret' }, domain: 'operator.test' },
  )
  const dependencies = { network, clock, entropy: new SeededEntropy(3), userAgent: 'voiceport/test' }
  const client = networkSettings(lineOf('http://xcap.operator.test:8080/xcap', password), dependencies)
  if (!client) throw new Error('no client')
  /** Lets time pass until it is settled; the reason of a failure. */
  const outcome = async <T>(work: Promise<T>): Promise<T | string> => {
    let over = false
    const settled = work.then(
      value => value,
      (error: Error) => error.message,
    )
    void settled.then(() => {
      over = true
    })
    await clock.runUntil(() => over, 60_000)
    return settled
  }
  return { clock, server, client, outcome }
}

t.test('reads, writes and reads again; each change has a new entity tag (RFC 4825 §7)', async t => {
  const { client, server, outcome } = await world()
  t.same(await outcome(client.read()), { etag: '"r1"', restricted: false })
  t.same(await outcome(client.write(true, '"r1"')), { etag: '"r2"', restricted: true })
  t.ok(server.restricted(user))
  t.same(await outcome(client.read()), { etag: '"r2"', restricted: true })
  server.touch(user)
  t.same(await outcome(client.read()), { etag: '"r3"', restricted: true })
  t.same(server.log, ['GET 200', 'PUT 200', 'GET 200', 'GET 200'])
})

t.test('where somebody else was faster nothing is overwritten (If-Match)', async t => {
  const { client, server, outcome } = await world()
  server.change(user, true)
  t.equal(await outcome(client.write(false, '"r1"')), undefined)
  t.ok(server.restricted(user))
})

t.test('a server that does not tell the new tag is asked for it', async t => {
  const { client, server, outcome } = await world()
  server.fault = 'no-tag-after-put'
  t.same(await outcome(client.write(true, '"r1"')), { etag: '"r2"', restricted: true })
})

t.test('nothing that fails is taken for an answer', async t => {
  const faults: readonly [Fault, RegExp, RegExp][] = [
    ['refuses', /503/, /503/],
    ['silent', /no answer within 5000 ms/, /no answer/],
    ['unauthenticated', /200 without authentication/, /without authentication/],
    ['garbage', /says nothing about the number/, /^$/],
    ['impostor', /does not know the password/, /does not know the password/],
    ['read-only', /^$/, /writing refused \(403\)/],
  ]
  for (const [fault, reading, writing] of faults) {
    const { client, server, outcome } = await world()
    server.fault = fault
    if (reading.source !== '^$') t.match(await outcome(client.read()), reading, `${fault}, reading`)
    if (writing.source !== '^$')
      t.match(await outcome(client.write(true, '"r1"')), writing, `${fault}, writing`)
  }
  const wrong = await world('wrong')
  t.match(await wrong.outcome(wrong.client.read()), /user name or password refused/)
  const gone = await world()
  await gone.server.close()
  t.match(await gone.outcome(gone.client.read()), /refused/)
  t.same(gone.clock.pending(), [], 'nothing is left running')
})

t.test('a line without an account or without such settings has no network to ask', async t => {
  const { clock } = await world()
  const dependencies = {
    network: new MemoryNetwork({ clock }),
    clock,
    entropy: new SeededEntropy(3),
    userAgent: 'x',
  }
  t.equal(networkSettings({ xcap: { root: 'http://x', password: 'x' } }, dependencies), undefined)
  const { xcap: _, ...bare } = lineOf('http://x')
  t.equal(networkSettings(bare, dependencies), undefined)
})

const real = {
  network: new LinuxNetwork(),
  clock: new LinuxClock(),
  entropy: new LinuxEntropy(),
  userAgent: 'voiceport/test',
}

t.test('through the kernel', async t => {
  const server = await openXcapServer(real, {
    at: { address: '127.0.0.84', port: 0 },
    subscribers: { [user]: 'secret' },
    domain: 'operator.test',
  })
  t.teardown(() => server.close())
  const client = networkSettings(lineOf(server.root), real)
  t.same(await client?.read(), { etag: '"r1"', restricted: false })
  t.same(await client?.write(true, '"r1"'), { etag: '"r2"', restricted: true })
  await server.close()
  await t.rejects(async () => client?.read(), /127\.0\.0\.84/)
})

t.test(
  'HTTPS: a server whose certificate nobody vouches for is not believed',
  { skip: spawnSync('openssl', ['version']).error ? 'openssl is not installed' : false },
  async t => {
    const folder = mkdtempSync(join(tmpdir(), 'voiceport-xcap-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
    const made = spawnSync('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=127.0.0.84',
      '-addext',
      'subjectAltName=IP:127.0.0.84',
      '-keyout',
      key,
      '-out',
      certificate,
    ])
    t.equal(made.status, 0, made.stderr.toString())
    const server = createServer(
      { key: readFileSync(key), cert: readFileSync(certificate) },
      (_, response) => {
        response.setHeader('etag', '"t1"')
        response.end('<simservs><originating-identity-presentation-restriction/></simservs>')
      },
    )
    await new Promise<void>(resolve => server.listen(0, '127.0.0.84', resolve))
    t.teardown(() => server.close())
    const root = `https://127.0.0.84:${(server.address() as AddressInfo).port}/xcap`
    await t.rejects(async () => networkSettings(lineOf(root), real)?.read(), /self-signed certificate/)
    const script = `
      import { networkSettings } from ${JSON.stringify(new URL('../../firmware/run/network-settings.js', import.meta.url).href)}
      import { LinuxClock } from ${JSON.stringify(new URL('../../hal/linux/clock.js', import.meta.url).href)}
      import { LinuxEntropy } from ${JSON.stringify(new URL('../../hal/linux/entropy.js', import.meta.url).href)}
      import { LinuxNetwork } from ${JSON.stringify(new URL('../../hal/linux/network.js', import.meta.url).href)}
      const hal = { network: new LinuxNetwork(), clock: new LinuxClock(), entropy: new LinuxEntropy(), userAgent: 'x' }
      const line = { account: { user: '1', domain: 'o.test' }, xcap: { root: ${JSON.stringify(root)}, password: 'x' } }
      console.log(JSON.stringify(await networkSettings(line, hal).read()))`
    const child = startChild(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: certificate },
    })
    t.equal(await child.exit(), 0, child.output())
    t.same(JSON.parse(child.output()), { etag: '"t1"', restricted: true }, 'trusted, it is')
  },
)
