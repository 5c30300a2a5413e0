// Keys that the far end sends as sound: the ear hears them, and what the hybrid gives back of them is no key of the
// subscriber, whether or not the echo canceller has learnt the line yet.
import t from 'tap'
import { laws } from '../support/companding.js'
import { keyHz, parameters, peerOn, typing, world } from '../support/media-world.js'
import { openVirtualHouse } from '../support/virtual-house.js'

const FAR = { address: '10.0.0.2', port: 4000 }
/** A-law octets of a key with tones of this peak; silence after `ms`. */
const tone =
  (key: string, peak: number, ms: number) =>
  (n: number): number => {
    const [low, high] = keyHz[key] as readonly [number, number]
    const sample =
      n / 8 < ms
        ? peak * (Math.sin((2 * Math.PI * low * n) / 8000) + Math.sin((2 * Math.PI * high * n) / 8000))
        : 0
    return laws.PCMA.encode(Math.round(sample))
  }

/** A call whose hybrid gives back what was played `lag` frames ago, `gain` times as loud, as a line nobody has learnt. */
const callOver = async (lag: number, gain: number) => {
  const { clock, network, box } = world()
  const { board, engine, open, of } = box('10.0.0.1')
  const peer = await peerOn(network, clock, FAR.address, FAR.port)
  engine.command({ do: 'wake', line: 'tel1' })
  const local = await open('a')
  engine.command({ do: 'connect', stream: 'a', to: parameters(FAR) })
  engine.command({ do: 'talk', line: 'tel1', streams: ['a'] })
  engine.command({ do: 'digits', line: 'tel1', mode: 'call' })
  engine.command({ do: 'relay-digits', line: 'tel1', on: true })
  let pressed = (_line: string, _into: Int16Array, _at: number): void => {}
  board.capture = (line, into, at) => {
    pressed(line, into, at)
    const echo = board.played.get(line)?.at(-lag)
    for (let i = 0; echo !== undefined && i < into.length; i++)
      into[i] = (into[i] as number) + Math.round(gain * (echo[i] as number))
  }
  return {
    clock,
    say: (key: string, peak: number, ms: number) =>
      peer.talk(local, Math.ceil(ms / 20) + 10, tone(key, peak, ms)),
    press: (key: string, ms: number) => {
      pressed = typing(key, clock.now() + 20_000, ms, 100)
    },
    keys: () =>
      of('digit-start')
        .map(({ digit }) => digit)
        .join(''),
    told: () => peer.packets.filter(({ type }) => type === 101).length,
  }
}

t.test('a key of the far end in the sound is not taken for a key of the subscriber', async t => {
  for (const lag of [1, 2, 4])
    for (const gain of [0.5, 0.25])
      for (const ms of [40, 80, 300]) {
        const call = await callOver(lag, gain)
        await call.say('5', 8000, ms)
        t.equal(call.keys(), '', `${ms} ms, ${lag * 10} ms late, ${gain} times as loud`)
        t.equal(call.told(), 0)
      }
})

t.test('a key that is pressed is heard, also while the far end sends keys', async t => {
  const during = await callOver(2, 0.25)
  during.press('9', 200)
  await during.say('5', 2000, 300)
  t.match(during.keys(), '9', 'another one')
  const same = await callOver(2, 0.25)
  same.press('5', 100)
  await same.say('5', 3000, 300)
  t.match(same.keys(), '5', 'the same one, louder than it comes from there')
  const after = await callOver(2, 0.25)
  await after.say('5', 8000, 80)
  after.press('5', 100)
  await after.clock.advance(300)
  t.equal(after.keys(), '5', 'the same one, soon afterwards')
})

t.test('a key of any length at the number that gives everything back is taken once', async t => {
  const house = await openVirtualHouse({ numbers: ['0389000001'] })
  const [tel] = house.telephones
  if (!tel) throw new Error('no telephone')
  await tel.act({ do: 'offhook' })
  await house.until('dial tone', () => tel.tone === 'dial')
  await tel.act({ do: 'dtmf', digits: '3100' })
  await house.until('the call stands', () => house.box.status()[0]?.situation === 'active')
  await house.advance(2500)
  const taken = (): string =>
    house.trace
      .steps()
      .flatMap(({ event }) => (event.type === 'digit' ? [event.digit] : []))
      .join('')
  const dialled = taken()
  let pressed = ''
  for (const onMs of [40, 45, 50, 60, 70, 100])
    for (const wait of [300, 303, 307]) {
      await tel.act({ do: 'dtmf', digits: '5', onMs })
      pressed += '5'
      await house.advance(wait)
      t.equal(taken().slice(dialled.length), pressed, `${onMs} ms`)
    }
  await house.close()
})
