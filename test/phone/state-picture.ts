// The picture of the situations in firmware/phone/README.md, as Mermaid: drawn by trying on the machine itself, in each
// situation, what a subscriber, the network and the clock do; an arrow is where that leads. Arrows that stay where they
// are, and those of hanging up into idle, which there is from everywhere, are left out.

import { flashKeys, flashTable } from '../../firmware/phone/flash-keys.js'
import { activeLeg, heldParty } from '../../firmware/phone/legs.js'
import { type Situation, situationOf, situations } from '../../firmware/phone/situation.js'
import type { Telephone } from './telephone.js'
import { telephoneIn } from './telephone-in.js'

interface Deed {
  readonly label: string
  /** undefined: that cannot happen here. */
  readonly on: (phone: Telephone, situation: Situation) => Telephone | undefined
}

const active = ({ state }: Telephone) => activeLeg(state.calls)

const byR: readonly Deed[] = flashKeys.map(label => ({
  label,
  on: (phone, situation) => {
    const action = flashTable[situation][label]
    if (action === 'ignored' || action === 'number' || action === 'swallowed') return undefined
    return label === 'R'
      ? phone.flash()
      : phone.flash().on({ type: 'digit', digit: label.slice(2), source: 'dtmf' })
  },
}))

const deeds: readonly Deed[] = [
  { label: 'lifts', on: phone => (phone.state.hook === 'on' ? phone.lift() : undefined) },
  { label: 'hangs up', on: phone => (phone.state.hook === 'off' ? phone.hangUp() : undefined) },
  ...byR,
  { label: 'first key', on: (phone, situation) => (situation === 'dial-tone' ? phone.dial('0') : undefined) },
  {
    label: 'number',
    on: (phone, situation) => {
      if (situation === 'dialling') return phone.dial('389000003')
      return situation === 'consult-dial' ? phone.dial('0389000003') : undefined
    },
  },
  {
    label: '112',
    on: (phone, situation) =>
      situation === 'dial-tone' || situation === 'consult-dial' ? phone.dial('112') : undefined,
  },
  { label: 'answered', on: phone => (active(phone)?.phase === 'calling' ? phone.answered() : undefined) },
  { label: 'refused', on: phone => (active(phone)?.phase === 'calling' ? phone.failed(486) : undefined) },
  { label: 'somebody calls', on: phone => phone.incoming('in-9') },
  {
    label: 'caller gives up',
    on: phone => {
      const leg = active(phone)
      const caller = phone.state.waiting?.id ?? (leg?.phase === 'ringing' ? leg.id : undefined)
      return caller === undefined
        ? undefined
        : phone.on({ type: 'abandoned', call: caller, elsewhere: false })
    },
  },
  {
    label: 'other party leaves',
    on: phone => {
      const { calls } = phone.state
      const leaves = calls.kind === 'conference' ? calls.last : active(phone)
      return leaves?.phase === 'talking' ? phone.ended(leaves.id) : undefined
    },
  },
  {
    label: 'held party leaves',
    on: phone => {
      const held = heldParty(phone.state.calls)
      return held === undefined ? undefined : phone.ended(held)
    },
  },
]

/** The network grants every hold. */
const granted = (phone: Telephone): Telephone => {
  for (const effect of phone.last) if (effect.type === 'hold') return phone.hold(effect.call)
  return phone
}

/** Where each timer that runs there leads. */
const timeOuts = (situation: Situation): readonly (readonly [string, Situation])[] =>
  [...telephoneIn[situation]().timers.keys()].map(name => [
    `timer ${name}`,
    situationOf(telephoneIn[situation]().expire(name).state),
  ])

const leads = (situation: Situation): readonly (readonly [string, Situation])[] => [
  ...deeds.flatMap(({ label, on }): (readonly [string, Situation])[] => {
    const phone = on(telephoneIn[situation](), situation)
    return phone === undefined ? [] : [[label, situationOf(granted(phone).state)]]
  }),
  ...timeOuts(situation),
]

const idOf = (situation: Situation): string => situation.replace(/[^a-z]/g, '_')

const arrowsFrom = (from: Situation): readonly string[] => {
  const labels = new Map<Situation, string[]>()
  for (const [label, to] of leads(from)) {
    if (to === from || (to === 'idle' && label === 'hangs up')) continue
    labels.set(to, [...(labels.get(to) ?? []), label])
  }
  return [...labels].map(([to, all]) => `    ${idOf(from)} --> ${idOf(to)}: ${all.join(', ')}`)
}

/** Without the fence, no newline at the end. */
export const statePicture = (): string =>
  [
    'stateDiagram-v2',
    ...situations.map(name => `    state "${name}" as ${idOf(name)}`),
    '    [*] --> idle',
    ...situations.flatMap(arrowsFrom),
  ].join('\n')
