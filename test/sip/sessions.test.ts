// What happens inside an established call: hold, resume, glare, the far end's own changes, session timers in both roles.
import fc from 'fast-check'
import t from 'tap'
import {
  answerRequest,
  createSessionTimer,
  fromResponse,
  type Headers,
} from '../../firmware/sip/engine/session-timer.js'
import { headerOf } from '../../firmware/sip/wire/message.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { placed, requests, taken, versionOf } from './scripted-call.js'
import { openWorld, sdp } from './scripted-peer.js'

t.test('hold and resume: sendonly and back, a new version each time, told when agreed', async t => {
  const world = await openWorld()
  const { invite } = await placed(world)
  const { peer, clock } = world
  world.line.hold('c1')
  const hold = await peer.request('INVITE', 3000)
  const sent = clock.now() / 1000
  t.ok(
    sent >= 2002 && sent <= 2005,
    `our first offer waits 2 s for the ACK to arrive (RFC 5407 §3.1): ${sent}`,
  )
  t.match(hold.body, 'a=sendonly')
  t.equal(versionOf(hold), versionOf(invite) + 1)
  t.equal(headerOf(hold, 'CSeq'), '2 INVITE')
  peer.reply(hold, 200, [], sdp(4000, ['a=recvonly']))
  await peer.request('ACK')
  t.match(world.of('held'), [{ call: 'c1', ok: true }])
  t.match(world.of('media').at(-1), { early: false, remote: { direction: 'sendonly' } })
  world.line.resume('c1')
  const resume = await peer.request('INVITE')
  t.match(resume.body, 'a=sendrecv')
  t.equal(versionOf(resume), versionOf(invite) + 2)
  peer.reply(resume, 200, [], sdp())
  await peer.request('ACK')
  t.match(world.of('resumed'), [{ ok: true }])
  await world.end()
})

t.test('a request of the far end proves the ACK: hold then goes out at once', async t => {
  const world = await openWorld()
  const { far } = await placed(world)
  world.peer.send(far.request('INFO'))
  await world.peer.response(200, 'INFO')
  world.line.hold('c1')
  t.ok(await world.peer.request('INVITE', 100))
  await world.end()
})

t.test(
  '491 is tried again: 2.1-4 s for who placed the call, 0-2 s for who took it; the call stands',
  async t => {
    for (const [begin, low, high] of [
      [placed, 2100, 4000],
      [taken, 0, 2000],
    ] as const) {
      const world = await openWorld()
      const { call } = await begin(world)
      world.line.hold(call)
      const first = await world.peer.request('INVITE', 3000)
      world.peer.reply(first, 491)
      await world.peer.request('ACK')
      const since = world.clock.now()
      const again = await world.peer.request('INVITE', 5000)
      const waited = (world.clock.now() - since) / 1000
      t.ok(waited >= low - 5 && waited <= high + 5, `${waited} ms`)
      world.peer.reply(again, 200, [], sdp(4000, ['a=recvonly']))
      await world.peer.request('ACK')
      t.match(world.of('held'), [{ ok: true }])
      await world.end()
    }
  },
)

t.test('hold refused: told, the call stands, and later SDP is that of before', async t => {
  const world = await openWorld()
  const { far, invite } = await placed(world, [['Session-Expires', '200;refresher=uac']])
  world.line.hold('c1')
  const hold = await world.peer.request('INVITE', 3000)
  world.peer.reply(hold, 488)
  await world.peer.request('ACK')
  t.match(world.of('held'), [{ ok: false }])
  const refresh = await world.peer.request('INVITE', 101_000)
  t.equal(refresh.body, invite.body, 'the refresh repeats what was agreed, version and all')
  world.peer.reply(refresh, 200, [['Session-Expires', '200;refresher=uac']], sdp())
  world.peer.send(far.request('BYE'))
  await world.peer.response(200, 'BYE')
  t.equal(world.of('ended').length, 1)
  await world.end()
})

t.test('481, 408 or no answer to a re-INVITE ends the call', async t => {
  for (const status of [481, 408, undefined]) {
    const world = await openWorld()
    await placed(world)
    world.line.hold('c1')
    const hold = await world.peer.request('INVITE', 3000)
    if (status) world.peer.reply(hold, status)
    await world.clock.runUntil(() => world.of('ended').length > 0, 40_000)
    t.match(world.of('ended'), [{ call: 'c1' }], `${status}`)
    t.ok(await world.peer.request('BYE'))
    await world.end()
  }
})

