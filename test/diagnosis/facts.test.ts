// What is remembered of codes and calls: the outcome of each, a ladder that fits a terminal, and never more of a number than
// a technician needs.

import fc from 'fast-check'
import t from 'tap'
import { ladderText } from '../../firmware/console/commands/diagnosis/ladder-text.js'
import { createAlarmTable } from '../../firmware/run/facts/alarm-table.js'
import { createClockCheck } from '../../firmware/run/facts/clock-check.js'
import { createRegistrationWatch } from '../../firmware/run/facts/registration-watch.js'
import { shownCode, shownNumber } from '../../firmware/run/facts/shown-number.js'
import { readSipText } from '../../firmware/run/facts/sip-dialogs.js'
import type { Clock } from '../../hal/clock.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { openVirtualHouse, type VirtualHouse, type VirtualTelephone } from '../support/virtual-house.js'

t.setTimeout(120_000)

const inHouse = async (
  options: Parameters<typeof openVirtualHouse>[0],
  body: (house: VirtualHouse, tel1: VirtualTelephone, tel2: VirtualTelephone) => Promise<void>,
): Promise<void> => {
  const house = await openVirtualHouse(options)
  try {
    const [tel1, tel2] = house.telephones as [VirtualTelephone, VirtualTelephone]
    await body(house, tel1, tel2)
  } finally {
    await house.close()
  }
}

const factsOf = async (house: VirtualHouse, line = 'tel1') => {
  const { lines } = await house.ask(house.diagnosis.facts(line))
  if (!lines[0]) throw new Error('no such line')
  return lines[0]
}

const dial = async (house: VirtualHouse, telephone: VirtualTelephone, digits: string) => {
  await telephone.act({ do: 'offhook' })
  await house.until('dial tone', () => telephone.tone === 'dial' || telephone.tone === 'stutter')
  await telephone.act({ do: 'dtmf', digits })
}

const hangUp = async (house: VirtualHouse, telephone: VirtualTelephone) => {
  await telephone.act({ do: 'onhook' })
  await house.advance(2000)
}

