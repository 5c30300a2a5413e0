// How long things may take, ms, and whence each figure. A slow target (a virtual machine without acceleration) multiplies
// them; cadences are not multiplied, they are the box's own.

export interface Limit {
  readonly ms: number
  readonly why: string
}

const all = {
  dialTone: { ms: 300, why: '40 ms until lifting counts (profile), and a subscriber is not to wait' },
  recallTone: {
    ms: 150,
    why: 'R counts when its break is over and has rested 15 ms; the tone 60 ms after that',
  },
  keyToInvite: { ms: 250, why: 'a complete number goes out at its last key' },
  rotaryToInvite: { ms: 600, why: 'the same, 250 ms after the last pulse' },
  ringback: { ms: 3000, why: 'the other telephone rings at once; ringback begins with its burst' },
  refusal: { ms: 3000, why: 'a refused call is heard as soon as the network has refused' },
  firstRing: { ms: 400, why: 'the alert before the caller identity comes with the call' },
  fullRing: { ms: 3500, why: 'alert 250 ms, 600 ms, identity, 300 ms, ring (EN 300 659-1 §6.1.2)' },
  ringOff: { ms: 100, why: 'ring trip: the bell is silent 100 ms after lifting' },
  ringStops: { ms: 500, why: 'the caller gave up' },
  audio: { ms: 500, why: 'both hear each other as soon as a call is answered' },
  hangUp: { ms: 700, why: 'on-hook counts after 600 ms, and the call ends 50 ms later' },
  held: { ms: 600, why: 'R holds the other party' },
  waitingBeep: { ms: 2000, why: 'a waiting caller is told at once' },
  farEnd: { ms: 2000, why: 'what the other side does is heard' },
  recallRing: { ms: 2500, why: 'a held party is not lost: hanging up, then the bell' },
  lineBack: { ms: 1000, why: 'a line whose fault is gone works again' },
} as const satisfies Readonly<Record<string, Limit>>

export type LimitName = keyof typeof all
export const limits: Readonly<Record<LimitName, Limit>> = all
