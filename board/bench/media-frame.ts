// What a second of one line costs the audio thread in CPU time: the whole path of a call (echo canceller with speech
// from the far end, DTMF detection, coding, jitter buffer, RTP both ways) and of a dial tone.

import { MediaEngine } from '../../firmware/media/media-engine.js'
import { us } from '../../hal/clock.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import type { Network, UdpOptions } from '../../hal/network.js'
import { FRAME_SAMPLES, type PcmBoard } from '../../hal/pcm-port.js'

const LINES = 4
const SECONDS = 20
const FRAMES_A_SECOND = 100

type Kind = 'call' | 'call with far speech' | 'dial tone'

/** Microseconds of CPU a line-second, and how many lines one core could carry. */
export const run = async (): Promise<Record<string, unknown>> => {
  const results: Record<string, unknown> = {}
  for (const kind of ['call', 'call with far speech', 'dial tone'] as const) {
    const cost = await costOf(kind)
    results[kind] = { cpuUsPerLineSecond: Math.round(cost), linesPerCore: Math.floor(1e6 / cost) }
  }
  return { lines: LINES, seconds: SECONDS, ...results }
}

const costOf = async (kind: Kind): Promise<number> => {
  const sockets = new Map<number, UdpOptions>()
  const network: Pick<Network, 'openUdp'> = {
    openUdp: async options => {
      sockets.set(options.port, options)
      return {
        local: { address: options.address, port: options.port },
        send: () => {},
        close: async () => {},
      }
    },
  }
  let frame: (at: ReturnType<typeof us>) => void = () => {}
  const near = speech(1)
  let position = 0
  const board: PcmBoard = {
    ports: Array.from({ length: LINES }, (_, n) => ({
      id: `tel${n}`,
      read: into => into.set(near.subarray(position, position + FRAME_SAMPLES)),
      write: () => FRAME_SAMPLES,
    })),
    start: onFrame => {
      frame = onFrame
    },
    wake: () => {},
    sleep: () => {},
    stop: async () => {},
  }
  const ports: number[] = []
  // Simulated time: the packets of one tick come at its instant, however quickly ticks follow on each other.
  let now = 0
  const real = new LinuxClock()
  const engine = new MediaEngine({
    board,
    network: network as Network,
    clock: {
      now: () => us(now),
      wall: () => real.wall(),
      timer: (...timer) => real.timer(...timer),
      external: work => work,
    },
    entropy: new LinuxEntropy(),
    onEvent: event => {
      if (event.type === 'opened') ports.push(event.local.port)
    },
  })
  engine.command({
    do: 'configure',
    config: {
      address: '127.0.0.1',
      ports: [20_000, 20_999],
      tones: { dial: { cadence: [{ hz: [440] }], dbm0: -10 } },
      rings: {},
    },
  })
  for (let n = 0; n < LINES; n++) {
    engine.command({ do: 'wake', line: `tel${n}` })
    engine.command({ do: 'digits', line: `tel${n}`, mode: kind === 'dial tone' ? 'dialling' : 'call' })
    if (kind === 'dial tone') engine.command({ do: 'tone', line: `tel${n}`, tone: 'dial' })
    else engine.command({ do: 'open', stream: `s${n}` })
  }
  await new Promise<void>(resolve => setImmediate(resolve))
  const far = { address: '127.0.0.2', port: 4000 }
  if (kind !== 'dial tone')
    for (let n = 0; n < LINES; n++) {
      engine.command({
        do: 'connect',
        stream: `s${n}`,
        to: {
          remote: far,
          codec: 'PCMA',
          payloadType: 8,
          eventPayloadType: 101,
          ptime: 20,
          direction: 'sendrecv',
        },
      })
      engine.command({ do: 'talk', line: `tel${n}`, streams: [`s${n}`] })
    }
  const packet = new Uint8Array(172).fill(0xd5)
  if (kind === 'call with far speech')
    for (let i = 12; i < packet.length; i++) packet[i] = 0xd5 ^ ((i * 37) & 0x7f)
  packet[0] = 0x80
  packet[1] = 8
  const pass = (frames: number) => {
    for (let f = 0; f < frames; f++) {
      if (f % 2 === 0 && ports.length > 0) {
        const number = now / 20_000
        packet[2] = number >> 8
        packet[3] = number
        const stamp = number * 160
        packet[4] = stamp >> 24
        packet[5] = stamp >> 16
        packet[6] = stamp >> 8
        packet[7] = stamp
        for (let n = 0; n < ports.length; n++) sockets.get(ports[n] as number)?.onDatagram(packet, far)
      }
      position = (position + FRAME_SAMPLES) % (near.length - FRAME_SAMPLES)
      frame(us(now - 10_000))
      now += 10_000
    }
  }
  pass(3 * FRAMES_A_SECOND)
  const before = process.cpuUsage()
  pass(SECONDS * FRAMES_A_SECOND)
  const { user, system } = process.cpuUsage(before)
  await engine.close()
  return (user + system) / (SECONDS * LINES)
}

/** A second of syllables: a buzz of 120 Hz with formants, on and off. */
const speech = (seed: number): Int16Array =>
  Int16Array.from({ length: 8000 }, (_, n) => {
    const syllable = Math.max(0, Math.sin((2 * Math.PI * 4 * n) / 8000))
    const buzz =
      Math.sin((2 * Math.PI * 120 * n) / 8000) + 0.5 * Math.sin((2 * Math.PI * 720 * n) / 8000 + seed)
    return Math.round(3000 * syllable * buzz)
  })