t.test('of a number four digits are shown, of what a code carries two or none', async t => {
  t.same(['0389000011', '+33389000011', '3100', '112', '116000', 'alice'].map(shownNumber), [
    '0389xxxxxx',
    '+333xxxxxxxx',
    '3100',
    '112',
    '1160xx',
    'alice',
  ])
  t.same(
    [
      '*21*0612345678#',
      '#21#',
      '*93#',
      '*99*1234#',
      '*61*0612345678*11*20#',
      '*92*0612345678',
      '**04*1234*5678#',
    ].map(shownCode),
    [
      '*21*06xxxxxxxx#',
      '#21#',
      '*93#',
      '*99*xxxx#',
      '*61*06xxxxxxxx*xx*xx#',
      '*92*06xxxxxxxx',
      '**04*xxxx*xxxx#',
    ],
  )
  fc.assert(
    fc.property(
      fc.stringMatching(/^[0-9]{6,20}$/),
      fc.stringMatching(/^[*#]{1,2}[0-9]{2}\*[0-9]{4,8}#$/),
      (number, code) =>
        /^\d{4}x+$/.test(shownNumber(number)) && /^[*#]{1,2}\d{2}\*x{4,8}#$/.test(shownCode(code)),
    ),
  )
})

t.test('codes and their outcome: done, refused, unknown, given up', async t => {
  await inHouse({ xcap: 'operator' }, async (house, tel1) => {
    for (const keys of ['*93#', '*21*0389000011', '*99*4711#', '***'])
      await dial(house, tel1, keys)
        .then(() => house.advance(4000))
        .then(() => hangUp(house, tel1))
    const { codes } = await factsOf(house)
    t.same(
      codes.map(({ code, by, outcome }) => [code, by, outcome]),
      [
        ['***', 'network', 'unknown-code'],
        ['*99*xxxx#', 'network', 'refused'],
        ['*21*03xxxxxxxx#', 'network', 'done'],
        ['*93#', 'box', 'done'],
      ],
    )
    t.equal(codes[3]?.heard, 'confirmation')
    t.ok((codes[1]?.status ?? 0) >= 400)
    t.notMatch(JSON.stringify(await house.ask(house.diagnosis.facts())), /4711|0389000011/)
  })
})

t.test('the ladder of a call: what went over the wire, and what the telephone did meanwhile', async t => {
  await inHouse({}, async (house, tel1, tel2) => {
    await dial(house, tel1, tel2.number)
    await house.until('it rings', () => tel2.ringing)
    await tel2.act({ do: 'offhook' })
    await house.advance(3000)
    await hangUp(house, tel1)
    await hangUp(house, tel2)
    const [out] = (await factsOf(house)).calls
    const [incoming] = (await factsOf(house, 'tel2')).calls
    t.match(out, { direction: 'out', party: '0389xxxxxx', end: 'telephone', codec: 'PCMA/20 sendrecv' })
    t.match(incoming, { direction: 'in', party: '0389xxxxxx', end: 'network' })
    t.ok((out?.media?.sentPackets ?? 0) > 100 && (out?.media?.receivedPackets ?? 0) > 100)
    t.equal(out?.media?.lostPackets, 0)
    const steps = out?.ladder.map(({ kind, text }) => `${kind} ${text}`) ?? []
    const story = [
      'out INVITE +SDP',
      'in 180 Ringing',
      'in 200 OK +SDP',
      'out ACK',
      'media far end heard',
      'out BYE',
      'in 200 OK (BYE)',
    ]
    t.same(
      story.filter(step => !steps.includes(step)),
      [],
      steps.join(', '),
    )
    t.ok(story.every((step, i) => i === 0 || steps.indexOf(step) > steps.indexOf(story[i - 1] as string)))
    t.same(
      incoming?.ladder.filter(({ text }) => /^(INVITE|200 OK|ACK|BYE)/.test(text)).map(({ kind }) => kind),
      ['in', 'out', 'in', 'in', 'out'],
    )
    const text = ladderText(out?.ladder ?? [], out?.left ?? 0)
    t.ok(text.every(line => line.length <= 80 && /^[\x20-\x7e]*$/.test(line)))
    t.notMatch(text.join(), /038900/)
  })
})

t.test('of a call with the number withheld nothing is shown of the other party', async t => {
  await inHouse({}, async (house, tel1, tel2) => {
    await dial(house, tel1, `*92*${tel2.number}`)
    await house.until('it rings', () => tel2.ringing)
    await hangUp(house, tel1)
    const facts = await factsOf(house)
    t.equal(facts.calls[0]?.party, undefined)
    t.match(facts.codes[0], { code: '*92*xxxxxxxxxx', by: 'box', outcome: 'done' })
    t.equal((await factsOf(house, 'tel2')).calls[0]?.party, undefined)
  })
})

t.test('twenty calls are kept, however many there were, and keys of a call are no part of them', async t => {
  await inHouse({ numbers: ['0389000001'] }, async (house, tel1) => {
    for (let i = 0; i < 22; i++) {
      await dial(house, tel1, '3100')
      await house.until('it is answered', () => house.box.status()[0]?.situation === 'active')
      if (i === 21) await tel1.act({ do: 'dtmf', digits: '8642' })
      await tel1.act({ do: 'onhook' })
      await house.advance(1000)
    }
    const { calls } = await factsOf(house)
    t.equal(calls.length, 20)
    t.ok(calls.every(({ end, ladder }) => end === 'telephone' && ladder.length > 4 && ladder.length <= 40))
    t.notMatch(JSON.stringify(calls), /8642/)
  })
})

t.test('alarms: since, last, cleared, count', async t => {
  await inHouse({}, async (house, tel1) => {
    const fault = (on: boolean) => tel1.act({ do: 'fault', kind: 'thermal', on })
    const alarms = async () => (await house.ask(house.diagnosis.facts())).alarms
    await fault(true)
    await house.advance(5000)
    const [standing] = await alarms()
    t.match(standing, { kind: 'thermal', line: 'tel1', active: true, count: 1 })
    await fault(false)
    await house.advance(5000)
    await fault(true)
    await house.advance(1500)
    await fault(false)
    const [cleared] = await alarms()
    t.match(cleared, { kind: 'thermal', active: false, count: 2 })
    t.ok((cleared?.clearedMs ?? 0) >= (cleared?.sinceMs ?? Number.POSITIVE_INFINITY))
    t.ok((cleared?.sinceMs ?? 0) > (standing?.sinceMs ?? Number.POSITIVE_INFINITY))
  })
})

t.test('a fault that came and went before anybody could look is told for a minute', async t => {
  await inHouse({}, async (house, tel1) => {
    const told = async () => {
      const [alarm] = (await house.ask(house.diagnosis.facts())).alarms
      const verdicts = await house.ask(house.diagnosis.verdicts('tel1'))
      return {
        active: alarm?.active,
        count: alarm?.count,
        passed: verdicts.find(({ id }) => id === 'fault-passed')?.values,
      }
    }
    await tel1.act({ do: 'fault', kind: 'power', on: true })
    await tel1.act({ do: 'fault', kind: 'power', on: false })
    await house.advance(30_000)
    t.same(await told(), { active: true, count: 1, passed: { kinds: 'power' } })
    await house.advance(31_000)
    t.same(await told(), { active: false, count: 1, passed: undefined })
  })
})

t.test(
  'a storm of edges is one alarm, over a minute after the loop rests; a rotary dial is none',
  async t => {
    await inHouse({}, async (house, tel1) => {
      const storms = async () =>
        (await house.ask(house.diagnosis.facts())).alarms.filter(({ kind }) => kind === 'hook-storm')
      await tel1.act({ do: 'offhook' })
      await house.until('dial tone', () => tel1.tone === 'dial')
      await tel1.act({ do: 'pulse', digits: '00' })
      await hangUp(house, tel1)
      t.same(await storms(), [])
      const edges = Array.from({ length: 1000 }, (_, n) => ({ offHook: n % 2 === 0, ms: n }))
      for (let second = 0; second < 3; second++) await tel1.act({ do: 'edges', edges })
      t.match(await storms(), [{ line: 'tel1', active: true, count: 1 }])
      await house.advance(70_000)
      t.match(await storms(), [{ line: 'tel1', active: false, count: 1 }])
      t.match((await house.ask(house.diagnosis.verdicts('tel1')))[0], { id: 'line-ready' })
    })
  },
)

t.test(
  'another password is another account, though its number stays; the same one again is none',
  async t => {
    const account = { user: '0389000001', domain: 'operator.test', password: 'first' }
    const watch = createRegistrationWatch(new VirtualClock(), account)
    watch.event({ type: 'registration', state: 'registered', expiresSeconds: 3600 })
    watch.configure({ ...account, authUser: account.user })
    t.equal(watch.facts().wasRegistered, true)
    watch.configure({ ...account, password: 'second' })
    t.equal(watch.facts().wasRegistered, false)
    t.notMatch(JSON.stringify(watch.facts()), /first|second/)
    watch.configure(undefined)
    t.match(watch.facts(), { hasAccount: false, state: 'unregistered' })
  },
)

t.test('how far the operator is ahead follows a wall clock that is set meanwhile', async t => {
  const virtual = new VirtualClock()
  let setBy = 0
  const clock: Clock = {
    now: () => virtual.now(),
    wall: () => virtual.wall() + setBy,
    timer: (...args) => virtual.timer(...args),
    external: work => virtual.external(work),
  }
  const watch = createRegistrationWatch(clock, { user: '1', domain: 'operator.test', password: '' })
  const alarms = createAlarmTable(clock)
  const check = createClockCheck(clock, alarms)
  const isWrong = () => {
    check.judge([watch.facts().aheadSeconds])
    return alarms.list().some(({ kind, active }) => kind === 'clock-wrong' && active)
  }
  const date = new Date(virtual.wall() + 3_600_000).toUTCString()
  const answer = `SIP/2.0 200 OK\r\nTo: <sip:1@operator.test>\r\nCSeq: 1 REGISTER\r\nDate: ${date}\r\n\r\n`
  watch.message('in', readSipText(answer))
  t.equal(watch.facts().aheadSeconds, 3600)
  t.equal(isWrong(), true)
  await virtual.advance(60_000)
  t.equal(watch.facts().aheadSeconds, 3600, 'both clocks have gone on')
  setBy = 3_600_000
  t.equal(watch.facts().aheadSeconds, 0)
  t.equal(isWrong(), false)
  setBy = 7_200_000
  t.equal(isWrong(), true, 'and of one that is set wrong')
})

t.test('a message is read whatever it is, and its label is short and printable', async t => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 200 }))
  const method = fc.stringMatching(/^[A-Z]{0,100}$/)
  const value = fc.oneof(text, fc.stringMatching(/^[ \t]{0,3}[0-9]{1,3} [A-Z]{1,100}[ \t]{0,3}$/))
  const start = fc.oneof(
    text,
    fc.tuple(method, text).map(([name, rest]) => `${name} sip:1@operator.test SIP/2.0${rest}`),
    fc
      .tuple(fc.integer({ min: 100, max: 699 }), text)
      .map(([status, reason]) => `SIP/2.0 ${status} ${reason}`),
  )
  const headers = fc.array(
    fc
      .tuple(fc.constantFrom('CSeq', 'to', 'From', 'Call-ID', 'Date', 'Content-Type'), value)
      .map(([name, content]) => `${name}: ${content}`),
  )
  fc.assert(
    fc.property(start, headers, (first, lines) => {
      const { label, callId, method } = readSipText([first, ...lines, '', ''].join('\r\n'))
      return (
        /^[\x20-\x7e]*$/.test(label) &&
        label.length <= 60 &&
        method.length <= 16 &&
        typeof callId === 'string'
      )
    }),
    { numRuns: 200 },
  )
  const blanks = ' \t '.repeat(9)
  t.match(
    readSipText(
      `BYE sip:1@a SIP/2.0\r\nTo :${blanks}<sip:1@a>${blanks};tag=2${blanks}\r\nCall-ID:\tx${blanks}\r\n`,
    ),
    { label: 'BYE', callId: 'x', to: '1@a', toTag: '2' },
  )
  t.match(
    readSipText(
      'SIP/2.0 200 OK\r\nTo: <sip:0389000001@operator.test>;tag=1\r\nCall-ID: a@b\r\nCSeq: 2 BYE\r\nDate: Mon\r\n\r\n',
    ),
    {
      label: '200 OK (BYE)',
      callId: 'a@b',
      method: 'BYE',
      status: 200,
      to: '0389000001@operator.test',
      date: 'Mon',
    },
  )
})
