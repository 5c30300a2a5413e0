// What many scenarios begin or end with: a dial tone, a call that stands, who is heard, an idle line.

import { headerOf } from '../../../firmware/sip/wire/message.js'
import { usualLevel } from '../../../hal/conformance/level.js'
import type { FarParty } from '../../support/far-party.js'
import { levelAt } from '../../support/spectrum.js'
import { sine } from '../../support/three-parties.js'
import type { Stage } from '../stage.js'
import { type BenchTelephone, keyMs } from '../telephone.js'

/** With a message there, or calls forwarded, it is another one. */
export const dialTones = ['dial', 'stutter', 'special'] as const
/** A tone that somebody says all the time: far, and the second far party. */
export const hzOf = { far: 800, second: 1100 } as const
/** Louder than this it is heard, dBm0. */
const audible = -30
const spoken = -16
/** A ringback shorter than this would sound like a beep. */
const answersAfterMs = 900
/** So long after an answer no offer goes out (RFC 5407 §3.1): R is heard at once, the other party is held then. */
const quietMs = 2000

/** Lifts and hears the dial tone; resolves with the instant of lifting. */
export const pickUp = async (tel: BenchTelephone): Promise<number> => {
  const lifted = await tel.lift()
  await tel.hears(dialTones, 'dialTone', lifted)
  return lifted
}

/** Everything that stands is hung up; the call of the other side ends in time. */
export const hangUp = async (
  stage: Stage,
  tel: BenchTelephone,
  ...parties: readonly FarParty[]
): Promise<void> => {
  const hungUp = await tel.hangUp()
  for (const party of parties)
    await stage.until(
      `${party.number} is released`,
      () => party.state === 'idle',
      stage.limit('hangUp'),
      hungUp,
    )
}

/** From lifting to an answered call out. Resolves with the end of the last key. */
export const callOut = async (stage: Stage, to: FarParty, prefix = ''): Promise<number> => {
  const { tel } = stage
  to.answersAfter = answersAfterMs
  await pickUp(tel)
  const dialled = await tel.keys(`${prefix}${to.number}`)
  await stage.until(
    `${to.number} talks`,
    () => to.state === 'talking',
    stage.limit('ringback') + answersAfterMs,
    dialled,
  )
  await stage.pause(400)
  return dialled
}

/** Until a call that has just been answered may be held. */
export const talkAWhile = (stage: Stage): Promise<void> => stage.pause(quietMs * stage.target.scale)

/** One key each way: the telephone hears that of the far party, and the far party that of the telephone. */
export const keysBothWays = async (stage: Stage, far: FarParty, tel = stage.tel): Promise<void> => {
  const pressed = (await tel.keys('7')) - keyMs * 1000
  await stage.until(
    `${far.number} hears the key 7`,
    () => far.ear.keys(pressed - stage.offsetUs).some(({ key }) => key === '7'),
    stage.limit('farEnd'),
    pressed,
  )
  const from = tel.mark()
  far.ear.press('4', 120)
  await tel.hearsKey('4', 'farEnd', stage.now, from)
}

export const isHeld = (far: FarParty): boolean => far.direction === 'recvonly' || far.direction === 'inactive'

/** Speaks a tone of its own from now on. */
export const speaks = (far: FarParty, hz: number): void => {
  far.ear.says = sine(hz, spoken)
}

/**
 * Level of one frequency, dBm0: over all of it, or the usual one where that is more. A machine that is late cuts what is
 * heard into pieces, and what they say together may cancel out.
 */
const levelOf = (samples: Int16Array, hz: number): number =>
  Math.max(levelAt(samples, hz), usualLevel(samples, hz))

/** Whether the far party heard this frequency during the last `ms`. */
export const hearsNow = (
  stage: Stage,
  far: FarParty,
  hz: number,
  ms = 600,
): { heard: boolean; dbm0: number } => {
  const dbm0 = levelOf(far.ear.heard(stage.target.clock.now() - ms * 1000), hz)
  return { heard: dbm0 > audible, dbm0 }
}

/** The ear hears these frequencies and not those; needs `audio files`. */
export const earHears = async (
  stage: Stage,
  tel: BenchTelephone,
  wanted: readonly number[],
  unwanted: readonly number[] = [],
): Promise<void> => {
  const { samples } = await tel.record(600)
  for (const hz of [...wanted, ...unwanted]) {
    const dbm0 = levelOf(samples, hz)
    const should = wanted.includes(hz)
    stage.check(
      `${tel.line} ${should ? 'hears' : 'does not hear'} ${hz} Hz`,
      dbm0 > audible === should,
      `${dbm0.toFixed(1)} dBm0`,
    )
  }
}

/** What a called telephone shows: digits, or "withheld". */
export const shownAt = (far: FarParty): string => {
  const from = far.invite === undefined ? '' : (headerOf(far.invite, 'From') ?? '')
  if (/anonymous/i.test(from)) return 'withheld'
  return /sip:(\+?\d+)@/.exec(from)?.[1] ?? 'unknown'
}
