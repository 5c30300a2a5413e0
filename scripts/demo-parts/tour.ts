// The demo by itself: chapter after chapter of the subscriber's guide, every step said and checked.

import type { Telephone } from './telephone.js'
import { createTourGuide, TourFailure, type TourGuide } from './tour-guide.js'
import type { World } from './world.js'

interface Tour extends TourGuide {
  readonly world: World
  readonly tel1: Telephone
  readonly tel2: Telephone
  readonly anna: Telephone
}

const busy = ({ until }: Tour, who: Telephone): Promise<void> =>
  until(`${who.name} hears the busy tone`, () => who.tone === 'busy')

/** A call each way between the telephones of the box, and the echo. */
const basic = async (tour: Tour): Promise<void> => {
  const { say, call, talk, hangUp, dial, tel1, tel2 } = tour
  for (const [what, from, to] of [
    ['out', tel1, tel2],
    ['in', tel2, tel1],
  ] as const) {
    say(`A call ${what}, from ${from.name} to ${to.name}:`)
    await call(from, to)
    await talk(from, [to])
    await talk(to, [from])
    await hangUp(tel2)
    await busy(tour, tel1)
    await hangUp(tel1)
    say('')
  }
  say('The echo number of the operator:')
  await dial(tel1, '3100', 'the call stands', () => tel1.situation === 'active')
  await hangUp(tel1)
}

/** Guide lines 71-87. */
const waiting = async (tour: Tour): Promise<void> => {
  const { say, until, call, talk, hangUp, dial, flash, tel1, tel2, anna } = tour
  say('Call waiting: tel1 talks to tel2, and anna calls.')
  await call(tel1, tel2)
  await dial(anna, tel1.number, 'tel1 hears the waiting beep', () => tel1.tone === 'waiting')
  await until('anna hears the ringback tone', () => anna.tone === 'ringback')
  await flash(tel1, '2')
  await until('tel1 talks to anna, tel2 is held', () => both(tel1, anna, 'active+held'))
  await talk(tel1, [anna], tel2)
  await flash(tel1, '2')
  await until('anna is held', () => anna.tone === 'held')
  await talk(tel1, [tel2], anna)
  await flash(tel1, '2')
  await until('anna is back', () => anna.tone !== 'held')
  await flash(tel1, '1')
  await busy(tour, anna)
  await until('tel1 is back with tel2', () => tel1.situation === 'active')
  await talk(tel1, [tel2])
  await hangUp(tel1, tel2, anna)
}

const both = (one: Telephone, other: Telephone, situation: Telephone['situation']): boolean =>
  one.situation === situation && other.situation === 'active'

/** Guide lines 127-135. */
const conference = async (tour: Tour): Promise<void> => {
  const { say, until, call, talk, hangUp, keys, lift, flash, tel1, tel2, anna } = tour
  say('A conference: tel1 talks to tel2, holds, calls anna, and joins both.')
  await call(tel1, tel2)
  await flash(tel1)
  await until('tel1 hears the recall dial tone', () => tel1.tone === 'recall')
  await keys(tel1, anna.number)
  await until('anna rings', () => anna.ringing)
  await lift(anna)
  await until('tel1 talks to anna, tel2 is held', () => both(tel1, anna, 'active+held'))
  await flash(tel1, '3')
  await until('all three talk', () => tel1.situation === 'conference')
  await talk(tel1, [tel2, anna])
  await talk(tel2, [tel1, anna])
  await hangUp(tel1)
  await busy(tour, tel2)
  await busy(tour, anna)
  await hangUp(tel2, anna)
}

