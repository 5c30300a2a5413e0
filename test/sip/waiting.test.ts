// A second call that waits: what its caller is told while it does, and every way it comes to an end.
import t from 'tap'
import { headerOf, type SipRequest, tagOf } from '../../firmware/sip/wire/message.js'
import { placed, requests } from './scripted-call.js'
import { farDialog, media, openWorld, sdp, type World } from './scripted-peer.js'

type Extra = readonly (readonly [string, string])[]

/** A caller reaches a line that talks already; nothing is said to him yet but 100. */
const offered = async (world: World, extra: Extra = []) => {
  const before = world.of('incoming').length
  const invite = world.peer.initial('INVITE', extra, sdp(4100))
  world.peer.send(invite)
  await world.clock.runUntil(() => world.of('incoming').length > before, 500)
  return { invite, call: world.of('incoming').at(-1)?.call ?? 'none' }
}
const waiting = async (extra: Extra = []) => {
  const world = await openWorld()
  await placed(world)
  const caller = await offered(world, extra)
  world.line.ring(caller.call, true)
  return { world, ...caller, ringing: await world.peer.response(180, 'INVITE') }
}
/** A request of the caller's that goes with his INVITE: CANCEL, or the ACK of a refusal. */
const companion = (invite: SipRequest, method: string, to?: string): SipRequest => ({
  ...invite,
  method,
  headers: invite.headers
    .filter(([name]) => name !== 'Content-Type')
    .map(([name, value]) => [name, name === 'CSeq' ? `1 ${method}` : name === 'To' ? (to ?? value) : value]),
  body: '',
})

t.test('180 tells the caller that the call waits; 180 to an idle telephone does not (RFC 7462)', async t => {
  const { world, ringing } = await waiting()
  t.equal(headerOf(ringing, 'Alert-Info'), '<urn:alert:service:call-waiting>')
  await world.end()
  const idle = await openWorld()
  const { call } = await offered(idle)
  idle.line.ring(call)
  t.equal(headerOf(await idle.peer.response(180), 'Alert-Info'), undefined)
  await idle.end()
})

t.test('also where the 180 must be acknowledged (RFC 3262), and each time it is repeated', async t => {
  const { world, ringing } = await waiting([['Require', '100rel']])
  const again = await world.peer.response(180, 'INVITE')
  t.equal(headerOf(again, 'RSeq'), headerOf(ringing, 'RSeq'))
  for (const message of [ringing, again])
    t.equal(headerOf(message, 'Alert-Info'), '<urn:alert:service:call-waiting>')
  await world.end()
})

t.test('refused: 486 for R 0, 480 with Q.850 cause 19 for no reply (RFC 3326, RFC 6432)', async t => {
  for (const [status, cause, reason] of [
    [486, undefined, undefined],
    [480, 19, 'Q.850;cause=19'],
  ] as const) {
    const { world, call, invite, ringing } = await waiting()
    world.line.reject(call, status, cause)
    const refusal = await world.peer.response(status, 'INVITE')
    t.equal(headerOf(refusal, 'Reason'), reason)
    t.equal(tagOf(headerOf(refusal, 'To') ?? ''), tagOf(headerOf(ringing, 'To') ?? ''), 'one dialog')
    world.peer.send(companion(invite, 'ACK', headerOf(refusal, 'To')))
    await world.clock.advance(40_000)
    t.same(world.of('abandoned'), [], 'the telephone knows: it refused')
    t.equal(world.of('ended').length, 0, 'the first call stands')
    t.equal(requests(world, 'BYE').length, 0)
    await world.end()
  }
})

t.test('the caller gives up as the 20 s end: CANCEL before 480, and CANCEL crossing it', async t => {
  const first = await waiting()
  first.world.peer.send(companion(first.invite, 'CANCEL'))
  await first.world.peer.response(200, 'CANCEL')
  const gone = await first.world.peer.response(487, 'INVITE')
  first.world.peer.send(companion(first.invite, 'ACK', headerOf(gone, 'To')))
  first.world.line.reject(first.call, 480, 19)
  await first.world.clock.advance(40_000)
  t.equal(first.world.of('abandoned').length, 1)
  t.equal(
    first.world.peer.unread(message => message.kind === 'response' && message.status === 480),
    0,
  )
  await first.world.end()

  const late = await waiting()
  late.world.line.reject(late.call, 480, 19)
  late.world.peer.send(companion(late.invite, 'CANCEL'))
  const refusal = await late.world.peer.response(480, 'INVITE')
  t.ok(
    await late.world.peer.response(200, 'CANCEL'),
    'the CANCEL is answered, and changes nothing (RFC 3261 §9.2)',
  )
  late.world.peer.send(companion(late.invite, 'ACK', headerOf(refusal, 'To')))
  await late.world.clock.advance(40_000)
  t.same(late.world.of('abandoned'), [])
  t.equal(
    late.world.peer.unread(message => message.kind === 'response' && message.status === 487),
    0,
  )
  await late.world.end()
})

t.test('a lost 480 is repeated until its ACK comes', async t => {
  const { world, call, invite } = await waiting()
  world.line.reject(call, 480, 19)
  await world.peer.response(480)
  const again = await world.peer.response(480)
  t.equal(headerOf(again, 'Reason'), 'Q.850;cause=19')
  world.peer.send(companion(invite, 'ACK', headerOf(again, 'To')))
  await world.clock.advance(100)
  const before = world.peer.received.length
  await world.clock.advance(40_000)
  t.equal(world.peer.received.length, before)
  await world.end()
})

t.test('taken: its 200 and the re-INVITE of the first call mind each other not', async t => {
  const { world, call, invite } = await waiting()
  await world.clock.advance(2000)
  world.line.hold('c1')
  const hold = await world.peer.request('INVITE')
  world.line.answer(call, { ...media, port: media.port + 2 })
  const ok = await world.peer.response(200, 'INVITE')
  t.match(ok.body, `m=audio ${media.port + 2} RTP/AVP`)
  t.equal(headerOf(ok, 'Alert-Info'), undefined)
  world.peer.send(farDialog(invite, ok, false).ack(invite))
  world.peer.reply(hold, 200, [], sdp(4000, ['a=recvonly']))
  await world.peer.request('ACK')
  await world.clock.advance(10)
  t.match(world.of('held'), [{ call: 'c1', ok: true }])
  t.same(
    world.of('answered').map(event => event.call),
    ['c1', call],
  )
  const theirs = ({ body }: SipRequest) => /^o=- (\d+) /m.exec(body)?.[1]
  t.not(/^o=- (\d+) /m.exec(ok.body)?.[1], theirs(hold), 'sessions of their own')
  await world.end()
})
