// Tests with somebody at the telephone: a tone for the ear, and keys of which it is said how they were heard. While keys are
// tested the telephone does not dial them, but an emergency number gets through: it ends the test and is dialled.

import type { BoxEvent } from '../box-event.js'
import { performTimer } from '../timer-effects.js'
import { stoppedVerdict } from '../verdicts/test-verdicts.js'
import type { Verdict } from '../verdicts/verdict.js'
import type { Bench } from './bench.js'
import type { TestReport } from './test-report.js'

const toneSeconds = 5

export const testTone = async (bench: Bench, tone: string): Promise<TestReport> => {
  const { line, known } = bench
  const { situation } = known
  line.media.command({ do: 'tone', line: line.id, tone })
  await bench.wait(toneSeconds * 1000, () => known.situation !== situation)
  // Whatever the telephone does now has its own tone already.
  if (known.situation === situation) line.media.command({ do: 'tone', line: line.id, tone: known.tone })
  const verdict: Verdict = bench.stopped()
    ? stoppedVerdict(line.id)
    : { id: 'tone-played', severity: 'fine', line: line.id, values: { tone, seconds: toneSeconds } }
  return { line: line.id, measured: [['tone', tone]], verdicts: [verdict] }
}

export interface KeyHeard {
  readonly key: string
  /** Level of the low tone, dBm0; the high one is louder by `twistDb`. */
  readonly dbm0: number
  readonly twistDb: number | undefined
}

const allKeys = '123456789*0#'
/** ITU-T Q.24: receivers must take the high tone from 8 dB below to 4 dB above the low one. */
const twistLimits = [-8, 4] as const
/** Q.24 asks for -25 dBm; a telephone this close should leave some of it to the line. */
const weakDbm0 = -22
const keysMs = 60_000

/** `told`: each key as it is heard. */
export const testKeys = async (bench: Bench, told: (key: KeyHeard) => void): Promise<TestReport> => {
  const { line, known } = bench
  const heard: KeyHeard[] = []
  let released = false
  let expired = false
  bench.listen(event => {
    if (released) return false
    if (isFirstDigitTimer(event, line.id)) {
      expired = true
      return true
    }
    if (event.from !== 'media') return false
    if (!('line' in event.event) || event.event.line !== line.id) return false
    if (event.event.type === 'digit-end') return true
    if (event.event.type !== 'digit-start') return false
    const { digit: key, dbm0, twistDb } = event.event
    heard.push({
      key,
      dbm0: Math.round(dbm0),
      twistDb: twistDb === undefined ? undefined : Math.round(twistDb),
    })
    told(heard.at(-1) as KeyHeard)
    const number = emergencyIn(heard, line.config.plan.emergency)
    if (number === undefined) return true
    released = true
    // As if they had just been pressed; the hook has not moved since.
    for (const digit of number) line.post({ type: 'digit', digit, source: 'dtmf' })
    return true
  })
  line.media.command({ do: 'tone', line: line.id, tone: null })
  const isOver = () => released || known.situation !== 'dial-tone' || hasAll(heard)
  await bench.wait(keysMs, isOver)
  const standing = known.situation === 'dial-tone' && !released
  if (standing) line.media.command({ do: 'tone', line: line.id, tone: known.tone })
  // The dial tone that is heard again has its whole time again.
  const { firstDigit } = line.config.timers
  if (standing && expired) performTimer({ type: 'start-timer', name: 'first-digit', ms: firstDigit }, line)
  const isCut = !hasAll(heard) && (bench.stopped() !== undefined || !standing)
  const verdicts = isCut ? [stoppedVerdict(line.id)] : keyVerdicts(heard, line.id)
  return { line: line.id, measured: heard.map(keyRow), verdicts }
}

/** The machine hears none of the keys: it would take the telephone for a forgotten one. */
const isFirstDigitTimer = (event: BoxEvent, line: string): boolean =>
  event.from === 'phone' &&
  event.line === line &&
  event.event.type === 'timer' &&
  event.event.name === 'first-digit'

const hasAll = (heard: readonly KeyHeard[]): boolean => {
  const keys = new Set(heard.map(({ key }) => key))
  return [...allKeys].every(key => keys.has(key))
}

const keyRow = ({ key, dbm0, twistDb }: KeyHeard) =>
  [`key ${key}`, `${dbm0} dBm0${twistDb === undefined ? '' : `, twist ${twistDb} dB`}`] as const

/** The emergency number that stands at the end of what was pressed. */
const emergencyIn = (heard: readonly KeyHeard[], numbers: readonly string[]): string | undefined => {
  const keys = heard.map(({ key }) => key).join('')
  return numbers.filter(each => keys.endsWith(each)).sort((a, b) => b.length - a.length)[0]
}

const isWeak = ({ dbm0, twistDb = 0 }: KeyHeard): boolean =>
  dbm0 < weakDbm0 || twistDb < twistLimits[0] || twistDb > twistLimits[1]

/** Pure: what the keys that were heard say of the telephone. */
export const keyVerdicts = (heard: readonly KeyHeard[], line: string): readonly Verdict[] => {
  if (heard.length === 0) return [{ id: 'no-keys', severity: 'fault', line, values: {} }]
  const keys = new Set(heard.map(({ key }) => key))
  const missing = [...allKeys].filter(key => !keys.has(key)).join(' ')
  const weak = [...new Set(heard.filter(isWeak).map(({ key }) => key))].join(' ')
  const found: Verdict[] = []
  if (missing !== '') found.push({ id: 'keys-missing', severity: 'warning', line, values: { missing } })
  if (weak !== '') found.push({ id: 'keys-weak', severity: 'warning', line, values: { keys: weak } })
  if (found.length > 0) return found
  return [{ id: 'keys-good', severity: 'fine', line, values: { count: allKeys.length } }]
}
