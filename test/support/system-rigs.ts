// What the suites of clock and network need of both implementations: how time passes, which addresses and names there are.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { ClockUnderTest } from '../../hal/conformance/clock.js'
import type { NetworkUnderTest } from '../../hal/conformance/network.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxNetwork } from '../../hal/linux/network.js'
import { MemoryNetwork } from '../../hal/sim/memory-network.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { serveDns } from './tiny-dns.js'

const sleep = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds))

export const virtualClock = (): ClockUnderTest => {
  const clock = new VirtualClock()
  return { clock, wait: milliseconds => clock.advance(milliseconds) }
}

export const linuxClock = (): ClockUnderTest => {
  const clock = new LinuxClock()
  return {
    clock,
    wait: async milliseconds => {
      // Slept by the clock's own time: Node's timer may be a fraction early.
      const until = clock.now() + milliseconds * 1000
      while (clock.now() < until) await sleep(Math.ceil((until - clock.now()) / 1000))
      // A timer due at the very end may stand behind this one in the event loop.
      await sleep(2)
    },
  }
}

export const memoryNetwork = (): NetworkUnderTest => {
  const clock = new VirtualClock()
  return {
    network: new MemoryNetwork({
      clock,
      hosts: { 'box.test': ['10.0.0.1'] },
      interfaces: { eth0: '10.0.0.1' },
      route: () => '10.0.0.1',
    }),
    addresses: ['10.0.0.1', '10.0.0.2'],
    missingDevice: 'eth9',
    knownHost: { name: 'box.test', address: '10.0.0.1' },
    unknownHost: 'nowhere.test',
    device: { name: 'eth0', address: '10.0.0.1' },
    until: async holds => {
      for (let n = 0; n < 1000 && !holds(); n++) await clock.advance(5)
      return holds()
    },
  }
}

/** Its name server and its file of hosts go with the test. */
export const linuxNetwork = async (t: Test): Promise<NetworkUnderTest> => {
  const dns = await serveDns('127.0.0.53', { 'box.test': { a: ['10.0.0.1'] } })
  const directory = await mkdtemp(join(tmpdir(), 'voiceport-hosts-'))
  t.teardown(() => Promise.all([dns.close(), rm(directory, { recursive: true })]))
  const hostsFile = join(directory, 'hosts')
  await writeFile(hostsFile, '# none\n')
  return {
    network: new LinuxNetwork({ servers: [dns.server], hostsFile }),
    addresses: ['127.0.0.61', '127.0.0.62'],
    missingAddress: '192.0.2.77',
    missingDevice: 'nosuch0',
    knownHost: { name: 'box.test', address: '10.0.0.1' },
    unknownHost: 'nowhere.test',
    device: { name: 'lo', address: '127.0.0.1' },
    until: async holds => {
      for (let n = 0; n < 500 && !holds(); n++) await sleep(10)
      return holds()
    },
  }
}
