// When the box tidies up behind its start and behind a burst of work: twice, and never while somebody telephones.
import t from 'tap'
import { lookMs, tidyHeaps } from '../../board/tidy-heap.js'
import type { Situation } from '../../firmware/phone/situation.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'

const boxIn = (situations: () => readonly Situation[]) => ({
  status: () => situations().map(situation => ({ line: 'tel1', registration: 'registered', situation })),
})

const fakeHeap = () => {
  const heap = {
    collected: 0,
    taken: 20e6,
    living: 3e6,
    collect: () => {
      heap.collected++
      heap.taken = heap.living
    },
    size: () => heap.taken,
  }
  return heap
}

t.test('twice, some seconds apart, while no telephone is in use', async t => {
  const clock = new VirtualClock()
  let tel2: Situation = 'active'
  const heap = fakeHeap()
  tidyHeaps(
    clock,
    boxIn(() => ['idle', tel2]),
    heap.collect,
    heap.size,
  )
  await clock.advance(60_000)
  t.equal(heap.collected, 0, 'a call stands')
  tel2 = 'idle'
  await clock.advance(6000)
  t.equal(heap.collected, 1)
  tel2 = 'active'
  await clock.advance(60_000)
  t.equal(heap.collected, 1, 'a call again')
  tel2 = 'idle'
  await clock.advance(6000)
  t.equal(heap.collected, 2)
  await clock.advance(600_000)
  t.equal(heap.collected, 2, 'and never again')
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

t.test('again in a burst of work, as soon as it has taken megabytes and nobody telephones', async t => {
  const clock = new VirtualClock()
  const heap = fakeHeap()
  let situation: Situation = 'idle'
  const stop = tidyHeaps(
    clock,
    boxIn(() => [situation]),
    heap.collect,
    heap.size,
  )
  await clock.advance(15_000)
  t.equal(heap.collected, 2)
  heap.taken += 1e6
  await clock.advance(60_000)
  t.equal(heap.collected, 2, 'not for one of them')
  situation = 'active'
  heap.taken += 2e6
  await clock.advance(60_000)
  t.equal(heap.collected, 2, 'a call stands')
  situation = 'idle'
  await clock.advance(6000)
  t.equal(heap.collected, 3)
  heap.taken += 5e6
  await clock.advance(lookMs)
  t.equal(heap.collected, 4)
  stop()
  t.same(clock.pending(), [])
})

t.test('a heap that has to be as great as it is is let be', async t => {
  const clock = new VirtualClock()
  const heap = fakeHeap()
  tidyHeaps(
    clock,
    boxIn(() => ['idle']),
    heap.collect,
    heap.size,
  )
  await clock.advance(15_000)
  heap.living = 40e6
  heap.taken = 41e6
  await clock.advance(60 * 60_000)
  t.equal(heap.collected, 3)
})
