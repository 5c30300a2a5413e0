// A caller leaves a message (guide lines 43 and 87): greeting, beep, recording up to #, silence, the limit or hang-up.
// `*` during the greeting is the subscriber calling from another telephone: his password, then his messages.

import { say } from './prompts.js'
import {
  type Deposit,
  type Dialogue,
  type Event,
  limits,
  type Message,
  type Place,
  type Step,
} from './state.js'
import { awaitKey, enter, nothingPressed, part, stay, store } from './steps.js'

type Guest = Extract<Place, { at: 'guest' | 'guest-checking' }>

/** How a call begins that was sent to the voicemail. */
export const openDeposit = (deposit: Omit<Deposit, 'tooShort'>): Step =>
  enter({ at: 'welcome', deposit: { ...deposit, tooShort: 0 } }, [
    { greeting: deposit.greeting },
    ...(deposit.full ? say('box-full') : [{ beep: true } as const]),
  ])

const record = (deposit: Deposit): Step => ({
  dialogue: { place: { at: 'message-recording', deposit }, silent: 0, wrong: 0 },
  act: { do: 'record', maxMs: limits.message, silenceMs: limits.silence },
})

export const welcome = (dialogue: Dialogue, deposit: Deposit, event: Event): Step => {
  if (event.type === 'said') return deposit.full ? part(say('goodbye')) : record(deposit)
  if (event.type !== 'key') return stay(dialogue)
  if (event.key === '#' && !deposit.full) return enter({ at: 'welcome', deposit }, [{ beep: true }])
  if (event.key === '*' && deposit.guests) return enter({ at: 'guest', typed: '', failures: 0 })
  return stay(dialogue)
}

export const messageRecording = (dialogue: Dialogue, deposit: Deposit, event: Event): Step => {
  const ended = event.type === 'recorded' || (event.type === 'key' && event.key === '#')
  if (!ended) return stay(dialogue)
  const duration = event.type === 'recorded' ? event.ms : event.recordedMs
  if (duration >= limits.shortest) {
    const atLimit = event.type === 'recorded' && event.why === 'limit'
    return store({ at: 'message-storing', atLimit }, { type: 'message' })
  }
  // Nobody there, or a second slip: he does not want to say anything.
  const tooShort = deposit.tooShort + 1
  if (event.type === 'recorded' || tooShort >= limits.tooShort) return part(say('goodbye'))
  return enter({ at: 'welcome', deposit: { ...deposit, tooShort } }, [...say('too-short'), { beep: true }])
}

export const messageStoring = (
  dialogue: Dialogue,
  place: Extract<Place, { at: 'message-storing' }>,
  event: Event,
): Step => {
  if (event.type !== 'stored') return stay(dialogue)
  if (!event.ok) return part(say('not-stored', 'goodbye'))
  return part([...(place.atLimit ? say('time-is-up') : []), ...say('message-kept', 'goodbye')])
}

export const guest = (
  dialogue: Dialogue,
  place: Guest,
  event: Event,
  open: (messages: readonly Message[]) => Step,
): Step => {
  if (place.at === 'guest-checking') return checked(dialogue, place, event, open)
  if (event.type === 'said') return awaitKey(dialogue)
  if (event.type === 'waited') return nothingPressed({ ...dialogue, place: { ...place, typed: '' } })
  if (event.type !== 'key') return stay(dialogue)
  if (event.key === '#')
    return {
      dialogue: { ...dialogue, place: { ...place, at: 'guest-checking' } },
      act: { do: 'check', digits: place.typed },
    }
  const typed = event.key === '*' ? '' : (place.typed + event.key).slice(0, limits.password[1] + 1)
  return awaitKey({ ...dialogue, silent: 0, place: { ...place, typed } })
}

const checked = (
  dialogue: Dialogue,
  place: Guest,
  event: Event,
  open: (messages: readonly Message[]) => Step,
): Step => {
  if (event.type !== 'checked') return stay(dialogue)
  if (event.messages === 'locked') return part(say('access-locked', 'goodbye'))
  if (event.messages !== 'wrong') return open(event.messages)
  const failures = place.failures + 1
  if (failures >= limits.failures) return part(say('wrong-password', 'goodbye'))
  return enter({ at: 'guest', typed: '', failures }, say('wrong-password'))
}
