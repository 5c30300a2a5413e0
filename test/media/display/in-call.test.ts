// A waiting call shown during a call: audio half and virtual telephone, with a far end that must hear nothing of it, and
// both people cut off no longer than it takes (ETSI EN 300 659-2).
import t from 'tap'
import type { CallerIdSettings } from '../../../firmware/media/display/caller-id-settings.js'
import type { MediaEvent } from '../../../firmware/media/media-contract.js'
import { MediaEngine } from '../../../firmware/media/media-engine.js'
import type { HandsetEvent } from '../../../hal/sim/handset-contract.js'
import { MemoryNetwork } from '../../../hal/sim/memory-network.js'
import { SeededEntropy } from '../../../hal/sim/seeded-entropy.js'
import { createSimBoard } from '../../../hal/sim/sim-board.js'
import { VirtualClock } from '../../../hal/sim/virtual-clock.js'
import { laws } from '../../support/companding.js'
import { french } from '../../support/display-line.js'
import { config, parameters, peerOn } from '../../support/media-world.js'
import { levelAt, peakOf, powerOf } from '../../support/spectrum.js'
import { tapPcm } from '../../support/tapped-pcm.js'

const cid: CallerIdSettings = { ...french, inCallDelayMs: 500 }
const FAR = { address: '10.0.0.2', port: 4000 }
const caller = { kind: 'call', number: '0389000003', name: 'Zoé Martin' } as const
/** What talker and listener say meanwhile, Hz; far from everything the display has to do with. */
const TALKER = 550
const LISTENER = 1050

const sine = (hz: number, dbm0: number) => (n: number) =>
  peakOf(dbm0) * Math.sin((2 * Math.PI * hz * (n % 8000)) / 8000)

/** A call that has stood for a while; both speak, or neither. */
const callWith = async (settings: Partial<CallerIdSettings>, hasDisplay: boolean, speak = true) => {
  const clock = new VirtualClock()
  const network = new MemoryNetwork({ clock, latencyMs: 1 })
  const sim = createSimBoard({ lines: ['tel1'], clock, entropy: new SeededEntropy(3), frames: 'virtual' })
  const { pcm, taps } = tapPcm(sim.pcm)
  const tap = taps.get('tel1')!
  const told: MediaEvent[] = []
  const engine = new MediaEngine({
    board: pcm,
    network,
    clock,
    entropy: new SeededEntropy(4),
    onEvent: event => told.push(event),
  })
  const waiting = {
    cadence: [
      { hz: [440], ms: 300 },
      { hz: [], ms: 10_000 },
    ],
    dbm0: -12,
  }
  const base = config('10.0.0.1')
  engine.command({
    do: 'configure',
    config: { ...base, tones: { ...base.tones, waiting }, cid: { ...cid, ...settings } },
  })
  const shown: HandsetEvent[] = []
  const handset = sim.handset('tel1')
  handset.onEvent(event => shown.push(event))
  await sim.fxs('tel1').open({ impedances: ['ctr21'], loopMa: 22, ringHz: 50, ringVrms: 60 }, () => {})
  void handset.perform({ do: 'display', inCall: hasDisplay })
  void handset.perform({ do: 'offhook' })
  await sim.fxs('tel1').setLinefeed('active')
  const peer = await peerOn(network, clock, FAR.address, FAR.port)
  engine.command({ do: 'wake', line: 'tel1' })
  engine.command({ do: 'open', stream: 's' })
  await clock.advance(50)
  const local = told.find(event => event.type === 'opened')?.local ?? FAR
  engine.command({ do: 'connect', stream: 's', to: parameters(FAR) })
  engine.command({ do: 'talk', line: 'tel1', streams: ['s'] })
  engine.command({ do: 'digits', line: 'tel1', mode: 'call' })
  engine.command({ do: 'relay-digits', line: 'tel1', on: true })
  // The echo canceller learns the line, as in any call, before anybody waits.
  await peer.talk(local, 100, n => laws.PCMA.encode(((Math.imul(n + 7, 2654435761) >>> 20) & 0xfff) - 2048))
  tap.says = speak ? sine(TALKER, -16) : () => 0
  const listener = speak ? sine(LISTENER, -16) : () => 0
  let spoken = 0
  const pass = async (ms: number) => {
    const from = spoken
    spoken += ms * 8
    await peer.talk(local, ms / 20, n => laws.PCMA.encode(Math.round(listener(from + n))))
  }
  await pass(500)
  return {
    clock,
    engine,
    handset,
    shown,
    told,
    pass,
    /** Tone and display, as when a call begins to wait. */
    wait: () => {
      engine.command({ do: 'tone', line: 'tel1', tone: 'waiting' })
      engine.command({ do: 'show-in-call', line: 'tel1', display: caller })
    },
    clips: () => shown.filter(event => event.ev === 'clip' || event.ev === 'clip-refused'),
    /** What went to the far end since `from`, and to the ear. */
    farHeard: (from: number): Int16Array =>
      Int16Array.from(
        peer.packets
          .filter(({ us, type }) => us >= from && type === 8)
          .flatMap(({ payload }) => [...payload].map(laws.PCMA.decode)),
      ),
    farKeys: () => peer.packets.filter(({ type }) => type === 101).length,
    earHeard: (from: number) => tap.heard(from),
    close: () => engine.close(),
  }
}
type Call = Awaited<ReturnType<typeof callWith>>

