// What the voicemail says in each place before it waits for a key.

import type { Phrase } from './phrases.js'
import type { Message, Place, Speech } from './state.js'

export const say = (...names: readonly Phrase[]): readonly Speech[] => names.map(name => ({ say: name }))

const count = (n: number, one: Phrase, many: Phrase): readonly Speech[] => [
  n === 0 ? { say: 'none' } : { number: n },
  { say: n < 2 ? one : many },
]

/** How many messages are new and how many archived (guide line 9). */
export const counts = (messages: readonly Message[]): readonly Speech[] => {
  if (messages.length === 0) return say('no-message')
  const fresh = messages.filter(({ isNew }) => isNew).length
  return [
    ...say('you-have'),
    ...count(fresh, 'new-message', 'new-messages'),
    ...say('and'),
    ...count(messages.length - fresh, 'archived-message', 'archived-messages'),
  ]
}

/** "Message 2, new, received today at …, from …". */
export const heading = (messages: readonly Message[], index: number): readonly Speech[] => {
  const message = messages[index]
  if (message === undefined) return []
  return [
    ...say('message-number'),
    { number: index + 1 },
    ...say(message.isNew ? 'new' : 'archived', 'received'),
    { moment: message.receivedAt },
    ...(message.from === undefined
      ? say('from-withheld')
      : [...say('from-number'), { digits: message.from }]),
  ]
}

export const promptOf = (place: Place): readonly Speech[] => {
  switch (place.at) {
    case 'reading':
      return say('reading-menu')
    case 'read-all':
      return say('no-more-messages')
    case 'main-menu':
      return say('main-menu')
    case 'options':
      return say('options')
    case 'greeting-intro':
      return [...say('record-greeting'), { beep: true }]
    case 'greeting-review':
      return say('greeting-review')
    case 'password':
      return say(place.wanted === undefined ? 'new-password' : 'password-again')
    case 'guest':
      return say('enter-password')
    default:
      return []
  }
}
