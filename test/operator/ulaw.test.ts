// A-law to µ-law and back (ITU-T G.711), held against both laws by their segments.

import t from 'tap'
import { laws } from '../support/companding.js'
import { alawToUlaw, ulawToAlaw } from './ulaw.js'

const codes = Uint8Array.from({ length: 256 }, (_, code) => code)
const { PCMA, PCMU } = laws

t.test('every code becomes the nearest one of the other law, with its sign', async t => {
  for (const [from, to, across] of [
    [PCMA, PCMU, alawToUlaw],
    [PCMU, PCMA, ulawToAlaw],
  ] as const) {
    const wrong = [...across(codes).entries()].filter(([code, made]) => {
      const distance = (other: number): number => Math.abs(to.decode(other) - from.decode(code))
      return distance(made) > Math.min(...[...codes].map(distance)) || (made & 0x80) !== (code & 0x80)
    })
    t.same(wrong, [])
  }
})

t.test('through both and back nothing moves by more than one step of either', async t => {
  for (const [law, there, back] of [
    [PCMA, alawToUlaw, ulawToAlaw],
    [PCMU, ulawToAlaw, alawToUlaw],
  ] as const) {
    const moved = [...back(there(codes)).entries()].filter(([code, again]) => {
      const before = law.decode(code)
      return Math.abs(law.decode(again) - before) > 16 + Math.abs(before) / 16
    })
    t.same(moved, [], `${law.payloadType}`)
  }
})

t.test('transcoding keeps the level of a tone and adds noise more than 30 dB below it', async t => {
  // Soft tones are only a few steps high, and the steps of the two laws do not meet.
  for (const [amplitude, within] of [
    [300, 0.2],
    [3000, 0.05],
    [30_000, 0.05],
  ] as const) {
    const alaw = Uint8Array.from({ length: 8000 }, (_, n) => PCMA.encode(amplitude * Math.sin(0.7851 * n)))
    const before = [...alaw].map(PCMA.decode)
    const after = [...alawToUlaw(alaw)].map(PCMU.decode)
    const energy = (sound: readonly number[]): number =>
      sound.reduce((sum, sample) => sum + sample * sample, 0)
    const noise = energy(after.map((sample, n) => sample - before[n]!))
    const levelDb = 10 * Math.log10(energy(after) / energy(before))
    const noiseDb = 10 * Math.log10(noise / energy(before))
    t.ok(Math.abs(levelDb) < within && noiseDb < -30, `${amplitude}: ${levelDb} dB, ${noiseDb} dB`)
  }
})
