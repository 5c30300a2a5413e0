// Calls with the operator itself, as an application sees them: keys, recordings, early media, hang-ups from either side.

import t from 'tap'
import { headerOf } from '../../firmware/sip/wire/message.js'
import { mediaPort, offer, openEar, operatorWorld, rtp } from '../support/operator-world.js'
import { SILENCE } from './alaw.js'
import type { Application, Dialogue, Recording } from './application.js'

/** A telephone in a call with this application, with an RTP socket of its own. */
const called = async (application: Application, extra: readonly (readonly [string, string])[] = []) => {
  const world = await operatorWorld({ services: { '3199': application } })
  const phone = await world.phone(1)
  const seen = phone.answering(200)
  const ear = await openEar(world.network, '127.0.0.11')
  const call = phone.call('3199', offer('127.0.0.11', 4000), extra)
  await world.clock.advance(100)
  const there = () => ({ address: '127.0.0.1', port: mediaPort(call.answer!.body) })
  return {
    ...world,
    call,
    ear,
    seen,
    say: (sequence: number, timestamp: number, payload: Uint8Array) =>
      ear.socket.send(rtp(8, sequence, timestamp, payload), there()),
    press: (event: number, timestamp: number) => {
      for (const end of [0x0a, 0x8a])
        ear.socket.send(rtp(101, 0, timestamp, Buffer.from([event, end, 0, 160])), there())
    },
  }
}
const tone = (code: number, packets = 1) => new Uint8Array(160 * packets).fill(code)

t.test('an application plays, is interrupted by a key, and hears of the hang-up once', async t => {
  const told: string[] = []
  let dialogue: Dialogue | undefined
  const { clock, ear, press, call, operator, wait } = await called(given => {
    dialogue = given
    given.answer()
    given.play([tone(1, 2), tone(2, 100)], () => told.push('never'))
    return {
      onDigit: digit => {
        told.push(digit)
        given.play([tone(3, 2)], () => told.push('end'))
      },
      onHangUp: () => told.push('gone'),
    }
  })
  press(10, 400)
  await clock.advance(200)
  t.same(told, ['*', 'end'])
  const heard = ear.heard.map(({ payload }) => payload[0])
  t.same([heard[0], heard[1], heard[2]], [1, 1, 2], 'one clip after the other')
  t.same(heard.slice(-2), [3, 3])
  const [before, after] = ear.heard.slice(-3)
  t.ok(after!.timestamp - before!.timestamp < 8000, 'timestamps go on')
  let late = false
  dialogue!.timer('late', 1000, () => {
    late = true
  })
  t.equal(dialogue!.caller.number, '0389000001')
  t.equal(dialogue!.caller.subscriber, true)
  await wait(call.inside('BYE'))
  t.same(told, ['*', 'end', 'gone'])
  dialogue!.play([tone(4)])
  dialogue!.hangUp()
  await clock.advance(5000)
  t.equal(late, false, 'its timers died with it')
  t.same(told, ['*', 'end', 'gone'])
  t.equal(operator.serviceCalls, 0)
})

t.test(
  'a recording has each packet in its place: lost ones are silence, late ones fit in, doubled ones once',
  async t => {
    let recording: Recording | undefined
    let ended = ''
    const { clock, say } = await called(given => {
      given.answer()
      recording = given.record({
        maxMs: 100_000,
        onEnd: why => {
          ended = why
        },
      })
      return {}
    })
    for (const [sequence, code] of [
      [1, 1],
      [2, 2],
      [5, 5],
      [3, 3],
      [3, 3],
      [6, 6],
    ] as const) {
      say(sequence, (2 ** 32 - 320 + sequence * 160) % 2 ** 32, tone(code))
      await clock.advance(20)
    }
    const codes = [1, 2, 3, SILENCE, 5, 6]
    t.same(Buffer.from(recording!.stop()), Buffer.concat(codes.map(code => tone(code))))
    say(7, 1000, tone(7))
    await clock.advance(20)
    t.equal(recording!.stop().length, 6 * 160, 'stopped is stopped')
    t.equal(ended, '')
  },
)

t.test('a recording ends by itself at its limit, or when nobody speaks any more', async t => {
  const ends: string[] = []
  const { clock, say } = await called(given => {
    given.answer()
    let first: Recording
    const listen = (): void => {
      first = given.record({
        maxMs: 3000,
        silenceMs: 1000,
        onEnd: why => {
          ends.push(`${why} ${first.stop().length / 8}`)
          if (ends.length < 2) listen()
        },
      })
    }
    listen()
    return {}
  })
  // 0x80 is loud, silence is not.
  for (let n = 0; n < 250; n++) {
    say(n, n * 160, tone(n < 200 ? 0x80 : SILENCE))
    await clock.advance(20)
  }
  await clock.advance(2000)
  t.match(ends[0], /^limit 30\d\d$|^limit 29\d\d$/)
  t.match(ends[1], /^silence /)
})

