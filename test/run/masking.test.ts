// Who decides whether a number is withheld, with a store and a network that fail in every way.

import t, { type Test } from 'tap'
import { silentLog } from '../../firmware/log.js'
import { createLineMasking, type MaskingOwner } from '../../firmware/run/masking.js'
import { afterReading } from '../../firmware/run/masking-verdict.js'
import type { LineSettings } from '../../firmware/settings/store.js'
import type { SimservsClient } from '../../firmware/xcap/simservs-client.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { memoryStore } from '../support/memory-store.js'

/** The network's document, without a network. */
const fakeNetwork = (restricted = false) => {
  const network = {
    revision: 1,
    restricted,
    down: false,
    writes: 0,
    /** Runs before a write is judged. */
    meanwhile: undefined as (() => void) | undefined,
    change: (value: boolean) => {
      network.restricted = value
      network.revision++
    },
    read: async () => {
      if (network.down) throw new Error('down')
      return { etag: `r${network.revision}`, restricted: network.restricted }
    },
    write: async (value: boolean, etag: string) => {
      if (network.down) throw new Error('down')
      network.meanwhile?.()
      if (etag !== `r${network.revision}`) return undefined
      network.writes++
      network.change(value)
      return network.read()
    },
  }
  return network satisfies Pick<SimservsClient, 'read' | 'write'>
}

const world = async (
  owner: MaskingOwner,
  options: { stored?: Partial<LineSettings>; restricted?: boolean; network?: false; noStore?: boolean } = {},
) => {
  const clock = new VirtualClock()
  const store = memoryStore(clock, { tel1: options.stored ?? {} })
  const network = fakeNetwork(options.restricted)
  const told: boolean[] = []
  const masking = createLineMasking({
    line: 'tel1',
    owner,
    ...(options.network !== false && { network }),
    store: Promise.resolve(options.noStore ? undefined : store),
    clock,
    log: silentLog,
    post: event => {
      if (event.type === 'masking') told.push(event.masked)
    },
  })
  masking.start()
  await clock.settle()
  const outcome = async (masked: boolean): Promise<string> => {
    const done = masking.set(masked).then(
      () => 'done',
      (error: Error) => error.message,
    )
    await clock.settle()
    return done
  }
  const refresh = async () => {
    masking.refresh()
    await clock.settle()
  }
  return {
    clock,
    store,
    network,
    masking,
    told,
    outcome,
    refresh,
    /** What the machine believes now. */
    now: () => told.at(-1),
    kept: () => store.line('tel1'),
  }
}
const known = (restricted: boolean, owed = false) => ({ etag: 'r1', restricted, owed })

t.test('the table: what a reading of the network means', async t => {
  const rows: readonly [string, Parameters<typeof afterReading>[0], boolean][] = [
    [
      'both: masked over there',
      { owner: 'both', masking: false, known: known(false), restricted: true },
      true,
    ],
    [
      'both: reset over there',
      { owner: 'both', masking: true, known: known(true), restricted: false },
      false,
    ],
    ['both: nothing changed', { owner: 'both', masking: true, known: known(true), restricted: true }, true],
    [
      'both: first meeting, masked here',
      { owner: 'both', masking: true, known: null, restricted: false },
      true,
    ],
    [
      'both: first meeting, masked there',
      { owner: 'both', masking: false, known: null, restricted: true },
      true,
    ],
    [
      'both: at odds without a change',
      { owner: 'both', masking: true, known: known(false), restricted: false },
      true,
    ],
    ['box: reset over there', { owner: 'box', masking: true, known: known(true), restricted: false }, false],
    [
      'box: masked over there',
      { owner: 'box', masking: false, known: known(false), restricted: true },
      false,
    ],
    ['box: not told yet', { owner: 'box', masking: true, known: known(true, true), restricted: false }, true],
    ['box: never told', { owner: 'box', masking: true, known: null, restricted: false }, true],
    [
      'box: another service changed',
      { owner: 'box', masking: true, known: known(true), restricted: true },
      true,
    ],
    [
      'box: told nothing, other service',
      { owner: 'box', masking: true, known: known(false), restricted: false },
      true,
    ],
  ]
  for (const [what, reading, masked] of rows) t.equal(afterReading(reading), masked, what)
})

t.test('withheld until the store is read; then as stored', async t => {
  t.same((await world('box')).told, [true, false])
  t.same((await world('box', { stored: { masking: true } })).told, [true, true])
  t.same((await world('box', { noStore: true })).told, [true, true])
  t.same(
    (await world('network', { stored: { masking: true } })).told,
    [false, false],
    'the network sees to it',
  )
  const none = await world('box', { noStore: true })
  t.equal(await none.outcome(false), 'there is no store')
  t.equal(none.now(), true)
})

t.test('box: stored at once, whatever the network does; told to it afterwards', async t => {
  const { outcome, now, kept, network, clock, refresh } = await world('box')
  network.down = true
  t.equal(await outcome(true), 'done')
  t.ok(now())
  t.match(kept(), { masking: true, simservs: { owed: true } })
  network.down = false
  await clock.advance(31_000)
  t.ok(network.restricted, 'asked again after 30 s')
  t.match(kept(), { masking: true, simservs: { restricted: true, owed: false } })
  network.down = true
  t.equal(await outcome(false), 'done')
  t.notOk(now())
  network.down = false
  await refresh()
  t.notOk(network.restricted)
  t.match(kept(), { masking: false, simservs: { restricted: false, owed: false } })
})