t.test(
  'hanging up while a hold is unanswered: BYE once, its late 200 acknowledged, nothing told',
  async t => {
    const world = await openWorld()
    await placed(world)
    world.line.hold('c1')
    const hold = await world.peer.request('INVITE', 3000)
    world.line.hangUp('c1')
    world.peer.reply(await world.peer.request('BYE'), 200)
    world.peer.reply(hold, 200, [], sdp())
    await world.peer.request('ACK')
    await world.clock.advance(40_000)
    t.equal(requests(world, 'BYE').length, 1)
    t.same([...world.of('held'), ...world.of('ended')], [])
    await world.end()
  },
)

t.test('the far end holds, moves its media and offers nothing: answered, and news is told once', async t => {
  const world = await openWorld()
  const { far } = await placed(world)
  const { peer } = world
  const before = world.of('media').length
  const hold = far.request('INVITE', [], sdp(4000, ['a=sendonly']))
  peer.send(hold)
  const ok = await peer.response(200, 'INVITE')
  t.match(ok.body, 'a=recvonly')
  peer.send(far.ack(hold))
  const again = far.request('INVITE', [], sdp(4000, ['a=sendonly']))
  peer.send(again)
  const same = await peer.response(200, 'INVITE')
  t.equal(versionOf(same), versionOf(ok), 'nothing changed: the same version')
  peer.send(far.ack(again))
  const move = far.request('INVITE', [], sdp(4020))
  peer.send(move)
  await peer.response(200, 'INVITE')
  peer.send(far.ack(move))
  const empty = far.request('INVITE')
  peer.send(empty)
  const offered = await peer.response(200, 'INVITE')
  t.match(offered.body, 'm=audio 16384 RTP/AVP 8 0 101')
  peer.send(far.ack(empty, sdp(4030)))
  await world.clock.advance(10)
  t.same(
    world
      .of('media')
      .slice(before)
      .map(event => [event.remote.port, event.remote.direction]),
    [
      [4000, 'recvonly'],
      [4020, 'sendrecv'],
      [4030, 'sendrecv'],
    ],
  )
  const bad = far.request('INVITE', [], sdp().replace('8 101', '18'))
  peer.send(bad)
  await peer.response(488, 'INVITE')
  t.equal(world.of('ended').length, 0, 'a refused offer leaves the call as it was')
  await world.end()
})

t.test('what the far end repeats after a change of ours is told again', async t => {
  const world = await openWorld()
  const { far } = await placed(world)
  const hold = far.request('INVITE', [], sdp(4000, ['a=sendonly']))
  world.peer.send(hold)
  await world.peer.response(200, 'INVITE')
  world.peer.send(far.ack(hold))
  world.line.hold('c1')
  world.peer.reply(await world.peer.request('INVITE', 3000), 200, [], sdp(4000, ['a=inactive']))
  await world.peer.request('ACK')
  world.line.resume('c1')
  world.peer.reply(await world.peer.request('INVITE'), 200, [], sdp())
  await world.peer.request('ACK')
  const again = far.request('INVITE', [], sdp(4000, ['a=sendonly']))
  world.peer.send(again)
  await world.peer.response(200, 'INVITE')
  t.same(
    world.of('media').map(event => event.remote.direction),
    ['sendrecv', 'recvonly', 'inactive', 'sendrecv', 'recvonly'],
  )
  await world.end()
})

t.test('glare: the far end re-INVITEs while ours is out: 491; an out-of-order request: 500', async t => {
  const world = await openWorld()
  const { far } = await placed(world)
  world.line.hold('c1')
  await world.peer.request('INVITE', 3000)
  world.peer.send(far.request('INVITE', [], sdp()))
  t.ok(await world.peer.response(491, 'INVITE'))
  const old = far.request('UPDATE')
  world.peer.send({
    ...old,
    headers: old.headers.map(([name, value]) => [name, name === 'CSeq' ? '5 UPDATE' : value]),
  })
  t.ok(await world.peer.response(500, 'UPDATE'))
  await world.end()
})