/** Longest time without this tone of -16 dBm0, ms, by windows of 20 ms. */
const longestGap = (sound: Int16Array, hz: number): number => {
  let longest = 0
  let gap = 0
  for (let at = 0; at + 160 <= sound.length; at += 80) {
    gap = levelAt(sound, hz, at, at + 160) < -22 ? gap + 10 : 0
    longest = Math.max(longest, gap)
  }
  return longest
}
/** Power of the loudest 10 ms, dBm0. */
const loudest = (sound: Int16Array): number => {
  let most = -99
  for (let at = 0; at + 80 <= sound.length; at += 40) most = Math.max(most, powerOf(sound, at, at + 80))
  return most
}

t.test('a telephone with a display shows who waits; the far end has no part in it', async t => {
  for (const scheme of ['v23', 'bell202'] as const) {
    const call = await callWith({ scheme }, true)
    const from = call.clock.now()
    call.wait()
    await call.pass(3000)
    t.match(call.clips(), [{ ev: 'clip', number: '0389000003', name: 'Zoe Martin', scheme, message: 128 }])
    t.equal(call.clips().length, 1)
    t.equal(call.farKeys(), 0, 'the D is no key')
    t.same(
      call.told.filter(({ type }) => type === 'digit-start' || type === 'digit-end'),
      [],
      'nor is the machine told of one',
    )
    // 80 dual tone, up to 100 its answer, 65 the D, 60-100 a pause, about 260 the data.
    const talker = longestGap(call.farHeard(from), TALKER)
    t.ok(talker > 500 && talker < 700, `the talker is off for ${talker} ms`)
    const listener = longestGap(call.earHeard(from), LISTENER)
    t.ok(listener > 450 && listener < 650, `the listener is off for ${listener} ms`)
    const after = call.clock.now()
    await call.pass(1000)
    t.ok(levelAt(call.farHeard(after), TALKER) > -18, 'and both speak again')
    t.ok(levelAt(call.earHeard(after), LISTENER) > -18)
    await call.close()
  }
})

t.test('nothing of it reaches the far end: no beep, no dual tone, no D, no data', async t => {
  for (const hasDisplay of [true, false])
    for (const scheme of ['v23', 'bell202'] as const) {
      const call = await callWith({ scheme }, hasDisplay, false)
      const from = call.clock.now()
      call.wait()
      await call.pass(12_000)
      t.equal(call.clips().length, hasDisplay ? 1 : 0)
      const power = loudest(call.farHeard(from))
      t.ok(
        power < -50,
        `${scheme}, ${hasDisplay ? 'shown' : 'not answered'}: ${power.toFixed(1)} dBm0 at most`,
      )
      await call.close()
    }
})

