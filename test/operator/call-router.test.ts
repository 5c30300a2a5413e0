// Where calls go, by what the called subscriber has set: rings and seconds, forwards, voicemail, loops, the journal.

import t from 'tap'
import { headerOf, headersOf, responseTo } from '../../firmware/sip/wire/message.js'
import type { ServerTransaction } from '../../firmware/sip/wire/wire-contract.js'
import { offer, operatorWorld, sip } from '../support/operator-world.js'
import type { Phone, PhoneCall } from '../support/sip-phone.js'
import type { Application, Dialogue } from './application.js'
import type { ProfilePatch } from './profiles.js'

const [one, two, three] = ['0389000001', '0389000002', '0389000003']
const outside = '0612345678'

const house = async () => {
  const deposits: Dialogue[] = []
  const box: Application = dialogue => {
    deposits.push(dialogue)
    dialogue.answer()
    return {}
  }
  const world = await operatorWorld({
    gateway: { address: '127.0.0.14', port: 5060 },
    voicemail: { number: '123', application: box },
  })
  const [caller, called, third, gateway] = (await Promise.all(
    ([1, 2, 3, 4] as const).map(n => world.phone(n)),
  )) as [Phone, Phone, Phone, Phone]
  for (const phone of [called, third]) await world.wait(phone.register(3600))
  caller.answering(200)
  return {
    ...world,
    caller,
    called,
    third,
    gateway,
    deposits,
    set: (patch: ProfilePatch, user = two) =>
      world.wait(world.operator.profiles.change(user, patch, 'operator')),
    dial: (number: string, from: Phone = caller): PhoneCall => from.call(number, offer('127.0.0.11', 4000)),
    /** Virtual ms until it holds. */
    until: async (holds: () => boolean, limit = 120_000) => {
      const from = world.clock.now()
      t.ok(await world.clock.runUntil(holds, limit), 'in time')
      return (world.clock.now() - from) / 1000
    },
    journal: async (payer: string) => {
      await world.wait(world.operator.journal.settled())
      const rows = await world.operator.journal.calls({ payer, from: 0, until: Number.MAX_SAFE_INTEGER })
      return rows.map(({ called: number, reason, answer, forwardedBy }) => ({
        called: number,
        reason,
        answered: answer !== undefined,
        ...(forwardedBy === undefined ? {} : { forwardedBy }),
      }))
    },
  }
}

/** A waiting call that nobody took. */
const noReply = (transaction: ServerTransaction) =>
  transaction.respond(
    responseTo(transaction.request, 480, 'Temporarily Unavailable', 'q', [['Reason', 'Q.850;cause=19']]),
  )

t.test('rings for the seconds that are set, then voicemail, and the telephone stops', async t => {
  for (const ringSeconds of [20, 40, 60]) {
    const { called, dial, set, until, deposits, clock } = await house()
    await set({ ringSeconds })
    let stopped = 0
    called.wire.onRequest = transaction => {
      transaction.respond(responseTo(transaction.request, 180, 'Ringing', 'q'))
      transaction.onCancel = () => {
        stopped++
        transaction.respond(responseTo(transaction.request, 487, 'Request Terminated', 'q'))
      }
    }
    const call = dial(two)
    const took = await until(() => call.answer !== undefined)
    t.ok(Math.abs(took - ringSeconds * 1000) < 50, `${took} ms`)
    t.equal(stopped, 1)
    t.same(deposits[0]?.diversion, { user: two, reason: 'no-answer' })
    t.equal(deposits[0]?.caller.number, one)
    await clock.advance(5000)
    t.equal(deposits.length, 1, 'once')
    t.same(call.heard, [100, 180, 200])
  }
})

t.test('nobody answers: the number set for it is called, with all of the history', async t => {
  const { called, gateway, dial, set, until, clock, deposits, journal } = await house()
  await set({ forwardNoReply: outside })
  called.answering(180)
  const seen = gateway.answering(180, 200)
  const call = dial(two)
  await until(() => call.answer !== undefined)
  await clock.advance(1000)
  t.same(call.heard, [100, 180, 181, 180, 200])
  const { request } = seen[0]!
  t.equal(request.uri, `sip:${outside}@127.0.0.14:5060`)
  t.equal(headerOf(request, 'Diversion'), `<sip:${two}@operator.test>;reason=no-answer;counter=1;privacy=off`)
  t.equal(
    headerOf(request, 'History-Info'),
    `<sip:${two}@operator.test>;index=1, <sip:${outside}@operator.test;cause=408>;index=1.1;mp=1`,
  )
  t.equal(headerOf(request, 'P-Asserted-Identity'), `<sip:${one}@operator.test>`)
  t.same(deposits, [])
  t.same(await journal(two), [{ called: outside, reason: undefined, answered: true, forwardedBy: two }])
  t.same(await journal(one), [{ called: two, reason: undefined, answered: true }])
})

