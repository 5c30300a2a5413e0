// What the display of the virtual telephone must not show: damaged data, speech, music, tones, data that was not announced
// while the receiver is lifted. And how the telephone tells both on its line.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { us } from '../../../hal/clock.js'
import { FRAME_SAMPLES } from '../../../hal/pcm-port.js'
import { displayed } from '../../../hal/sim/display-message.js'
import { DisplayReceiver } from '../../../hal/sim/display-receiver.js'
import { dtmfMessage } from '../../../hal/sim/dtmf-display.js'
import { clips } from '../../operator/clips.js'
import { numberClips } from '../../operator/spoken.js'
import { laws } from '../../support/companding.js'
import { shownOf } from '../../support/display-ears.js'
import {
  burst,
  chance,
  framed,
  joined,
  latin,
  mixed,
  noise,
  onTheLine,
  silence,
  sine,
  v23,
  withParameters,
} from '../../support/fsk-bursts.js'
import { soundingLine } from '../../support/sounding-line.js'
import { bytesOf, collect } from '../../support/young-generation.js'

const someCall = withParameters(0x80, [
  [0x01, '11230435'],
  [0x02, '0389000001'],
])
const shownCall = { ev: 'clip', number: '0389000001', date: '11230435', scheme: 'v23', message: 128 }
const brief = { seizure: 0, marks: 60 }
const toldOf = (sound: Float64Array): readonly object[] => shownOf(onTheLine(sound)).map(({ told }) => told)
const refusedFor = (reason: string, more: object = { scheme: 'v23', message: 128 }) => [
  { ev: 'clip-refused', reason, ...more },
]

t.test('damaged data is refused, with its reason, and never displayed', async t => {
  await t.test('any bit of the message turned over', async t => {
    let refused = 0
    for (let at = 0; at < someCall.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const bytes = someCall.map((byte, n) => (n === at ? byte ^ (1 << bit) : byte))
        const told = toldOf(joined(burst({ ...brief, bytes }), silence(100)))
        t.notOk(
          told.some(event => 'ev' in event && event.ev === 'clip'),
          `byte ${at}, bit ${bit}`,
        )
        // A damaged type tells nobody that this was meant for a display.
        if (at > 0) t.equal(told.length, 1, `byte ${at}, bit ${bit}`)
        if (at > 1) t.strictSame(told, refusedFor('checksum'))
        refused += told.length
      }
    t.ok(refused >= 8 * (someCall.length - 1), `${refused} refusals`)
  })
  await t.test('ended after any byte, with silence or with noise behind', async t => {
    const next = chance(2)
    for (let kept = 0; kept < someCall.length; kept++)
      for (const noisy of [false, true]) {
        const start = burst({ ...brief, bytes: someCall.slice(0, kept), tail: 0 })
        const sound = joined(start, silence(200))
        const told = toldOf(noisy ? mixed(sound, noise(sound.length, -36, next)) : sound)
        t.strictSame(told, kept < 2 ? [] : refusedFor('cut'), `${kept} bytes`)
      }
  })
  await t.test('marks without end', async t => {
    const bytes = someCall.slice(0, 9)
    const [refused, ...more] = shownOf(onTheLine(burst({ ...brief, bytes, tail: 600 })))
    t.strictSame([refused?.told, ...more], refusedFor('cut'))
    const dataMs = (60 + 90) / 1.2
    t.ok(refused!.ms > dataMs + 10 / 1.2 && refused!.ms < dataMs + 30 / 1.2, `${refused!.ms} ms`)
  })
  await t.test('a hole of 5 ms', async t => {
    const sound = burst({ ...brief, bytes: someCall })
    sound.fill(0, 1200, 1240)
    const told = toldOf(joined(sound, silence(100)))
    t.equal(told.length, 1)
    t.match(told[0], { ev: 'clip-refused', message: 128 })
  })
  await t.test('frequencies of no modem', async t => {
    for (const tones of [
      { mark: 1250, space: 2150 },
      { mark: 1300, space: 2200 },
      { mark: 1200, space: 2100 },
      { mark: 1300 * 1.03, space: 2100 * 1.03 },
    ])
      t.strictSame(
        toldOf(burst({ ...brief, bytes: someCall, tones })),
        refusedFor('scheme', { message: 128 }),
      )
  })
  await t.test('a type no telephone knows, and content that contradicts itself', async t => {
    const unknown = framed(0x91, latin('TEST'))
    t.strictSame(
      toldOf(burst({ ...brief, bytes: unknown })),
      refusedFor('type', { scheme: 'v23', message: 0x91 }),
    )
    for (const bytes of [
      framed(0x80, [0x02, 11, ...latin('0389000001')]),
      framed(0x80, [0x02]),
      framed(0x04, latin('today 0389')),
    ])
      t.strictSame(
        toldOf(burst({ ...brief, bytes })),
        refusedFor('format', { scheme: 'v23', message: bytes[0] as number }),
      )
    for (const body of [
      [0x0b, 1, 0x55],
      [0x01, 8, ...latin('11230435')],
    ])
      t.strictSame(
        toldOf(burst({ ...brief, bytes: framed(0x82, body) })),
        refusedFor('format', { scheme: 'v23', message: 0x82 }),
      )
  })
  await t.test('fewer marks than announce anything', async t => {
    t.strictSame(toldOf(burst({ bytes: someCall, marks: 12 })), [])
  })
})

