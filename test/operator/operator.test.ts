// The reference operator in virtual time, and once over the kernel's UDP.

import { fileURLToPath } from 'node:url'
import t from 'tap'
import { headerOf, headersOf, responseTo } from '../../firmware/sip/wire/message.js'
import { createWire } from '../../firmware/sip/wire/transactions.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { LinuxNetwork } from '../../hal/linux/network.js'
import { startChild } from '../support/child.js'
import {
  domain,
  mediaPort,
  offer,
  openEar,
  operatorWorld,
  prompt,
  rtp,
  sip,
  subscribers,
} from '../support/operator-world.js'
import { createPhone } from '../support/sip-phone.js'
import { echo } from './applications/numbers-to-try.js'
import { createOperator } from './operator.js'

t.test('registering: SHA-256 and MD5 offered apart, SHA-256 first; both work', async t => {
  const { phone, wait, operator } = await operatorWorld()
  for (const algorithm of [undefined, 'MD5'] as const) {
    const one = await phone(algorithm === undefined ? 1 : 2, algorithm === undefined ? {} : { algorithm })
    const ok = await wait(one.register(300))
    t.equal(ok?.status, 200)
    t.match(headerOf(ok!, 'Contact'), /^<sip:038900000\d@127.0.0.1\d:5060>;expires=300$/)
  }
  t.equal(operator.bindingsOf('0389000001').length, 1)
  const three = await phone(3)
  const bare = three.fresh('REGISTER', `sip:${domain}`, `<sip:0389000003@${domain}>`, [])
  const challenge = await wait(three.exchange(bare))
  t.equal(challenge?.status, 401)
  t.same(
    headersOf(challenge!, 'WWW-Authenticate').map(value => /algorithm=(\S+)/.exec(value)?.[1]),
    ['SHA-256', 'MD5'],
  )
})

t.test('registering: wrong password, unknown user, somebody else’s number, too short, star', async t => {
  const { phone, wait, operator, clock } = await operatorWorld({ minExpires: 60 })
  t.equal((await wait((await phone(2, { password: 'guess' })).register(300)))?.status, 403)
  t.equal((await wait((await phone(4)).register(300)))?.status, 403)
  const one = await phone(1)
  const short = await wait(one.register(10))
  t.equal(short?.status, 423)
  t.equal(headerOf(short!, 'Min-Expires'), '60')
  await wait(one.register(100))
  t.equal(operator.bindingsOf('0389000001').length, 1)
  await clock.advance(100_000)
  t.equal(operator.bindingsOf('0389000001').length, 0, 'expired')
  await wait(one.register(100))
  t.equal((await wait(one.register(0)))?.status, 200)
  t.equal(operator.bindingsOf('0389000001').length, 0, 'taken back')
})

t.test('an old nonce is told as stale, and so is one used again with the same count', async t => {
  const { phone, wait, clock } = await operatorWorld({ nonceSeconds: 30 })
  const one = await phone(1)
  const request = one.fresh('REGISTER', `sip:${domain}`, `<sip:0389000001@${domain}>`, [])
  const challenge = await wait(one.exchange(request))
  const proof = one.credentials(request, challenge!)
  const signed = { ...request, headers: [...request.headers, proof!] }
  t.equal((await wait(one.exchange(signed)))?.status, 200)
  const replayed = await wait(one.exchange(signed))
  t.equal(replayed?.status, 401)
  t.match(headerOf(replayed!, 'WWW-Authenticate'), /stale=true/)
  const later = one.credentials(request, challenge!)
  await clock.advance(31_000)
  const old = await wait(one.exchange({ ...request, headers: [...request.headers, later!] }))
  t.match(headerOf(old!, 'WWW-Authenticate'), /stale=true/)
})

t.test('a call between subscribers: routed, Record-Route, ACK and BYE through the proxy', async t => {
  const { phone, wait, clock } = await operatorWorld()
  const [one, two] = [await phone(1), await phone(2)]
  await wait(one.register(300))
  await wait(two.register(300))
  const seen = two.answering(180, 200)
  let acks = 0
  two.wire.onAck = () => acks++
  const call = one.call('+33389000002', offer('127.0.0.11', 4000), [['P-Preferred-Identity', '<sip:evil@x>']])
  await clock.advance(100)
  t.same(call.heard, [100, 180, 200])
  t.equal(acks, 1)
  const invite = seen[0]!.request
  t.equal(invite.uri, 'sip:0389000002@127.0.0.12:5060')
  t.equal(headerOf(invite, 'Max-Forwards'), '69')
  t.equal(headerOf(invite, 'P-Asserted-Identity'), '<sip:0389000001@operator.test>')
  t.equal(headerOf(invite, 'Proxy-Authorization'), undefined)
  t.equal(headerOf(invite, 'P-Preferred-Identity'), undefined)
  t.equal(headerOf(invite, 'Record-Route'), '<sip:127.0.0.1:5060;lr>')
  t.equal((await wait(call.inside('BYE')))?.status, 200)
  t.equal(seen[1]?.request.method, 'BYE')
  t.equal(headersOf(seen[1]!.request, 'Via').length, 2, 'it came through the proxy')
})

