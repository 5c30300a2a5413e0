// When the box tidies up behind its start: once, and never while somebody telephones.
import t from 'tap'
import { tidyHeapOnce } from '../../board/tidy-heap.js'
import type { Situation } from '../../firmware/phone/situation.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'

const boxIn = (situations: () => readonly Situation[]) => ({
  status: () => situations().map(situation => ({ line: 'tel1', registration: 'registered', situation })),
})

t.test('once, some seconds after the start, as soon as no telephone is in use', async t => {
  const clock = new VirtualClock()
  let tel2: Situation = 'active'
  let collected = 0
  tidyHeapOnce(
    clock,
    boxIn(() => ['idle', tel2]),
    () => collected++,
  )
  await clock.advance(60_000)
  t.equal(collected, 0, 'a call stands')
  tel2 = 'idle'
  await clock.advance(5000)
  await clock.advance(60_000)
  t.equal(collected, 1)
})

t.test('not in a box that was closed before', async t => {
  const clock = new VirtualClock()
  let collected = 0
  const stop = tidyHeapOnce(
    clock,
    boxIn(() => ['idle']),
    () => collected++,
  )
  await clock.advance(5000)
  stop()
  await clock.advance(60_000)
  t.equal(collected, 0)
})
