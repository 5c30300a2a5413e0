// Under which Contact a box registers after it lost its power: the registrar must see a renewal, not a second telephone
// (RFC 3261 §10.3).
import t from 'tap'
import { silentLog } from '../../firmware/log.js'
import { createContactUsers } from '../../firmware/run/contact-users.js'
import type { SipAccount } from '../../firmware/sip/sip-line.js'
import { headerOf } from '../../firmware/sip/wire/message.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { account, openWorld } from '../sip/scripted-peer.js'
import { type MemoryStore, memoryStore } from '../support/memory-store.js'

let seed = 100
/** A box with this disk, started anew. */
const boxWith = async (store: MemoryStore | undefined, changed: Partial<SipAccount> = {}) => {
  const opening = Promise.resolve(store)
  const contactUsers = createContactUsers(opening, silentLog)
  await opening
  // Another seed: what chance gives differs after each start.
  return openWorld({ seed: seed++, contactUsers, account: changed })
}
type World = Awaited<ReturnType<typeof boxWith>>

const contactOf = async (world: World, within = 1000): Promise<string> => {
  const request = await world.peer.request('REGISTER', within)
  world.peer.reply(request, 200, [['Contact', headerOf(request, 'Contact') ?? '']])
  return /<sip:([^@>]*)@/.exec(headerOf(request, 'Contact') ?? '')?.[1] ?? ''
}
/** Registers, and is gone without a good-bye. */
const contactOnce = async (store: MemoryStore | undefined, changed: Partial<SipAccount> = {}) => {
  const world = await boxWith(store, changed)
  world.line.start()
  const contact = await contactOf(world)
  await world.end()
  return contact
}

t.test('a box that lost its power renews the binding it had', async t => {
  const store = memoryStore(new VirtualClock())
  const first = await contactOnce(store)
  t.match(first, /^u[0-9a-f]{16}$/)
  t.equal(await contactOnce(store), first)
  t.equal(await contactOnce(store, { password: 'another', proxies: ['sip:127.0.0.1:5060'] }), first)
  t.equal(store.changes.length, 1, 'nothing to write when it is known')
})

t.test('another account of the line does not take the calls of the former one', async t => {
  const store = memoryStore(new VirtualClock())
  const first = await contactOnce(store)
  const other = await contactOnce(store, { user: '0389000002' })
  t.not(other, first)
  t.equal(await contactOnce(store, { user: '0389000002' }), other)
})

t.test(
  'while the former account takes its leave the changed one has a Contact of its own, and keeps it',
  async t => {
    const store = memoryStore(new VirtualClock())
    const first = await contactOnce(store)
    const world = await boxWith(store)
    world.line.start()
    t.equal(await contactOf(world), first)
    world.line.update({ ...account, password: 'changed' })
    const contacts = [await contactOf(world, 6000), await contactOf(world, 6000)]
    const fresh = contacts.find(contact => contact !== first)
    t.ok(fresh, contacts.join(' '))
    t.ok(contacts.includes(first), 'the former one is taken back by itself')
    await world.end()
    t.equal(await contactOnce(store), fresh)
  },
)

t.test('without a store, or with one that cannot be written, the box registers all the same', async t => {
  t.not(await contactOnce(undefined), await contactOnce(undefined))
  const broken = memoryStore(new VirtualClock())
  broken.broken = 'disk full'
  t.match(await contactOnce(broken), /^u/)
  t.same(broken.changes, [])
})
