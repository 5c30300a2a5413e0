// The DTMF receiver: accuracy on every sweep of limits, false keys in recorded speech and CPU a sample, with libspandsp
// on the same signals in the same run where it is installed.

import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DtmfDetector, type DtmfMode } from '../../firmware/media/dtmf-detector.js'
import { readAudio } from '../wav.js'
import { type Case, random, sweeps } from './dtmf-vectors.js'
import { withSpandsp } from './spandsp-peer.js'

const SEED = 1
const FRAME = 80
/** Recorded speech of Debian's asterisk-core-sounds-*-wav, read where it is installed. */
const SPEECH = '/usr/share/asterisk/sounds'
const MODES = ['dialling', 'call'] as const

interface Figures {
  readonly heard: readonly string[]
  readonly nsPerSample: number
}

const ours = (signals: readonly Int16Array[], mode: DtmfMode): Figures => {
  const heard: string[] = []
  let samples = 0
  const before = process.cpuUsage()
  for (const pcm of signals) {
    const detector = new DtmfDetector(mode)
    let digits = ''
    const sink = { start: (start: { digit: string }) => (digits += start.digit), end: () => {} }
    for (let at = 0; at < pcm.length; at += FRAME) detector.process(pcm.subarray(at, at + FRAME), sink)
    heard.push(digits)
    samples += pcm.length
  }
  const { user, system } = process.cpuUsage(before)
  return { heard, nsPerSample: ((user + system) * 1000) / samples }
}

const recordedSpeech = async (): Promise<readonly Int16Array[]> => {
  if (!existsSync(SPEECH)) return []
  const entries = await readdir(SPEECH, { withFileTypes: true, recursive: true })
  const files = entries
    .filter(e => e.isFile() && e.name.endsWith('.wav'))
    .map(e => join(e.parentPath, e.name))
  return Promise.all(files.sort().map(file => readAudio(file)))
}

const right = (cases: readonly Case[], heard: readonly string[]): string =>
  `${cases.filter((c, i) => c.expected === heard[i]).length}/${cases.length}`

const falseKeys = (heard: readonly string[]): number => heard.reduce((sum, digits) => sum + digits.length, 0)
const rounded = (value: number): number => Math.round(value * 100) / 100

/** Cases right of all cases by sweep and receiver; ratios are ours to the peer's (below 1: ours is cheaper). */
export const run = async (): Promise<Record<string, unknown>> => {
  const groups = Object.entries(sweeps).map(([name, sweep]) => ({
    name,
    cases: [...sweep.cases(random(SEED))],
  }))
  const signals = groups.flatMap(group => group.cases.map(c => c.pcm))
  const speech = await recordedSpeech()
  const speechHours = speech.reduce((sum, pcm) => sum + pcm.length, 0) / 8000 / 3600
  for (const mode of MODES) ours(signals.slice(0, 500), mode)
  const results = new Map<string, { signals: Figures; speech: Figures }>()
  for (const mode of MODES) results.set(mode, { signals: ours(signals, mode), speech: ours(speech, mode) })
  const peer = await withSpandsp(async spandsp => ({
    signals: await spandsp.dtmf(signals),
    speech: await spandsp.dtmf(speech.length > 0 ? speech : [new Int16Array(8000)]),
  }))
  if ('value' in peer) results.set('spandsp', peer.value)
  const table: Record<string, Record<string, string>> = {}
  let first = 0
  for (const { name, cases } of groups) {
    const row: Record<string, string> = {}
    for (const [receiver, { signals: figures }] of results)
      row[receiver] = right(cases, figures.heard.slice(first, first + cases.length))
    table[name] = row
    first += cases.length
  }
  const call = results.get('call')?.signals.nsPerSample ?? Number.NaN
  return {
    accuracy: table,
    falseKeysInSpeech:
      speech.length === 0
        ? { reason: `no recordings in ${SPEECH}` }
        : {
            hours: rounded(speechHours),
            ...Object.fromEntries([...results].map(([name, r]) => [name, falseKeys(r.speech.heard)])),
          },
    nsPerSample: Object.fromEntries(
      [...results].map(([name, r]) => [
        name,
        {
          keys: rounded(r.signals.nsPerSample),
          speech: speech.length > 0 ? rounded(r.speech.nsPerSample) : null,
        },
      ]),
    ),
    peer:
      'value' in peer
        ? { name: 'libspandsp', cpuRatio: rounded(call / peer.value.signals.nsPerSample) }
        : null,
    ...('reason' in peer ? { reason: peer.reason } : {}),
  }
}
