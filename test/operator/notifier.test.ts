// Subscriptions to a subscriber's own state (RFC 6665), and telephones that are told without asking.

import t from 'tap'
import { headerOf, responseTo } from '../../firmware/sip/wire/message.js'
import type { ServerTransaction } from '../../firmware/sip/wire/wire-contract.js'
import { domain, operatorWorld } from '../support/operator-world.js'

const world = async () => {
  let state = 'first'
  const made = await operatorWorld({
    packages: {
      'message-summary': {
        contentType: 'application/simple-message-summary',
        unsolicited: true,
        state: user => `${user} ${state}`,
      },
      'xcap-diff': { contentType: 'application/xcap-diff+xml', unsolicited: false, state: () => '<x/>' },
    },
  })
  const phone = await made.phone(1)
  const seen: ServerTransaction[] = []
  phone.wire.onRequest = transaction => {
    seen.push(transaction)
    transaction.respond(responseTo(transaction.request, 200, 'OK', 'p'))
  }
  /** SUBSCRIBE with credentials; `inside` an earlier answer. */
  const subscribe = async (
    user: string,
    extra: readonly (readonly [string, string])[],
    inside?: { to: string; callId: string },
  ) => {
    const aor = `sip:${user}@${domain}`
    const bare = phone.fresh('SUBSCRIBE', aor, inside?.to ?? `<${aor}>`, extra)
    const request =
      inside === undefined
        ? bare
        : {
            ...bare,
            headers: bare.headers.map(line =>
              line[0] === 'Call-ID' ? (['Call-ID', inside.callId] as const) : line,
            ),
          }
    const challenge = await made.wait(phone.exchange(request))
    const proof = challenge?.status === 407 ? phone.credentials(request, challenge) : undefined
    const signed = { ...request, headers: [...request.headers, proof!] }
    return proof === undefined ? challenge! : (await made.wait(phone.exchange(signed)))!
  }
  return {
    ...made,
    phone,
    seen,
    subscribe,
    change: (next: string) => {
      state = next
      made.operator.notifier.changed('message-summary', '0389000001')
    },
  }
}
const mine = '0389000001'
const event = ['Event', 'message-summary'] as const

t.test('who subscribes is told the state at once, at each change, and at the end', async t => {
  const { subscribe, seen, clock, change, operator } = await world()
  const ok = await subscribe(mine, [event, ['Expires', '100']])
  t.equal(ok.status, 200)
  t.equal(headerOf(ok, 'Expires'), '100')
  await clock.advance(100)
  change('second')
  change('third')
  change('fourth')
  await clock.advance(100)
  t.same(
    seen.map(({ request }) => request.body),
    [`${mine} first`, `${mine} second`, `${mine} fourth`],
    'one at a time, the last one true',
  )
  t.match(headerOf(seen[1]!.request, 'Subscription-State'), /^active;expires=\d+$/)
  t.equal(headerOf(seen[0]!.request, 'Event'), 'message-summary')
  t.match(headerOf(seen[1]!.request, 'CSeq'), '2 NOTIFY')
  await clock.advance(101_000)
  t.equal(headerOf(seen.at(-1)!.request, 'Subscription-State'), 'terminated;reason=timeout')
  t.equal(operator.notifier.subscriptions, 0)
})

t.test('a subscription is refreshed and ended inside its dialog', async t => {
  const { subscribe, seen, clock, operator } = await world()
  const ok = await subscribe(mine, [event, ['Expires', '100']])
  const dialog = { to: headerOf(ok, 'To')!, callId: headerOf(ok, 'Call-ID')! }
  await clock.advance(90_000)
  t.equal((await subscribe(mine, [event, ['Expires', '100']], dialog)).status, 200)
  await clock.advance(90_000)
  t.equal(operator.notifier.subscriptions, 1)
  t.equal((await subscribe(mine, [event, ['Expires', '0']], dialog)).status, 200)
  await clock.advance(100)
  t.match(headerOf(seen.at(-1)!.request, 'Subscription-State'), /^terminated/)
  t.equal(operator.notifier.subscriptions, 0)
  t.equal((await subscribe(mine, [event], dialog)).status, 481)
})

t.test('refused: unknown events, too short times, other people’s state', async t => {
  const { subscribe, operator } = await world()
  const bad = await subscribe(mine, [['Event', 'presence']])
  t.equal(bad.status, 489)
  t.equal(headerOf(bad, 'Allow-Events'), 'xcap-diff, ua-profile, message-summary')
  const short = await subscribe(mine, [event, ['Expires', '5']])
  t.equal(short.status, 423)
  t.equal(headerOf(short, 'Min-Expires'), '60')
  t.equal((await subscribe('0389000002', [event])).status, 403)
  t.equal(operator.notifier.subscriptions, 0)
})

t.test('a telephone that did not subscribe is told all the same where the package says so', async t => {
  const { phone, wait, seen, clock, change, operator } = await world()
  await wait(phone.register(300))
  change('second')
  operator.notifier.changed('xcap-diff', mine)
  await clock.advance(100)
  t.same(
    seen.map(({ request }) => [request.method, request.body]),
    [['NOTIFY', `${mine} second`]],
  )
})

t.test('who refuses a NOTIFY or is gone is told no more', async t => {
  const { phone, subscribe, clock, change, operator } = await world()
  await subscribe(mine, [event])
  await clock.advance(100)
  phone.wire.onRequest = transaction => transaction.respond(responseTo(transaction.request, 481, 'Gone', 'p'))
  change('second')
  await clock.advance(100)
  t.equal(operator.notifier.subscriptions, 0)
})
