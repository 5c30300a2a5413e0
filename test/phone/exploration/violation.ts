// What must hold, whatever happens to a telephone: the list that an exploration prints, and the error that names the
// one that did not hold.

export const invariants = {
  total: 'the machine never throws',
  ignored: 'an event without meaning returns the same state and one `ignored`, nothing else',
  presentation: 'what is heard, rings and listens for keys is what the new state says, after every step',
  timers: 'every timer is fired or cancelled, and none runs that its state does not know',
  legs: 'no leg is lost or doubled: each is placed or offered once and released once',
  stale: 'a late word about a call that is gone changes nothing',
  answer: 'a call is answered only while it rings, and only by a lifted telephone',
  ring: 'no ringing into a lifted telephone, nothing else heard on one that is hung up',
  active: 'never two active legs outside a conference',
  hold: 'who stands beside the conversation is held on the wire, and hears nobody',
  swap: 'nobody is answered or resumed before the network has held the one spoken to',
  heldLost:
    'a held party is never lost, but by R 0, a hang-up that bounced, a recall nobody answered or a broken line',
  stray: 'a single key is never sent as a number when no other follows',
  final: 'every caller gets one final response, from timers alone if nobody acts',
  idle: 'on-hook always reaches silent idle, from timers alone if nobody acts',
  masking: 'every call that needs it is masked, and no emergency call ever',
  confirmed: 'a code is confirmed only once it is stored, or by a yes of the network that nobody heard',
  emergencyOut: 'an emergency number always goes out, from wherever digits are collected',
  emergencyStands: 'R, keys, timers and other callers leave an emergency call alone',
  fault: 'nothing is placed, answered or heard on a line that cannot be used',
} as const

export type Invariant = keyof typeof invariants

/** Names the invariant and tells the step. */
export class Violation extends Error {
  readonly invariant: Invariant
  constructor(invariant: Invariant, what: string) {
    super(`${invariants[invariant]}: ${what}`)
    this.invariant = invariant
  }
}

/** For what is asked at every step of millions: the words are only found when they are needed. */
export const violated: (invariant: Invariant, what: string) => never = (invariant, what) => {
  throw new Violation(invariant, what)
}

export const demand = (holds: boolean, invariant: Invariant, what: string): void => {
  if (!holds) violated(invariant, what)
}