t.test(
  'a forward of all calls asks no telephone, also when none is there; the last one set holds',
  async t => {
    const { called, gateway, dial, set, until, wait, deposits, clock } = await house()
    await wait(called.register(0))
    await set({ forwardAlways: outside })
    const seen = gateway.answering(200)
    const untouched = called.answering(200)
    const call = dial(two)
    t.ok((await until(() => call.answer !== undefined)) < 50, 'at once')
    t.match(headerOf(seen[0]!.request, 'Diversion'), /reason=unconditional/)
    t.match(headerOf(seen[0]!.request, 'History-Info'), /cause=302/)
    t.same(untouched, [])
    await set({ voicemailAlways: true })
    const second = dial(two)
    t.ok((await until(() => second.answer !== undefined)) < 50)
    t.same(deposits[0]?.diversion, { user: two, reason: 'unconditional' })
    await clock.advance(100)
    t.equal(seen.filter(({ request }) => request.method === 'INVITE').length, 1)
  },
)

t.test('busy: the number set for it, else voicemail', async t => {
  const { called, gateway, dial, set, until, deposits } = await house()
  called.answering(486)
  const seen = gateway.answering(200)
  const first = dial(two)
  await until(() => first.answer !== undefined)
  t.same(deposits[0]?.diversion, { user: two, reason: 'user-busy' })
  await set({ forwardBusy: outside })
  const second = dial(two)
  await until(() => second.answer !== undefined)
  t.match(headerOf(seen[0]!.request, 'Diversion'), /reason=user-busy/)
  t.match(headerOf(seen[0]!.request, 'History-Info'), /cause=486/)
})

t.test('480 with cause 19 is no reply, exactly once, also when it crosses our CANCEL', async t => {
  for (const at of [10_000, 19_999, 20_000, 20_001]) {
    const { called, gateway, dial, set, clock, deposits } = await house()
    await set({ forwardNoReply: outside })
    const seen = gateway.answering(200)
    called.wire.onRequest = transaction => {
      transaction.respond(responseTo(transaction.request, 180, 'Ringing', 'q'))
      clock.timer('test', at as never, () => noReply(transaction))
    }
    const call = dial(two)
    await clock.advance(40_000)
    t.equal(seen.filter(({ request }) => request.method === 'INVITE').length, 1, `at ${at}`)
    t.same(deposits, [])
    t.equal(call.heard.at(-1), 200)
  }
})

t.test('an answer that crosses the end of the ringing still counts', async t => {
  const { called, dial, clock, deposits } = await house()
  const seen: ServerTransaction[] = []
  called.wire.onRequest = transaction => {
    seen.push(transaction)
    if (transaction.request.method !== 'INVITE') {
      transaction.respond(responseTo(transaction.request, 200, 'OK', 'q'))
      return
    }
    const contact = ['Contact', `<sip:${two}@127.0.0.12:5060>`] as const
    transaction.respond(responseTo(transaction.request, 180, 'Ringing', 'q'))
    transaction.onCancel = () =>
      transaction.respond(
        responseTo(transaction.request, 200, 'OK', 'q', [contact], offer('127.0.0.12', 4000)),
      )
  }
  const call = dial(two)
  await clock.advance(30_000)
  t.same(call.heard, [100, 180, 200])
  t.same(deposits, [])
})

t.test('the box is gone without a word: its stale binding is given up after 4 s', async t => {
  for (const way of ['silent', 'refused'] as const) {
    const { called, gateway, dial, set, until, network, clock } = await house()
    await set({ forwardNoReply: outside })
    if (way === 'refused') await called.wire.close()
    else network.filter = (_data, _from, to) => (to.address === '127.0.0.12' ? 'drop' : 'pass')
    const seen = gateway.answering(200)
    const call = dial(two)
    const took = await until(() => call.answer !== undefined)
    t.ok(way === 'refused' ? took < 50 : Math.abs(took - 4000) < 50, `${way}: ${took} ms`)
    t.match(headerOf(seen[0]!.request, 'Diversion'), /reason=unavailable/)
    // It comes back to life, and answers what was lost in its queue: it is hung up on.
    network.filter = () => 'pass'
    const revived = way === 'silent' ? called.answering(200) : []
    await clock.advance(40_000)
    const methods = revived.map(({ request }) => request.method)
    t.ok(methods.length === 0 || methods.includes('BYE'), methods.join())
  }
})

