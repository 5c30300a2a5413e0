// Reading messages (guide lines 23-33): 1 listen or listen again, 2 next, 4 save, 5 erase, * main menu.

import { heading, say } from './prompts.js'
import type { Dialogue, Event, Message, Place, Step } from './state.js'
import { awaitKey, enter, nothingPressed, part, stay, store, unknownKey } from './steps.js'

type Reading = Extract<Place, { at: 'reading' }>
type Changing = Extract<Place, { at: 'changing' | 'changed' }>

const play = (messages: readonly Message[], index: number, withHeading: boolean): Step => {
  const message = messages[index] as Message
  return {
    dialogue: { place: { at: 'reading', messages, index, playing: true }, silent: 0, wrong: 0 },
    act: {
      do: 'say',
      words: [...(withHeading ? heading(messages, index) : []), { message: message.id }],
    },
  }
}

const playOrEnd = (messages: readonly Message[], index: number): Step =>
  index < messages.length ? play(messages, index, true) : enter({ at: 'read-all', messages })

const archived = (messages: readonly Message[], id: number): readonly Message[] =>
  messages.map(message => (message.id === id ? { ...message, isNew: false } : message))

export const reading = (dialogue: Dialogue, place: Reading, event: Event): Step => {
  const { messages, index } = place
  const message = messages[index] as Message
  if (event.type === 'waited') return nothingPressed(dialogue)
  if (event.type === 'said') {
    if (!place.playing) return awaitKey(dialogue)
    // Heard to its end, so no longer new. Interrupted, it stays new.
    const heard = archived(messages, message.id)
    const step = enter({ at: 'reading', messages: heard, index, playing: false })
    return message.isNew ? { ...step, aside: { type: 'heard', id: message.id } } : step
  }
  if (event.type !== 'key') return stay(dialogue)
  switch (event.key) {
    case '1':
      return play(messages, index, false)
    case '2':
      return playOrEnd(messages, index + 1)
    case '4':
      return store({ at: 'changing', change: 'save', messages, index }, { type: 'save', id: message.id })
    case '5':
      return store({ at: 'changing', change: 'erase', messages, index }, { type: 'erase', id: message.id })
    case '*':
      return enter({ at: 'main-menu' })
    default:
      return unknownKey(dialogue, { ...place, playing: false })
  }
}

/** The disk has answered for a message to be saved or erased. */
export const changing = (dialogue: Dialogue, place: Changing, event: Event): Step => {
  const { messages, index, change } = place
  if (event.type !== 'stored') return stay(dialogue)
  if (!event.ok) return enter({ at: 'reading', messages, index, playing: false }, say('not-stored'))
  const id = (messages[index] as Message).id
  const left = change === 'erase' ? messages.filter(other => other.id !== id) : archived(messages, id)
  const next = change === 'erase' ? index : index + 1
  return enter(
    { at: 'changed', change, messages: left, index: next },
    say(change === 'erase' ? 'erased' : 'saved'),
  )
}

/**
 * The confirmation is being spoken. 4 and 5 mean nothing yet: a key that came twice would otherwise erase a message
 * nobody has heard of.
 */
export const changed = (dialogue: Dialogue, place: Changing, event: Event): Step => {
  const goOn = event.type === 'said' || (event.type === 'key' && (event.key === '1' || event.key === '2'))
  if (goOn) return playOrEnd(place.messages, place.index)
  if (event.type === 'key' && event.key === '*') return enter({ at: 'main-menu' })
  return stay(dialogue)
}

export const readAll = (
  dialogue: Dialogue,
  place: Extract<Place, { at: 'read-all' }>,
  event: Event,
): Step => {
  if (event.type === 'said') return awaitKey(dialogue)
  if (event.type === 'waited') return nothingPressed(dialogue)
  if (event.type !== 'key') return stay(dialogue)
  if (event.key === '1' && place.messages.length > 0) return play(place.messages, 0, true)
  return event.key === '*' ? enter({ at: 'main-menu' }) : unknownKey(dialogue)
}

/** Main menu (guide lines 35-39): 1 options, * quit. */
export const mainMenu = (dialogue: Dialogue, event: Event): Step => {
  if (event.type === 'said') return awaitKey(dialogue)
  if (event.type === 'waited') return nothingPressed(dialogue)
  if (event.type !== 'key') return stay(dialogue)
  if (event.key === '1') return enter({ at: 'options' })
  return event.key === '*' ? part(say('goodbye')) : unknownKey(dialogue)
}
