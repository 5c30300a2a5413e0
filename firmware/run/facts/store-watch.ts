// The store as the box uses it, watched: a change that was not made, and why, is an alarm until one is made again.

import { VoiceportError } from '../../errors.js'
import type { LineStore } from '../masking.js'
import type { AlarmTable } from './alarm-table.js'
import type { AlarmKind } from './facts.js'

/** What a failure of the store is called. */
const alarmOf = (error: unknown): AlarmKind => {
  const code = error instanceof VoiceportError ? error.code : undefined
  return code === 'VP-5005' ? 'disk-full' : 'store-failed'
}

/** Of one that can be read only, why. */
type Watched = LineStore & { readonly unwritable?: Error | undefined }

/**
 * `store` resolves with undefined where there is none, or rejects with why it could not be opened; what comes back resolves
 * with undefined in both cases.
 */
export const watchStore = <S extends Watched>(
  store: Promise<S | undefined>,
  alarms: AlarmTable,
): Promise<S | undefined> =>
  store.then(
    opened => {
      if (opened === undefined) alarms.raise('no-store')
      const why = opened?.unwritable
      if (why) alarms.raise(alarmOf(why), undefined, codeOf(why))
      return opened && watched(opened, alarms)
    },
    (error: unknown) => {
      const kind = alarmOf(error)
      alarms.raise(kind === 'disk-full' ? kind : 'no-store', undefined, codeOf(error))
      return undefined
    },
  )

const codeOf = (error: unknown): string | undefined =>
  error instanceof VoiceportError ? error.code : undefined

const watched = <S extends LineStore>(store: S, alarms: AlarmTable): S => {
  const setLine: LineStore['setLine'] = async (...change) => {
    try {
      await store.setLine(...change)
      alarms.clear('disk-full')
      alarms.clear('store-failed')
    } catch (error) {
      alarms.raise(alarmOf(error), undefined, codeOf(error))
      throw error
    }
  }
  return new Proxy(store, {
    get: (target, key) => {
      if (key === 'setLine') return setLine
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
