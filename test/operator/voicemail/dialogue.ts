// The voicemail's dialogue as a pure machine (guide lines 5-39): (dialogue, event) -> next dialogue, and what the line does
// next. Nothing here waits, plays or stores by itself, and no event is unexpected.

import { guest, messageRecording, messageStoring, openDeposit, welcome } from './deposit.js'
import { greeting, options, password, passwordStoring } from './options.js'
import { counts, heading } from './prompts.js'
import { changed, changing, mainMenu, readAll, reading } from './reading.js'
import { type Dialogue, type Event, limits, type Message, type Step } from './state.js'
import { enter, stay } from './steps.js'

export { openDeposit }

/** How a call to 123 begins: the counts (guide line 9), then the first message is at hand. */
export const openReading = (messages: readonly Message[]): Step => {
  if (messages.length === 0) return enter({ at: 'main-menu' }, counts(messages))
  // New ones first, each kind in the order they came.
  const sorted = [...messages].sort(
    (a, b) => Number(b.isNew) - Number(a.isNew) || a.receivedAt - b.receivedAt || a.id - b.id,
  )
  return enter({ at: 'reading', messages: sorted, index: 0, playing: false }, [
    ...counts(sorted),
    ...heading(sorted, 0),
  ])
}

/** What was said up to a hang-up is kept, unless it was a slip. */
const hungUp = (dialogue: Dialogue, recordedMs: number): Step => {
  const closed: Dialogue = { place: { at: 'closed' }, silent: 0, wrong: 0 }
  const keep = dialogue.place.at === 'message-recording' && recordedMs >= limits.shortest
  return keep ? { dialogue: closed, aside: { type: 'message' } } : { dialogue: closed }
}

const parting = (dialogue: Dialogue, event: Event): Step =>
  event.type === 'said'
    ? { dialogue: { ...dialogue, place: { at: 'closed' } }, act: { do: 'hang-up' } }
    : stay(dialogue)

export const reduce = (dialogue: Dialogue, event: Event): Step => {
  const { place } = dialogue
  if (event.type === 'hung-up') return hungUp(dialogue, event.recordedMs)
  switch (place.at) {
    case 'reading':
      return reading(dialogue, place, event)
    case 'changing':
      return changing(dialogue, place, event)
    case 'changed':
      return changed(dialogue, place, event)
    case 'read-all':
      return readAll(dialogue, place, event)
    case 'main-menu':
      return mainMenu(dialogue, event)
    case 'options':
      return options(dialogue, event)
    case 'greeting-intro':
    case 'greeting-recording':
    case 'greeting-storing':
    case 'greeting-review':
    case 'greeting-resetting':
      return greeting(dialogue, place, event)
    case 'password':
      return password(dialogue, place, event)
    case 'password-storing':
      return passwordStoring(dialogue, event)
    case 'welcome':
      return welcome(dialogue, place.deposit, event)
    case 'message-recording':
      return messageRecording(dialogue, place.deposit, event)
    case 'message-storing':
      return messageStoring(dialogue, place, event)
    case 'guest':
    case 'guest-checking':
      return guest(dialogue, place, event, openReading)
    case 'parting':
      return parting(dialogue, event)
    case 'closed':
      return stay(dialogue)
  }
}
