// Bridges the globals that sip.js takes its time and chance from to a virtual clock and a seeded entropy.
// Only tests may do this; the firmware itself never touches these globals.

import { type Clock, ms, type Timer } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'

/** What the bridged setTimeout and setInterval return. */
class VirtualHandle {
  timer: Timer | undefined
  constructor(timer?: Timer) {
    this.timer = timer
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  hasRef(): boolean {
    return true
  }
}

type Callback = (...values: unknown[]) => void

/**
 * setTimeout, setInterval and their clear functions, Date.now, new Date() and Math.random follow `clock` and `entropy`
 * until the returned function is called. Handles made before the bridge can still be cleared.
 */
export const bridgeGlobals = (clock: Clock, entropy: Entropy): (() => void) => {
  const real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
    Date: globalThis.Date,
    random: Math.random,
  }
  const later = (name: string, delay: unknown, fire: () => void): Timer =>
    clock.timer(name, ms(Math.max(0, Number(delay) || 0)), fire)
  const clear = (handle: unknown): void => {
    if (handle instanceof VirtualHandle) handle.timer?.cancel()
    else real.clearTimeout(handle as NodeJS.Timeout)
  }
  const setVirtualTimeout = (callback: Callback, delay?: unknown, ...values: unknown[]): VirtualHandle =>
    new VirtualHandle(later(`setTimeout ${callback.name}`.trim(), delay, () => callback(...values)))
  const setVirtualInterval = (callback: Callback, delay?: unknown, ...values: unknown[]): VirtualHandle => {
    const handle = new VirtualHandle()
    // Node makes an interval of 0 one of 1 ms; at 0 virtual time would never move on.
    const period = Math.max(1, Number(delay) || 0)
    const arm = (): void => {
      handle.timer = later(`setInterval ${callback.name}`.trim(), period, () => {
        arm()
        callback(...values)
      })
    }
    arm()
    return handle
  }
  const VirtualDate = new Proxy(real.Date, {
    construct: (target, values) => Reflect.construct(target, values.length === 0 ? [clock.wall()] : values),
    apply: () => new real.Date(clock.wall()).toString(),
    get: (target, key) => (key === 'now' ? () => clock.wall() : Reflect.get(target, key)),
  })
  Object.assign(globalThis, {
    setTimeout: setVirtualTimeout,
    clearTimeout: clear,
    setInterval: setVirtualInterval,
    clearInterval: clear,
    Date: VirtualDate,
  })
  Math.random = () => entropy.uint32() / 2 ** 32
  return () => {
    const { random, ...globals } = real
    Object.assign(globalThis, globals)
    Math.random = random
  }
}
