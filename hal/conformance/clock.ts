// What every Clock must do. `wait` lets at least that much of the clock's time pass: virtual time is advanced, real time slept.

import type { Test } from 'tap'
import { type Clock, ms, msBetween } from '../clock.js'
import { isHalError } from '../errors.js'

export interface ClockUnderTest {
  readonly clock: Clock
  wait(milliseconds: number): Promise<void>
}

export const clockConformance = (t: Test, { clock, wait }: ClockUnderTest): void => {
  t.test('time never goes back, and counts microseconds', async t => {
    let last = clock.now()
    for (let n = 0; n < 1000; n++) {
      const now = clock.now()
      if (now < last) t.fail(`${now} after ${last}`)
      last = now
    }
    const before = clock.now()
    await wait(20)
    t.ok(msBetween(before, clock.now()) >= 20)
    t.ok(Number.isInteger(clock.now()))
  })

  t.test('the wall clock is in this century', async t => {
    t.ok(clock.wall() > Date.UTC(2000, 0) && clock.wall() < Date.UTC(2100, 0))
  })

  t.test('a timer fires once, not before its time, and not inside the call that made it', async t => {
    const start = clock.now()
    const fired: number[] = []
    for (const delay of [0, 1, 2.5, 10, -5]) {
      clock.timer('t', ms(delay), () => fired.push(msBetween(start, clock.now()) - Math.max(0, delay)))
    }
    t.equal(fired.length, 0)
    await wait(60)
    t.equal(fired.length, 5)
    t.ok(
      fired.every(late => late >= 0),
      `late by ${fired} ms`,
    )
  })

  t.test('timers of clearly different delays fire in order', async t => {
    const order: string[] = []
    clock.timer('later', ms(40), () => order.push('later'))
    clock.timer('sooner', ms(5), () => order.push('sooner'))
    await wait(80)
    t.strictSame(order, ['sooner', 'later'])
  })

  t.test('a cancelled timer never fires; cancelling again, or after it fired, is harmless', async t => {
    const fired: string[] = []
    const cancelled = clock.timer('cancelled', ms(5), () => fired.push('cancelled'))
    cancelled.cancel()
    cancelled.cancel()
    const done = clock.timer('done', ms(1), () => fired.push('done'))
    await wait(30)
    done.cancel()
    t.strictSame(fired, ['done'])
  })

  t.test('a timer may set another from inside', async t => {
    let count = 0
    const again = (): void => {
      if (++count < 3) clock.timer('again', ms(1), again)
    }
    clock.timer('again', ms(1), again)
    await wait(60)
    t.equal(count, 3)
  })

  t.test('a delay beyond 2^31 ms does not fire at once', async t => {
    let fired = false
    const timer = clock.timer('far', ms(2 ** 40), () => {
      fired = true
    })
    await wait(10)
    timer.cancel()
    t.equal(fired, false)
  })

  t.test('a delay that is no number is refused', async t => {
    for (const delay of [Number.NaN, Number.POSITIVE_INFINITY]) {
      try {
        clock.timer('bad', ms(delay), () => {})
        t.fail('accepted')
      } catch (error) {
        t.ok(isHalError(error) && error.kind === 'invalid')
      }
    }
  })

  t.test('external work comes back with its value or its error', async t => {
    const value = clock.external(new Promise(resolve => setImmediate(() => resolve(42))))
    const failure = clock.external(
      new Promise((_, reject) => setImmediate(() => reject(new Error('disk gone')))),
    )
    t.equal(await value, 42)
    await t.rejects(failure, /disk gone/)
  })
}
