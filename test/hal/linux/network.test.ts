// What only the kernel's network has: DSCP marks on the wire, binding to an interface, DNS, IPv6.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { kindOf } from '../../../hal/conformance/hal-kind.js'
import { LinuxNetwork } from '../../../hal/linux/network.js'
import { descriptorOf } from '../../../hal/linux/socket-options.js'
import type { Endpoint } from '../../../hal/network.js'
import { serveDns } from '../../support/tiny-dns.js'
import { bytesOf } from '../../support/young-generation.js'

const silent = { onDatagram() {}, onError() {} }
const hasIpv6 = Object.values(networkInterfaces()).some(list => list?.some(entry => entry.address === '::1'))
const until = async (holds: () => boolean): Promise<boolean> => {
  for (let n = 0; n < 500 && !holds(); n++) await new Promise(resolve => setTimeout(resolve, 10))
  return holds()
}

// Prints its port, then the type-of-service byte (IPv4) or traffic class (IPv6) of each datagram it receives.
const tosPrinter = `
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
int main(int argc, char **argv) {
  int six = argc > 1, on = 1;
  int fd = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
  struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  struct sockaddr_in a4 = {.sin_family = AF_INET};
  inet_pton(AF_INET, "127.0.0.64", &a4.sin_addr);
  socklen_t size = six ? sizeof a6 : sizeof a4;
  struct sockaddr *address = six ? (struct sockaddr *)&a6 : (struct sockaddr *)&a4;
  if (bind(fd, address, size) || getsockname(fd, address, &size)) return 1;
  setsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_RECVTCLASS : IP_RECVTOS, &on, sizeof on);
  printf("port %d\\n", ntohs(six ? a6.sin6_port : a4.sin_port));
  fflush(stdout);
  for (;;) {
    char data[64], control[64];
    struct iovec part = {data, sizeof data};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    if (recvmsg(fd, &message, 0) < 0) return 1;
    int tos = -1;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
      if (six) memcpy(&tos, CMSG_DATA(c), sizeof tos); else tos = *(unsigned char *)CMSG_DATA(c);
    printf("tos %d\\n", tos);
    fflush(stdout);
  }
}
`

t.test(
  'DSCP marks arrive at the receiver',
  { skip: spawnSync('gcc', ['--version']).error ? 'gcc is not installed' : false },
  async t => {
    const directory = await mkdtemp(join(tmpdir(), 'voiceport-tos-'))
    t.teardown(() => rm(directory, { recursive: true }))
    const source = join(directory, 'tos.c')
    const program = join(directory, 'tos')
    await writeFile(source, tosPrinter)
    const compiled = spawnSync('gcc', ['-O0', '-o', program, source], { encoding: 'utf8' })
    t.equal(compiled.status, 0, compiled.stderr)

    const receive = async (t: Test, family: readonly string[]) => {
      const child: ChildProcess = spawn(program, family, { stdio: ['ignore', 'pipe', 'inherit'] })
      t.teardown(() => {
        child.kill()
      })
      const lines: string[] = []
      child.stdout?.setEncoding('utf8').on('data', (text: string) => lines.push(...text.trim().split('\n')))
      t.ok(await until(() => lines.length > 0))
      return { lines, port: Number(lines[0]?.split(' ')[1]) }
    }
    const check = async (t: Test, local: string, remote: string, family: readonly string[]) => {
      const { lines, port } = await receive(t, family)
      for (const [n, dscp] of [46, 26, 0].entries()) {
        const socket = await new LinuxNetwork().openUdp({ address: local, port: 0, dscp, ...silent })
        socket.send(Buffer.from('marked'), { address: remote, port })
        t.ok(await until(() => lines.length > n + 1))
        t.equal(lines[n + 1], `tos ${dscp << 2}`)
        await socket.close()
      }
    }
    await t.test('IPv4', t => check(t, '127.0.0.63', '127.0.0.64', []))
    await t.test('IPv6', { skip: !hasIpv6 && 'no IPv6 loopback here' }, t => check(t, '::1', '::1', ['6']))
  },
)

