// What ALSA complains of, in words that say what to do. The same for arecord and aplay of alsa-utils, which complain on
// their error output, and for libasound, whose calls return an error number.

import { readFileSync } from 'node:fs'
import { HalError, type HalErrorKind } from '../errors.js'

export interface AlsaTrouble {
  readonly kind: HalErrorKind
  readonly message: string
  /** What to do about it. */
  readonly fix: string
}

/** Sound cards as the kernel lists them, "hw:0 (Loopback)"; empty where there is none, or no ALSA at all. */
export const soundCards = (list = '/proc/asound/cards'): readonly string[] => {
  try {
    const cards = readFileSync(list, 'utf8').matchAll(/^ *(\d+) \[(\S+) *\]/gm)
    return [...cards].map(([, number, name]) => `hw:${number} (${name})`)
  } catch {
    return []
  }
}

const presentCards = (): string => {
  const cards = soundCards()
  return cards.length === 0 ? 'the kernel has no sound card at all' : `there are ${cards.join(', ')}`
}

/** In this order: the first that fits. Texts of alsa-utils and of strerror(3), as under LC_ALL=C. */
const causes: readonly (readonly [pattern: RegExp, trouble: (device: string) => AlsaTrouble])[] = [
  [
    /spawn \S+ ENOENT/,
    device => ({
      kind: 'missing',
      message: `sound device ${device}: arecord and aplay are not installed`,
      fix: 'install alsa-utils (apt-get install alsa-utils)',
    }),
  ],
  [
    /permission denied/i,
    device => ({
      kind: 'permission',
      message: `sound device ${device}: permission denied`,
      fix: 'let the daemon run in the group audio (usermod -aG audio USER, or SupplementaryGroups=audio)',
    }),
  ],
  [
    /resource busy/i,
    device => ({
      kind: 'in-use',
      message: `sound device ${device}: another program has it open`,
      fix: 'stop that program; "fuser -v /dev/snd/*" names it',
    }),
  ],
  [
    /sample format non available|cannot set format/i,
    device => refused(device, '16-bit linear samples (S16_LE)'),
  ],
  [/channels count non available|cannot set channels/i, device => refused(device, 'so many channels')],
  [
    /rate is not accurate|cannot set rate|Unable to install hw params|no configurations available/i,
    device => refused(device, '8000 samples a second'),
  ],
  [
    /no such (file|device)|unknown pcm|cannot find card|invalid value for card/i,
    device => ({
      kind: 'missing',
      message: `sound device ${device}: there is no such device`,
      fix: `name one of the box's own in the board file; ${presentCards()}`,
    }),
  ],
]

const refused = (device: string, what: string): AlsaTrouble => ({
  kind: 'unsupported',
  message: `sound device ${device}: it refuses ${what}`,
  fix: device.startsWith('hw:')
    ? `let ALSA convert: write plug${device} in the board file`
    : 'use a codec that samples at 8000 Hz, 16 bit, with one channel a line',
})

/** A device whose clock stands still. */
export const silentDevice = (device: string): AlsaTrouble => ({
  kind: 'io',
  message: `sound device ${device}: it gives no samples`,
  fix: 'see that the PCM clock of its codec runs, and that it is the right device',
})

/** `complaint`: what arecord or aplay wrote, or `CALL: text of the error`. */
export const troubleFrom = (device: string, complaint: string): AlsaTrouble => {
  for (const [pattern, trouble] of causes) if (pattern.test(complaint)) return trouble(device)
  const last = complaint.trim().split('\n').at(-1)?.trim() ?? ''
  return {
    kind: 'io',
    message: `sound device ${device}: ${last === '' ? 'it ended without a word' : last}`,
    fix: 'unplug and plug it in again, or look at what the kernel says (dmesg)',
  }
}

export const errorFrom = (trouble: AlsaTrouble, cause?: unknown): HalError =>
  new HalError(trouble.kind, `${trouble.message}: ${trouble.fix}`, cause === undefined ? {} : { cause })