t.test('a withheld number reaches no telephone', async t => {
  const { phone, wait, clock } = await operatorWorld()
  const [one, two] = [await phone(1), await phone(2)]
  await wait(two.register(300))
  const seen = two.answering(486)
  const call = one.call('0389000002', offer('127.0.0.11', 4000), [['Privacy', 'id']])
  await clock.advance(100)
  t.same(call.heard, [100, 486], 'busy passes through')
  t.equal(headerOf(seen[0]!.request, 'P-Asserted-Identity'), undefined)
})

t.test('nobody there: 480 unregistered, 404 unknown, 403 elsewhere, 483 at the end of its hops', async t => {
  const { phone, clock } = await operatorWorld()
  const one = await phone(1)
  const calls = ['0389000002', '0800123456', 'sip:x@elsewhere.test'].map(number => one.call(number, ''))
  const hops = one.fresh('OPTIONS', 'sip:0389000002@operator.test', '<sip:0389000002@operator.test>', [])
  let status = 0
  one.wire.request(
    {
      ...hops,
      headers: hops.headers.map(line => (line[0] === 'Max-Forwards' ? ['Max-Forwards', '0'] : line)),
    },
    sip,
    outcome => {
      if (outcome.type === 'response') status = outcome.response.status
    },
  )
  await clock.advance(100)
  t.same(
    calls.map(call => call.heard),
    [[480], [404], [403]],
  )
  t.equal(status, 483)
})

t.test('a dead binding is unavailable, one that is silent times out', async t => {
  const { phone, wait, clock, network } = await operatorWorld()
  const [one, two] = [await phone(1), await phone(2)]
  await wait(two.register(300))
  await two.wire.close()
  const dead = one.call('0389000002', '')
  await clock.advance(100)
  t.same(dead.heard, [100, 480])
  await network.openUdp({ address: '127.0.0.12', port: 5060, onDatagram() {}, onError() {} })
  const silent = one.call('0389000002', '')
  await clock.advance(31_000)
  t.same(silent.heard, [100])
  await clock.advance(2000)
  t.same(silent.heard, [100, 408])
})

t.test('CANCEL goes through with its reason; the other fork is cancelled when one answers', async t => {
  const { phone, wait, clock } = await operatorWorld()
  const [one, two] = [await phone(1), await phone(2)]
  await wait(two.register(300))
  const seen = two.answering(180)
  const call = one.call('0389000002', '')
  await clock.advance(100)
  let reason: string | undefined
  seen[0]!.onCancel = cancel => {
    reason = headerOf(cancel, 'Reason')
    seen[0]!.respond(responseTo(seen[0]!.request, 487, 'Request Terminated', 'x'))
  }
  call.cancel([['Reason', 'Q.850;cause=16']])
  await clock.advance(100)
  t.same(call.heard, [100, 180, 487])
  t.equal(reason, 'Q.850;cause=16')
  const other = await phone(3)
  const contact = ['Contact', '<sip:0389000002@127.0.0.13:5060>'] as const
  const twin = createPhone({ wire: other.wire, operator: sip, domain, user: '0389000002', password: 'two' })
  await wait(twin.register(300, [contact]))
  const forks = other.answering(180, 200)
  let cancelled = 0
  two.wire.onRequest = transaction => {
    transaction.respond(responseTo(transaction.request, 180, 'Ringing', 'y'))
    transaction.onCancel = () => {
      cancelled++
      transaction.respond(responseTo(transaction.request, 487, 'Request Terminated', 'y'))
    }
  }
  const forked = one.call('0389000002', '')
  await clock.advance(3000)
  t.equal(forks.length, 1)
  t.equal(cancelled, 1)
  t.same(
    forked.heard.filter(status => Number(status) >= 200),
    [200],
  )
})

