// What the receiver carries while a scenario runs, for its picture: recorded in pieces of two seconds, because a
// recording has a length and a scenario has none.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { readWav } from '../support/wav-file.js'
import type { Scenario } from './scenarios/scenario.js'
import type { Target } from './target.js'

export interface EarChunk {
  readonly line: string
  /** Of the first value, µs on the clock of the box. */
  readonly startUs: number
  /** Root mean square of each 20 ms as the dBm0 of a sine. */
  readonly levels: readonly number[]
}

const pieceMs = 2000
export const levelMs = 20
const perLevel = levelMs * 8
const zeroDbm0Peak = 32_767 / 10 ** (3.14 / 20)
const floor = -80

const levelsOf = (samples: Int16Array): readonly number[] =>
  Array.from({ length: Math.floor(samples.length / perLevel) }, (_, n) => {
    let sum = 0
    for (let i = n * perLevel; i < (n + 1) * perLevel; i++) sum += (samples[i] as number) ** 2
    const dbm0 = 10 * Math.log10((2 * sum) / perLevel / zeroDbm0Peak ** 2 + 1e-12)
    return Math.round(Math.max(floor, dbm0) * 10) / 10
  })

/** Listens to the telephone under test until the answer is called; nothing where no folder is shared. */
export const listenAlong = (target: Target, scenario: Scenario): (() => Promise<readonly EarChunk[]>) => {
  const { client, folder } = target
  const line = target.lines[0]?.id as string
  if (!folder) return async () => []
  const chunks: EarChunk[] = []
  let wanted = true
  const listen = async (): Promise<void> => {
    for (let n = 0; wanted; n++) {
      const file = `picture-${scenario.name}-${n}.wav`
      const reply = await client.request({
        do: 'record',
        line,
        wav: join(folder.there, file),
        ms: pieceMs,
      })
      if (!reply.ok || reply.us === undefined) return
      const { samples } = readWav(join(folder.here, file))
      await rm(join(folder.here, file), { force: true })
      chunks.push({ line, startUs: reply.us - samples.length * 125, levels: levelsOf(samples) })
    }
  }
  const listening = listen().catch(() => {})
  return async () => {
    wanted = false
    await listening
    return chunks
  }
}
