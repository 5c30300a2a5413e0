// Who leads the tour: does one thing after the other with the telephones, says it, and waits until what should follow has
// followed.

import type { Telephone } from './telephone.js'
import type { World } from './world.js'

export class TourFailure extends Error {}

export interface TourGuide {
  say(text: string): void
  /** Rejects with TourFailure when it does not hold in time. */
  until(what: string, holds: () => boolean, withinMs?: number): Promise<void>
  lift(who: Telephone): Promise<void>
  /**
   * Lifts, waits for the dial tone, dials, waits for what should follow. Dials once more where the box heard another number:
   * a starved machine loses a key now and then.
   */
  dial(who: Telephone, keys: string, what: string, follows: () => boolean): Promise<void>
  keys(who: Telephone, keys: string): Promise<void>
  /** R, and the key behind it. */
  flash(who: Telephone, key?: string): Promise<void>
  speak(who: Telephone): Promise<void>
  /** Hangs up and waits until the line is free. */
  hangUp(...who: readonly Telephone[]): Promise<void>
  /** From lifting to an answered call. */
  call(from: Telephone, to: Telephone): Promise<void>
  /** One presses a key; these hear it, and `deaf` does not. */
  talk(from: Telephone, to: readonly Telephone[], deaf?: Telephone): Promise<void>
  /** The same, where words of the operator should follow; he has said them when it resolves. */
  dialAndListen(who: Telephone, keys: string, words: RegExp): Promise<void>
  /** The operator says something in this ear, and has said it. */
  told(who: Telephone, words: RegExp): Promise<void>
}

const PATIENCE_MS = 12_000
/** With a message there, or calls forwarded, it is another one. */
const dialTones: ReadonlySet<string> = new Set(['dial', 'stutter', 'special'])
const LOOK_MS = 200
/** A key on its way to an ear that must not hear it would have arrived. */
const KEY_ARRIVES_MS = 600

const seen = ({ telephones }: World): string =>
  telephones
    .map(({ name, situation, tone, heard, caption }) => `${name}: ${situation}, ${tone}, ${heard} ${caption}`)
    .join('; ')
const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

export const createTourGuide = (world: World, say: (text: string) => void): TourGuide => {
  /** Resolves with how long it took, ms. */
  const settled = (what: string, holds: () => boolean, withinMs = PATIENCE_MS): Promise<number> => {
    const began = performance.now()
    return new Promise((resolve, reject) => {
      const finish = (act: () => void) => {
        clearTimeout(limit)
        clearInterval(again)
        stop()
        act()
      }
      const limit = setTimeout(
        () => finish(() => reject(new TourFailure(`it did not happen: ${what} (${seen(world)})`))),
        withinMs,
      )
      const look = () => {
        if (holds()) finish(() => resolve(Math.round(performance.now() - began)))
      }
      const stop = world.onChange(look)
      // Mail comes without a word from anybody.
      const again = setInterval(look, LOOK_MS)
      look()
    })
  }
  const until: TourGuide['until'] = async (what, holds, withinMs) =>
    say(`  ${what} (${await settled(what, holds, withinMs)} ms)`)
  let talks = 0
  const lift: TourGuide['lift'] = async who => {
    say(`  ${who.name} lifts the handset`)
    await world.act(who, { do: 'lift' })
  }
  const keys: TourGuide['keys'] = async (who, pressed) => {
    say(`  ${who.name} presses ${pressed}`)
    await world.act(who, { do: 'keys', keys: pressed })
  }
  const press = async (who: Telephone, number: string): Promise<void> => {
    await lift(who)
    await until(`${who.name} hears the dial tone`, () => dialTones.has(who.tone))
    say(`  ${who.name} dials ${number}`)
    await world.act(who, { do: 'keys', keys: number })
  }
  const hangUp: TourGuide['hangUp'] = async (...all) => {
    for (const who of all) {
      say(`  ${who.name} hangs up`)
      await world.act(who, { do: 'hang up' })
    }
    await until('the line is free', () => all.every(({ situation }) => situation === 'idle'))
  }
  const dial: TourGuide['dial'] = async (who, number, what, follows) => {
    await press(who, number)
    const misheard = () => who.tone === 'sit' || who.tone === 'error'
    const took = await settled(what, () => follows() || misheard())
    if (follows()) return say(`  ${what} (${took} ms)`)
    say(`  no: ${who.name} hears that the number is wrong, and dials once more`)
    await hangUp(who)
    await press(who, number)
    await until(what, follows)
  }
  const listen = async (who: Telephone): Promise<void> => {
    say(`    « ${who.caption} »`)
    await pause(Math.max(0, who.captionEnds - Date.now()) + 300)
  }
  return {
    say,
    until,
    lift,
    keys,
    dial,
    flash: async (who, key) => {
      say(`  ${who.name} presses R${key === undefined ? '' : ` ${key}`}`)
      await world.act(who, { do: 'R' })
      if (key !== undefined) await world.act(who, { do: 'keys', keys: key })
    },
    speak: async who => {
      say(`  ${who.name} speaks`)
      await world.act(who, { do: 'speak' })
    },
    hangUp,
    call: async (from, to) => {
      await dial(from, to.number, `${to.name} rings`, () => to.ringing)
      await until(`${from.name} hears the ringback tone`, () => from.tone === 'ringback')
      await lift(to)
      await until('the call stands', () => from.situation === 'active' && to.situation === 'active')
    },
    talk: async (from, to, deaf) => {
      const key = String((talks = (talks + 1) % 10))
      const before = new Map(world.telephones.map(who => [who, who.heard.length]))
      const has = (who: Telephone): boolean => who.heard.slice(before.get(who)).includes(key)
      await keys(from, key)
      const names = to.map(({ name }) => name).join(' and ')
      await until(`${names} ${to.length > 1 ? 'hear' : 'hears'} it`, () => to.every(has))
      if (!deaf) return
      await pause(KEY_ARRIVES_MS)
      if (has(deaf)) throw new TourFailure(`${deaf.name} heard it too`)
      say(`  ${deaf.name} does not`)
    },
    told: async (who, words) => {
      await until(`the operator tells ${who.name}`, () => words.test(who.caption))
      await listen(who)
    },
    dialAndListen: async (who, number, words) => {
      await dial(who, number, `the operator tells ${who.name}`, () => words.test(who.caption))
      await listen(who)
    },
  }
}