t.test('a message behind a damaged one is displayed', async t => {
  const broken = someCall.with(7, 0x39)
  const told = toldOf(joined(burst({ bytes: broken }), silence(150), burst({ bytes: someCall })))
  t.strictSame(told, [...refusedFor('checksum'), shownCall])
})

t.test('nothing of this is taken for data', async t => {
  const prompt = (file: string) =>
    Int16Array.from(
      readFileSync(new URL(`../../../../test/operator/prompts/${file}.al`, import.meta.url)),
      laws.PCMA.decode,
    )
  const spoken = Int16Array.from(
    clips([...numberClips().keys()]).flatMap(bytes => [...bytes].map(laws.PCMA.decode)),
  )
  const next = chance(4)
  const some = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)] as T
  const play = (count: number, part: () => Float64Array) =>
    onTheLine(joined(...Array.from({ length: count }, part)))
  const louder = (sound: Int16Array) => sound.map(sample => Math.max(-32768, Math.min(32767, 4 * sample)))
  const key = (): Float64Array =>
    mixed(sine(some([697, 770, 852, 941]), 70, -8), sine(some([1209, 1336, 1477]), 70, -6))
  const sounds: Readonly<Record<string, Int16Array>> = {
    speech: spoken,
    'loud speech': louder(spoken),
    'a sentence': prompt('speaking'),
    music: prompt('music'),
    'loud music': louder(prompt('music')),
    noise: onTheLine(noise(160_000, -15, next)),
    'progress tones': play(60, () =>
      joined(sine(some([330, 425, 440, 950, 1400, 1800]), 100 + 400 * next(), -10), silence(200 * next())),
    ),
    'whistles near the mark': play(60, () => sine(1150 + 200 * next(), 20 + 300 * next(), -12)),
    'marks and spaces without sense': play(4000, () =>
      sine(some([v23.mark, v23.space]), 1 + 4 * next(), -14),
    ),
    'an alerting tone': onTheLine(mixed(sine(2130, 100, -15), sine(2750, 100, -15))),
    'keys without a form': play(60, () => joined(key(), silence(400))),
  }
  for (const [what, sound] of Object.entries(sounds)) t.strictSame(shownOf(sound), [], what)
})

t.test('hum of the mains and of ringing beside the data does not matter, nor what goes before', async t => {
  const data = joined(silence(100), burst({ bytes: someCall, dbm0: -32 }), silence(100))
  for (const hz of [16.7, 25, 50, 60])
    t.strictSame(toldOf(mixed(data, sine(hz, data.length / 8, -6))), [shownCall], `${hz} Hz`)
  const alert = mixed(sine(2130, 100, -15), sine(2750, 100, -15))
  t.strictSame(toldOf(joined(alert, silence(50), data)), [shownCall], 'an alerting tone')
  t.strictSame(toldOf(joined(sine(50, 300, -1), data)), [shownCall], 'a ring')
  t.strictSame(toldOf(joined(sine(1300, 2000, -20), data)), [shownCall], 'a tone on the mark')
})

const keyHz = (key: string): readonly [number, number] => {
  const place = '123A456B789C*0#D'.indexOf(key)
  return [[697, 770, 852, 941][place >> 2] as number, [1209, 1336, 1477, 1633][place & 3] as number]
}
const keys = (text: string, on: number, off: number, dbm0: number, error = 0): Float64Array =>
  joined(
    ...Array.from(text, key => {
      const [low, high] = keyHz(key).map(hz => hz * (1 + error / 100)) as [number, number]
      return joined(mixed(sine(low, on, dbm0), sine(high, on, dbm0 + 2)), silence(off))
    }),
  )
const dtmf = { ev: 'clip', scheme: 'dtmf', message: 128 }
const forms: readonly (readonly [string, object | undefined])[] = [
  ['A0389000001C', { number: '0389000001' }],
  ['A0389000001D0612345678C', { number: '0389000001', redirecting: '0612345678' }],
  ['AD0612345678B10C', { absence: 'P', redirecting: '0612345678' }],
  ['B00C', { absence: 'O' }],
  ['B10C', { absence: 'P' }],
  ['D0389000001C', { number: '0389000001' }],
  ['A0389000001#', { number: '0389000001' }],
  ['0389000001#', { number: '0389000001' }],
  ['D1#', { absence: 'P' }],
  ['D2#', { absence: 'O' }],
  ['D3#', { absence: 'O' }],
  ['AC', undefined],
  ['C', undefined],
  ['#', undefined],
  ['B1C', undefined],
  ['D4#', undefined],
  ['A12*3C', undefined],
  ['A1D2D3C', undefined],
]
t.test('caller identity by keys: every form, and what is none', async t => {
  for (const [text, shown] of forms) {
    t.strictSame(dtmfMessage(text), shown && { ...dtmf, ...shown }, text)
    if (shown !== undefined)
      for (const [on, off, dbm0, error] of [
        [70, 70, -10, 0],
        [50, 50, -10, 1.7],
        [50, 50, -30, -1.7],
      ] as const)
        t.strictSame(
          toldOf(joined(silence(55), keys(text, on, off, dbm0, error))),
          [{ ...dtmf, ...shown }],
          text,
        )
  }
  const cut = joined(keys('A0389', 70, 70, -10), silence(500))
  t.strictSame(toldOf(cut), refusedFor('cut', { scheme: 'dtmf' }))
  t.strictSame(toldOf(keys('A038*9C', 70, 70, -10)), refusedFor('framing', { scheme: 'dtmf' }))
})

