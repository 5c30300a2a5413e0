// The moves that all places of the dialogue share: enter, wait for a key, complain, part.

import { promptOf, say } from './prompts.js'
import { type Change, type Dialogue, limits, type Place, type Speech, type Step } from './state.js'

/** Goes to `place` and says `lead`, then what the place says by itself. A step forward: earlier mistakes are forgotten. */
export const enter = (place: Place, lead: readonly Speech[] = []): Step => ({
  dialogue: { place, silent: 0, wrong: 0 },
  act: { do: 'say', words: [...lead, ...promptOf(place)] },
})

/** Goes to `place`, where keys mean nothing until the change is on the disk or has failed. */
export const store = (place: Place, change: Change): Step => ({
  dialogue: { place, silent: 0, wrong: 0 },
  act: { do: 'store', change },
})

export const stay = (dialogue: Dialogue): Step => ({ dialogue })

/** The prompt has been spoken: a key is awaited. */
export const awaitKey = (dialogue: Dialogue): Step => ({ dialogue, act: { do: 'wait', ms: limits.key } })

/** Last words; the line hangs up after them. */
export const part = (words: readonly Speech[]): Step => enter({ at: 'parting' }, words)

/** Nobody pressed a key: the prompt again, and goodbye at the third time. */
export const nothingPressed = (dialogue: Dialogue): Step => {
  const silent = dialogue.silent + 1
  if (silent >= limits.silences) return part(say('goodbye'))
  return { dialogue: { ...dialogue, silent }, act: { do: 'say', words: promptOf(dialogue.place) } }
}

/** A key that means nothing here; goodbye when it happens too often in a row. */
export const unknownKey = (dialogue: Dialogue, place: Place = dialogue.place): Step => {
  const wrong = dialogue.wrong + 1
  if (wrong >= limits.wrongKeys) return part(say('unknown-key', 'goodbye'))
  return {
    dialogue: { place, silent: 0, wrong },
    act: { do: 'say', words: [...say('unknown-key'), ...promptOf(place)] },
  }
}
