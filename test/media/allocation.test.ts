// The rule of firmware/media that a frame of a call allocates nothing, measured by what is new in V8's young generation.

import t from 'tap'
import { MediaEngine } from '../../firmware/media/media-engine.js'
import type { Us } from '../../hal/clock.js'
import type { Network, UdpOptions } from '../../hal/network.js'
import { FRAME_SAMPLES, type PcmBoard } from '../../hal/pcm-port.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { config, lively, parameters } from '../support/media-world.js'
import { bytesOf, collect } from '../support/young-generation.js'

const WARM_UP = 6000
/** Frames between two looks at the heap, looks a round, and rounds at most. */
const WINDOW = 50
const WINDOWS = 60
const ROUNDS = 8
/** Windows of a round that the compiler may still disturb. */
const DISTURBED = 3
/** Bytes of one RTCP report, sent every 2.5 to 7.5 s. */
const REPORT = 1000

/**
 * An instant for each frame, all of them on the heap before anything is measured: the board makes one number a frame and
 * hands it over, and that is not the engine's. After months of uptime it is beyond 2^31. The word keeps V8 from packing
 * the numbers, which would make a new object of each that is read.
 */
const instants: unknown[] = ['']
for (let n = 0; n < WARM_UP + ROUNDS * WINDOWS * WINDOW + 2; n++) instants.push(5e12 + n * 10_000 + 0.5)

const speech = (): Int16Array => {
  // Syllables, so that the receiver of keys and the echo canceller have to work.
  const samples = Int16Array.from({ length: 100 * FRAME_SAMPLES }, (_, n) => {
    const syllable = Math.max(0, Math.sin((2 * Math.PI * 4 * n) / 8000))
    return (
      3000 *
      syllable *
      (Math.sin((2 * Math.PI * 120 * n) / 8000) + 0.5 * Math.sin((2 * Math.PI * 720 * n) / 8000))
    )
  })
  // And once a second what begins like a key and is none, so that it is muted and let through again.
  for (let n = 40 * FRAME_SAMPLES; n < 42 * FRAME_SAMPLES; n++)
    samples[n] = 4000 * (Math.sin((2 * Math.PI * 770 * n) / 8000) + Math.sin((2 * Math.PI * 1336 * n) / 8000))
  return samples
}

/** A call of one line with as many far ends as `streams`, each of which talks; returns how to let it run. */
const call = async (streams: readonly string[]) => {
  const sockets: UdpOptions[] = []
  let sent = 0
  let reports = 0
  const network = {
    openUdp: async (options: UdpOptions) => {
      sockets.push(options)
      return {
        local: { address: options.address, port: options.port },
        send: () => {
          if (options.port % 2 === 0) sent++
          else reports++
        },
        close: async () => {},
      }
    },
  } as unknown as Network
  let frame: (at: Us) => void = () => {}
  const said = speech()
  let spoken = 0
  const board: PcmBoard = {
    ports: [
      {
        id: 'tel1',
        read: into => {
          for (let i = 0; i < FRAME_SAMPLES; i++) into[i] = said[spoken + i] as number
          spoken = (spoken + FRAME_SAMPLES) % said.length
        },
        write: () => FRAME_SAMPLES,
      },
    ],
    start: onFrame => {
      frame = onFrame
    },
    wake: () => {},
    sleep: () => {},
    stop: async () => {},
  }
  const clock = new VirtualClock()
  let passed = 1
  Object.assign(clock, { now: () => instants[passed] })
  const engine = new MediaEngine({ board, network, clock, entropy: new SeededEntropy(1), onEvent: () => {} })
  engine.command({ do: 'configure', config: config('10.0.0.1') })
  engine.command({ do: 'wake', line: 'tel1' })
  for (const stream of streams) {
    engine.command({ do: 'open', stream })
    await clock.advance(1)
    engine.command({ do: 'connect', stream, to: parameters({ address: '10.0.0.2', port: 4000 }) })
  }
  engine.command({ do: 'talk', line: 'tel1', streams })
  engine.command({ do: 'digits', line: 'tel1', mode: 'call' })
  engine.command({ do: 'relay-digits', line: 'tel1', on: true })
  const datagram = Uint8Array.from({ length: 172 }, (_, i) => lively(i))
  datagram[0] = 0x80
  datagram[1] = 8
  const header = new DataView(datagram.buffer)
  const from = { address: '10.0.0.2', port: 4000 }
  let packet = 0
  const run = (frames: number) => {
    for (let f = 0; f < frames; f++) {
      if (f % 2 === 0) {
        packet++
        header.setUint16(2, packet & 0xffff)
        // Timestamps on both sides of 2^31.
        header.setInt32(4, (0x7fff0000 + packet * 160) | 0)
        // One in twenty is lost, so that concealment runs too.
        if (packet % 20 !== 0)
          for (let s = 0; s < streams.length; s++) sockets[2 * s]?.onDatagram(datagram, from)
      }
      frame(instants[passed++] as Us)
    }
  }
  return { run, sent: () => sent, reports: () => reports }
}

interface Round {
  /** Bytes of each window in which no RTCP report went out, and of each in which one or more did, per report. */
  readonly plain: readonly number[]
  readonly reporting: readonly number[]
}

const roundOf = ({ run, reports }: Awaited<ReturnType<typeof call>>): Round => {
  const plain: number[] = []
  const reporting: number[] = []
  for (let n = 0; n < WINDOWS; n++) {
    const before = reports()
    const bytes = bytesOf(() => run(WINDOW))
    const sent = reports() - before
    // A collection in between takes more away than was put there: nothing is known of that window.
    if (bytes < 0) continue
    if (sent === 0) plain.push(bytes)
    else reporting.push(bytes / sent)
  }
  return { plain, reporting }
}

const measure = async (t: import('tap').Test, streams: readonly string[]) => {
  const talking = await call(streams)
  const { run, sent } = talking
  run(WARM_UP / 2)
  collect()
  // A collection may drop code of which parts are gone; it comes back.
  run(WARM_UP / 2)
  const before = process.memoryUsage().heapUsed
  let round: Round = { plain: [], reporting: [] }
  let rounds = 0
  let disturbed = WINDOWS
  while (disturbed > DISTURBED && rounds < ROUNDS) {
    rounds++
    // The compiler works in the background and puts its code in place between two turns of the event loop.
    await new Promise(resolve => setTimeout(resolve, 50))
    round = roundOf(talking)
    disturbed = round.plain.filter(bytes => bytes > 0).length
  }
  collect()
  const kept = process.memoryUsage().heapUsed - before
  const { plain, reporting } = round
  t.comment(`round ${rounds}: bytes of ${WINDOW} frames: ${plain}; per RTCP report: ${reporting}`)
  t.ok(sent() > 2500, 'packets went out')
  t.ok(plain.length > WINDOWS / 3 && reporting.length > 0, 'windows of both kinds')
  t.ok(disturbed <= DISTURBED, `nothing in ${WINDOW} frames, but: ${plain.filter(bytes => bytes > 0)}`)
  t.ok(Math.max(...reporting) < REPORT, `a report costs ${Math.max(...reporting)} bytes`)
  t.ok(kept < 100_000, `${kept} bytes stayed`)
}

t.test('in steady state a frame allocates nothing', async t => {
  await t.test('in a call', t => measure(t, ['a']))
  await t.test('in a conference', t => measure(t, ['a', 'b']))
})
