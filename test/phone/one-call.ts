// One telephone with at most one call, in every stage of it, and what its tests look at.

import type { Test } from 'tap'
import type { CallId } from '../../firmware/phone/event.js'
import { Telephone } from './telephone.js'

export const ringing = () => new Telephone().lift().dial('0389000002').progress(180)
export const talking = () => ringing().answered()
/** Has answered a caller. */
export const called = () => new Telephone().incoming('in-1').lift()

export const placed = (phone: Telephone) => phone.network.filter(act => act.type === 'place')
/** How often this call was released. */
export const hungUp = (phone: Telephone, call: CallId = phone.called) =>
  phone.network.filter(act => act.type === 'hang-up' && act.call === call).length

export const idleAgain = (t: Test, phone: Telephone): void => {
  t.same(phone.heard, { line: 'idle', ring: null, tone: null, keys: 'off', talk: 0 })
  t.same(phone.state.calls, { kind: 'none' })
  t.equal(phone.state.waiting, null)
  t.same(
    [...phone.timers.keys()].filter(name => name !== 'lamp'),
    [],
  )
}
