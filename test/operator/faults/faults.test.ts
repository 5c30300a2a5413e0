// Each fault the operator can be told to make, ordered over its control socket, as telephones notice it.

import fc from 'fast-check'
import t from 'tap'
import { headerOf, headersOf } from '../../../firmware/sip/wire/message.js'
import type { ServerTransaction } from '../../../firmware/sip/wire/wire-contract.js'
import { offer, openEar, operatorWorld } from '../../support/operator-world.js'
import type { OperatorOptions } from '../operator-options.js'
import { initialProfile } from '../profiles.js'
import { breakages, RuleError, readRule } from './rules.js'

const [one, two] = ['0389000001', '0389000002']
type Fields = Readonly<Record<string, unknown>>

const world = async (options: Partial<OperatorOptions> = {}) => {
  const made = await operatorWorld({ control: { address: '127.0.0.1', port: 7000 }, ...options })
  const lines: Fields[] = []
  let rest = ''
  const port = await made.wait(
    made.network.connectTcp(
      { address: '127.0.0.1', port: 7000 },
      {
        onBytes: bytes => {
          rest += Buffer.from(bytes).toString()
          const parts = rest.split('\n')
          rest = parts.pop() as string
          lines.push(...parts.map(line => JSON.parse(line) as Fields))
        },
        onDrain() {},
        onClose() {},
      },
    ),
  )
  const raw = async (text: string): Promise<Fields> => {
    const before = lines.length
    port.write(Buffer.from(text))
    await made.clock.runUntil(() => lines.length > before, 5000)
    return lines.at(-1) as Fields
  }
  await made.clock.advance(10)
  t.same(lines, [{ ev: 'hello', protocol: 1 }])
  const control = async (request: Fields): Promise<Fields> => {
    const answer = await raw(`${JSON.stringify(request)}\n`)
    t.equal(answer['ok'], true, JSON.stringify(answer))
    return answer
  }
  const [caller, called] = [await made.phone(1), await made.phone(2)]
  await made.wait(called.register(3600))
  return {
    ...made,
    lines,
    raw,
    control,
    caller,
    called,
    fault: (fault: Fields, match: Fields = {}, more: Fields = {}) =>
      control({ do: 'fault', fault, match, ...more }),
    call: (number = two) => caller.call(number, offer('127.0.0.11', 4000)),
    /** Datagrams that left the operator toward this telephone, as text with the time in ms. */
    sentTo: (address: string, begins: string) =>
      made.network.captured
        .filter(
          ({ to, data }) => to.address === address && Buffer.from(data).toString('latin1').startsWith(begins),
        )
        .map(({ us, data }) => ({ ms: us / 1000, text: Buffer.from(data).toString('latin1') })),
  }
}

t.test('drop: the first two INVITEs are lost, the third arrives', async t => {
  const { fault, call, called, clock, control } = await world()
  const seen = called.answering(180, 200)
  await fault({ type: 'drop' }, { direction: 'out', method: 'INVITE', kind: 'request' }, { times: 2 })
  const from = clock.now()
  const placed = call()
  await clock.runUntil(() => placed.answer !== undefined, 10_000)
  t.ok((clock.now() - from) / 1000 > 1500, 'timer A twice')
  t.equal(seen.length, 1)
  const { faults } = (await control({ do: 'faults' })) as { faults: { hits: number }[] }
  t.equal(faults[0]?.hits, 2)
})

t.test('delay: 180 and 200 come late', async t => {
  const { fault, call, called, clock } = await world()
  called.answering(180, 200)
  await fault(
    { type: 'delay', ms: 1200 },
    { direction: 'in', kind: 'response', status: '2xx', method: 'INVITE' },
  )
  const placed = call()
  await clock.advance(1000)
  t.same(placed.heard, [100, 180])
  await clock.advance(300)
  t.same(placed.heard, [100, 180, 200])
})

t.test('duplicate: the telephone gets three copies and rings once', async t => {
  const { fault, call, called, clock, sentTo } = await world()
  const seen = called.answering(180)
  await fault({ type: 'duplicate', copies: 2 }, { direction: 'out', method: 'INVITE', kind: 'request' })
  call()
  await clock.advance(100)
  t.equal(sentTo('127.0.0.12', 'INVITE').length, 3)
  t.equal(seen.length, 1)
})