t.test('a telephone that is not registered: as no reply, or 480 where that is set', async t => {
  const { called, dial, set, until, wait, deposits, clock } = await house()
  await wait(called.register(0))
  const first = dial(two)
  await until(() => first.answer !== undefined)
  t.same(deposits[0]?.diversion, { user: two, reason: 'unavailable' })
  await set({ notRegistered: 'refuse' })
  const second = dial(two)
  await clock.advance(100)
  t.same(second.heard, [480])
})

t.test('what no forward is for comes through: 488', async t => {
  const { called, dial, clock, set } = await house()
  await set({ forwardBusy: outside, forwardNoReply: outside })
  called.answering(488)
  const call = dial(two)
  await clock.advance(100)
  t.same(call.heard, [100, 488])
})

t.test('who hangs up while it rings is gone: no forward, no message, and the journal says so', async t => {
  const { called, dial, clock, set, gateway, deposits, journal } = await house()
  await set({ forwardNoReply: outside })
  const seen = gateway.answering(200)
  called.answering(180)
  const call = dial(two)
  await clock.advance(5000)
  call.cancel()
  await clock.advance(60_000)
  t.same(call.heard, [100, 180, 487])
  t.same([seen, deposits], [[], []])
  t.same(await journal(one), [{ called: two, reason: 'cancelled', answered: false }])
  // A telephone that cannot even be cancelled keeps nobody waiting.
  called.wire.onRequest = transaction =>
    transaction.respond(responseTo(transaction.request, 180, 'Ringing', 'q'))
  const stuck = dial(two)
  await clock.advance(1000)
  stuck.cancel()
  await clock.advance(2100)
  t.same(stuck.heard, [100, 180, 487])
})

t.test('forwards from one subscriber to the next each count; a circle is refused', async t => {
  const { dial, set, clock, until, third, gateway, journal } = await house()
  await set({ forwardAlways: three })
  third.answering(180, 200)
  const call = dial(two)
  await until(() => call.answer !== undefined)
  t.same(await journal(two), [{ called: three, reason: undefined, answered: true, forwardedBy: two }])
  await set({ forwardAlways: two }, three)
  const circle = dial(two)
  await clock.advance(1000)
  t.same(circle.heard, [482])
  // The same through somebody else's network, which sends it back.
  await set({ forwardAlways: outside })
  gateway.wire.onRequest = transaction => {
    const { request } = transaction
    const back = {
      ...request,
      uri: `sip:${two}@operator.test`,
      headers: request.headers.filter(([name]) => name !== 'Record-Route' && name !== 'Via'),
    }
    gateway.wire.request(back, sip, outcome => {
      if (outcome.type === 'response' && outcome.response.status >= 200)
        transaction.respond(responseTo(request, outcome.response.status, 'x', 'g'))
    })
  }
  const round = dial(two)
  await clock.advance(1000)
  t.equal(round.heard.at(-1), 482)
})

t.test('after five diversions it is enough', async t => {
  const { gateway, clock, set } = await house()
  await set({ forwardAlways: outside })
  const call = gateway.call(two, '', [
    ['Diversion', '<sip:0700000001@x.test>;reason=unconditional;counter=3'],
    ['Diversion', '<sip:0700000002@x.test>;reason=user-busy, <sip:0700000003@x.test>'],
  ])
  await clock.advance(1000)
  t.same(call.heard, [480])
  const fewer = gateway.call(two, '', [['Diversion', '<sip:0700000001@x.test>;counter=2']])
  await clock.advance(1000)
  t.not(fewer.heard[0], 480)
})

