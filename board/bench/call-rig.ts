// What call-setup measures with: a whole daemon in this process, its simulated telephone, and a scripted peer. All stamps
// are of one monotonic clock: the edges and samples of the line, the steps of the trace, the datagrams at the peer.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../../firmware/log.js'
import { parseTrace, type RecordedStep } from '../../firmware/trace/trace-file.js'
import type { HandsetAction, HandsetEvent } from '../../hal/sim/handset-contract.js'
import { startDaemon } from '../daemon.js'
import { settingsOf } from '../settings.js'
import { readAudio } from '../wav.js'
import { type ScriptedPeer, startScriptedPeer } from './scripted-peer.js'
import { createTemporaryBox, type TemporaryBox } from './temporary-box.js'

export interface Recording {
  readonly samples: Int16Array
  /** Instant of the first sample, µs. */
  readonly startUs: number
}

export interface CallRig {
  readonly peer: ScriptedPeer
  /** Calls the telephone. */
  callBox(): void
  /** Resolves with the instant at which the action was finished, µs; rejects when the telephone refuses it. */
  act(action: HandsetAction): Promise<number>
  /** What the receiver carries from now on. */
  record(ms: number): Promise<Recording>
  /** The first event from `fromUs` on that fits. */
  heard(fits: (event: HandsetEvent) => boolean, fromUs: number, withinMs: number): Promise<HandsetEvent>
  readonly events: HandsetEvent[]
  situation(): string
  /** Waits until the telephone is there. */
  until(situation: string, withinMs: number): Promise<void>
  registered(withinMs: number): Promise<void>
  /** Steps of the machine since `fromUs`. */
  steps(fromUs: number): readonly RecordedStep[]
  close(): Promise<void>
}

/** The peer answers after this long; it never answers a BYE. */
const answerAfterMs = 200
const pollMs = 2

export const nowUs = (): number => Number(process.hrtime.bigint() / 1000n)
export const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

/** `echo`: the peer sends back what it hears (scripted-peer.ts). */
export const openCallRig = async ({ echo = false } = {}): Promise<CallRig> => {
  const box = await createTemporaryBox()
  const folder = await mkdtemp(join(tmpdir(), 'voiceport-ear-'))
  const peer = await startScriptedPeer({ ...box.peer, answerAfterMs, ignoreBye: true, echo })
  const daemon = await startDaemon(configured(box), {
    log: silentLog,
    onLost: error => {
      throw error
    },
  })
  const handset = daemon.control.handset('tel1')
  const events: HandsetEvent[] = []
  handset.onEvent(event => events.push(event))
  let recordings = 0

  const act = async (action: HandsetAction): Promise<number> => {
    const reply = await handset.perform(action)
    if (!reply.ok) throw new Error(`${action.do}: ${reply.message}`)
    return reply.us
  }
  const status = () => daemon.box.status()[0]
  const waitFor = async <T>(what: string, look: () => T | undefined, withinMs: number): Promise<T> => {
    const end = nowUs() + withinMs * 1000
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      if (nowUs() > end) throw new Error(`no ${what} within ${withinMs} ms; ${JSON.stringify(status())}`)
      await pause(pollMs)
    }
  }
  const yes = (met: boolean): true | undefined => met || undefined
  return {
    peer,
    callBox: () => peer.call(box.user, box.sip),
    act,
    record: async ms => {
      const wav = join(folder, `${++recordings}.wav`)
      const endUs = await act({ do: 'record', wav, ms })
      const samples = await readAudio(wav)
      await rm(wav)
      return { samples, startUs: endUs - samples.length * 125 }
    },
    heard: (fits, fromUs, withinMs) =>
      waitFor(
        'event of the telephone',
        () => events.find(event => event.us >= fromUs && fits(event)),
        withinMs,
      ),
    events,
    situation: () => status()?.situation ?? '',
    until: async (situation, withinMs) => {
      await waitFor(situation, () => yes(status()?.situation === situation), withinMs)
    },
    registered: async withinMs => {
      await waitFor('registration', () => yes(status()?.registration === 'registered'), withinMs)
    },
    steps: fromUs => parseTrace(daemon.trace()).recorded.filter(({ us }) => us >= fromUs),
    close: async () => {
      await daemon.close()
      await peer.stop()
      await rm(folder, { recursive: true, force: true })
      await box.remove()
    },
  }
}

/** Plain rings: the pulse before caller identity may be over before the receiver is up. */
const configured = ({ config }: TemporaryBox) => {
  const read = settingsOf(config)
  if ('settings' in read) {
    const { settings } = read
    const line = settings.config.line.map(line => ({ ...line, callerId: 'off' as const }))
    return { ...settings, config: { ...settings.config, line } }
  }
  throw new Error(read.errors.map(({ message }) => message).join('; '))
}
