// What a late moment leaves waiting in the telephone's playback is dropped, and nothing else is.

import t from 'tap'
import { WaitingFrames } from './guest/waiting-frames.js'

const wanted = 10

/** Plays `frames` one by one against a codec that takes one in the same time, `behind` more than wanted from the beginning. */
const play = (waiting: WaitingFrames, frames: number, behind: number, known = true): number => {
  let given = wanted
  waiting.begin()
  for (let n = 1; n <= frames; n++) {
    // The codec's own count: what was given from its side, less what waits there.
    const played = n - 1 - behind
    if (waiting.areTooMany(() => (known ? played : undefined))) continue
    waiting.add()
    given++
  }
  return given
}

t.test('an even flow is left alone', async t => {
  const waiting = new WaitingFrames(wanted)
  t.equal(play(waiting, 1000, 0), wanted + 1000)
  t.equal(play(waiting, 1000, 2), wanted + 1000, 'nor a little more, for which a gap would be worse')
  t.equal(waiting.dropped, 0)
})

t.test('what waits beyond that is dropped within seconds, once', async t => {
  const waiting = new WaitingFrames(wanted)
  t.equal(play(waiting, 1000, 43), wanted + 1000 - 43)
  t.equal(waiting.dropped, 43)
  t.equal(play(waiting, 150, 43), wanted + 150 - 43, 'again when playback begins anew')
  t.equal(waiting.dropped, 86)
})

t.test('a codec that cannot be asked costs no frame', async t => {
  const waiting = new WaitingFrames(wanted)
  t.equal(play(waiting, 1000, 43, false), wanted + 1000)
})
