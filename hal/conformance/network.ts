// What every Network must do. `until` lets the network's time pass until the condition holds, and gives up by itself.

import type { Test } from 'tap'
import type { BytePort, BytePortSink } from '../byte-port.js'
import type { Endpoint, Network, UdpSocket } from '../network.js'
import { errorKind, kindOf } from './hal-kind.js'

export interface NetworkUnderTest {
  readonly network: Network
  /** Two of the box's addresses. */
  readonly addresses: readonly [string, string]
  /** An address that is not the box's and an interface that does not exist; absent: not checked. */
  readonly missingAddress?: string
  readonly missingDevice: string
  readonly knownHost: { readonly name: string; readonly address: string }
  readonly unknownHost: string
  readonly device: { readonly name: string; readonly address: string }
  until(holds: () => boolean): Promise<boolean>
}

interface Ear {
  readonly socket: UdpSocket
  readonly heard: { readonly text: string; readonly from: Endpoint }[]
  readonly errors: { readonly kind: string; readonly to: Endpoint | undefined }[]
}

/** One end of a connection, and what came of it. */
interface Talk {
  port?: BytePort
  heard: string
  ends: number
  readonly sink: BytePortSink
}

const talk = (): Talk => {
  const made: Talk = {
    heard: '',
    ends: 0,
    sink: {
      onBytes: data => void (made.heard += new TextDecoder('latin1').decode(data)),
      onDrain() {},
      onClose: () => void made.ends++,
    },
  }
  return made
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

export const networkConformance = (t: Test, under: NetworkUnderTest): void => {
  const { network, until } = under
  const [here, there] = under.addresses
  const open = async (t: Test, address: string, port = 0): Promise<Ear> => {
    const heard: Ear['heard'] = []
    const errors: Ear['errors'] = []
    const socket = await network.openUdp({
      address,
      port,
      onDatagram: (data, from) => heard.push({ text: new TextDecoder().decode(data), from }),
      onError: (error, to) => errors.push({ kind: errorKind(error), to }),
    })
    t.teardown(() => socket.close())
    return { socket, heard, errors }
  }

  t.test('datagrams go both ways whole and in order, with their source', async t => {
    const a = await open(t, here)
    const b = await open(t, there)
    t.equal(a.socket.local.address, here)
    t.ok(a.socket.local.port > 0)
    const big = 'x'.repeat(1400)
    for (const text of ['one', '', big]) a.socket.send(bytes(text), b.socket.local)
    t.equal(b.heard.length, 0, 'nothing is delivered inside send')
    t.ok(await until(() => b.heard.length === 3))
    t.strictSame(
      b.heard,
      ['one', '', big].map(text => ({ text, from: a.socket.local })),
    )
    b.socket.send(bytes('back'), b.heard[0]!.from)
    t.ok(await until(() => a.heard.length === 1))
    t.strictSame(a.heard[0], { text: 'back', from: b.socket.local })
  })

  t.test('the caller may change its buffer right after send', async t => {
    const a = await open(t, here)
    const b = await open(t, there)
    const buffer = bytes('good')
    for (let n = 0; n < 50; n++) {
      buffer.set(bytes('good'))
      a.socket.send(buffer, b.socket.local)
      buffer.fill(0x58)
    }
    t.ok(await until(() => b.heard.length === 50))
    t.ok(b.heard.every(datagram => datagram.text === 'good'))
  })

  t.test('a destination without a listener is reported, other destinations are still reached', async t => {
    const a = await open(t, here)
    const b = await open(t, there)
    const gone = await open(t, there)
    const dead = gone.socket.local
    await gone.socket.close()
    // Repeated, because a kernel socket may learn to report refusals a moment after it was opened.
    const refused = (): boolean => {
      if (a.errors.some(error => error.to?.port === dead.port)) return true
      a.socket.send(bytes('anybody?'), dead)
      return false
    }
    t.ok(await until(refused))
    t.strictSame(a.errors[0], { kind: 'unreachable', to: dead })
    const reports = a.errors.length
    for (let n = 0; n < 20; n++) {
      a.socket.send(bytes('dead'), dead)
      a.socket.send(bytes(`alive ${n}`), b.socket.local)
    }
    t.ok(await until(() => b.heard.length === 20 && a.errors.length > reports))
    t.strictSame(
      b.heard.map(datagram => datagram.text),
      Array.from({ length: 20 }, (_, n) => `alive ${n}`),
    )
    t.ok(a.errors.every(error => error.kind === 'unreachable' && error.to?.port === dead.port))
  })

  t.test('an address and port belong to one socket until it closes', async t => {
    const first = await open(t, here)
    t.equal(await kindOf(open(t, here, first.socket.local.port)), 'in-use')
    const elsewhere = await open(t, there, first.socket.local.port)
    t.equal(elsewhere.socket.local.port, first.socket.local.port)
    await first.socket.close()
    const again = await open(t, here, first.socket.local.port)
    t.equal(again.socket.local.port, first.socket.local.port)
  })

  t.test('a closed socket is silent and says so to senders; closing twice is harmless', async t => {
    const a = await open(t, here)
    const b = await open(t, there)
    b.socket.send(bytes('on its way'), a.socket.local)
    await a.socket.close()
    await a.socket.close()
    a.socket.send(bytes('too late'), b.socket.local)
    t.equal(a.errors.length, 0, 'not inside send')
    t.ok(await until(() => a.errors.length > 0))
    t.strictSame(a.errors[0], { kind: 'closed', to: b.socket.local })
    t.equal(a.heard.length, 0)
  })

  t.test('an interface or address that is not there cannot be opened', async t => {
    const silent = { onDatagram() {}, onError() {} }
    const device = { address: here, port: 0, device: under.missingDevice, ...silent }
    t.equal(await kindOf(network.openUdp(device)), 'missing')
    t.equal(network.interfaceAddress(under.missingDevice), undefined)
    if (under.missingAddress !== undefined)
      t.equal(await kindOf(network.openUdp({ address: under.missingAddress, port: 0, ...silent })), 'missing')
  })

  t.test('names, routes and interfaces', async t => {
    t.strictSame(await network.resolveHost(under.knownHost.name), [under.knownHost.address])
    t.equal(await kindOf(network.resolveHost(under.unknownHost)), 'missing')
    t.equal(await kindOf(network.resolveSrv(`_sip._udp.${under.unknownHost}`)), 'missing')
    t.equal(await kindOf(network.resolveNaptr(under.unknownHost)), 'missing')
    t.match(await network.localAddressFor({ address: there, port: 5060 }), /^[0-9a-f.:]+$/)
    t.equal(network.interfaceAddress(under.device.name), under.device.address)
  })

  tcpConformance(t, under)
}

const tcpConformance = (t: Test, { network, addresses, until }: NetworkUnderTest): void => {
  const [here] = addresses
  const listen = async (t: Test) => {
    const taken: Talk[] = []
    const listener = await network.listenTcp({
      address: here,
      port: 0,
      onConnection: port => {
        const made = talk()
        made.port = port
        taken.push(made)
        return made.sink
      },
    })
    t.teardown(() => listener.close())
    return { listener, taken }
  }
  /** The network's time passes while the promise is open. */
  const settled = async <T>(work: Promise<T>): Promise<T> => {
    let over = false
    work.then(
      () => (over = true),
      () => (over = true),
    )
    await until(() => over)
    return work
  }

  t.test('a connection carries bytes both ways whole and in order, and ends once at both ends', async t => {
    const { listener, taken } = await listen(t)
    const near = talk()
    const port = await settled(network.connectTcp(listener.local, near.sink))
    t.ok(await until(() => taken.length === 1))
    const far = taken[0] as Talk
    const buffer = bytes('first ')
    port.write(buffer)
    buffer.fill(0x58)
    t.equal(far.heard, '', 'nothing is delivered inside write')
    const long = 'abcdefghij'.repeat(20_000)
    port.write(bytes(long))
    t.ok(await until(() => far.heard.length === 6 + long.length))
    t.ok(far.heard === `first ${long}`, 'whole, in order, not what the buffer became')
    far.port?.write(bytes('back'))
    t.ok(await until(() => near.heard === 'back'))
    far.port?.write(bytes(', and good-bye'))
    await settled(far.port?.close() ?? Promise.resolve())
    t.ok(await until(() => near.ends === 1 && far.ends === 1))
    t.equal(near.heard, 'back, and good-bye', 'what was written before the end arrives before it')
    t.equal(port.write(bytes('too late')), false)
    await settled(port.close())
    await settled(port.close())
    t.strictSame([near.ends, far.ends], [1, 1])
  })

  t.test('where nobody listens a connection is refused; a port has one listener', async t => {
    const { listener } = await listen(t)
    const { port } = listener.local
    const second = network.listenTcp({ address: here, port, onConnection: () => talk().sink })
    t.equal(await kindOf(second), 'in-use')
    await listener.close()
    t.equal(await kindOf(settled(network.connectTcp(listener.local, talk().sink))), 'unreachable')
  })
}
