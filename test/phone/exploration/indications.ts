// Messages and forwards are left out of the states that are explored: three facts more would be a dozen times as many. In
// their place it is shown that they change nothing but the dial tone and the lamp: with any of them, every event does the
// same and leads to the same state, dial tones and lamp aside; and word of them changes nothing else.

import type { PhoneEffect } from '../../../firmware/phone/effect.js'
import type { PhoneEvent } from '../../../firmware/phone/event.js'
import { reduce } from '../../../firmware/phone/reduce.js'
import type { Indications, PhoneState } from '../../../firmware/phone/state.js'
import type { Watched } from './checked-step.js'
import type { Closure } from './closure.js'
import { eventsAt } from './telephone-events.js'

const dialTones: ReadonlySet<unknown> = new Set(['dial', 'stutter', 'special'])

const isOfLamp = (effect: PhoneEffect): boolean =>
  effect.type === 'show-messages' ||
  ((effect.type === 'start-timer' || effect.type === 'cancel-timer') && effect.name === 'lamp')

/** As if there were one dial tone and no lamp. An event that only the lamp heeds is one that is ignored without it. */
const bare = (effects: readonly PhoneEffect[], event: PhoneEvent): string => {
  const left = effects.filter(effect => !isOfLamp(effect) && effect.type !== 'ignored')
  const ignored = effects.some(({ type }) => type === 'ignored') && !isNews(event)
  return `${JSON.stringify(left.map(effect => (effect.type === 'tone' && dialTones.has(effect.tone) ? { ...effect, tone: 'dial' } : effect)))}${ignored && event.type !== 'timer' ? ' ignored' : ''}`
}

const isNews = ({ type }: PhoneEvent): boolean => type === 'messages' || type === 'forwarding'

const without = (state: PhoneState): string => JSON.stringify({ ...state, indications: null })

/** Of a telephone whose lamp stands as in `state`. */
const variants = ({ indications: { lamp } }: PhoneState): readonly Indications[] => [
  { messages: { waiting: true, count: 1 }, forwarded: false, lamp: { ...lamp, due: true } },
  { messages: { waiting: true }, forwarded: true, lamp },
  { messages: { waiting: false, count: 0 }, forwarded: true, lamp: { ...lamp, due: true } },
]

const news: readonly PhoneEvent[] = [
  { type: 'messages', waiting: true, count: 3 },
  { type: 'messages', waiting: false, count: 0 },
  { type: 'forwarding', active: true },
  { type: 'forwarding', active: false },
]

/** Every `stride`-th state, with every event. Throws at the first that behaves otherwise. Returns how many steps were compared. */
export const checkIndications = (closure: Closure, stride = 1): number => {
  let steps = 0
  let i = 0
  for (const place of closure.places.values()) {
    if (i++ % stride !== 0) continue
    for (const indications of variants(place.state)) steps += compare(closure, place, indications)
  }
  return steps
}

const compare = ({ config }: Closure, { state, seen }: Watched, indications: Indications): number => {
  const told: PhoneState = { ...state, indications }
  const events = eventsAt(seen, state.callBackOf)
  for (const { name, event } of events) {
    const [afterPlain, plain] = reduce(state, event, config)
    const [afterTold, heard] = reduce(told, event, config)
    // Most events mean nothing in either, and there is nothing to write out.
    if (afterPlain === state && afterTold === told && isIgnored(plain) && isIgnored(heard)) continue
    demandSame(without(afterPlain), without(afterTold), name, told)
    demandSame(bare(plain, event), bare(heard, event), name, told)
  }
  for (const event of news) {
    const [after, effects] = reduce(told, event, config)
    demandSame(without(told), without(after), event.type, told)
    const others = effects.filter(
      effect =>
        effect.type !== 'ignored' &&
        !isOfLamp(effect) &&
        !(effect.type === 'tone' && dialTones.has(effect.tone)),
    )
    demandSame('[]', JSON.stringify(others), event.type, told)
  }
  return events.length + news.length
}

const isIgnored = (effects: readonly PhoneEffect[]): boolean =>
  effects.length === 1 && effects[0]?.type === 'ignored'

const demandSame = (a: string, b: string, what: string, state: PhoneState): void => {
  if (a !== b) throw new Error(`messages or forwards change ${what} in ${JSON.stringify(state)}:\n${a}\n${b}`)
}