t.test('whatever the bytes are, nothing is thrown', async () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0x80, 0x82, 0x04, 0x06, 0x91),
      fc.uint8Array({ maxLength: 255 }),
      (type, body) => {
        const shown = displayed(type, body, 'v23')
        return shown === undefined || shown.message === type
      },
    ),
    { numRuns: 2000 },
  )
  fc.assert(
    fc.property(fc.int16Array({ maxLength: 2000 }), fc.boolean(), (sound, lifted) => {
      shownOf(sound, receiver => receiver.hook(lifted, us(0)))
      return true
    }),
  )
})

t.test('with the receiver lifted only announced data is read, and only one message of it', async t => {
  const data = onTheLine(joined(silence(100), burst({ ...brief, bytes: someCall }), silence(50)))
  const twice = Int16Array.from([...data, ...data])
  const withWindow = (ms: number) =>
    shownOf(twice, receiver => {
      receiver.hook(true, us(0))
      receiver.expectData(us(ms * 1000))
    }).map(({ told }) => told)
  t.strictSame(
    shownOf(twice, receiver => receiver.hook(true, us(0))),
    [],
  )
  t.strictSame(withWindow(600), [shownCall])
  t.strictSame(withWindow(100), [], 'it came too late')
})

t.test('on a line: told beside the other events, on the hook only, cut by lifting', async t => {
  const data = onTheLine(joined(silence(50), burst({ bytes: someCall }), silence(100)))
  const line = await soundingLine()
  const displays = () => line.heard.filter(event => event.ev === 'clip' || event.ev === 'clip-refused')
  await line.fxs.setLinefeed('oht')
  const began = line.clock.now()
  line.play(data)
  await line.clock.advance(1500)
  t.match(displays(), [shownCall])
  const length = (displays()[0]!.us - began) / 1000
  t.ok(Math.abs(length - data.length / 8 + 100) < 25, `after ${length} ms`)

  line.heard.length = 0
  line.play(data)
  await line.clock.advance(600)
  await line.act({ do: 'offhook' })
  await line.clock.advance(1000)
  t.strictSame(
    displays().map(({ us: _, ...event }) => event),
    refusedFor('cut'),
  )

  line.heard.length = 0
  line.play(data)
  await line.clock.advance(1500)
  t.strictSame(displays(), [], 'lifted')
  await line.act({ do: 'onhook' })
  await line.fxs.setLinefeed('standby')
  line.play(data)
  await line.clock.advance(1500)
  t.strictSame(displays(), [], 'not fed for transmission')
})

t.test('a frame allocates nothing, whatever is heard', async t => {
  const next = chance(9)
  const sounds = {
    silence: new Int16Array(8000),
    noise: onTheLine(noise(8000, -20, next)),
    'a mark without end': onTheLine(sine(1300, 1000, -14)),
    'a key held down': onTheLine(keys('5', 1000, 0, -10)),
    'data that never ends': onTheLine(burst({ seizure: 1200, marks: 0, bytes: [] })),
  }
  const instants: unknown[] = ['']
  for (let n = 0; n < 4000; n++) instants.push(5e12 + n * 10_000 + 0.5)
  for (const [what, sound] of Object.entries(sounds)) {
    const receiver = new DisplayReceiver(() => {})
    const frames = Array.from({ length: sound.length / FRAME_SAMPLES }, (_, n) =>
      sound.slice(n * FRAME_SAMPLES, (n + 1) * FRAME_SAMPLES),
    )
    let at = 0
    const run = (count: number) => {
      for (let n = 0; n < count; n++, at++)
        receiver.hear(frames[at % frames.length]!, instants[1 + (at % 3999)] as ReturnType<typeof us>)
    }
    run(3000)
    collect()
    run(3000)
    let bytes: number[] = []
    // The compiler works in the background and puts its code in place between two turns of the event loop.
    for (let round = 0; round < 8 && (round === 0 || bytes.length > 6); round++) {
      await new Promise(resolve => setTimeout(resolve, 50))
      bytes = Array.from({ length: 40 }, () => bytesOf(() => run(50))).filter(amount => amount > 0)
    }
    t.ok(bytes.length <= 6, `${what}: ${bytes}`)
  }
})
