// The demo by itself: a call each way, every step said and checked.

import type { BenchRequest } from '../../test/bench/bench-client.js'
import type { Telephone, World } from './world.js'

export class TourFailure extends Error {}

/** Rejects with TourFailure when something is not as a subscriber would expect it. */
export const playTour = async (world: World, say: (text: string) => void): Promise<void> => {
  const [first, second] = world.telephones
  if (!first || !second) throw new TourFailure('two telephones are needed')
  const tour = createGuide(world, say)
  await tour.until('both telephones register with the operator', () =>
    world.telephones.every(({ registration }) => registration === 'registered'),
  )
  for (const [what, from, to] of [
    ['out', first, second],
    ['in', second, first],
  ] as const) {
    say('')
    say(`A call ${what}, from ${from.line} to ${to.line}:`)
    await tour.call(from, to)
    await tour.talk(from, to)
    await tour.talk(to, from)
    await tour.hangUp(second, first)
  }
  say('')
  say('The echo number of the operator:')
  await tour.press(first, { do: 'offhook' }, 'lifts the handset')
  await tour.until(`${first.line} hears the dial tone`, () => first.tone === 'dial')
  await tour.press(first, { do: 'dtmf', digits: '3100' }, 'dials 3100')
  await tour.until('the call stands', () => first.situation === 'active')
  await tour.press(first, { do: 'onhook' }, 'hangs up')
  await tour.until('the line is idle', () => first.situation === 'idle')
}

const createGuide = (world: World, say: (text: string) => void) => {
  const until = (what: string, holds: () => boolean, withinMs = 12_000): Promise<void> => {
    const began = performance.now()
    return new Promise((resolve, reject) => {
      const finish = (act: () => void) => {
        clearTimeout(limit)
        stop()
        act()
      }
      const limit = setTimeout(
        () => finish(() => reject(new TourFailure(`it did not happen: ${what}`))),
        withinMs,
      )
      const look = () => {
        if (!holds()) return
        finish(() => {
          say(`  ${what} (${Math.round(performance.now() - began)} ms)`)
          resolve()
        })
      }
      const stop = world.onChange(look)
      look()
    })
  }
  const press = async (who: Telephone, request: BenchRequest, saying: string): Promise<void> => {
    say(`  ${who.line} ${saying}`)
    const reply = await world.bench.request({ line: who.line, ...request })
    if (!reply.ok) throw new TourFailure(`${who.line}: ${reply.message}`)
  }
  return {
    until,
    press,
    call: async (from: Telephone, to: Telephone): Promise<void> => {
      await press(from, { do: 'offhook' }, 'lifts the handset')
      await until(`${from.line} hears the dial tone`, () => from.tone === 'dial')
      await press(from, { do: 'dtmf', digits: to.number }, `dials ${to.number}`)
      await until(`${to.line} rings`, () => to.ringing)
      await until(`${from.line} hears the ringback tone`, () => from.tone === 'ringback')
      await press(to, { do: 'offhook' }, 'lifts the handset')
      await until('the call stands', () => from.situation === 'active' && to.situation === 'active')
    },
    /** One hangs up; the other hears the busy tone and does the same. */
    hangUp: async (one: Telephone, other: Telephone): Promise<void> => {
      await press(one, { do: 'onhook' }, 'hangs up')
      await until(`${other.line} hears the busy tone`, () => other.tone === 'busy')
      await press(other, { do: 'onhook' }, 'hangs up')
      await until('both lines are idle', () =>
        world.telephones.every(({ situation }) => situation === 'idle'),
      )
    },
    /** One presses a key in the conversation; the other hears it. */
    talk: async (from: Telephone, to: Telephone): Promise<void> => {
      const heard = world.bench.waitFor(
        event => event.ev === 'dtmf' && event.line === to.line && event['digit'] === '5',
        5000,
        world.bench.mark(),
      )
      heard.catch(() => undefined)
      await press(from, { do: 'dtmf', digits: '5' }, 'presses 5')
      await heard.catch(() => {
        throw new TourFailure(`${to.line} did not hear the key`)
      })
      say(`  ${to.line} hears it`)
    },
  }
}