t.test('a socket that cannot be bound leaves no descriptor open', async t => {
  const sockets = () => process.getActiveResourcesInfo().filter(kind => kind.startsWith('UDP')).length
  const network = new LinuxNetwork()
  const before = sockets()
  for (let n = 0; n < 3; n++) {
    // TEST-NET-1 (RFC 5737): no address of this machine.
    const options = { address: '192.0.2.1', port: 0, onDatagram: () => {}, onError: () => {} }
    t.equal(await kindOf(network.openUdp(options)), 'missing')
  }
  for (let n = 0; n < 50 && sockets() > before; n++) await new Promise(done => setTimeout(done, 10))
  t.equal(sockets(), before)
})

t.test('a DSCP outside 0-63 is refused', async t => {
  for (const dscp of [64, -1, 1.5])
    t.equal(
      await kindOf(() => new LinuxNetwork().openUdp({ address: '127.0.0.63', port: 0, dscp, ...silent })),
      'invalid',
    )
})

t.test('bound to the loopback interface the socket works there', async t => {
  const network = new LinuxNetwork()
  const heard: string[] = []
  const errors: Error[] = []
  const listener = await network.openUdp({
    address: '127.0.0.63',
    port: 0,
    onDatagram: data => heard.push(Buffer.from(data).toString()),
    onError() {},
  })
  const socket = await network.openUdp({
    address: '127.0.0.64',
    port: 0,
    device: 'lo',
    onDatagram() {},
    onError: error => errors.push(error),
  })
  t.teardown(() => Promise.all([listener.close(), socket.close()]))
  socket.send(Buffer.from('through lo'), listener.local)
  t.ok(await until(() => heard.length === 1))
  // No route leads out of the loopback interface.
  socket.send(Buffer.from('nowhere'), { address: '192.0.2.1', port: 9 })
  socket.send(Buffer.from('no port'), { address: '127.0.0.63', port: 0 })
  socket.send(Buffer.from('no address'), { address: 'host.test', port: 9 })
  t.ok(await until(() => errors.length >= 2), `${errors}`)
})

t.test('sending makes no garbage, keeps the order and sends what the caller shows of its buffer', async t => {
  const network = new LinuxNetwork()
  const heard: string[] = []
  const listener = await network.openUdp({
    address: '127.0.0.63',
    port: 0,
    receiveBuffer: 1 << 20,
    onDatagram: data => heard.push(Buffer.from(data).toString()),
    onError() {},
  })
  // A mark loads what sends without garbage; a socket without one learns it a moment later.
  const socket = await network.openUdp({ address: '127.0.0.64', port: 0, dscp: 0, ...silent })
  t.teardown(() => Promise.all([listener.close(), socket.close()]))
  const text = Buffer.from('0123456789')
  const to = { ...listener.local }
  for (let n = 0; n < 7; n++) socket.send(text.subarray(n, n + 3), to)
  t.ok(await until(() => heard.length === 7))
  t.strictSame(heard, ['012', '123', '234', '345', '456', '567', '678'])
  const send = (count: number) => {
    for (let n = 0; n < count; n++) socket.send(text, to)
  }
  let bytes = 1
  for (let round = 0; bytes !== 0 && round < 20; round++) {
    send(1000)
    await new Promise(resolve => setTimeout(resolve, 20))
    bytes = bytesOf(() => send(100))
  }
  t.equal(bytes, 0, `${bytes} bytes for 100 datagrams`)
})