t.test('box: the reset of the network clears it; nothing else over there does (guide line 171)', async t => {
  const { outcome, now, kept, network, refresh, clock } = await world('box')
  await outcome(true)
  await clock.settle()
  t.ok(network.restricted)
  network.revision++
  await refresh()
  t.ok(now(), 'another service changed')
  network.change(false)
  await refresh()
  t.notOk(now())
  t.notOk(kept().masking)
  t.equal(network.writes, 1, 'it is not written back')
  network.change(true)
  await refresh()
  t.notOk(now(), 'masked over there: the store decides')
  t.ok(network.restricted, 'and what the network withholds is not shown by the box')
})

t.test('box: a reset before the network was ever told of the masking is none', async t => {
  const { now, network, refresh } = await world('box', { stored: { masking: true } })
  await refresh()
  t.ok(now())
  t.ok(network.restricted, 'it is told now')
})

t.test('both: written to the network before it is stored', async t => {
  const { outcome, now, kept, network, store } = await world('both')
  store.broken = 'disk full'
  t.equal(await outcome(true), 'disk full')
  t.ok(network.restricted, 'the network was first')
  t.notOk(now(), 'not stored, not confirmed')
  store.broken = undefined
  t.equal(await outcome(true), 'done')
  t.match(kept(), { masking: true, simservs: { restricted: true, owed: false } })
  t.equal(await outcome(false), 'done')
  t.notOk(network.restricted)
  t.notOk(now())
})

t.test('both: a network that cannot be written changes nothing here', async t => {
  for (const masked of [true, false]) {
    const { outcome, now, kept, network } = await world('both', {
      stored: { masking: masked, simservs: known(masked) },
      restricted: masked,
    })
    network.down = true
    t.equal(await outcome(!masked), 'down')
    t.equal(now(), masked)
    t.equal(kept().masking, masked)
  }
  const alone = await world('both', { network: false })
  t.match(await alone.outcome(true), /no way/)
})

t.test('both: somebody else is faster; the subscriber’s word is the later one', async t => {
  const { outcome, network, now } = await world('both', { stored: { simservs: known(false) } })
  let others = 1
  network.meanwhile = () => {
    if (others-- > 0) network.change(false)
  }
  t.equal(await outcome(true), 'done')
  t.ok(network.restricted)
  t.ok(now())
  others = 100
  t.match(await outcome(false), /changes faster/)
  t.ok(now(), 'not written, so withheld as before')
})

t.test('both: the last change over there counts after an authenticated reading', async t => {
  const { now, kept, network, refresh, store } = await world('both', {
    stored: { masking: true, simservs: known(true) },
    restricted: true,
  })
  await refresh()
  t.ok(now())
  network.change(false)
  network.down = true
  await refresh()
  t.ok(now(), 'it cannot be read: withheld as before')
  network.down = false
  store.broken = 'disk full'
  await refresh()
  t.ok(now(), 'it cannot be stored: withheld as before')
  store.broken = undefined
  await refresh()
  t.notOk(now())
  t.notOk(kept().masking)
  store.broken = 'disk full'
  network.change(true)
  await refresh()
  t.ok(now(), 'withheld at once, stored or not')
  t.notOk(kept().masking)
  network.change(false)
  await refresh()
  t.notOk(now(), 'and shown again by the same word')
})

t.test('at the first meeting whoever withholds the number is obeyed', async t => {
  const here = await world('both', { stored: { masking: true } })
  await here.refresh()
  t.ok(here.network.restricted)
  t.ok(here.now())
  const there = await world('both', { restricted: true })
  await there.refresh()
  t.ok(there.now())
  t.match(there.kept(), { masking: true, simservs: { restricted: true } })
  t.same(there.store.changes.at(-1)?.author, 'network')
})

t.test('many hints make one reading at a time', async t => {
  const { masking, network, clock } = await world('both')
  let reads = 0
  const { read } = network
  network.read = () => {
    reads++
    return read()
  }
  for (let n = 0; n < 50; n++) masking.refresh()
  await clock.settle()
  t.ok(reads <= 2, `${reads} readings`)
})

const owners = async (t: Test) => {
  const { masking, now, told } = await world('network', { stored: { masking: true } })
  t.notOk(now())
  masking.configure({ owner: 'box' })
  t.ok(now(), 'as stored, from the moment the box owns it')
  const before = told.length
  masking.configure({ owner: 'box' })
  t.equal(told.length, before)
}
t.test('another owner in a changed configuration counts at once', owners)

t.test('after the end nothing is asked again', async t => {
  const { masking, network, clock } = await world('both')
  network.down = true
  masking.refresh()
  await clock.settle()
  t.equal(clock.pending().length, 1)
  masking.close()
  t.same(clock.pending(), [])
  masking.refresh()
  await clock.settle()
  t.same(clock.pending(), [])
})
