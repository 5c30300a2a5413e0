// The bench channel of PROTOCOL.md over a real socket, on a simulated board in real time.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { BytePort } from '../../hal/byte-port.js'
import { listenForBytePorts } from '../../hal/linux/byte-port-socket.js'
import { createBenchServer } from '../../hal/sim/bench-server.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { createSimBoard } from '../../hal/sim/sim-board.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { readWav, wavImage } from '../../hal/sim/wav.js'
import { profile } from '../support/sounding-line.js'
import { BenchClient, type BenchReply } from './bench-client.js'

/** A virtual-time board whose clock runs on its own, 20 ms a turn of the event loop, for as long as the bench lives. */
const bench = async (t: Test, lines: readonly string[] = ['tel1']) => {
  const folder = await mkdtemp(join(tmpdir(), 'voiceport-bench-'))
  const clock = new VirtualClock()
  const board = createSimBoard({ lines, clock, entropy: new SeededEntropy(3), frames: 'virtual' })
  for (const line of lines) await board.fxs(line).open(profile, () => {})
  const server = createBenchServer({ handsets: lines.map(line => board.handset(line)), clock })
  const address = `unix:${join(folder, 'bench.sock')}`
  const sockets = await listenForBytePorts({ listen: address, onConnection: port => server.accept(port) })
  let running = true
  const run = (async () => {
    while (running) await clock.advance(20)
  })()
  const clients: BenchClient[] = []
  t.teardown(async () => {
    for (const client of clients) await client.close()
    running = false
    await run
    await sockets.close()
    await rm(folder, { recursive: true, force: true })
  })
  return {
    server,
    file: (name: string) => join(folder, name),
    client: async () => {
      const client = await BenchClient.connect(address)
      clients.push(client)
      return client
    },
  }
}

t.test('greeting, a reply with its id and line, and the state', async t => {
  const it = await bench(t)
  const client = await it.client()
  t.match(client.events[0], { ev: 'hello', protocol: 1, lines: ['tel1'] })
  t.match(client.events[1], {
    ev: 'state',
    line: 'tel1',
    offHook: false,
    ringing: false,
    tone: 'none',
    loopMa: 0,
  })
  const lifted = await client.request({ do: 'offhook' })
  t.match(lifted, { id: 1, line: 'tel1', ok: true, us: Number })
  const loop = await client.waitFor(event => event.ev === 'loop', 5000)
  t.match(loop, { state: 'closed', line: 'tel1' })
  t.match((await client.request({ do: 'state', line: 'tel1' })).state, { ev: 'state', offHook: true })
})

t.test('garbage gets one clear error each and changes nothing', async t => {
  const it = await bench(t, ['tel1', 'tel2'])
  const client = await it.client()
  const wrong: readonly [string, string, RegExp][] = [
    ['offhook', 'VP-6001', /JSON/],
    ['[1]', 'VP-6001', /object/],
    ['null', 'VP-6001', /object/],
    ['{"id":7}', 'VP-6002', /offhook/],
    ['{"id":7,"do":"toString"}', 'VP-6002', /unknown/],
    ['{"id":7,"do":"offhook"}', 'VP-6003', /tel1, tel2/],
    ['{"id":7,"do":"offhook","line":"tel9"}', 'VP-6003', /tel1, tel2/],
    ['{"id":7,"do":"offhook","line":"tel1","speed":1}', 'VP-6004', /"speed"/],
    ['{"id":{},"do":"offhook","line":"tel1"}', 'VP-6004', /"id"/],
    ['{"id":7,"do":"flash","line":"tel1","ms":"long"}', 'VP-6004', /"ms" must be a number from 1 to 5000/],
    ['{"id":7,"do":"dtmf","line":"tel1","digits":"12x"}', 'VP-6004', /"digits"/],
    [
      '{"id":7,"do":"edges","line":"tel1","edges":[{"offHook":true,"ms":5},{"offHook":false,"ms":4}]}',
      'VP-6004',
      /"edges"/,
    ],
    ['{"id":7,"do":"fault","line":"tel1","kind":"fire","on":true}', 'VP-6004', /unplug/],
    ['{"id":7,"do":"play","line":"tel1","wav":"/no/such/file.wav"}', 'VP-6005', /ENOENT/],
    ['{"id":7,"do":"record","line":"tel1","wav":"/no/such/file.wav","ms":60000}', 'VP-6005', /ENOENT/],
    ['{"id":7,"do":"flash","line":"tel1"}', 'VP-6006', /on-hook/],
    [`{"id":7,"do":"${'x'.repeat(70_000)}"}`, 'VP-6001', /65536/],
  ]
  for (const [n, [text, error, message]] of wrong.entries()) {
    client.raw(`${text}\n`)
    for (let turns = 0; client.stray.length <= n && turns < 2000; turns++)
      await new Promise<void>(resolve => setTimeout(resolve, 1))
    const reply = client.stray[n]
    t.match(reply, { ok: false, error, message }, text.slice(0, 60))
    if (text.startsWith('{"id":7') && text.length < 60_000) t.equal(reply?.id, 7)
  }
  t.equal(client.stray.length, wrong.length)
  client.raw('\n  \r\n{"id":7,"do":"off')
  client.raw('hook","line":"tel2"}\n')
  await client.waitFor(event => event.ev === 'loop' && event.line === 'tel2', 5000)
  t.match(client.stray.at(-1), { id: 7, ok: true, line: 'tel2' }, 'a request in two pieces')
  t.match((await client.do({ do: 'state', line: 'tel1' })).state, { offHook: false })
})