t.test('numbers outside go to the gateway, its calls come in without a password', async t => {
  const { phone, wait, clock } = await operatorWorld({ gateway: { address: '127.0.0.14', port: 5060 } })
  const [one, gateway] = [await phone(1), await phone(4)]
  await wait(one.register(300))
  const seen = gateway.answering(404)
  const out = one.call('0612345678', '')
  await clock.advance(100)
  t.same(out.heard, [100, 404])
  t.equal(seen[0]?.request.uri, 'sip:0612345678@127.0.0.14:5060')
  one.answering(200)
  const inbound = gateway.call('0389000001', '')
  await clock.advance(100)
  t.same(inbound.heard, [100, 200])
})

t.test('a request that comes round again is told so', async t => {
  const { phone, clock } = await operatorWorld({ gateway: sip })
  const call = (await phone(1)).call('0612345678', '')
  await clock.advance(100)
  t.same(call.heard, [100, 482])
})

t.test('the echo number sends audio back, hears keys, follows hold, and hangs up with us', async t => {
  const { phone, wait, clock, network, operator, digits } = await operatorWorld()
  const one = await phone(1)
  const { socket, heard } = await openEar(network, '127.0.0.11')
  const call = one.call('3100', offer('127.0.0.11', 4000))
  await clock.advance(100)
  t.same(call.heard, [200])
  const there = { address: '127.0.0.1', port: mediaPort(call.answer!.body) }
  const speech = prompt.subarray(8000, 8160)
  for (let n = 0; n < 5; n++) {
    socket.send(rtp(8, n, n * 160, speech), there)
    await clock.advance(20)
  }
  t.equal(heard.length, 5)
  t.same(heard[4]?.payload, speech)
  t.equal(heard[4]!.timestamp - heard[3]!.timestamp, 160)
  for (let n = 0; n < 6; n++)
    socket.send(
      rtp(101, 5 + n, 800, Buffer.from([n < 3 ? 11 : 11, n < 3 ? 10 : 0x8a, 0, 160 * (n % 3)])),
      there,
    )
  socket.send(Buffer.from([0x80, 8]), there)
  await clock.advance(20)
  t.same(digits, ['3100 #'], 'once a key, and no echo of it')
  t.equal(heard.length, 5)
  const held = await wait(call.inside('INVITE', [], offer('127.0.0.11', 4000, 'sendonly')))
  t.match(held?.body, /^a=recvonly$/m)
  socket.send(rtp(8, 20, 3200, speech), there)
  await clock.advance(20)
  t.equal(heard.length, 5, 'silent while held')
  t.equal(operator.serviceCalls, 1)
  t.equal((await wait(call.inside('BYE')))?.status, 200)
  t.equal(operator.serviceCalls, 0)
  await clock.advance(60_000)
  t.same(
    clock.pending().filter(({ name }) => name.startsWith('operator')),
    [],
  )
})

t.test('the speaking number plays its prompt packet by packet and then hangs up', async t => {
  const { phone, clock, network, operator } = await operatorWorld()
  const one = await phone(1)
  const ended: number[] = []
  one.wire.onRequest = transaction => {
    ended.push(clock.now() / 1000)
    transaction.respond(responseTo(transaction.request, 200, 'OK', 'z'))
  }
  const { heard } = await openEar(network, '127.0.0.11')
  const call = one.call('3101', offer('127.0.0.11', 4000))
  await clock.runUntil(() => call.answer !== undefined, 1000)
  const answered = clock.now() / 1000
  await clock.advance(20_000)
  const packets = Math.ceil(prompt.length / 160)
  t.equal(heard.length, packets)
  t.same(Buffer.concat(heard.map(({ payload }) => payload)).subarray(0, prompt.length), prompt)
  t.ok(heard.every(({ timestamp }, n) => timestamp === (heard[0]!.timestamp + n * 160) % 2 ** 32))
  t.equal(ended.length, 1)
  t.ok(Math.abs(ended[0]! - answered - packets * 20 - 200) < 5, 'BYE when the last word has had its time')
  t.equal(operator.serviceCalls, 0)
})

