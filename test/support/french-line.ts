// What a French line is set to, written down by hand and not read from the profile, so that tests and profile check each
// other.

import type { HookTimings } from '../../firmware/line/hook-event.js'
import type { PhoneTimers } from '../../firmware/phone/config.js'

export const frenchHook: HookTimings = {
  offHookMs: 40,
  flashMs: [80, 600],
  onHookMs: 600,
  bounceMs: 15,
  pulse: true,
  pulseBreakMs: [30, 90],
  pulseMakeMs: [15, 75],
  pulseGapMs: 250,
}

export const frenchTimers: PhoneTimers = {
  firstDigit: 15_000,
  interDigit: 5000,
  window: 3500,
  waiting: 20_000,
  recallRing: 60_000,
  noAnswer: 180_000,
  hashSwallow: 3000,
  busyTone: 30_000,
  howler: 60_000,
  ringGuard: 180_000,
}
