// Holding and being held: wishes that overtake each other, glare, refusals, refreshes meanwhile, every way of saying it.
import t from 'tap'
import { headerOf, type SipRequest } from '../../firmware/sip/wire/message.js'
import { placed, requests, taken, versionOf } from './scripted-call.js'
import { openWorld, sdp, type World } from './scripted-peer.js'

type Extra = readonly (readonly [string, string])[]

const recvonly = sdp(4000, ['a=recvonly'])

/** The far end takes our re-INVITE; gives it back. */
const agree = async (world: World, body: string, extra: Extra = []): Promise<SipRequest> => {
  const offer = await world.peer.request('INVITE', 3000)
  world.peer.reply(offer, 200, extra, body)
  await world.peer.request('ACK')
  await world.clock.advance(10)
  return offer
}
const held = async (world: World, extra: Extra = []): Promise<SipRequest> => {
  world.line.hold('c1')
  return agree(world, recvonly, extra)
}
/** Outcomes in order, as "held", "not resumed", … */
const outcomes = (world: World): string[] =>
  world.events.flatMap(event =>
    event.type === 'held' || event.type === 'resumed' ? [`${event.ok ? '' : 'not '}${event.type}`] : [],
  )
const directions = (world: World): string[] => world.of('media').map(({ remote }) => remote.direction)
const reinvites = (world: World): number => requests(world, 'INVITE').length - 1

t.test('of hold and resume only the latest wish goes out', async t => {
  const world = await openWorld()
  await placed(world)
  world.line.hold('c1')
  world.line.resume('c1')
  await world.clock.advance(5000)
  t.same(outcomes(world), ['not held', 'resumed'])
  t.equal(reinvites(world), 0, 'taken back before it went out: nothing to say')
  world.line.hold('c1')
  const hold = await world.peer.request('INVITE')
  world.line.resume('c1')
  world.line.hold('c1')
  world.peer.reply(hold, 200, [], recvonly)
  await world.clock.advance(5000)
  t.same(outcomes(world).slice(2), ['not resumed', 'held', 'held'])
  t.equal(reinvites(world), 1)
  world.line.resume('c1')
  world.line.hold('c1')
  t.match((await agree(world, sdp())).body, 'a=sendrecv', 'what is on the wire is finished')
  t.match((await agree(world, recvonly)).body, 'a=sendonly', 'then comes what is wanted by now')
  t.same(outcomes(world).slice(5), ['resumed', 'held'])
  await world.end()
})

t.test(
  'each hold and each resume gets one outcome, also those said twice and those that met a glare',
  async t => {
    const world = await openWorld()
    await placed(world)
    world.line.hold('c1')
    world.line.hold('c1')
    const hold = await world.peer.request('INVITE', 3000)
    world.line.hold('c1')
    world.peer.reply(hold, 491)
    await world.peer.request('ACK')
    await world.peer.request('INVITE', 5000).then(again => world.peer.reply(again, 200, [], recvonly))
    await world.clock.advance(10)
    t.same(outcomes(world), ['held', 'held', 'held'])
    world.line.resume('c1')
    const resume = await world.peer.request('INVITE')
    world.line.resume('c1')
    world.peer.reply(resume, 488)
    await agree(world, sdp())
    t.same(outcomes(world).slice(3), ['not resumed', 'resumed'])
    world.line.resume('c1')
    await world.clock.advance(10)
    t.same(outcomes(world).slice(5), ['resumed'], 'there was nothing to do')
    t.equal(reinvites(world), 4)
    await world.end()
  },
)

t.test('a glare that a newer wish has overtaken is not tried again', async t => {
  const world = await openWorld()
  await placed(world)
  world.line.hold('c1')
  const hold = await world.peer.request('INVITE', 3000)
  world.line.resume('c1')
  world.peer.reply(hold, 491)
  await world.clock.advance(10_000)
  t.same(outcomes(world), ['not held', 'resumed'])
  t.equal(reinvites(world), 1)
  await world.end()
})