t.test(
  'a refusal is spoken as early media before the final answer; nothing of it is an answered call',
  async t => {
    const refusing: Application = given => {
      given.play([tone(9, 50)], () => given.refuse(403, 'Forbidden'))
      return {}
    }
    const plain = await called(refusing)
    await plain.clock.advance(2000)
    t.same(plain.call.heard, [183, 403])
    t.equal(plain.ear.heard.length, 50)
    const reliable = await called(refusing, [['Supported', 'timer, 100rel']])
    await reliable.clock.advance(1600)
    t.same(reliable.call.heard, [183, 183, 403], 'repeated while no PRACK comes')
  },
)

t.test('the answer waits for the PRACK of its early media', async t => {
  const world = await operatorWorld({
    services: {
      '3199': given => {
        given.play([tone(9, 5)], () => {
          given.answer()
          given.play([tone(8, 5)], () => given.hangUp())
        })
        return {}
      },
    },
  })
  const phone = await world.phone(1)
  const seen = phone.answering(200)
  const ear = await openEar(world.network, '127.0.0.11')
  let progress = ''
  world.network.filter = (data, _from, to) => {
    const text = Buffer.from(data).toString('latin1')
    if (to.address === '127.0.0.11' && text.startsWith('SIP/2.0 183')) progress = text
    return 'pass'
  }
  const call = phone.call('3199', offer('127.0.0.11', 4000), [['Require', '100rel']])
  await world.clock.advance(300)
  t.same(call.heard, [183])
  const field = (name: string) => new RegExp(`^${name}: (.*)\r$`, 'm').exec(progress)?.[1] ?? ''
  const prack = (rseq: string, cseq: number) =>
    phone.exchange({
      kind: 'request',
      method: 'PRACK',
      uri: /<([^>]*)>/.exec(field('Contact'))![1]!,
      headers: [
        ['Max-Forwards', '70'],
        ['From', field('From')],
        ['To', field('To')],
        ['Call-ID', field('Call-ID')],
        ['CSeq', `${cseq} PRACK`],
        ['RAck', `${rseq} ${field('CSeq')}`],
      ],
      body: '',
    })
  t.equal((await world.wait(prack('1', 3)))?.status, 481)
  t.equal((await world.wait(prack(field('RSeq'), 4)))?.status, 200)
  await world.clock.advance(300)
  t.same(call.heard, [183, 200])
  t.same(
    ear.heard.map(({ payload }) => payload[0]),
    [9, 9, 9, 9, 9, 8, 8, 8, 8, 8],
  )
  t.same(
    seen.map(({ request }) => request.method),
    ['BYE'],
  )
})

t.test('who gives up before the answer is told 487, and the application hears it', async t => {
  let gone = 0
  const { call, clock, operator } = await called(given => {
    given.play([tone(1, 1000)])
    return { onHangUp: () => gone++ }
  })
  call.cancel()
  await clock.advance(100)
  t.same(call.heard, [183, 487])
  t.equal(gone, 1)
  t.equal(operator.serviceCalls, 0)
})

t.test('a call that has gone quiet is ended after a minute, one that was put on hold is not', async t => {
  let gone = 0
  const { clock, call, wait, operator, seen } = await called(given => {
    given.answer()
    return { onHangUp: () => gone++ }
  })
  await wait(call.inside('INVITE', [], offer('127.0.0.11', 4000, 'sendonly')))
  await clock.advance(180_000)
  t.equal(operator.serviceCalls, 1)
  const back = await wait(call.inside('INVITE', [], offer('127.0.0.11', 4000)))
  t.match(headerOf(back!, 'Allow'), /BYE/)
  await clock.advance(121_000)
  t.equal(gone, 1)
  t.same(
    seen.map(({ request }) => request.method),
    ['BYE'],
  )
})

t.test('no BYE before the ACK', async t => {
  const world = await operatorWorld({
    services: {
      '3199': given => {
        given.answer()
        given.timer('soon', 300, () => given.hangUp())
        return {}
      },
    },
  })
  const phone = await world.phone(1)
  const seen = phone.answering(200)
  const isAck = (data: Uint8Array) => Buffer.from(data).toString('latin1', 0, 3) === 'ACK'
  world.network.filter = data => (isAck(data) && world.clock.now() < 1e6 ? 'drop' : 'pass')
  phone.call('3199', offer('127.0.0.11', 4000))
  await world.clock.advance(1000)
  t.equal(seen.length, 0)
  await world.clock.advance(1000)
  t.equal(seen[0]?.request.method, 'BYE', 'the 200 came again, and with it the ACK')
  await world.clock.advance(40_000)
  t.same(
    world.clock.pending().filter(({ name }) => name.startsWith('operator')),
    [],
  )
})
