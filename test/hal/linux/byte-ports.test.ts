// Byte ports over pseudo terminals (socat stands for the cable) and over sockets.
import { spawn, spawnSync } from 'node:child_process'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'

import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { BytePort, BytePortSink } from '../../../hal/byte-port.js'
import { kindOf } from '../../../hal/conformance/hal-kind.js'
import { openSerialPort } from '../../../hal/linux/byte-port-serial.js'
import { listenForBytePorts } from '../../../hal/linux/byte-port-socket.js'
import { LinuxClock } from '../../../hal/linux/clock.js'

const until = async (holds: () => boolean): Promise<boolean> => {
  for (let n = 0; n < 800 && !holds(); n++) await new Promise(resolve => setTimeout(resolve, 10))
  return holds()
}
const recorder = () => {
  const seen = { text: '', drains: 0, closes: 0, opens: 0, problems: [] as string[] }
  const sink = {
    onBytes: (bytes: Uint8Array) => {
      seen.text += Buffer.from(bytes).toString('latin1')
    },
    onDrain: () => seen.drains++,
    onClose: () => seen.closes++,
    onOpen: () => seen.opens++,
    onProblem: (error: { kind: string }) => seen.problems.push(error.kind),
  }
  return { seen, sink }
}
const temporary = async (t: { teardown(done: () => unknown): unknown }) => {
  const directory = await mkdtemp(join(tmpdir(), 'voiceport-port-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  return directory
}

t.test(
  'serial port',
  { skip: spawnSync('socat', ['-V']).error ? 'socat is not installed' : false },
  async t => {
    const directory = await temporary(t)
    const [left, right] = [join(directory, 'left'), join(directory, 'right')]
    const cable = () =>
      spawn('socat', [`pty,raw,echo=0,link=${left}`, `pty,raw,echo=0,link=${right}`], { stdio: 'ignore' })
    const clock = new LinuxClock()
    const a = recorder()
    const b = recorder()
    const options = { clock, retryMs: 20 }
    const first = openSerialPort({ path: left, ...options }, a.sink)
    const second = openSerialPort({ path: right, ...options }, b.sink)
    t.teardown(() => Promise.all([first.close(), second.close()]))
    t.ok(await until(() => a.seen.problems.length > 0))
    t.equal(first.write(Buffer.from('lost')), false, 'no device: the writer is told to wait')

    let wire = cable()
    t.teardown(() => {
      wire.kill()
    })
    t.ok(await until(() => a.seen.opens === 1 && b.seen.opens === 1))
    t.strictSame(a.seen.problems, ['missing'], 'a missing device is told once, however often it is tried')
    t.ok(a.seen.drains >= 1, 'the writer may go on')
    const all = Buffer.from(Array.from({ length: 256 }, (_, n) => n))
    first.write(all)
    t.ok(await until(() => b.seen.text.length === 256))
    t.equal(b.seen.text, all.toString('latin1'), 'every byte value passes')
    second.write(Buffer.from('answer'))
    t.ok(await until(() => a.seen.text === 'answer'))

    wire.kill()
    t.ok(await until(() => a.seen.closes === 1 && b.seen.closes === 1), 'unplugged')
    wire = cable()
    t.ok(await until(() => a.seen.opens === 2 && b.seen.opens === 2), 'plugged in again')
    first.write(Buffer.from('back'))
    t.ok(await until(() => b.seen.text.endsWith('back')))
    await first.close()
    await first.close()
    t.equal(first.write(Buffer.from('x')), false)
  },
)

t.test('a serial port that is no terminal or not ours is a problem, not a crash', async t => {
  const path = join(await temporary(t), 'plain')
  await writeFile(path, '')
  const { seen, sink } = recorder()
  const port = openSerialPort({ path, clock: new LinuxClock(), retryMs: 10_000 }, sink)
  t.ok(await until(() => seen.problems.length === 1))
  t.equal(seen.opens, 0)
  await port.close()
})

t.test('socket server', async t => {
  const serve = async (listen: string, accept?: (port: BytePort) => BytePortSink) => {
    const { seen, sink } = recorder()
    const ports: BytePort[] = []
    const server = await listenForBytePorts({
      listen,
      onConnection:
        accept ??
        (port => {
          ports.push(port)
          return sink
        }),
    })
    t.teardown(() => server.close())
    return { server, seen, ports }
  }
  const talk = async (
    server: { seen: { text: string; closes: number }; ports: BytePort[] },
    target: object,
  ) => {
    const client = connect(target as { path: string })
    let heard = ''
    client.setEncoding('utf8').on('data', text => {
      heard += text
    })
    client.write('ping')
    t.ok(await until(() => server.seen.text === 'ping'))
    t.equal(server.ports[0]!.write(Buffer.from('pong')), true)
    t.ok(await until(() => heard === 'pong'))
    client.destroy()
    t.ok(await until(() => server.seen.closes === 1))
    t.equal(server.ports[0]!.write(Buffer.from('gone')), false)
    await server.ports[0]!.close()
  }

  t.test('TCP on loopback', async t => {
    const served = await serve('127.0.0.61:0')
    t.match(served.server.address, /^127\.0\.0\.61:[1-9]\d*$/)
    const [host, port] = served.server.address.split(':')
    await talk(served, { host, port: Number(port) })
    t.equal(await kindOf(() => serve(served.server.address)), 'in-use')
  })

  t.test('Unix socket; a stale file is replaced, a live one respected', async t => {
    const directory = await temporary(t)
    const path = join(directory, 'bench.sock')
    const holder = spawnSync(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ])
    t.equal(holder.signal, 'SIGKILL')
    t.ok((await stat(path)).isSocket(), 'a dead server left its file')
    const served = await serve(`unix:${path}`)
    t.equal((await stat(path)).mode & 0o777, 0o660)
    await talk(served, { path })
    t.equal(await kindOf(() => serve(`unix:${path}`)), 'in-use')
    const plain = join(directory, 'plain')
    await writeFile(plain, 'not a socket')
    t.equal(await kindOf(() => serve(`unix:${plain}`)), 'in-use')
    t.equal((await stat(plain)).size, 12, 'a file that is no socket is left alone')
    t.equal(await kindOf(() => serve(`unix:${join(directory, 'none', 'x.sock')}`)), 'missing')
  })

  t.test('a slow reader is felt, and told when to go on', async t => {
    const served = await serve('127.0.0.61:0')
    const [host, port] = served.server.address.split(':')
    const client = connect({ host: host!, port: Number(port) })
    client.pause()
    t.ok(await until(() => served.ports.length === 1))
    const block = Buffer.alloc(64 * 1024)
    let sent = 0
    for (; sent < 1000 && served.ports[0]!.write(block); sent++);
    t.ok(sent < 1000)
    t.equal(served.seen.drains, 0)
    client.resume()
    t.ok(await until(() => served.seen.drains === 1))
    await served.ports[0]!.close()
    t.ok(await until(() => served.seen.closes === 1))
    client.destroy()
  })

  t.test('addresses that are none, or not loopback, are refused', async t => {
    for (const listen of [
      '',
      'unix:',
      `unix:/${'x'.repeat(120)}`,
      'localhost:1',
      '127.0.0.1',
      '127.0.0.1:99999',
    ])
      t.equal(await kindOf(() => serve(listen)), 'invalid', listen)
    for (const listen of ['0.0.0.0:7000', '192.0.2.1:7000', '[::]:7000'])
      t.equal(await kindOf(() => serve(listen)), 'refused', listen)
  })
})