t.test('glare: the far end comes first, and our answer to its offer is the hold (RFC 6337 §5.3)', async t => {
  const ways: Record<
    string,
    (world: World, far: Awaited<ReturnType<typeof placed>>['far']) => Promise<string>
  > = {
    'its re-INVITE': async ({ peer }, far) => {
      const offer = far.request('INVITE', [], sdp())
      peer.send(offer)
      const { body } = await peer.response(200, 'INVITE')
      peer.send(far.ack(offer))
      return body
    },
    'its re-INVITE without an offer': async ({ peer }, far) => {
      const offer = far.request('INVITE')
      peer.send(offer)
      const { body } = await peer.response(200, 'INVITE')
      peer.send(far.ack(offer, recvonly))
      return body
    },
    'its UPDATE': async ({ peer }, far) => {
      peer.send(far.request('UPDATE', [], sdp()))
      return (await peer.response(200, 'UPDATE')).body
    },
  }
  for (const [name, way] of Object.entries(ways))
    for (const begin of [placed, taken]) {
      const world = await openWorld()
      const { far, call } = await begin(world)
      world.line.hold(call)
      world.peer.reply(await world.peer.request('INVITE', 3000), 491)
      await world.peer.request('ACK')
      t.match(await way(world, far), 'a=sendonly', name)
      await world.clock.advance(10_000)
      t.same(outcomes(world), ['held'], name)
      t.equal(directions(world).at(-1), 'sendonly')
      t.equal(requests(world, 'INVITE').length, begin === placed ? 2 : 1, 'and ours is not tried again')
      world.line.resume(call)
      t.match((await agree(world, sdp())).body, 'a=sendrecv')
      await world.end()
    }
})

t.test('an offer of the far end that cannot be used leaves our hold to be tried again', async t => {
  const world = await openWorld()
  const { far } = await placed(world)
  world.line.hold('c1')
  world.peer.reply(await world.peer.request('INVITE', 3000), 491)
  await world.peer.request('ACK')
  const empty = far.request('INVITE')
  world.peer.send(empty)
  await world.peer.response(200, 'INVITE')
  world.peer.send(far.ack(empty))
  t.match((await agree(world, recvonly)).body, 'a=sendonly')
  t.same(outcomes(world), ['held'])
  await world.end()
})

t.test('hold refused, however it is said: the call stands as it was and may be held later', async t => {
  for (const status of [302, 403, 488, 500, 503, 603, 606]) {
    const world = await openWorld()
    const { far } = await placed(world)
    world.line.hold('c1')
    world.peer.reply(await world.peer.request('INVITE', 3000), status)
    await world.peer.request('ACK')
    t.same([...outcomes(world), ...directions(world)], ['not held', 'sendrecv'], `${status}`)
    const offer = far.request('INVITE', [], sdp())
    world.peer.send(offer)
    t.match((await world.peer.response(200, 'INVITE')).body, 'a=sendrecv')
    world.peer.send(far.ack(offer))
    await held(world)
    t.same(outcomes(world).at(-1), 'held')
    t.equal(world.of('ended').length, 0)
    await world.end()
  }
})

t.test('resume refused: the call stays held, and the next resume goes through', async t => {
  for (const status of [488, 500, 603]) {
    const world = await openWorld()
    const { far } = await placed(world)
    const hold = await held(world)
    world.line.resume('c1')
    world.peer.reply(await world.peer.request('INVITE'), status)
    await world.peer.request('ACK')
    t.same(outcomes(world), ['held', 'not resumed'], `${status}`)
    const offer = far.request('INVITE', [], sdp())
    world.peer.send(offer)
    const answer = await world.peer.response(200, 'INVITE')
    t.match(answer.body, 'a=sendonly', 'an offer of theirs does not end our hold')
    t.ok(versionOf(answer) >= versionOf(hold))
    world.peer.send(far.ack(offer))
    world.line.resume('c1')
    t.match((await agree(world, sdp())).body, 'a=sendrecv')
    t.same(outcomes(world).at(-1), 'resumed')
    await world.end()
  }
})

