// When the box tidies up behind its start: twice, and never while somebody telephones.
import t from 'tap'
import { tidyHeaps } from '../../board/tidy-heap.js'
import type { Situation } from '../../firmware/phone/situation.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'

const boxIn = (situations: () => readonly Situation[]) => ({
  status: () => situations().map(situation => ({ line: 'tel1', registration: 'registered', situation })),
})

t.test('twice, some seconds apart, while no telephone is in use', async t => {
  const clock = new VirtualClock()
  let tel2: Situation = 'active'
  let collected = 0
  tidyHeaps(
    clock,
    boxIn(() => ['idle', tel2]),
    () => collected++,
  )
  await clock.advance(60_000)
  t.equal(collected, 0, 'a call stands')
  tel2 = 'idle'
  await clock.advance(6000)
  t.equal(collected, 1)
  tel2 = 'active'
  await clock.advance(60_000)
  t.equal(collected, 1, 'a call again')
  tel2 = 'idle'
  await clock.advance(6000)
  t.equal(collected, 2)
  await clock.advance(60_000)
  t.equal(collected, 2, 'and never again')
})

t.test('not in a box that was closed before', async t => {
  const clock = new VirtualClock()
  let collected = 0
  const stop = tidyHeaps(
    clock,
    boxIn(() => ['idle']),
    () => collected++,
  )
  await clock.advance(5000)
  stop()
  await clock.advance(60_000)
  t.equal(collected, 0)
})