t.test('an answer to a re-INVITE without its ACK ends the call after 32 s', async t => {
  const world = await openWorld()
  const { far } = await placed(world)
  world.peer.send(far.request('INVITE', [], sdp()))
  await world.peer.response(200, 'INVITE')
  await world.peer.request('BYE', 33_000)
  t.equal(world.of('ended').length, 1)
  await world.end()
})

t.test(
  'UPDATE: with an offer moves the media, without one refreshes; wrong ones are refused (RFC 3311)',
  async t => {
    const world = await openWorld()
    const { far } = await placed(world)
    const { peer } = world
    peer.send(far.request('UPDATE', [], sdp(4040)))
    const moved = await peer.response(200, 'UPDATE')
    t.match(moved.body, 'm=audio 16384')
    t.match(world.of('media').at(-1), { remote: { port: 4040 } })
    peer.send(
      far.request('UPDATE', [
        ['Session-Expires', '90;refresher=uac'],
        ['Supported', 'timer'],
      ]),
    )
    const refreshed = await peer.response(200, 'UPDATE')
    t.equal(headerOf(refreshed, 'Session-Expires'), '90;refresher=uac')
    t.match(headerOf(refreshed, 'Require'), 'timer')
    t.equal(refreshed.body, '')
    peer.send(
      far.request('UPDATE', [
        ['Session-Expires', '60'],
        ['Supported', 'timer'],
      ]),
    )
    t.equal(headerOf(await peer.response(422, 'UPDATE'), 'Min-SE'), '90')
    peer.send(far.request('UPDATE', [], 'v=0\r\n'))
    t.ok(await peer.response(488, 'UPDATE'))
    world.line.hangUp('c1')
    const bye = await peer.request('BYE')
    t.equal(headerOf(bye, 'CSeq'), '2 BYE')
    await world.end()
  },
)

t.test(
  'we refresh: at half the interval, by UPDATE where the far end takes it, else by re-INVITE',
  async t => {
    for (const [allow, method] of [
      ['INVITE, UPDATE', 'UPDATE'],
      ['INVITE', 'INVITE'],
    ] as const) {
      const world = await openWorld()
      const { peer, clock } = world
      const agreed = [
        ['Session-Expires', '100;refresher=uac'],
        ['Require', 'timer'],
      ] as const
      const { invite } = await placed(world, [['Allow', allow], ...agreed])
      const start = clock.now()
      const refresh = await peer.request(method, 51_000)
      t.ok(Math.abs((clock.now() - start) / 1000 - 50_000) < 10, `after ${(clock.now() - start) / 1000} ms`)
      t.match(headerOf(refresh, 'Session-Expires'), '100;refresher=uac')
      t.equal(refresh.body, method === 'INVITE' ? invite.body : '')
      peer.reply(refresh, 200, agreed, method === 'INVITE' ? sdp() : '')
      if (method === 'INVITE') await peer.request('ACK')
      t.ok(await peer.request(method, 51_000), 'and again')
      t.equal(world.of('ended').length, 0)
      await world.end()
    }
  },
)

t.test('UPDATE turned out unwelcome (405): the refresh goes on as re-INVITE', async t => {
  const world = await openWorld()
  await placed(world, [
    ['Allow', 'UPDATE'],
    ['Session-Expires', '100;refresher=uac'],
  ])
  const update = await world.peer.request('UPDATE', 51_000)
  world.peer.reply(update, 405)
  t.ok(await world.peer.request('INVITE'))
  await world.end()
})

t.test(
  'nobody refreshes: BYE a third (at most 32 s) before the end; our failing refresh: BYE at the end',
  async t => {
    const world = await openWorld()
    const { clock } = world
    await placed(world, [['Session-Expires', '120;refresher=uas']])
    const start = clock.now()
    await world.peer.request('BYE', 130_000)
    t.equal(Math.round((clock.now() - start) / 1e6), 88)
    t.equal(world.of('ended').length, 1)
    await world.end()

    const failing = await openWorld()
    await placed(failing, [
      ['Allow', 'UPDATE'],
      ['Session-Expires', '100;refresher=uac'],
    ])
    const since = failing.clock.now()
    for (let round = 0; round < 5; round++)
      failing.peer.reply(await failing.peer.request('UPDATE', 51_000), 500)
    await failing.peer.request('BYE', 30_000)
    t.equal(Math.round((failing.clock.now() - since) / 1e6), 100)
    await failing.end()
  },
)

