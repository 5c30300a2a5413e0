// A telephone of the demo as the person at the terminal sees it: what its handset does, what its ear hears, what it shows.

import type { Situation } from '../../firmware/phone/situation.js'

export interface Telephone {
  readonly name: string
  readonly number: string
  /** "box": a line of the box, with R and codes. "far": somebody's own telephone elsewhere, with a display. */
  readonly kind: 'box' | 'far'
  offHook: boolean
  ringing: boolean
  /** What the ear hears: "dial", "busy", … or "none". */
  tone: string
  situation: Situation
  registration: string
  /** Keys pressed since the handset was lifted. */
  pressed: string
  /** Keys heard in the ear since then. */
  heard: string
  /** What the operator says in this ear, in writing. */
  caption: string
  /** When that began and when it will have been said, ms since 1970. */
  captionBegins: number
  captionEnds: number
  /** Who calls, on a telephone with a display. */
  display: string
}

export const newTelephone = (name: string, number: string, kind: Telephone['kind']): Telephone => ({
  name,
  number,
  kind,
  offHook: false,
  ringing: false,
  tone: 'none',
  situation: 'idle',
  registration: 'unregistered',
  pressed: '',
  heard: '',
  caption: '',
  captionBegins: 0,
  captionEnds: 0,
  display: '',
})

/** What a hand can do. `speak` says a recorded sentence into the microphone. */
export type HandAction =
  | { readonly do: 'lift' }
  | { readonly do: 'hang up' }
  | { readonly do: 'R' }
  | { readonly do: 'speak' }
  | { readonly do: 'keys'; readonly keys: string }
