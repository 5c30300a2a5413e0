// Under which Contact a masked call goes: one that tells nothing (RFC 3323 §4.1.1.3), is no other call's, and still leads
// every request of the far end to its call.
import t from 'tap'
import { headerOf, type SipMessage } from '../../firmware/sip/wire/message.js'
import { placed, requests } from './scripted-call.js'
import { account, openWorld, sdp, type World } from './scripted-peer.js'

const userOf = (message: SipMessage): string =>
  /^<sip:(u[0-9a-f]{16})@127\.0\.0\.5:5060>/.exec(headerOf(message, 'Contact') ?? '')?.[1] ?? 'none'

/** A call with hold by us, OPTIONS, a re-INVITE and a hang-up by them: under which user each of our messages went. */
const live = async (world: World, masked: boolean) => {
  const { peer, line } = world
  const before = requests(world, 'INVITE').length
  const { invite, far, call } = await placed({
    ...world,
    place: name => world.place(name, { masked }),
  })
  const users = requests(world, 'INVITE').slice(before).map(userOf)
  line.hold(call)
  const hold = await peer.request('INVITE', 4000)
  users.push(userOf(hold))
  peer.reply(hold, 200, [], sdp(4000, ['a=recvonly']))
  await peer.request('ACK')
  peer.send(far.request('OPTIONS'))
  const options = await peer.response(200, 'OPTIONS')
  const again = far.request('INVITE', [], sdp())
  peer.send(again)
  users.push(userOf(await peer.response(200, 'INVITE')))
  peer.send(far.ack(again))
  const bye = far.request('BYE')
  peer.send(bye)
  await peer.response(200, 'BYE')
  peer.send(far.request('BYE'))
  await peer.response(481, 'BYE')
  return { users, options, callId: headerOf(invite, 'Call-ID') ?? '' }
}

t.test('no two masked calls of a telephone look alike, and the far end finds each of them', async t => {
  const world = await openWorld()
  const registered = userOf(await world.register())
  world.stack.line('tel2', { ...account, user: '0389000009' }, () => {}).start()
  t.match(registered, /^u/)
  const seen: string[] = []
  for (const masked of [true, true, false]) {
    const { users, options } = await live(world, masked)
    t.equal(world.of('ended').length, seen.length + 1, 'their BYE ends it')
    t.equal(new Set(users).size, 1, `one name for one call: ${users}`)
    t.match(users[0], /^u/)
    t.equal(headerOf(options, 'Contact'), undefined, 'nor does an answer to OPTIONS tell another')
    seen.push(users[0] as string)
  }
  t.equal(new Set(seen).size, 3)
  t.equal(seen[2], registered, 'a call that is not masked goes by the name that is registered')
  await world.end()
})

t.test('the name of one call leads to no other', async t => {
  const world = await openWorld()
  await world.register()
  const { peer } = world
  world.place('c1', { masked: true })
  const invite = await peer.request('INVITE')
  const stranger = peer.initial('INVITE', [], sdp())
  peer.send({ ...stranger, uri: `sip:${userOf(invite)}@127.0.0.5:5060` })
  await world.clock.advance(100)
  // A call like any other to this line: its Request-URI is told as the number that was called, no dialog is touched.
  t.equal(world.of('incoming').length, 1)
  t.equal(world.of('failed').length, 0)
  await world.end()
})