t.test(
  'as the side that was called: their wish is kept, ours added, refreshes from there move the end',
  async t => {
    const world = await openWorld()
    const { ok, far, call } = await taken(world, [
      ['Session-Expires', '120;refresher=uac'],
      ['Supported', 'timer'],
    ])
    t.equal(headerOf(ok, 'Session-Expires'), '120;refresher=uac')
    t.match(headerOf(ok, 'Require'), 'timer')
    await world.clock.advance(80_000)
    world.peer.send(
      far.request('UPDATE', [
        ['Session-Expires', '120;refresher=uac'],
        ['Supported', 'timer'],
      ]),
    )
    await world.peer.response(200, 'UPDATE')
    await world.clock.advance(80_000)
    t.equal(world.of('ended').length, 0)
    await world.peer.request('BYE', 10_000)
    t.match(world.of('ended'), [{ call }])
    await world.end()

    const other = await openWorld({ account: { sessionSeconds: 300 } })
    const call2 = await taken(other, [
      ['Supported', 'timer'],
      ['Allow', 'UPDATE'],
    ])
    t.equal(
      headerOf(call2.ok, 'Session-Expires'),
      '300;refresher=uas',
      'a timer of ours where they know timers',
    )
    const refresh = await other.peer.request('UPDATE', 151_000)
    t.match(headerOf(refresh, 'Session-Expires'), '300;refresher=uac', 'in this request we are the UAC')
    await other.end()
  },
)

const headers = (lines: Record<string, string>): Headers => ({
  getHeader: name => lines[name],
  getHeaders: name => (lines[name] === undefined ? [] : [lines[name]]),
})

t.test('RFC 4028 §9 table: who refreshes after a request', async t => {
  const cases: [Record<string, string>, string[], boolean | undefined][] = [
    [{}, [], undefined],
    [{ supported: 'timer' }, ['Session-Expires: 1800;refresher=uas'], true],
    [{ 'session-expires': '1800' }, ['Session-Expires: 1800;refresher=uas'], true],
    [{ 'session-expires': '60' }, ['Session-Expires: 90;refresher=uas'], true],
    [
      { 'session-expires': '300', supported: 'timer' },
      ['Session-Expires: 300;refresher=uac', 'Require: timer'],
      false,
    ],
    [
      { 'session-expires': '300;refresher=uas', supported: 'timer' },
      ['Session-Expires: 300;refresher=uas'],
      true,
    ],
    [{ 'session-expires': '300', 'min-se': '400' }, ['Session-Expires: 400;refresher=uas'], true],
    [{ 'session-expires': 'x', supported: 'timer' }, ['Session-Expires: 1800;refresher=uas'], true],
  ]
  for (const [request, lines, weRefresh] of cases) {
    const verdict = answerRequest(headers(request), 1800)
    t.match(verdict, { type: 'fits', lines }, JSON.stringify(request))
    t.equal(verdict.type === 'fits' ? verdict.interval?.weRefresh : 'no', weRefresh)
  }
  t.same(answerRequest(headers({ 'session-expires': '89', supported: 'timer' }), 1800), { type: 'too-small' })
  t.equal(fromResponse(headers({})), undefined)
  t.same(fromResponse(headers({ 'session-expires': '10' })), { seconds: 90, weRefresh: true })
})

t.test(
  'whatever the headers say, a session timer never ends before its third nor refreshes after its end',
  async t => {
    await fc.assert(
      fc.asyncProperty(
        fc.string(),
        fc.integer({ min: 0, max: 100_000 }),
        fc.boolean(),
        async (text, seconds, knows) => {
          const verdict = answerRequest(
            headers({ 'session-expires': `${seconds}${text}`, ...(knows ? { supported: 'timer' } : {}) }),
            1800,
          )
          if (verdict.type === 'too-small') return seconds < 90
          const clock = new VirtualClock()
          const seen: string[] = []
          createSessionTimer(clock, {
            refresh: () => seen.push('refresh'),
            expire: () => seen.push('expire'),
          }).restart(verdict.interval)
          const whole = (verdict.interval?.seconds ?? 0) * 1000
          await clock.advance(whole * 0.45)
          const early = seen.length
          await clock.advance(whole)
          return early === 0 && (whole === 0 || seen.at(-1) === 'expire')
        },
      ),
      { numRuns: 60 },
    )
    t.pass('60 sessions')
  },
)
