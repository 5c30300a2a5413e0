// A random life of a telephone (test/phone/exploration/random-lives.ts) lived by the box's own loop and SIP stack on a
// network that loses datagrams: keys and hook come in as the line would tell them, and the network's words are spoken by
// far parties on the wire. Every step of the machine is checked as in the exploration.

import type { PhoneEvent } from '../../../firmware/phone/event.js'
import type { SipLine } from '../../../firmware/sip/sip-line.js'
import { SeededEntropy } from '../../../hal/sim/seeded-entropy.js'
import { atStart, checkedStep, type Watched } from '../../phone/exploration/checked-step.js'
import { type Draw, nextEvent } from '../../phone/exploration/random-lives.js'
import { config } from '../../phone/telephone.js'
import { boxAt, openBoxOnWire } from '../box-on-wire.js'
import { fakeMedia } from '../fake-box-parts.js'
import { createLedger } from './dialog-ledger.js'
import type { FarEnd } from './far-end.js'

export interface LossyLife {
  readonly events: number
  /** Calls seen on the wire. */
  readonly calls: number
  /** Calls nobody had ended 64*T1 after the telephone was idle. */
  readonly orphans: readonly string[]
  /** RTP streams left open. */
  readonly streams: readonly string[]
  /** Requests but REGISTER that the box still sent after that. */
  readonly late: readonly string[]
}

/**
 * `loss`: 0-1, each way. `spoil` puts a fault into the SIP side. Throws a Violation where the machine breaks an
 * invariant.
 */
export const liveOnWire = async (
  seed: number,
  loss: number,
  spoil: (line: SipLine) => SipLine = line => line,
): Promise<LossyLife> => {
  const entropy = new SeededEntropy(Math.imul(seed, 0x9e3779b1))
  const draw: Draw = n => entropy.uint32() % n
  const world = await openWorld(seed, loss, draw, spoil)
  try {
    return await lifeIn(world, draw)
  } finally {
    await world.close()
  }
}

type World = Awaited<ReturnType<typeof openWorld>>

const openWorld = async (seed: number, loss: number, draw: Draw, spoil: (line: SipLine) => SipLine) => {
  const ledger = createLedger(boxAt.address)
  const sent: string[] = []
  const chance = new SeededEntropy(seed + 2)
  const life: { at: Watched; events: number; broken: unknown } = { at: atStart, events: 0, broken: undefined }
  const box = await openBoxOnWire({
    seed,
    draw,
    spoil,
    audio: ({ clock, network, onEvent }) => {
      network.filter = (data, from, to, index) => {
        const verdict = chance.uint32() / 2 ** 32 < loss ? 'drop' : 'pass'
        ledger.see({ data, from, to, index, us: clock.now(), dscp: undefined, verdict })
        if (from.address === boxAt.address)
          sent.push(Buffer.from(data).toString('latin1').split('\r\n')[0] ?? '')
        return verdict
      }
      return fakeMedia(onEvent)
    },
    onStep: ({ event }) => {
      life.events++
      try {
        life.at = checkedStep(life.at, event, config)
      } catch (error) {
        life.broken ??= error
      }
    },
  })
  return { ...box, ledger, life, sent }
}

const lifeIn = async (world: World, draw: Draw): Promise<LossyLife> => {
  const { clock, life, ledger, media, port, sent } = world
  await clock.advance(2000)
  let pending = ''
  for (let left = 6 + draw(30); left > 0; left--) {
    const [event, rest] = nextEvent(life.at, pending, draw)
    pending = rest
    await act(event, world, draw)
    await clock.advance(pending === '' ? draw(1500) : 80)
    if (life.broken) throw life.broken
  }
  port.hook(false)
  // A call that lost datagrams have delayed may still come in.
  await clock.advance(32_000)
  // A recall ring may go on for a minute, a caller may ring for three.
  await clock.runUntil(() => life.at.seen.calls.length === 0 && !life.at.seen.offHook, 400_000)
  await clock.advance(32_000 + 1000)
  const before = sent.length
  await clock.advance(10_000)
  if (life.broken) throw life.broken
  return {
    events: life.events,
    calls: ledger.entries.size,
    orphans: ledger.open(clock.now()),
    streams: streamsLeft(media.log),
    late: sent.slice(before).filter(line => !line.startsWith('REGISTER')),
  }
}

/** The event as the line, the audio half or the wire would bring it about; what cannot be said there is left out. */
const act = async (event: PhoneEvent, world: World, draw: Draw): Promise<void> => {
  const { clock, port, telephone, parties, life } = world
  switch (event.type) {
    case 'off-hook':
      return port.hook(true)
    case 'on-hook':
      return port.hook(false)
    case 'flash':
      if (!life.at.seen.offHook) return
      port.hook(false)
      await clock.advance(event.ms)
      return port.hook(true)
    case 'digit': {
      const { digit } = event
      telephone.onMedia({ type: 'digit-start', line: 'tel1', digit, us: clock.now(), dbm0: -10 })
      await clock.advance(60)
      return telephone.onMedia({ type: 'digit-end', line: 'tel1', digit, us: clock.now(), ms: 60 } as never)
    }
    case 'tone-end':
      return telephone.onMedia({ type: 'tone-end', line: 'tel1', tone: event.tone })
    case 'timer':
      return clock.advance(draw(25_000))
    case 'media-lost':
      return telephone.onMedia({
        type: 'rtp-silent',
        stream: streamOf(event.call),
        ms: 60_000,
      } as never)
    case 'early-media':
      return telephone.onMedia({ type: 'rtp-started', stream: streamOf(event.call) } as never)
    default:
      return say(event, parties, draw)
  }
}

const streamOf = (call: string): string => (call.startsWith('out-') ? `tel1/${call}` : call)

const say = (event: PhoneEvent, parties: FarEnd, draw: Draw): void => {
  switch (event.type) {
    case 'incoming':
      return parties.call()
    case 'progress':
      return parties.ring(event.status === 183)
    case 'answered':
      return parties.answer()
    case 'failed':
      return parties.refuse(event.status)
    case 'abandoned':
      return parties.cancel()
    case 'ended':
      return draw(4) === 0 ? parties.reoffer() : parties.hangUp()
  }
}

/** Opened and not closed, by the commands to the audio half. */
const streamsLeft = (log: readonly string[]): readonly string[] => {
  const open = new Set<string>()
  for (const line of log) {
    const { do: what, stream } = JSON.parse(line) as { do: string; stream: string }
    if (what === 'open') open.add(stream)
    if (what === 'close') open.delete(stream)
  }
  return [...open]
}
