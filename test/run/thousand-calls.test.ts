// A thousand visits to the telephone with two calls each, through the box's loop, its SIP stack and the ports of its audio
// half (whose frames stand still, so that hours take seconds): whatever was begun, nothing of it is left.

import t from 'tap'
import { MediaEngine } from '../../firmware/media/media-engine.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { FrameBoard } from '../support/frame-board.js'
import { config as mediaConfig } from '../support/media-world.js'
import { boxAt, openBoxOnWire } from './box-on-wire.js'

t.setTimeout(240_000)

const VISITS = 1000
/** Timers of a box that only keeps its registration. */
const atRest = /^(register|binding expiry)$/

const openWorld = async (seed: number) => {
  const chance = new SeededEntropy(seed + 2)
  const draw = (n: number): number => chance.uint32() % n
  /** Steps made in each kind of calls. */
  const seen = new Map<string, number>()
  const box = await openBoxOnWire({
    seed,
    draw,
    audio: ({ clock, entropy, network, onEvent }) => {
      const engine = new MediaEngine({ board: new FrameBoard(['tel1']), network, clock, entropy, onEvent })
      engine.command({ do: 'configure', config: mediaConfig(boxAt.address) })
      return engine
    },
    onStep: ({ after }) => void seen.set(after.calls.kind, (seen.get(after.calls.kind) ?? 0) + 1),
  })
  const close = async (): Promise<void> => {
    await box.close()
    await box.media.close()
  }
  return { ...box, seen, draw, close }
}
type World = Awaited<ReturnType<typeof openWorld>>

const situation = ({ telephone }: World) => telephone.status()[0]?.situation

const keys = async ({ clock, telephone }: World, digits: string): Promise<void> => {
  for (const digit of digits) {
    telephone.onMedia({ type: 'digit-start', line: 'tel1', digit, us: clock.now(), dbm0: -10 })
    await clock.advance(60)
    telephone.onMedia({ type: 'digit-end', line: 'tel1', digit, us: clock.now(), ms: 60 })
    await clock.advance(40)
  }
}
const flash = async ({ clock, port }: World): Promise<void> => {
  port.hook(false)
  await clock.advance(270)
  port.hook(true)
  await clock.advance(60)
}

/** A visit begins with a call, out or in; then one or two parties do and press what comes. */
const visit = async (world: World): Promise<void> => {
  const { clock, parties, port, draw } = world
  if (draw(4) === 0) {
    parties.call()
    await clock.advance(200)
  }
  port.hook(true)
  await clock.advance(200)
  await keys(world, '0389000002')
  const deeds: readonly (() => Promise<void> | void)[] = [
    () => parties.answer(),
    () => parties.answer(),
    () => parties.ring(draw(2) === 0),
    () => parties.refuse([404, 480, 486, 503, 603][draw(5)] as number),
    () => parties.hangUp(),
    () => parties.reoffer(),
    () => parties.call(),
    () => parties.cancel(),
    () => flash(world),
    () => flash(world),
    () => keys(world, '0389000003'),
    () => flash(world).then(() => keys(world, String(draw(5)))),
    () => flash(world).then(() => keys(world, '2')),
    () => flash(world).then(() => keys(world, '3')),
  ]
  parties.answer()
  await clock.advance(100)
  if (draw(3) > 0) {
    await flash(world)
    await keys(world, '0389000003')
    await clock.advance(draw(2500))
    parties.answer()
    await clock.advance(100)
  }
  for (let left = 3 + draw(10); left > 0; left--) {
    await deeds[draw(deeds.length)]?.()
    await clock.advance(draw(2) === 0 ? draw(300) : draw(4000))
  }
  port.hook(false)
}

t.test('a thousand visits with two calls each leave no port, no dialog, no call and no timer', async t => {
  const world = await openWorld(20)
  const { clock, network, seen } = world
  await clock.advance(2000)
  const atFirst = network.openSockets.length
  const left: string[] = []
  for (let n = 0; n < VISITS; n++) {
    await visit(world)
    // A recall ring may go on for a minute, a caller who rings may do so for three.
    if (!(await clock.runUntil(() => situation(world) === 'idle', 400_000)))
      left.push(`visit ${n} never ends`)
    await clock.advance(50)
    for (const { port } of network.openSockets) if (port !== 5060) left.push(`visit ${n}: port ${port}`)
    if (left.length > 0) break
  }
  t.same(left, [])
  // The last words of the network may take all their repetitions (RFC 3261 timers B, F, H: 32 s, one after another).
  await clock.advance(140_000)
  t.equal(network.openSockets.length, atFirst)
  const busy = () => clock.pending().filter(({ name }) => !atRest.test(name))
  // A refresh of the registration may be under way just now.
  if (busy().length > 0) await clock.advance(40_000)
  t.same(busy(), [])
  t.equal(world.parties.open, 0, 'nor does anybody else believe in a call')
  t.ok((seen.get('two') ?? 0) + (seen.get('conference') ?? 0) > 2 * VISITS, 'and there were two calls')
  t.comment([...seen].map(([kind, count]) => `${kind} ${count}`).join(', '))
  await world.close()
})