t.test('the event loop rests after a refusal', async t => {
  const errors: (Endpoint | undefined)[] = []
  const socket = await new LinuxNetwork().openUdp({
    address: '127.0.0.63',
    port: 0,
    dscp: 0,
    onDatagram() {},
    onError: (_error, to) => errors.push(to),
  })
  t.teardown(() => socket.close())
  for (let port = 1; port <= 5; port++) socket.send(Buffer.from('x'), { address: '127.0.0.65', port })
  t.ok(await until(() => errors.length >= 5))
  t.strictSame(
    [...errors].sort((a, b) => (a?.port ?? 0) - (b?.port ?? 0)),
    [1, 2, 3, 4, 5].map(port => ({ address: '127.0.0.65', port })),
  )
  // An error queue left unread makes epoll return for ever; the loop would turn thousands of times in this while.
  const { eventLoopUtilization } = await import('node:perf_hooks').then(module => module.performance)
  const start = eventLoopUtilization()
  await new Promise(resolve => setTimeout(resolve, 150))
  const { utilization } = eventLoopUtilization(start)
  t.ok(utilization < 0.9, `event loop busy ${utilization}`)
})

t.test('IPv6 loopback', { skip: !hasIpv6 && 'no IPv6 loopback here' }, async t => {
  const errors: (Endpoint | undefined)[] = []
  const open = { address: '::1', port: 0, dscp: 10, onDatagram() {} }
  const socket = await new LinuxNetwork().openUdp({ ...open, onError: (_error, to) => errors.push(to) })
  t.teardown(() => socket.close())
  socket.send(Buffer.from('x'), { address: '::1', port: 9 })
  t.ok(await until(() => errors.length > 0))
  t.strictSame(errors[0], { address: '::1', port: 9 })
})

t.test('DNS', async t => {
  const srv = [
    { name: 'p2.operator.test', port: 5070, priority: 20, weight: 5 },
    { name: 'p1.operator.test', port: 5060, priority: 10, weight: 0 },
  ]
  const naptr = [{ order: 10, preference: 5, service: 'SIP+D2U', replacement: '_sip._udp.operator.test' }]
  const dns = await serveDns('127.0.0.53', {
    'operator.test': { naptr },
    '_sip._udp.operator.test': { srv },
    'p1.operator.test': { a: ['127.0.0.9', '127.0.0.10'] },
    'empty.test': {},
  })
  const silentDns = await serveDns('127.0.0.54', {}, true)
  const directory = await mkdtemp(join(tmpdir(), 'voiceport-hosts-'))
  t.teardown(() => Promise.all([dns.close(), silentDns.close(), rm(directory, { recursive: true })]))
  const hostsFile = join(directory, 'hosts')
  await writeFile(hostsFile, '127.0.0.1 localhost\n10.9.8.7\tBench.Test  bench # the rack\n')
  const network = new LinuxNetwork({ servers: [dns.server], hostsFile })

  t.strictSame(
    [...(await network.resolveSrv('_sip._udp.operator.test'))].sort((a, b) => a.priority - b.priority),
    [srv[1], srv[0]],
  )
  t.strictSame(await network.resolveNaptr('operator.test'), naptr)
  t.strictSame([...(await network.resolveHost('p1.operator.test'))].sort(), ['127.0.0.10', '127.0.0.9'])
  t.strictSame(await network.resolveHost('192.0.2.5'), ['192.0.2.5'])
  const asked = dns.queries.length
  t.strictSame(await network.resolveHost('bench.test'), ['10.9.8.7'])
  t.equal(dns.queries.length, asked, 'a name of /etc/hosts is not asked for')
  t.equal(await kindOf(() => network.resolveHost('empty.test')), 'missing')
  const dead = new LinuxNetwork({ servers: [silentDns.server], timeoutMs: 50, hostsFile })
  t.equal(await kindOf(() => dead.resolveHost('p1.operator.test')), 'unreachable')
  t.equal(await kindOf(() => dead.resolveSrv('_sip._udp.operator.test')), 'unreachable')
})

t.test('the descriptor of a socket is found without the deprecated accessor', async t => {
  const socket = createSocket('udp4')
  await once(socket.bind(0, '127.0.0.63'), 'listening')
  t.ok(descriptorOf(socket) > 2)
  socket.close()
  await once(socket, 'close')
  t.equal(descriptorOf(socket), -1)
})
