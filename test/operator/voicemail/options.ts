// The options (guide lines 15-21): 1 greeting, 2 password, * back to the main menu.

import { say } from './prompts.js'
import { type Dialogue, type Event, limits, type Place, type Step } from './state.js'
import { awaitKey, enter, nothingPressed, stay, store, unknownKey } from './steps.js'

type Password = Extract<Place, { at: 'password' }>
type Greeting = Extract<Place, { at: `greeting-${string}` }>

const newPassword: Place = { at: 'password', typed: '', wanted: undefined }

export const options = (dialogue: Dialogue, event: Event): Step => {
  if (event.type === 'said') return awaitKey(dialogue)
  if (event.type === 'waited') return nothingPressed(dialogue)
  if (event.type !== 'key') return stay(dialogue)
  switch (event.key) {
    case '1':
      return enter({ at: 'greeting-intro' })
    case '2':
      return enter(newPassword)
    case '*':
      return enter({ at: 'main-menu' })
    default:
      return unknownKey(dialogue)
  }
}

const review: Step = enter({ at: 'greeting-review' }, [{ say: 'greeting-is' }, { greeting: 'own' }])
const resetGreeting = store({ at: 'greeting-resetting' }, { type: 'standard-greeting' })

/** Before the beep. */
const intro = (dialogue: Dialogue, event: Event): Step => {
  if (event.type === 'said')
    return {
      dialogue: { ...dialogue, place: { at: 'greeting-recording' } },
      act: { do: 'record', maxMs: limits.greeting, silenceMs: limits.silence },
    }
  if (event.type !== 'key') return stay(dialogue)
  if (event.key === '5') return resetGreeting
  if (event.key === '*') return enter({ at: 'options' })
  if (event.key === '#') return { dialogue, act: { do: 'say', words: [{ beep: true }] } }
  return unknownKey(dialogue)
}

/** A greeting replaces the former one by # (or its limit), never by a hang-up: nothing was confirmed then. */
const recording = (dialogue: Dialogue, event: Event): Step => {
  if (event.type === 'key' && event.key === '*') return enter({ at: 'options' })
  const ended = event.type === 'recorded' || (event.type === 'key' && event.key === '#')
  if (!ended) return stay(dialogue)
  const duration = event.type === 'recorded' ? event.ms : event.recordedMs
  if (duration >= limits.shortest) return store({ at: 'greeting-storing' }, { type: 'greeting' })
  const wrong = dialogue.wrong + 1
  if (wrong >= limits.tooShort) return enter({ at: 'options' })
  const again = enter({ at: 'greeting-intro' }, say('too-short'))
  return { ...again, dialogue: { ...again.dialogue, wrong } }
}

const reviewing = (dialogue: Dialogue, event: Event): Step => {
  if (event.type === 'said') return awaitKey(dialogue)
  if (event.type === 'waited') return nothingPressed(dialogue)
  if (event.type !== 'key') return stay(dialogue)
  switch (event.key) {
    case '1':
      return review
    case '2':
      return enter({ at: 'greeting-intro' })
    case '5':
      return resetGreeting
    case '*':
      return enter({ at: 'options' })
    default:
      return unknownKey(dialogue)
  }
}

export const greeting = (dialogue: Dialogue, place: Greeting, event: Event): Step => {
  switch (place.at) {
    case 'greeting-intro':
      return intro(dialogue, event)
    case 'greeting-recording':
      return recording(dialogue, event)
    case 'greeting-review':
      return reviewing(dialogue, event)
    case 'greeting-storing':
      if (event.type !== 'stored') return stay(dialogue)
      return event.ok ? review : enter({ at: 'options' }, say('not-stored'))
    case 'greeting-resetting':
      if (event.type !== 'stored') return stay(dialogue)
      return enter({ at: 'options' }, say(event.ok ? 'greeting-standard' : 'not-stored'))
  }
}

const typedInFull = (place: Password): Step => {
  const { typed, wanted } = place
  const [shortest, longest] = limits.password
  if (wanted === undefined) {
    if (typed.length < shortest || typed.length > longest) return enter(newPassword, say('password-length'))
    return enter({ at: 'password', typed: '', wanted: typed })
  }
  if (typed !== wanted) return enter(newPassword, say('passwords-differ'))
  return store({ at: 'password-storing' }, { type: 'password', digits: typed })
}

/** A new password, typed twice, each time up to #. */
export const password = (dialogue: Dialogue, place: Password, event: Event): Step => {
  if (event.type === 'said') return awaitKey(dialogue)
  if (event.type === 'waited') return nothingPressed({ ...dialogue, place: { ...place, typed: '' } })
  if (event.type !== 'key') return stay(dialogue)
  if (event.key === '*') return enter({ at: 'options' })
  if (event.key === '#') return typedInFull(place)
  // One more than allowed is enough to know that it is too long.
  const typed = (place.typed + event.key).slice(0, limits.password[1] + 1)
  return awaitKey({ ...dialogue, silent: 0, place: { ...place, typed } })
}

export const passwordStoring = (dialogue: Dialogue, event: Event): Step =>
  event.type === 'stored'
    ? enter({ at: 'options' }, say(event.ok ? 'password-kept' : 'not-stored'))
    : stay(dialogue)
