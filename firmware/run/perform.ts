// Carries out one effect of the machine. One file per kind of effect; this one only knows which is which.

import type { PhoneEffect } from '../phone/effect.js'
import type { LineContext } from './line-context.js'
import { performLine } from './line-effects.js'
import { performMedia } from './media-effects.js'
import { performSip } from './sip-effects.js'
import { performStore } from './store-effects.js'
import { performTimer } from './timer-effects.js'

export const perform = (effect: PhoneEffect, line: LineContext): void => {
  switch (effect.type) {
    case 'line':
    case 'hook-context':
      return performLine(effect, line)
    case 'ring':
    case 'tone':
    case 'keys':
    case 'talk':
    case 'show-messages':
      return performMedia(effect, line)
    case 'place':
    case 'alert':
    case 'answer':
    case 'reject':
    case 'hang-up':
    case 'hold':
    case 'resume':
      return performSip(effect, line)
    case 'store':
      return performStore(effect, line)
    case 'start-timer':
    case 'cancel-timer':
      return performTimer(effect, line)
    case 'ignored':
      return
    default:
      return assertNever(effect)
  }
}

const assertNever = (effect: never): never => {
  throw new Error(`unknown effect ${JSON.stringify(effect)}`)
}