/** Guide lines 147-155. */
const masking = async (tour: Tour): Promise<void> => {
  const { say, until, dial, hangUp, world, tel1, anna } = tour
  const shown = async (keys: string, what: string): Promise<void> => {
    await dial(tel1, keys, `anna rings and shows ${what}`, () => anna.ringing && anna.display === what)
    await hangUp(tel1)
    await until('anna rings no more', () => !anna.ringing)
  }
  const code = async (keys: string, masked: boolean): Promise<void> => {
    await dial(tel1, keys, 'tel1 hears the confirmation tone', () => tel1.tone === 'confirmation')
    await until(`the box has stored it`, () => world.isMasked(tel1) === masked)
    await hangUp(tel1)
  }
  say('The own number, withheld once, withheld for good, shown again.')
  await shown(`*92*${anna.number}`, 'withheld')
  await code('*93#', true)
  await shown(anna.number, 'withheld')
  await code('#93#', false)
  await shown(anna.number, tel1.number)
}

/** Guide lines 89-123. */
const forwarding = async (tour: Tour): Promise<void> => {
  const { say, until, dial, dialAndListen, lift, talk, hangUp, world, tel1, tel2, anna } = tour
  const forward = () => world.settingsOf(tel1.number).profile.forwardAlways
  say('All calls of tel1 go to anna.')
  await dialAndListen(tel1, `*21*${anna.number}`, /transfert permanent est activé/)
  await until('the network has stored it', () => forward() === anna.number)
  await hangUp(tel1)
  await dial(
    tel2,
    tel1.number,
    'anna rings and shows both numbers',
    () => anna.display === `${tel2.number} via ${tel1.number}`,
  )
  if (tel1.ringing) throw new TourFailure('tel1 rings')
  await lift(anna)
  await until('the call stands', () => both(tel2, anna, 'active'))
  await talk(tel2, [anna])
  await hangUp(tel2, anna)
  await dialAndListen(tel1, '#21#', /transfert permanent est désactivé/)
  await until('the network has forgotten it', () => forward() === undefined)
  await hangUp(tel1)
}

/** Guide lines 3-55. */
const voicemail = async (tour: Tour): Promise<void> => {
  const { say, until, dial, dialAndListen, keys, speak, hangUp, told, world, tel1, tel2 } = tour
  const messages = () => world.settingsOf(tel1.number)
  const mails = world.mails.length
  say('A message for tel1: left by tel2, sent by mail, heard at 123.')
  await dialAndListen(tel1, '*75#', /messagerie/)
  await hangUp(tel1)
  await dialAndListen(tel2, tel1.number, /Laissez votre message/)
  await speak(tel2)
  await keys(tel2, '#')
  await until('one new message is there', () => messages().new === 1)
  await hangUp(tel2)
  await until('it arrives by mail', () => world.mails.length > mails)
  say(`    ${world.mails.at(-1)}`)
  await dial(tel1, '123', 'the operator tells tel1', () => /un nouveau message/.test(tel1.caption))
  say(`    « ${tel1.caption} »`)
  await keys(tel1, '1')
  await told(tel1, /enregistrement/)
  await keys(tel1, '4')
  await told(tel1, /sauvegardé/)
  await until('it is archived', () => messages().new === 0 && messages().archived === 1)
  await hangUp(tel1)
  await dial(tel1, '#75#', 'the telephone rings again', () => !messages().profile.voicemailAlways)
  await hangUp(tel1)
}

const chapters: Readonly<Record<string, (tour: Tour) => Promise<void>>> = {
  basic,
  waiting,
  conference,
  masking,
  forwarding,
  voicemail,
}
export const chapterNames: readonly string[] = Object.keys(chapters)

/** Rejects with TourFailure when something is not as a subscriber would expect it. */
export const playTour = async (
  world: World,
  names: readonly string[],
  say: (text: string) => void,
): Promise<void> => {
  const [tel1, tel2, anna] = world.telephones
  if (!tel1 || !tel2 || !anna) throw new TourFailure('three telephones are needed')
  const guide = createTourGuide(world, say)
  await guide.until('every telephone registers with the operator', () =>
    world.telephones.every(({ registration }) => registration === 'registered'),
  )
  for (const name of names) {
    say('')
    await chapters[name]?.({ ...guide, world, tel1, tel2, anna })
  }
}