t.test(
  'a telephone without one hears the beep; the talker is off while it sounds, both for 270 ms more',
  async t => {
    const call = await callWith({}, false)
    const from = call.clock.now()
    call.wait()
    await call.pass(3000)
    t.same(call.clips(), [])
    const [talker, listener] = [
      longestGap(call.farHeard(from), TALKER),
      longestGap(call.earHeard(from), LISTENER),
    ]
    t.ok(talker <= 370 && listener < 300, `${talker} ms, ${listener} ms`)
    t.ok(levelAt(call.earHeard(from), 440, 0, 2400) > -14, 'the beep')
    await call.close()
  },
)

t.test('the dual tone and the data have their times', async t => {
  const call = await callWith({ inCallDelayMs: 1158 }, true)
  const from = call.clock.now()
  call.wait()
  await call.pass(3000)
  const ear = call.earHeard(from)
  const windows = Array.from({ length: Math.floor(ear.length / 40) - 1 }, (_, i) => i * 40)
  const alert = windows.filter(
    at => levelAt(ear, 2130, at, at + 80) > -25 && levelAt(ear, 2750, at, at + 80) > -25,
  )
  const [first = 0, last = 0] = [alert[0], alert.at(-1)]
  t.ok(Math.abs(first / 8 - 1158) < 20, `${first / 8} ms after the beginning of the beep`)
  t.ok(Math.abs((last - first) / 8 + 5 - 80) <= 5, `${(last - first) / 8 + 5} ms of it`)
  const data = windows.filter(
    at => at > last + 400 && Math.max(levelAt(ear, 1300, at, at + 80), levelAt(ear, 2100, at, at + 80)) > -22,
  )
  const end = call.shown.find(({ ev }) => ev === 'clip')?.us ?? 0
  t.ok(Math.abs((data.at(-1) ?? 0) * 125 + from - end) < 30_000)
  t.ok(powerOf(ear, last + 200, data[0]) < -60, 'silence between')
  await call.close()
})

const signalling = (call: Call, from: number): boolean =>
  call
    .earHeard(from)
    .some((_, i, ear) => i % 400 === 0 && i + 160 < ear.length && levelAt(ear, 2130, i, i + 160) > -25)

t.test('R, another tone, or the end of the call ends it at once, at any of its moments', async t => {
  const ends: Record<string, (call: Call) => void> = {
    R: call => void call.handset.perform({ do: 'flash', ms: 100 }),
    'no more waiting': call => call.engine.command({ do: 'tone', line: 'tel1', tone: null }),
    'keys are collected': call => {
      call.engine.command({ do: 'digits', line: 'tel1', mode: 'dialling' })
      call.engine.command({ do: 'relay-digits', line: 'tel1', on: false })
    },
    'the call is over': call => call.engine.command({ do: 'talk', line: 'tel1', streams: [] }),
  }
  for (const [what, end] of Object.entries(ends))
    for (const at of [200, 540, 640, 760, 1000]) {
      const call = await callWith({}, true)
      call.engine.command({ do: 'loop-known', line: 'tel1', us: call.clock.now() })
      call.wait()
      await call.pass(at)
      end(call)
      await call.pass(140)
      const since = call.clock.now()
      await call.pass(800)
      t.notOk(signalling(call, since), `${what}, ${at} ms: no tone`)
      t.notOk(
        call.clips().some(({ ev }) => ev === 'clip'),
        'and nothing is shown',
      )
      await call.close()
    }
})

t.test('another key while the answer is awaited passes as ever', async t => {
  const call = await callWith({}, false)
  call.wait()
  await call.pass(560)
  void call.handset.perform({ do: 'dtmf', digits: '5', onMs: 80 })
  await call.pass(1000)
  t.ok(call.farKeys() > 0)
  t.match(
    call.told.filter(({ type }) => type === 'digit-start'),
    [{ digit: '5' }],
  )
  await call.close()
})

t.test('a profile that shows nothing in a call sends nothing', async t => {
  for (const settings of [{ inCall: false }, { scheme: 'dtmf' }, { scheme: 'none' }] as const) {
    const call = await callWith(settings, true)
    const from = call.clock.now()
    call.wait()
    await call.pass(2000)
    t.notOk(signalling(call, from))
    t.equal(longestGap(call.earHeard(from).slice(2640), LISTENER), 0)
    t.ok(longestGap(call.farHeard(from), TALKER) <= 370, 'but the beep')
    await call.close()
  }
})
