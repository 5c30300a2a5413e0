// voiceport bench audio-latency: how long a sound takes from the mouth to the wire, and from the wire to the ear. Short
// bursts are said into the telephone of a call; the far end stamps the packet in which one arrives and sends it back at once.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { wavImage } from '../../hal/sim/wav.js'
import { type CallRig, openCallRig, pause, type Recording } from './call-rig.js'
import { summary } from './statistics.js'

export interface AudioLatencyOptions {
  /** Bursts said, 2-200; default 40. */
  readonly bursts?: number
}

const number = '0389000002'
const rate = 8000
const burstHz = 1000
const burstMs = 40
const periodMs = 400
const leadMs = 500
const peak = 12_000
/** The onset in the ear: a quarter of what was said, reached within a quarter of a period. */
const threshold = peak / 4
/** Longer than any buffer holds a sound. */
const longestMs = 390
const patience = 5000
const sampleUs = 125

export const run = async (options: AudioLatencyOptions = {}): Promise<Record<string, unknown>> => {
  const bursts = options.bursts ?? 40
  const loadBefore = loadavg()[0] as number
  const rig = await openCallRig({ echo: true })
  try {
    await rig.registered(patience)
    const { spokenUs, heard, arrivals } = await speakAndListen(rig, bursts)
    return {
      bursts,
      cpus: cpus().length,
      load: { before: round(loadBefore), after: round(loadavg()[0] as number) },
      ...figuresOf(spokenUs, arrivals, heard),
    }
  } finally {
    await rig.close()
  }
}

const signalOf = (bursts: number): Int16Array => {
  const samples = new Int16Array(((leadMs + bursts * periodMs) * rate) / 1000)
  for (let n = 0; n < bursts; n++)
    for (let i = 0; i < (burstMs * rate) / 1000; i++)
      samples[((leadMs + n * periodMs) * rate) / 1000 + i] = Math.round(
        peak * Math.sin((2 * Math.PI * burstHz * i) / rate),
      )
  return samples
}

interface Said {
  /** Instants at which the bursts began at the mouth, µs. */
  readonly spokenUs: readonly number[]
  readonly heard: Recording
  /** Instants of the packets with which they arrived at the far end, µs. */
  readonly arrivals: readonly number[]
}

const speakAndListen = async (rig: CallRig, bursts: number): Promise<Said> => {
  const folder = await mkdtemp(join(tmpdir(), 'voiceport-latency-'))
  const wav = join(folder, 'bursts.wav')
  const signal = signalOf(bursts)
  await writeFile(wav, wavImage(signal))
  try {
    const lifted = await rig.act({ do: 'offhook' })
    await rig.heard(event => event.ev === 'tone' && event.name === 'dial', lifted, patience)
    await rig.act({ do: 'dtmf', digits: number, onMs: 60, offMs: 60 })
    await rig.peer.next('rtp', 'in', lifted, patience)
    await rig.until('active', patience)
    // The jitter buffer has settled.
    await pause(1500)
    const listening = rig.record(leadMs + bursts * periodMs + 700)
    const end = await rig.act({ do: 'play', wav })
    const heard = await listening
    const firstUs = end - signal.length * sampleUs
    const spokenUs = Array.from({ length: bursts }, (_, n) => firstUs + (leadMs + n * periodMs) * 1000)
    const arrivals = rig.peer.events
      .filter(({ kind, us }) => kind === 'sound' && us >= firstUs)
      .map(({ us }) => us)
    return { spokenUs, heard, arrivals }
  } finally {
    await rig.act({ do: 'onhook' })
    await rm(folder, { recursive: true, force: true })
  }
}

/** When something begins to sound behind `fromUs`, µs; undefined: nothing does. */
const onsetIn = ({ samples, startUs }: Recording, fromUs: number): number | undefined => {
  const from = Math.max(0, Math.ceil((fromUs - startUs) / sampleUs))
  const to = Math.min(samples.length, from + longestMs * (rate / 1000))
  for (let n = from; n < to; n++)
    if (Math.abs(samples[n] as number) >= threshold) return startUs + n * sampleUs
  return undefined
}

const figuresOf = (spokenUs: readonly number[], arrivals: readonly number[], heard: Recording) => {
  const out: number[] = []
  const back: number[] = []
  const whole: number[] = []
  for (const us of spokenUs) {
    const arrived = arrivals.find(each => each >= us && each < us + longestMs * 1000)
    const ear = onsetIn(heard, us)
    if (arrived !== undefined) out.push((arrived - us) / 1000)
    if (ear !== undefined) whole.push((ear - us) / 1000)
    if (arrived !== undefined && ear !== undefined) back.push((ear - arrived) / 1000)
  }
  return {
    mouthToWire: told(out, 'first sample at the mouth', 'arrival of its packet (20 ms) at the far end'),
    wireToEar: told(back, 'that packet at the far end, sent back at once', 'first sample in the ear'),
    mouthToEar: {
      ...told(whole, 'first sample at the mouth', 'first sample in the ear'),
      what: 'both ways of this box: what two such boxes put between mouth and ear, without the network',
      aim: 'median <= 150 (ITU-T G.114)',
    },
    lost: spokenUs.length - whole.length,
  }
}

const told = (ms: readonly number[], from: string, to: string) =>
  ms.length === 0 ? { n: 0, from, to } : { ...summary(ms), from, to }

const round = (value: number): number => Math.round(value * 100) / 100
