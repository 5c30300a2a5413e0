// The operator's own numbers: what may be tried, star codes, emergency where no gateway has it.

import type { Clock } from '../../hal/clock.js'
import type { Application } from './application.js'
import {
  announcement,
  echo,
  holdMusic,
  numberReadOut,
  ringBack,
  speakingClock,
} from './applications/numbers-to-try.js'
import { starCode } from './applications/star-codes.js'
import { clip } from './clips.js'
import { isEmergency } from './numbers.js'
import type { Profiles } from './profiles.js'

export interface ServiceOptions {
  readonly clock: Clock
  readonly profiles: Profiles
  readonly timezone: string
  readonly gateway: boolean
  /** Calls a subscriber's telephone. */
  readonly callBack: (user: string, application: Application) => void
  /** Instead of, or beside, the numbers below. */
  readonly more: Readonly<Record<string, Application>>
}

/** What answers at a number; undefined: it is none of the operator's. */
export const createServices = (options: ServiceOptions): ((number: string) => Application | undefined) => {
  const { clock } = options
  const numbers = new Map<string, Application>(
    Object.entries({
      '3100': echo,
      '3101': announcement(clip('speaking')),
      '3102': holdMusic,
      '3103': speakingClock(clock, options.timezone),
      '3104': ringBack(clock, options.callBack),
      '3105': numberReadOut,
      ...options.more,
    }),
  )
  const codes = starCode(options.profiles)
  return number => {
    const service = numbers.get(number)
    if (service !== undefined) return service
    if (/^[*#]/.test(number)) return codes
    return isEmergency(number) && !options.gateway ? announcement(clip('emergency')) : undefined
  }
}