t.test('no G.711, no answer: 488; a 200 that nobody acknowledges ends with BYE', async t => {
  const { phone, clock, network, operator } = await operatorWorld()
  const one = await phone(1)
  const refused = one.call('3100', offer('127.0.0.11', 4000).replace('RTP/AVP 8 101', 'RTP/AVP 18'))
  await clock.advance(100)
  t.same(refused.heard, [488])
  let byes = 0
  one.wire.onRequest = transaction => {
    byes++
    transaction.respond(responseTo(transaction.request, 200, 'OK', 'z'))
  }
  network.filter = data => (Buffer.from(data).toString('latin1', 0, 3) === 'ACK' ? 'drop' : 'pass')
  const call = one.call('3100', offer('127.0.0.11', 4000))
  await clock.advance(40_000)
  t.ok(call.heard.filter(status => status === 200).length > 5, 'repeated')
  t.equal(byes, 1)
  t.equal(operator.serviceCalls, 0)
})

t.test('over the kernel’s UDP: register and call the echo number', async t => {
  const dependencies = { network: new LinuxNetwork(), clock: new LinuxClock(), entropy: new LinuxEntropy() }
  const operator = await createOperator(
    {
      sip: { address: '127.0.0.71', port: 0 },
      domain,
      subscribers,
      services: { '3100': echo },
      mediaPorts: [31_000, 31_099],
    },
    dependencies,
  )
  const wire = await createWire({ listen: { address: '127.0.0.72', port: 0 } }, dependencies)
  t.teardown(async () => {
    await wire.close()
    await operator.close()
  })
  const one = createPhone({ wire, operator: operator.sip, domain, user: '0389000001', password: 'one' })
  t.equal((await one.register(300))?.status, 200)
  const echoed = await new Promise<Buffer>((resolve, reject) => {
    void dependencies.network
      .openUdp({
        address: '127.0.0.72',
        port: 0,
        onDatagram: data => resolve(Buffer.from(data)),
        onError: reject,
      })
      .then(socket => {
        t.teardown(() => socket.close())
        const call = one.call('3100', offer('127.0.0.72', socket.local.port))
        const poll = (): void => {
          if (call.answer === undefined) setTimeout(poll, 5)
          else
            socket.send(rtp(8, 1, 160, prompt.subarray(0, 160)), {
              address: '127.0.0.71',
              port: mediaPort(call.answer.body),
            })
        }
        poll()
      })
  })
  t.same(echoed.subarray(12), prompt.subarray(0, 160))
})

const program = fileURLToPath(new URL('./main.js', import.meta.url))

t.test('as a program: ready, keeps its bindings over a restart, ends on SIGTERM', async t => {
  const data = t.testdir()
  const port = 20_000 + (process.pid % 20_000)
  const start = () =>
    startChild(process.execPath, [
      program,
      ...['--sip', `127.0.0.73:${port}`, '--data', data, '--domain', domain],
      ...['--subscriber', '0389000001:one', '--digest', 'MD5'],
    ])
  const operator = start()
  t.teardown(() => operator.stop())
  await operator.waitFor(/^operator ready$/m)
  const dependencies = { network: new LinuxNetwork(), clock: new LinuxClock(), entropy: new LinuxEntropy() }
  const wire = await createWire({ listen: { address: '127.0.0.74', port: 0 } }, dependencies)
  t.teardown(() => wire.close())
  const sip = { address: '127.0.0.73', port }
  const one = createPhone({ wire, operator: sip, domain, user: '0389000001', password: 'one' })
  t.equal((await one.register(300))?.status, 200)
  const parting = one.answering()
  const echo = one.call('3100', offer('127.0.0.74', 4000))
  while (echo.answer === undefined) await new Promise(resolve => setTimeout(resolve, 5))
  operator.process.kill('SIGTERM')
  t.equal(await operator.exit(), 0)
  t.same(
    parting.map(({ request }) => request.method),
    ['BYE'],
    'and hangs up what stands',
  )
  const again = start()
  t.teardown(() => again.stop())
  await again.waitFor(/^operator ready$/m)
  const seen = one.answering(180, 486)
  const call = one.call('0389000001', '')
  while (call.answer === undefined) await new Promise(resolve => setTimeout(resolve, 5))
  t.equal(seen.length, 1, 'its telephone was still known')
  t.match(headerOf(call.answer, 'Contact'), /sip:123@/, 'busy: the voicemail takes the call')
  await call.inside('BYE')
})

t.test('as a program: wrong flags give one line and exit code 2', async t => {
  for (const flags of [
    ['--sip', 'here'],
    ['--subscriber', 'nopassword'],
    ['--what'],
    ['--digest', 'SHA-1'],
  ]) {
    const child = startChild(process.execPath, [program, ...flags])
    t.equal(await child.exit(), 2, flags.join(' '))
    t.equal(child.output().trim().split('\n').length, 1)
  }
})
