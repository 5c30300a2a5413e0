// Settings the machine wants stored. The outcome is an event: the machine confirms nothing before it.

import type { PhoneEffect } from '../phone/effect.js'
import type { LineContext } from './line-context.js'

type StoreEffect = Extract<PhoneEffect, { type: 'store' }>

export const performStore = ({ id, setting, value }: StoreEffect, line: LineContext): void => {
  line.masking.set(value).then(
    () => {
      line.log.info('setting stored', { line: line.id, setting, value })
      line.post({ type: 'stored', id, ok: true })
    },
    (error: Error) => {
      line.log.error('setting not stored', { line: line.id, setting, reason: error.message })
      line.post({ type: 'stored', id, ok: false })
    },
  )
}