t.test('481, 408 or silence while held or at the resume: the call is over and told so once', async t => {
  for (const status of [481, 408, undefined]) {
    const world = await openWorld()
    await placed(world)
    await held(world)
    world.line.resume('c1')
    const resume = await world.peer.request('INVITE')
    if (status) world.peer.reply(resume, status)
    await world.clock.runUntil(() => world.of('ended').length > 0, 40_000)
    t.match(world.of('ended'), [{ call: 'c1' }], `${status}`)
    t.same(outcomes(world), ['held'], 'no word about a resume besides')
    t.ok(await world.peer.request('BYE'))
    await world.end()
  }
})

t.test(
  'a session refresh keeps the hold, ours and theirs, by UPDATE and by re-INVITE (RFC 4028)',
  async t => {
    const agreed: Extra = [
      ['Session-Expires', '100;refresher=uac'],
      ['Require', 'timer'],
    ]
    const byInvite = await openWorld()
    const { far } = await placed(byInvite, agreed)
    const hold = await held(byInvite, agreed)
    const refresh = await byInvite.peer.request('INVITE', 51_000)
    t.equal(refresh.body, hold.body, 'ours says what it said, version and all')
    byInvite.peer.reply(refresh, 200, agreed, recvonly)
    await byInvite.peer.request('ACK')
    const theirs = far.request('INVITE', [], sdp())
    byInvite.peer.send(theirs)
    t.match((await byInvite.peer.response(200, 'INVITE')).body, 'a=sendonly')
    byInvite.peer.send(far.ack(theirs))
    const empty = far.request('INVITE')
    byInvite.peer.send(empty)
    t.match((await byInvite.peer.response(200, 'INVITE')).body, 'a=sendonly')
    byInvite.peer.send(far.ack(empty, recvonly))
    await byInvite.clock.advance(10)
    t.same(new Set(directions(byInvite).slice(1)), new Set(['sendonly']))
    await byInvite.end()

    const byUpdate = await openWorld()
    const other = await placed(byUpdate, [...agreed, ['Allow', 'UPDATE']])
    await held(byUpdate, agreed)
    const update = await byUpdate.peer.request('UPDATE', 51_000)
    t.equal(update.body, '')
    byUpdate.peer.reply(update, 200, agreed)
    byUpdate.peer.send(other.far.request('UPDATE', [], sdp()))
    t.match((await byUpdate.peer.response(200, 'UPDATE')).body, 'a=sendonly')
    t.same(outcomes(byUpdate), ['held'])
    t.equal(byUpdate.of('ended').length, 0)
    await byUpdate.end()
  },
)

t.test('a hold that waits for its turn refreshes the session too', async t => {
  const world = await openWorld()
  const { far } = await placed(world, [['Session-Expires', '100;refresher=uac']])
  await world.clock.advance(49_990)
  const offer = far.request('INVITE', [], sdp())
  world.peer.send(offer)
  await world.peer.response(200, 'INVITE')
  world.line.hold('c1')
  world.peer.send(far.ack(offer))
  await agree(world, recvonly, [['Session-Expires', '100;refresher=uac']])
  await world.clock.advance(40_000)
  t.equal(reinvites(world), 1)
  await world.end()
})

