// Time as the firmware sees it: one monotonic clock, named timers, branded units.
// Two implementations: hal/linux/clock.ts (real) and hal/sim/virtual-clock.ts (tests, deterministic).

declare const msUnit: unique symbol
declare const usUnit: unique symbol

/** A duration in milliseconds. */
export type Ms = number & { readonly [msUnit]: true }
/** An instant on the box's monotonic clock, in microseconds. Never wall time; survives a clock step. */
export type Us = number & { readonly [usUnit]: true }

export const ms = (value: number): Ms => value as Ms
export const us = (value: number): Us => value as Us
/** Milliseconds from `from` to `to`; negative when `to` is earlier. */
export const msBetween = (from: Us, to: Us): Ms => ms((to - from) / 1000)
export const addMs = (instant: Us, delay: Ms): Us => us(instant + delay * 1000)

export interface Timer {
  /** Idempotent; a cancelled timer never fires. */
  cancel(): void
}

export interface Clock {
  /** Monotonic instant, the time base of hook edges. */
  now(): Us
  /** Wall-clock milliseconds since 1970, for logs and dates only. */
  wall(): number
  /** Fires once after `delay` (>= 0). `name` shows in traces and in the list of pending timers. */
  timer(name: string, delay: Ms, fire: () => void): Timer
  /** Marks real asynchronous work (disk, sockets): a virtual clock stands still until it settles. */
  external<T>(work: Promise<T>): Promise<T>
}
