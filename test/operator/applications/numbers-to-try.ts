// The numbers a subscriber may try: echo, announcements, music, the time, a call back, his own number.

import { type Clock, ms } from '../../../hal/clock.js'
import type { Application, Dialogue } from '../application.js'
import { clip, clips } from '../clips.js'
import { localTime, spokenDigits, spokenNumber } from '../spoken.js'

/** The last word is still on its way through networks and buffers when its last packet has been sent. */
const LAST_WORD_MS = 200

/** Plays these and then ends the call by `end`, by default a hang-up. */
export const lastWords = (
  dialogue: Dialogue,
  sounds: readonly Uint8Array[],
  end: () => void = () => dialogue.hangUp(),
): void => dialogue.play(sounds, () => void dialogue.timer('last word', LAST_WORD_MS, end))

/** Sends back what it hears until somebody hangs up. */
export const echo: Application = dialogue => {
  dialogue.answer()
  dialogue.echo()
  return {}
}

/** Plays these clips once and hangs up. */
export const announcement =
  (...sounds: readonly Uint8Array[]): Application =>
  dialogue => {
    dialogue.answer()
    lastWords(dialogue, sounds)
    return {}
  }

/** The music of a held call, over and over. */
export const holdMusic: Application = dialogue => {
  const again = (): void => dialogue.play([clip('music')], again)
  dialogue.answer()
  again()
  return {}
}

/** The caller's own number, twice, digit by digit. */
export const numberReadOut: Application = dialogue => {
  const { number } = dialogue.caller
  const said = number === undefined ? ['number-unknown'] : ['your-number-is', ...spokenDigits(number)]
  dialogue.answer()
  lastWords(dialogue, clips([...said, ...said]))
  return {}
}

/** Seconds between two pips of the speaking clock; each announcement fits in. */
const PIP_S = 10
const PIPS = 6

/** "At the next pip it will be …", and the pip on the second. */
export const speakingClock =
  (clock: Clock, timezone: string): Application =>
  dialogue => {
    const announce = (left: number): void => {
      if (left === 0) {
        dialogue.hangUp()
        return
      }
      const now = clock.wall()
      const pip = Math.ceil((now + 1) / (PIP_S * 1000)) * PIP_S * 1000
      const { hour, minute, second } = localTime(pip, timezone)
      const words = clips([
        'it-will-be',
        ...spokenNumber(hour, true),
        hour < 2 ? 'hour' : 'hours',
        ...spokenNumber(minute, true),
        minute < 2 ? 'minute' : 'minutes',
        ...(second === 0 ? [] : ['and', ...spokenNumber(second, true), 'seconds']),
      ])
      const spokenMs = words.reduce((sum, { length }) => sum + length / 8, 0)
      // Too late for this one: the next.
      if (now + spokenMs > pip) dialogue.timer('pip', pip - now, () => announce(left))
      else
        dialogue.play(words, () =>
          dialogue.timer('pip', pip - clock.wall(), () =>
            dialogue.play([clip('beep')], () => announce(left - 1)),
          ),
        )
    }
    dialogue.answer()
    announce(PIPS)
    return {}
  }

/** How long a line has to become free again. */
const RING_BACK_MS = 3000

/** Asks to hang up, and calls the telephone back when that was done. */
export const ringBack =
  (clock: Clock, callBack: (user: string, application: Application) => void): Application =>
  dialogue => {
    const { number, subscriber } = dialogue.caller
    if (!subscriber || number === undefined) {
      dialogue.refuse(403, 'Forbidden')
      return {}
    }
    const say = (): void => dialogue.play([clip('ring-back')], () => void dialogue.timer('again', 2000, say))
    dialogue.answer()
    say()
    return {
      onHangUp: () => {
        const call = (): void => callBack(number, announcement(clip('this-is-your-call')))
        // It outlives the call it comes from.
        clock.timer('operator call back', ms(RING_BACK_MS), call)
      },
    }
  }