t.test('both hold each other: nothing flows; whoever resumes is heard again (RFC 6337 §5.3)', async t => {
  const world = await openWorld()
  const { far } = await placed(world)
  const { peer, line } = world
  await held(world)
  const theirHold = far.request('INVITE', [], sdp(4000, ['a=sendonly']))
  peer.send(theirHold)
  t.match((await peer.response(200, 'INVITE')).body, 'a=inactive')
  peer.send(far.ack(theirHold))
  line.resume('c1')
  t.match((await agree(world, sdp(4000, ['a=sendonly']))).body, 'a=sendrecv')
  const theirResume = far.request('INVITE', [], sdp())
  peer.send(theirResume)
  t.match((await peer.response(200, 'INVITE')).body, 'a=sendrecv')
  peer.send(far.ack(theirResume))
  t.same(directions(world), ['sendrecv', 'sendonly', 'inactive', 'recvonly', 'sendrecv'])
  t.same(outcomes(world), ['held', 'resumed'])
  await world.end()
})

t.test('being held: sendonly, inactive and 0.0.0.0 (RFC 2543 §B.5), and each taken back', async t => {
  const ways: readonly (readonly [string, string, string])[] = [
    [sdp(4000, ['a=sendonly']), 'a=recvonly', 'recvonly'],
    [sdp(4000, ['a=inactive']), 'a=inactive', 'inactive'],
    [sdp().replace('c=IN IP4 127.0.0.1', 'c=IN IP4 0.0.0.0'), 'a=recvonly', 'recvonly'],
    [sdp(4000, ['a=inactive']).replace('c=IN IP4 127.0.0.1', 'c=IN IP4 0.0.0.0'), 'a=inactive', 'inactive'],
  ]
  for (const [offer, answer, direction] of ways) {
    const world = await openWorld()
    const { far } = await placed(world)
    for (const [body, said, told] of [
      [offer, answer, direction],
      [sdp(), 'a=sendrecv', 'sendrecv'],
    ] as const) {
      const request = far.request('INVITE', [], body)
      world.peer.send(request)
      t.match((await world.peer.response(200, 'INVITE')).body, said)
      world.peer.send(far.ack(request))
      t.equal(directions(world).at(-1), told)
    }
    t.same(outcomes(world), [], 'no wish of ours')
    await world.end()
  }
})

t.test('a hold answered with anything less than asked counts as held', async t => {
  for (const body of [recvonly, sdp(), sdp(4000, ['a=inactive']), recvonly.replace('127.0.0.1', '0.0.0.0')]) {
    const world = await openWorld()
    await placed(world)
    world.line.hold('c1')
    await agree(world, body)
    t.same(outcomes(world), ['held'])
    t.notOk(['sendrecv', 'recvonly'].includes(directions(world).at(-1) ?? ''))
    await world.end()
  }
})

t.test('hung up while held, at the hold or at the resume: one BYE and no further word', async t => {
  for (const when of ['held', 'holding', 'resuming'] as const) {
    const world = await openWorld()
    await placed(world)
    if (when === 'holding') world.line.hold('c1')
    else await held(world)
    if (when === 'resuming') world.line.resume('c1')
    const offer = when === 'held' ? undefined : await world.peer.request('INVITE', 3000)
    const told = outcomes(world).length
    world.line.hangUp('c1')
    world.peer.reply(await world.peer.request('BYE'), 200)
    if (offer) world.peer.reply(offer, 200, [], sdp())
    await world.clock.advance(40_000)
    t.equal(requests(world, 'BYE').length, 1, when)
    t.equal(outcomes(world).length, told)
    t.same(world.of('ended'), [])
    await world.end()
  }
})

t.test('the far end hangs up while held: told once, nothing sent but the 200', async t => {
  const world = await openWorld()
  const { far } = await placed(world)
  await held(world)
  world.line.resume('c1')
  const resume = await world.peer.request('INVITE')
  const bye = far.request('BYE')
  world.peer.send(bye)
  await world.peer.response(200, 'BYE')
  world.peer.reply(resume, 481)
  await world.clock.advance(40_000)
  t.match(world.of('ended'), [{ call: 'c1' }])
  t.same(outcomes(world), ['held'])
  t.equal(requests(world, 'BYE').length, 0)
  t.equal(headerOf(bye, 'CSeq'), '101 BYE')
  await world.end()
})