t.test(
  'the journal: answered and ended by BYE, refused numbers, unknown ones, what came from outside',
  async t => {
    const { called, dial, clock, wait, journal, gateway, operator } = await house()
    called.answering(180, 200)
    const call = dial(two)
    await clock.advance(5000)
    await wait(call.inside('BYE'))
    gateway.answering(404)
    dial(outside)
    await clock.advance(1000)
    t.same(await journal(one), [
      { called: outside, reason: 'unknown-number', answered: false },
      { called: two, reason: 'answered', answered: true },
    ])
    gateway.call(two, offer('127.0.0.14', 4000))
    await clock.advance(1000)
    const rows = await operator.database.all('SELECT payer, caller, called FROM call WHERE payer IS NULL')
    t.match(rows, [{ payer: null, called: two }])
  },
)

t.test('a call whose session nobody refreshes any more is over in the journal', async t => {
  const { called, dial, clock, journal } = await house()
  called.wire.onRequest = transaction => {
    const extra = [
      ['Contact', `<sip:${two}@127.0.0.12:5060>`],
      ['Session-Expires', '90;refresher=uas'],
    ] as const
    transaction.respond(responseTo(transaction.request, 200, 'OK', 'q', extra))
  }
  dial(two)
  await clock.advance(100_000)
  t.match(await journal(one), [{ reason: undefined }])
  await clock.advance(30_000)
  t.match(await journal(one), [{ reason: 'answered' }])
})

t.test('a withheld number leaves the network nowhere, also when the network itself withholds it', async t => {
  const { called, gateway, caller, clock, set, wait, network } = await house()
  await set({ masking: true }, one)
  await set({ forwardAlways: outside }, three)
  let heard = ''
  network.filter = (data, from, to) => {
    if (from.address === sip.address && to.address !== '127.0.0.11')
      heard += Buffer.from(data).toString('latin1')
    return 'pass'
  }
  const seen = called.answering(180, 200)
  const call = caller.call(two, offer('127.0.0.11', 4000))
  await clock.advance(100)
  t.same(call.heard, [100, 180, 200])
  t.match(headerOf(call.answer!, 'From'), one, 'the caller gets his own back')
  t.equal((await wait(call.inside('INVITE', [], offer('127.0.0.11', 4000, 'sendonly'))))?.status, 200)
  t.equal((await wait(call.inside('BYE')))?.status, 200)
  t.same(
    seen.map(({ request }) => request.method),
    ['INVITE', 'INVITE', 'BYE'],
  )
  for (const { request } of seen)
    t.match(headerOf(request, 'From'), /^"Anonymous" <sip:anonymous@anonymous.invalid>;tag=/)
  // Forwarded to another network, hung up from there.
  const far = gateway.answering(200)
  const mine = caller.answering(200)
  caller.call(three, offer('127.0.0.11', 4000))
  await clock.advance(100)
  const { request } = far[0]!
  const contact = /<([^>]*)>/.exec(headerOf(request, 'Contact') ?? '')?.[1] as string
  const bye = await wait(
    gateway.exchange({
      kind: 'request',
      method: 'BYE',
      uri: contact,
      headers: [
        ['Max-Forwards', '70'],
        ['From', `${headerOf(request, 'To')};tag=t${'0389000004'}`],
        ['To', headerOf(request, 'From') as string],
        ['Call-ID', headerOf(request, 'Call-ID') as string],
        ['CSeq', '1 BYE'],
        ...headersOf(request, 'Record-Route').map(route => ['Route', route] as const),
      ],
      body: '',
    }),
  )
  t.equal(bye?.status, 200)
  t.equal(mine.at(-1)?.request.uri, `sip:${one}@127.0.0.11:5060`)
  t.ok(heard.includes('INVITE'))
  // Names that the test's own telephone gives to its dialogs.
  const rest = heard.replace(/call-\d+-\d+|tag=\d+x\d+/g, '')
  t.same(
    rest.split('\r\n').filter(line => line.includes(one)),
    [],
    'nowhere',
  )
})

t.test('hundreds of telephones may ring at once', async t => {
  const { phone, wait, clock } = await operatorWorld()
  const caller = await phone(1)
  for (const n of [2, 3] as const) {
    const called = await phone(n)
    await wait(called.register(300))
    called.answering(180)
  }
  const calls: ReturnType<typeof caller.call>[] = []
  for (let n = 0; n < 300; n++) {
    calls.push(caller.call(`038900000${2 + (n % 2)}`, ''))
    await clock.advance(20)
  }
  await clock.advance(1000)
  t.same(calls.filter(({ heard }) => !heard.includes(180)).length, 0, 'nobody is left without an answer')
})
