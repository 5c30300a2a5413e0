// Timers the machine starts and cancels. One of each name a line; starting again replaces.

import { ms } from '../../hal/clock.js'
import type { PhoneEffect } from '../phone/effect.js'
import type { LineContext } from './line-context.js'

type TimerEffect = Extract<PhoneEffect, { type: 'start-timer' | 'cancel-timer' }>

export const performTimer = (effect: TimerEffect, line: LineContext): void => {
  line.timers.get(effect.name)?.cancel()
  line.timers.delete(effect.name)
  if (effect.type === 'cancel-timer') return
  const { name } = effect
  const timer = line.clock.timer(`${line.id}:${name}`, ms(effect.ms), () => {
    line.timers.delete(name)
    line.post({ type: 'timer', name })
  })
  line.timers.set(name, timer)
}