t.test('reorder: 200 overtakes 180; alone, a message is only late', async t => {
  const { fault, call, called, clock, control } = await world()
  called.answering(180, 200)
  await fault({ type: 'reorder' }, { direction: 'out', status: 180 })
  const placed = call()
  await clock.advance(50)
  t.same(placed.heard.slice(0, 2), [100, 200])
  await control({ do: 'clear' })
  await fault({ type: 'reorder' }, { direction: 'out', status: 180 })
  called.answering(180)
  const second = call()
  await clock.advance(400)
  t.same(second.heard, [100])
  await clock.advance(200)
  t.same(second.heard, [100, 180])
})

t.test(
  'malform: every way of breaking a message reaches the telephone broken, and the next one whole',
  async t => {
    const { fault, call, called, clock, sentTo, control } = await world()
    for (const how of breakages) {
      await control({ do: 'clear' })
      const seen = called.answering(486)
      const before = sentTo('127.0.0.12', '').length
      await fault(
        { type: 'malform', how },
        { direction: 'out', method: 'INVITE', kind: 'request' },
        { times: 1 },
      )
      const placed = call()
      await clock.advance(3000)
      const [first, ...later] = sentTo('127.0.0.12', '').slice(before)
      t.ok(first, how)
      const whole = later.find(({ text }) => text.startsWith('INVITE'))?.text
      if (whole !== undefined) t.not(first?.text, whole, how)
      t.ok(
        placed.heard.some(status => Number(status) >= 400),
        `${how}: ${placed.heard.join()}`,
      )
      t.ok(seen.length <= 1)
    }
  },
)

t.test('Contact and SDP changed on their way, in one direction only', async t => {
  const { fault, call, called, clock } = await world()
  const seen = called.answering(486)
  await fault({ type: 'contact', uri: 'sip:nobody@192.0.2.9:5999' }, { direction: 'out', method: 'INVITE' })
  await fault(
    { type: 'sdp', address: '192.0.2.1', port: 9, payloads: [18, 101], direction: 'inactive' },
    { direction: 'out', method: 'INVITE' },
  )
  call()
  await clock.advance(100)
  const { request } = seen[0] as ServerTransaction
  t.equal(headerOf(request, 'Contact'), '<sip:nobody@192.0.2.9:5999>')
  t.match(request.body, /^c=IN IP4 192\.0\.2\.1\r$/m)
  t.match(request.body, /^m=audio 9 RTP\/AVP 18 101\r$/m)
  t.match(request.body, /^a=inactive\r$/m)
  t.equal(Number(headerOf(request, 'Content-Length')), Buffer.byteLength(request.body))
})

t.test('a header changed, added or taken out', async t => {
  const { fault, call, called, clock } = await world()
  const seen = called.answering(486)
  await fault({ type: 'header', name: 'P-Asserted-Identity', value: '<sip:0000@x>' }, { direction: 'out' })
  await fault(
    { type: 'header', name: 'Alert-Info', value: '<urn:x>' },
    { direction: 'out', method: 'INVITE' },
  )
  await fault({ type: 'header', name: 'Record-Route' }, { direction: 'out', method: 'INVITE' })
  call()
  await clock.advance(100)
  const { request } = seen[0] as ServerTransaction
  t.equal(headerOf(request, 'P-Asserted-Identity'), '<sip:0000@x>')
  t.equal(headerOf(request, 'Alert-Info'), '<urn:x>')
  t.same(headersOf(request, 'Record-Route'), [])
})

t.test(
  'answers with any status: registration refused, calls 503 with Retry-After, of one subscriber only',
  async t => {
    const { fault, call, called, caller, clock, wait, control } = await world()
    const { fault: name } = await fault({ type: 'answer', status: 403 }, { method: 'REGISTER', user: two })
    t.equal((await wait(called.register(300)))?.status, 403)
    t.equal((await wait(caller.register(300)))?.status, 200)
    await control({ do: 'end', fault: name })
    t.equal((await wait(called.register(300)))?.status, 200)
    await fault(
      { type: 'answer', status: 503, reason: 'Later', headers: { 'Retry-After': '7' } },
      { method: 'INVITE' },
      { times: 1 },
    )
    const placed = call()
    await clock.advance(100)
    t.same(placed.heard, [503])
    called.answering(486)
    const next = call()
    await clock.advance(100)
    t.same(next.heard, [100, 486], 'used up')
  },
)

