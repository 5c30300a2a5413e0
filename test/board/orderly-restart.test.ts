// A restart that a technician asked for, in virtual time: an emergency call that begins after he was let is not cut.
import t from 'tap'
import { createOrderlyRestart, restartMs } from '../../board/orderly-restart.js'
import type { Situation } from '../../firmware/phone/situation.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'

const play = () => {
  const clock = new VirtualClock()
  const said: string[] = []
  const situations: Record<string, Situation> = { tel1: 'active', tel2: 'idle' }
  const note = (message: string) => void said.push(message)
  const { ask, close } = createOrderlyRestart({
    clock,
    log: { debug: note, info: note, warn: note, error: note },
    lines: () => Object.entries(situations).map(([line, situation]) => ({ line, situation })),
    restart: () => void said.push('restart'),
  })
  return { clock, said, situations, ask, close }
}

t.test('the answer goes out first; asked for twice, it happens once', async t => {
  const { clock, said, ask } = play()
  ask()
  ask()
  await clock.advance(restartMs - 1)
  t.same(said, [])
  await clock.advance(1)
  t.same(said, ['restart'])
  ask()
  await clock.advance(10 * restartMs)
  t.same(said, ['restart'])
  t.same(clock.pending(), [])
})

t.test('an emergency call on any line that begins before it is fulfilled stands to its end', async t => {
  const { clock, said, situations, ask } = play()
  ask()
  await clock.advance(restartMs - 1)
  situations['tel2'] = 'emergency'
  await clock.advance(600_000)
  t.same(said, ['the restart waits for the end of an emergency call'], 'told once')
  situations['tel2'] = 'idle'
  await clock.advance(restartMs)
  t.equal(said.at(-1), 'restart')
  t.same(clock.pending(), [])
})

t.test('a box that ends meanwhile looks no more', async t => {
  const { clock, said, situations, ask, close } = play()
  situations['tel1'] = 'emergency'
  ask()
  await clock.advance(restartMs)
  close()
  t.same(clock.pending(), [])
  t.notOk(said.includes('restart'))
})
