// A telephone to drive the feature machine with: events in, and what a person or a network would notice of the
// effects. It keeps the timers like the box does, so that a test names the timer that runs out and no test waits.

import type { PhoneConfig } from '../../firmware/phone/config.js'
import type { PhoneEffect } from '../../firmware/phone/effect.js'
import type { CallId, PhoneEvent, TimerName } from '../../firmware/phone/event.js'
import { reduce } from '../../firmware/phone/reduce.js'
import { initialState, type PhoneState } from '../../firmware/phone/state.js'
import { frenchTimers } from '../support/french-line.js'
import { planOfProfile } from '../support/plan-of-profile.js'

export const config: PhoneConfig = {
  timers: frenchTimers,
  plan: planOfProfile('fr'),
  hasAccount: true,
  howlerTone: true,
  callWaiting: true,
  okFinals: [],
}

export const caller = { number: '0389000002', withheld: false } as const

type Stored = Extract<PhoneEffect, { type: 'store' }>
type Shown = Extract<PhoneEffect, { type: 'show-messages' }>
type Toward = Extract<
  PhoneEffect,
  { type: 'place' | 'alert' | 'answer' | 'reject' | 'hang-up' | 'hold' | 'resume' }
>

export class Telephone {
  state: PhoneState = initialState
  line = 'idle'
  context = 'collecting'
  ring: string | null = null
  tone: string | null = null
  keys = 'off'
  talk: readonly CallId[] = []
  readonly timers = new Map<TimerName, number>()
  /** Everything told to the network, in order. */
  readonly network: Toward[] = []
  /** Everything to be stored, in order. */
  readonly stores: Stored[] = []
  /** Everything told to the lamp for messages, in order. */
  readonly shown: Shown[] = []
  /** Effects of the last event. */
  last: readonly PhoneEffect[] = []
  readonly settings: PhoneConfig

  constructor(settings: PhoneConfig = config, registered = true) {
    this.settings = settings
    this.on({ type: 'masking', masked: false })
    if (registered) this.on({ type: 'registration', registered: true })
  }

  on(event: PhoneEvent): this {
    if (event.type === 'timer') this.timers.delete(event.name)
    const [state, effects] = reduce(this.state, event, this.settings)
    this.state = state
    this.last = effects
    for (const effect of effects) this.#perform(effect)
    return this
  }

  lift = () => this.on({ type: 'off-hook' })
  hangUp = (afterFlashMs?: number) =>
    this.on({ type: 'on-hook', ...(afterFlashMs !== undefined && { afterFlashMs }) })
  dial(keys: string, source: 'dtmf' | 'rotary' = 'dtmf'): this {
    for (const digit of keys) {
      this.on({ type: 'digit', digit, source })
      if (source === 'dtmf') this.on({ type: 'digit-end', digit })
    }
    return this
  }
  flash = () => this.on({ type: 'flash', ms: 270 })
  incoming = (call = 'in-1') => this.on({ type: 'incoming', call, caller })
  progress = (status = 180, call = this.called) => this.on({ type: 'progress', call, status })
  earlyMedia = (call = this.called) => this.on({ type: 'early-media', call })
  answered = (call = this.called) => this.on({ type: 'answered', call })
  failed = (status: number, q850?: number) =>
    this.on({ type: 'failed', call: this.called, status, ...(q850 !== undefined && { q850 }) })
  audio = (call = this.called) => this.on({ type: 'audio', call })
  /** The outcome of the last store. */
  stored = (ok = true, id = this.stores.at(-1)?.id ?? 'none') => this.on({ type: 'stored', id, ok })
  ended = (call = this.called) => this.on({ type: 'ended', call })
  /** The network's answer to a hold, to a resume. */
  hold = (call = this.called, ok = true) => this.on({ type: 'held', call, ok })
  resumed = (call = this.called, ok = true) => this.on({ type: 'resumed', call, ok })
  /** The timer must run; its time is over. */
  expire(name: TimerName): this {
    if (!this.timers.has(name)) throw new Error(`${name} does not run, only ${[...this.timers.keys()]}`)
    return this.on({ type: 'timer', name })
  }

  /** The call placed last. */
  get called(): CallId {
    const placed = this.network.filter(act => act.type === 'place').at(-1)
    return placed?.call ?? 'none'
  }
  /** What a bystander sees and hears. */
  get heard() {
    const { line, ring, tone, keys, talk } = this
    return { line, ring, tone, keys, talk: talk.length }
  }
  get lastIgnored(): boolean {
    return this.last.length === 1 && this.last[0]?.type === 'ignored'
  }

  #perform(effect: PhoneEffect): void {
    switch (effect.type) {
      case 'line':
        this.line = effect.state
        return
      case 'hook-context':
        this.context = effect.context
        return
      case 'ring':
        this.ring = effect.cadence
        return
      case 'tone':
        this.tone = effect.tone
        return
      case 'keys':
        this.keys = effect.swallow ? `${effect.mode} but ${effect.swallow}` : effect.mode
        return
      case 'talk':
        this.talk = effect.calls
        return
      case 'start-timer':
        this.timers.set(effect.name, effect.ms)
        return
      case 'cancel-timer':
        if (!this.timers.delete(effect.name)) throw new Error(`cancelled ${effect.name}, which did not run`)
        return
      case 'store':
        this.stores.push(effect)
        return
      case 'show-messages':
        this.shown.push(effect)
        return
      case 'ignored':
        return
      default:
        this.network.push(effect)
    }
  }
}