t.test('401 storm: every proof is answered with a new challenge', async t => {
  const { fault, caller, wait, sentTo, clock } = await world()
  await fault({ type: 'challenge', stale: true }, { method: 'REGISTER' }, { times: 5 })
  const first = await wait(caller.register(300))
  t.equal(first?.status, 401)
  t.match(headerOf(first!, 'WWW-Authenticate'), /stale=true/)
  const nonces = new Set(
    sentTo('127.0.0.11', 'SIP/2.0 401').map(({ text }) => /nonce="([^"]+)/.exec(text)?.[1]),
  )
  t.equal(nonces.size, 2, 'a new one each time')
  await fault({ type: 'challenge' }, { method: 'INVITE' }, { times: 3 })
  const placed = caller.call(two, '')
  await clock.advance(100)
  t.equal(sentTo('127.0.0.11', 'SIP/2.0 407').length, 3)
  t.same(placed.heard, [100, 404], 'then it goes through')
})

t.test('goes silent for a while, SIP and audio, and comes back', async t => {
  const { control, call, clock, network, called } = await world()
  called.answering(486)
  const ear = await openEar(network, '127.0.0.11')
  call('3102')
  await clock.advance(500)
  const before = ear.heard.length
  t.ok(before > 10)
  await control({ do: 'silent', forMs: 5000 })
  const placed = call()
  await clock.advance(4900)
  t.same(placed.heard, [])
  t.ok(ear.heard.length - before <= 2, 'no audio either')
  await clock.advance(3000)
  t.same(placed.heard, [100, 486], 'the repeated INVITE arrives')
  t.ok(ear.heard.length - before > 50)
})

t.test('loses its state: bindings, calls, subscriptions, nonces', async t => {
  const { control, operator, call, caller, wait, clock, called } = await world()
  called.answering(180)
  t.equal(operator.bindingsOf(two).length, 1)
  await control({ do: 'lose', what: 'bindings' })
  t.equal(operator.bindingsOf(two).length, 0)
  t.same(await operator.database.all('SELECT * FROM binding'), [])
  const placed = call('3102')
  await clock.advance(500)
  t.equal(operator.serviceCalls, 1)
  const seen = caller.answering(200)
  await control({ do: 'lose', what: 'calls' })
  await clock.advance(500)
  t.equal(operator.serviceCalls, 0)
  t.same(seen, [], 'nobody was told')
  t.equal((await wait(placed.inside('BYE')))?.status, 481)
  const request = caller.fresh('REGISTER', 'sip:operator.test', `<sip:${one}@operator.test>`, [])
  const challenge = await wait(caller.exchange(request))
  await control({ do: 'lose', what: 'nonces' })
  const proof = caller.credentials(request, challenge!)
  const stale = await wait(caller.exchange({ ...request, headers: [...request.headers, proof!] }))
  t.match(headerOf(stale!, 'WWW-Authenticate'), /stale=true/)
  await control({ do: 'lose', what: 'subscriptions' })
  t.equal(operator.notifier.subscriptions, 0)
})

t.test('audio only: every third packet of the music is lost, by chance, the same at each run', async t => {
  const heard = async () => {
    const { fault, call, clock, network } = await world()
    await fault({ type: 'drop' }, { what: 'rtp', direction: 'out' }, { probability: 0.33 })
    const ear = await openEar(network, '127.0.0.11')
    call('3102')
    await clock.advance(10_000)
    return ear.heard.map(({ timestamp }) => timestamp - ear.heard[0]!.timestamp)
  }
  const first = await heard()
  t.ok(first.length > 290 && first.length < 380, `${first.length} of 495`)
  t.same(await heard(), first)
})

t.test('after some matches, for some time', async t => {
  const { fault, called, wait, clock } = await world()
  await fault({ type: 'answer', status: 500 }, { method: 'REGISTER' }, { after: 1, forMs: 10_000 })
  t.equal((await wait(called.register(300)))?.status, 500, 'the first passed: it was challenged')
  await clock.advance(10_000)
  t.equal((await wait(called.register(300)))?.status, 200)
})

t.test('sends whatever one likes to a telephone or an address', async t => {
  const { control, raw, network, clock } = await world()
  await control({ do: 'send', user: two, text: 'NOT SIP AT ALL\r\n\r\n' })
  await control({ do: 'send', to: '127.0.0.99:5099', text: 'OPTIONS sip:x SIP/2.0\r\n\r\n' })
  await clock.advance(10)
  const sent = network.captured
    .slice(-2)
    .map(({ to, data }) => `${to.address} ${Buffer.from(data).toString().slice(0, 7)}`)
  t.same(sent, ['127.0.0.12 NOT SIP', '127.0.0.99 OPTIONS'])
  t.match(await raw('{"do":"send","user":"0389000003","text":""}\n'), {
    ok: false,
    message: /not registered/,
  })
})

