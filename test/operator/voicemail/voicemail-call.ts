// One call to the voicemail: carries out on the line what the dialogue asks for, and tells it what happens there.

import type { Clock, Timer } from '../../../hal/clock.js'
import { loudness } from '../alaw.js'
import type { CallEvents, Dialogue as Line, Recording } from '../application.js'
import { SPEECH } from '../recorder.js'
import { reduce } from './dialogue.js'
import type { Mailboxes } from './mailboxes.js'
import { clipsOf } from './speech.js'
import type { Action, Change, Dialogue, Event, Step } from './state.js'

export interface VoicemailCallOptions {
  readonly mailboxes: Mailboxes
  readonly clock: Clock
  readonly timeZone: string
  /** Whose box it is. */
  readonly user: string
  /** Who calls, as the box may know it. */
  readonly from: string | undefined
  /** Whether a message left now also goes out by e-mail. */
  readonly mail: () => boolean
  /** Something could not be stored or read. */
  readonly onFailure: (error: Error) => void
}

const RATE_MS = 8
const PACKET = 160
/** What is left of a silence that ended a recording. */
const TAIL = 500 * RATE_MS

/** Up to shortly after the last packet that speaks; empty when none does. */
export const withoutSilentEnd = (recording: Uint8Array): Uint8Array => {
  for (let end = recording.length; end > 0; end -= PACKET)
    if (loudness(recording.subarray(Math.max(0, end - PACKET), end)) > SPEECH)
      return recording.subarray(0, Math.min(recording.length, end + TAIL))
  return recording.subarray(0, 0)
}

/** Answers the call; `open` tells how the dialogue begins. */
export const takeVoicemailCall = (
  line: Line,
  options: VoicemailCallOptions,
  open: () => Promise<Step>,
): CallEvents => {
  const { mailboxes, user, clock } = options
  let dialogue: Dialogue | undefined
  let timer: Timer | undefined
  let recording: Recording | undefined
  let recorded: Uint8Array = new Uint8Array(0)
  /** Counts actions: what an earlier one has still to tell is not wanted any more. */
  let turn = 0
  let over = false

  /** Keeps what was recorded, and how long it is, ms. */
  const endRecording = (): number => {
    if (recording === undefined) return 0
    recorded = recording.stop()
    recording = undefined
    return recorded.length / RATE_MS
  }

  const store = async (change: Change): Promise<boolean> => {
    switch (change.type) {
      case 'heard':
      case 'save':
        await mailboxes.archive(user, change.id)
        return true
      case 'erase':
        await mailboxes.erase(user, change.id)
        return true
      case 'message':
        return mailboxes.add(user, { from: options.from, recording: recorded, mail: options.mail() })
      case 'greeting':
        await mailboxes.setGreeting(user, recorded)
        return true
      case 'standard-greeting':
        await mailboxes.setGreeting(user, undefined)
        return true
      case 'password':
        await mailboxes.setPassword(user, change.digits)
        return true
    }
  }
  const stored = (change: Change): Promise<boolean> =>
    store(change).catch((error: Error) => {
      options.onFailure(error)
      return false
    })

  const check = async (digits: string): Promise<Event> => {
    const outcome = await mailboxes.checkPassword(user, digits)
    return { type: 'checked', messages: outcome === 'right' ? await mailboxes.messages(user) : outcome }
  }

  const say = async (action: Extract<Action, { do: 'say' }>, mine: number): Promise<void> => {
    const clips = await clipsOf(action.words, { ...options, now: clock.wall() })
    if (mine === turn && !over) line.play(clips, () => on({ type: 'said' }))
  }

  const record = (action: Extract<Action, { do: 'record' }>): void => {
    recording = line.record({
      ...action,
      onEnd: why => {
        endRecording()
        if (why === 'silence') recorded = withoutSilentEnd(recorded)
        on({ type: 'recorded', ms: recorded.length / RATE_MS, why })
      },
    })
  }

  /** What cannot be read or stored ends the call: nobody is left in silence. */
  const failed = (error: Error): void => {
    options.onFailure(error)
    if (!over) line.hangUp()
  }

  const perform = (action: Action): void => {
    const mine = ++turn
    const tell = (event: Event): void => {
      if (mine === turn) on(event)
    }
    timer?.cancel()
    line.silence()
    endRecording()
    switch (action.do) {
      case 'say':
        say(action, mine).catch(failed)
        return
      case 'wait':
        timer = line.timer('voicemail key', action.ms, () => on({ type: 'waited' }))
        return
      case 'record':
        record(action)
        return
      case 'store':
        void stored(action.change).then(ok => tell({ type: 'stored', ok }))
        return
      case 'check':
        check(action.digits).then(tell, failed)
        return
      case 'hang-up':
        line.hangUp()
    }
  }

  const take = (step: Step): void => {
    dialogue = step.dialogue
    if (step.aside !== undefined) void stored(step.aside)
    if (step.act !== undefined && !over) perform(step.act)
  }
  const on = (event: Event): void => {
    if (dialogue !== undefined) take(reduce(dialogue, event))
  }

  line.answer()
  open().then(step => {
    if (!over) take(step)
  }, failed)

  return {
    // The dialogue ends a recording by # only, so only then its length is asked for.
    onDigit: key => on({ type: 'key', key, recordedMs: key === '#' ? endRecording() : 0 }),
    onHangUp: () => {
      over = true
      on({ type: 'hung-up', recordedMs: endRecording() })
    },
  }
}
