// The e-mail that brings a voice message (guide lines 11-13): who called, when, how long, and the recording itself.

import type { Mail } from './mailer.js'
import { wavOf } from './wav.js'

export interface MessageForMail {
  readonly from: string | undefined
  /** Wall clock, ms since 1970. */
  readonly receivedAt: number
  /** A-law, 8 kHz. */
  readonly recording: Uint8Array
}

/** "03 89 00 00 02"; other numbers as they are. */
export const inPairs = (number: string): string =>
  /^0\d{9}$/.test(number) ? (number.match(/../g)?.join(' ') as string) : number

/** "0 min 07 s". */
export const inMinutes = (seconds: number): string =>
  `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`

/** `timeZone` as of the IANA database, for example "Europe/Paris". */
export const messageMail = (to: string, message: MessageForMail, timeZone: string): Mail => {
  const caller = message.from === undefined ? "d'un numéro masqué" : `du ${inPairs(message.from)}`
  const received = new Date(message.receivedAt)
  const seconds = Math.max(1, Math.round(message.recording.length / 8000))
  const moment = received.toLocaleString('fr-FR', { dateStyle: 'full', timeStyle: 'short', timeZone })
  // "2026-03-02 14:12:05" in the subscriber's own time, with what no file system minds.
  const stamp = received.toLocaleString('sv-SE', { timeZone }).replace(' ', '-').replaceAll(':', '')
  return {
    to,
    subject: `Nouveau message vocal ${caller}`,
    text: [
      'Bonjour,',
      '',
      `Vous avez reçu un message vocal ${caller}.`,
      `Reçu\u00a0: ${moment}`,
      `Durée\u00a0: ${inMinutes(seconds)}`,
      '',
      "L'enregistrement est joint à ce courriel. Le message reste à votre disposition au 123.",
      '',
    ].join('\n'),
    attachment: { filename: `message-${stamp}.wav`, type: 'audio/wav', content: wavOf(message.recording) },
  }
}