t.test('reads and sets services, tells bindings', async t => {
  const { control, raw, operator } = await world()
  t.match(
    await control({ do: 'profile', user: one, id: 7, set: { ringSeconds: 40, forwardBusy: '0612345678' } }),
    {
      id: 7,
      profile: { ringSeconds: 40, forwardBusy: '0612345678' },
    },
  )
  await control({ do: 'profile', user: one, set: { ringSeconds: 20, forwardBusy: null } })
  t.same(operator.profiles.of(one), initialProfile)
  t.match(await control({ do: 'bindings', user: two }), { bindings: [{ user: two }] })
  for (const bad of [
    '{"ringSeconds":21}',
    '{"forwardBusy":7}',
    '{"what":1}',
    '{"ringSeconds":null}',
    '[]',
    '7',
  ])
    t.match(await raw(`{"do":"profile","user":"${one}","set":${bad}}\n`), { ok: false }, bad)
  t.same(operator.profiles.of(one), initialProfile)
})

t.test(
  'who watches is told what stands, what changes, what is said to whom and which keys answer',
  async t => {
    const { raw, operator, lines, call, clock, network, wait } = await world({
      voicemail: { number: '123' },
    })
    await openEar(network, '127.0.0.11')
    await raw('{"do":"watch","id":"w"}\n')
    await clock.advance(10)
    t.match(lines.at(-1), { id: 'w', ok: true })
    const news = (ev: string) => lines.filter(line => line['ev'] === ev)
    t.same(
      news('profile').map(({ user, profile }) => [user, (profile as { ringSeconds: number }).ringSeconds]),
      operator.profiles.users.map(user => [user, 20]),
    )
    t.match(news('messages'), [{ user: one, new: 0, archived: 0 }, { user: two }, {}])
    await wait(operator.profiles.change(one, { forwardAlways: '0389000003' }, 'portal'))
    await clock.advance(10)
    t.match(news('profile').at(-1), { user: one, profile: { forwardAlways: '0389000003' } })
    const placed = call('3105')
    await clock.advance(8000)
    const own = 'Votre numéro est le zéro trois huit neuf zéro zéro zéro zéro zéro un'
    t.match(news('said'), [{ ev: 'said', user: one, called: '3105', text: `${own} ${own}` }])
    t.ok(Number(news('said')[0]?.['ms']) > 4000)
    await wait(placed.inside('BYE'))
    const voicemail = operator.voicemail?.mailboxes
    await wait(
      voicemail?.add(one, { from: two, recording: new Uint8Array(8000), mail: false }) ?? Promise.reject(),
    )
    await clock.advance(10)
    await clock.advance(10)
    t.match(news('messages').at(-1), { user: one, new: 1, archived: 0 })
  },
)

t.test('one answer a request, and a clear one for each mistake', async t => {
  const { raw } = await world()
  for (const [line, message] of [
    ['{', /JSON|property/],
    ['[]', /object/],
    ['{"do":"dance"}', /do must be one of/],
    ['{"do":"fault"}', /fault must be an object/],
    ['{"do":"fault","fault":{"type":"delay"}}', /fault\.ms is missing/],
    ['{"do":"fault","fault":{"type":"drop","sometimes":1}}', /fault\.sometimes is unknown/],
    ['{"do":"fault","fault":{"type":"drop"},"match":{"methd":"BYE"}}', /match\.methd is unknown/],
    ['{"do":"fault","fault":{"type":"drop"},"match":{"status":"9xx"}}', /match\.status/],
    ['{"do":"fault","fault":{"type":"drop"},"times":0}', /rule\.times/],
    ['{"do":"fault","fault":{"type":"answer","status":403},"match":{"direction":"out"}}', /comes in/],
    ['{"do":"fault","fault":{"type":"answer","status":403,"headers":{"A":"b\\r\\nC: d"}}}', /line breaks/],
    ['{"do":"end","fault":"fault9"}', /no such fault/],
    ['{"do":"lose","what":"weight"}', /what must be one of/],
    ['{"do":"send","to":"there","text":""}', /ADDR:PORT/],
  ] as const)
    t.match(await raw(`${line}\n`), { ok: false, message }, line)
})

t.test('whatever a rule says, it is read or refused in words', async () => {
  fc.assert(
    fc.property(fc.jsonValue(), value => {
      try {
        return readRule(value).fault.type.length > 0
      } catch (error) {
        return error instanceof RuleError
      }
    }),
  )
})