t.test('a file of another format is refused with what it has', async t => {
  const it = await bench(t)
  const client = await it.client()
  const image = wavImage(new Int16Array(800))
  image.writeUInt32LE(16000, 24)
  await writeFile(it.file('wide.wav'), image)
  await writeFile(it.file('text.wav'), 'hello, this is no sound at all')
  t.match(await client.request({ do: 'play', wav: it.file('wide.wav') }), {
    error: 'VP-6005',
    message: /16000 Hz/,
  })
  t.match(await client.request({ do: 'play', wav: it.file('text.wav') }), {
    error: 'VP-6005',
    message: /no WAV/,
  })
})

t.test('actions queue per line, onhook cancels them, record runs beside', async t => {
  const it = await bench(t, ['tel1', 'tel2'])
  const client = await it.client()
  const order: string[] = []
  const ask = (name: string, request: Parameters<BenchClient['request']>[0]): Promise<BenchReply> =>
    client.request(request).then(reply => {
      order.push(name)
      return reply
    })
  await client.do({ do: 'offhook', line: 'tel1' })
  const recording = ask('record', { do: 'record', line: 'tel1', wav: it.file('r.wav'), ms: 1500 })
  const keys = ask('keys', { do: 'dtmf', line: 'tel1', digits: '12', onMs: 100, offMs: 100 })
  const flash = ask('flash', { do: 'flash', line: 'tel1', ms: 300 })
  const other = ask('other line', { do: 'offhook', line: 'tel2' })
  const [keysReply, flashReply] = await Promise.all([keys, flash, other])
  t.ok(flashReply.us! - keysReply.us! >= 300_000, 'the flash began after the keys')
  t.strictSame(order, ['other line', 'keys', 'flash'])
  const long = ask('long', { do: 'dtmf', line: 'tel1', digits: '1'.repeat(200) })
  const waiting = ask('waiting', { do: 'flash', line: 'tel1' })
  const hung = ask('hung', { do: 'onhook', line: 'tel1' })
  for (const reply of await Promise.all([long, waiting])) t.match(reply, { ok: false, error: 'VP-6006' })
  t.match(await hung, { ok: true })
  t.match(await recording, { ok: true }, 'a recording goes on')
  t.equal((await readWav(it.file('r.wav'))).length, 1500 * 8)
  t.equal(order.length, 7)
})

t.test('events go to every client, replies to the one that asked', async t => {
  const it = await bench(t)
  const one = await it.client()
  const two = await it.client()
  await one.do({ do: 'offhook' })
  await one.waitFor(event => event.ev === 'loop', 5000)
  await one.do({ do: 'onhook' })
  for (const client of [one, two]) {
    await client.waitFor(event => event.ev === 'loop' && event['state'] === 'open', 5000)
    t.strictSame(
      client.events.filter(event => event.ev === 'loop').map(event => event['state']),
      ['closed', 'open'],
    )
  }
  t.strictSame(two.stray, [])
  await two.close()
  await one.do({ do: 'offhook' })
  for (let turns = 0; it.server.clients !== 1 && turns < 2000; turns++)
    await new Promise<void>(resolve => setTimeout(resolve, 1))
  t.equal(it.server.clients, 1, 'who leaves is forgotten')
})

t.test('a client that does not read is dropped, the others go on', async t => {
  const clock = new VirtualClock()
  const board = createSimBoard({ lines: ['tel1'], clock, entropy: new SeededEntropy(3), frames: 'virtual' })
  const server = createBenchServer({ handsets: [board.handset('tel1')], clock })
  const port = (reads: boolean) => {
    const got: string[] = []
    let closed = false
    const it: BytePort = {
      name: 'test',
      write: bytes => {
        got.push(Buffer.from(bytes).toString())
        return reads
      },
      close: async () => {
        closed = true
      },
    }
    return { it, got, closed: () => closed }
  }
  const slow = port(false)
  const good = port(true)
  server.accept(slow.it)
  server.accept(good.it)
  for (let n = 0; n < 40_000; n++) server.broadcast({ ev: 'led', line: 'tel1' })
  t.equal(slow.closed(), true)
  t.equal(slow.got.length, 1, 'after the first refusal nothing was pushed into it')
  t.equal(server.clients, 1)
  t.equal(good.closed(), false)
  t.ok(good.got.length > 40_000)
})
