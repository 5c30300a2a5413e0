// When the network is asked about forwards, and what its answers, or their absence, mean.

import t from 'tap'
import { silentLog } from '../../firmware/log.js'
import { createLineForwarding } from '../../firmware/run/forwarding.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'

const world = () => {
  const clock = new VirtualClock()
  const network = {
    active: true,
    down: false,
    reads: 0,
    forwarding: async () => {
      network.reads++
      const { active } = network
      if (network.down) throw new Error('down')
      return active
    },
  }
  const told: boolean[] = []
  const forwarding = createLineForwarding({
    line: 'tel1',
    network,
    clock,
    log: silentLog,
    post: event => {
      if (event.type === 'forwarding') told.push(event.active)
    },
  })
  return { clock, network, told, forwarding }
}

t.test('read when told to, and as it is then', async t => {
  const { clock, network, told, forwarding } = world()
  await clock.advance(60_000)
  t.equal(network.reads, 0)
  forwarding.refresh()
  await clock.settle()
  network.active = false
  forwarding.refresh()
  await clock.settle()
  t.same(told, [true, false])
})

t.test('hints during a reading make one further reading, so that the last state is told', async t => {
  const { clock, network, told, forwarding } = world()
  forwarding.refresh()
  network.active = false
  forwarding.refresh()
  forwarding.refresh()
  await clock.settle()
  t.equal(network.reads, 2)
  t.same(told, [true, false])
})

t.test(
  'a network that cannot be read leaves what is known, and is asked after 30 s, 60 s, …, an hour',
  async t => {
    const { clock, network, told, forwarding } = world()
    forwarding.refresh()
    await clock.settle()
    network.down = true
    forwarding.refresh()
    await clock.settle()
    const at: number[] = []
    for (let reads = network.reads, s = 0; s < 12_000; s += 10) {
      await clock.advance(10_000)
      if (network.reads > reads) at.push(s + 10)
      reads = network.reads
    }
    t.same(at, [30, 90, 210, 450, 930, 1890, 3810, 7410, 11_010])
    t.same(told, [true])
    network.down = false
    network.active = false
    await clock.advance(3_600_000)
    t.same(told, [true, false])
    forwarding.close()
  },
)

t.test('without settings in the network nothing is diverted', async t => {
  const { clock, network, told, forwarding } = world()
  forwarding.refresh()
  await clock.settle()
  forwarding.configure(undefined)
  forwarding.refresh()
  await clock.advance(7_200_000)
  t.same(told, [true, false])
  t.equal(network.reads, 1)
  forwarding.configure(network)
  await clock.settle()
  t.same(told, [true, false, true])
})
