// The good-byes of a daemon that ends, in virtual time: who only looks on holds nothing up.
import t from 'tap'
import { signOff } from '../../board/sign-off.js'
import { type Clock, ms } from '../../hal/clock.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'

const after = (clock: Clock, delay: number): Promise<void> =>
  new Promise(resolve => void clock.timer('work', ms(delay), resolve))

const play = async (lookers: readonly (() => Promise<unknown> | undefined)[]) => {
  const clock = new VirtualClock()
  const log: string[] = []
  const note = (what: string) => void log.push(`${clock.now() / 1000} ${what}`)
  const ended = signOff({
    clock,
    goodbyes: async () => {
      note('good-byes')
      await after(clock, 1200)
      note('said')
    },
    lookers,
    lookersMs: 500,
    last: [() => Promise.reject(new Error('already closed')), async () => note('store')],
  }).then(() => note('end'))
  await clock.advance(1999)
  await Promise.race([ended, clock.advance(1)])
  return { log, pending: clock.pending() }
}
const orderly = ['0 good-byes', '1200 said', '1200 store', '1200 end']

t.test('the good-byes come first', async t => {
  t.same(await play([async () => undefined, () => undefined]), { log: orderly, pending: [] })
})

t.test('a console, a lamp or a bench that never closes, or fails to', async t => {
  const fails = (): never => {
    throw new Error('no lamp')
  }
  t.same(await play([() => new Promise(() => undefined), () => Promise.reject(new Error('gone')), fails]), {
    log: orderly,
    pending: [],
  })
})
