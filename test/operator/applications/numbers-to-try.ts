// The numbers a subscriber may try: echo and announcements.

import type { Application } from '../application.js'

/** Sends back what it hears until somebody hangs up. */
export const echo: Application = dialogue => {
  dialogue.answer()
  dialogue.echo()
  return {}
}

/** Plays these clips once and hangs up. */
export const announcement =
  (...clips: readonly Uint8Array[]): Application =>
  dialogue => {
    dialogue.answer()
    dialogue.play(clips, () => dialogue.hangUp())
    return {}
  }
