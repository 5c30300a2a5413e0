// Effects on calls. An offer or an answer needs an RTP port, so both wait until the call's stream is open;
// a hang-up meanwhile leaves nothing behind on the wire.

import type { PhoneEffect } from '../phone/effect.js'
import type { CallEntry } from './call-table.js'
import type { LineContext } from './line-context.js'

type SipEffect = Extract<
  PhoneEffect,
  { type: 'place' | 'alert' | 'answer' | 'reject' | 'hang-up' | 'hold' | 'resume' }
>

export const performSip = (effect: SipEffect, line: LineContext): void => {
  if (effect.type === 'place') {
    place(effect, line)
    return
  }
  const entry = line.calls.byCall(line.id, effect.call)
  if (!entry) return
  switch (effect.type) {
    case 'alert':
      entry.sip.ring(entry.id, effect.waiting)
      // Opened now, so that the answer costs no more than its 200.
      line.media.command({ do: 'open', stream: entry.id })
      return
    case 'answer':
      whenOpen(entry, local => entry.sip.answer(entry.id, local))
      return
    case 'reject':
      entry.sip.reject(entry.id, effect.status, effect.q850)
      release(entry, line)
      return
    case 'hang-up':
      // Only a call that got as far as SIP needs a CANCEL or a BYE.
      entry.sip.hangUp(entry.id)
      release(entry, line)
      return
    case 'hold':
      entry.sip.hold(entry.id)
      return
    case 'resume':
      entry.sip.resume(entry.id)
  }
}

const place = (effect: Extract<SipEffect, { type: 'place' }>, line: LineContext): void => {
  const sip = line.sip ?? (effect.emergency ? line.rescue() : undefined)
  if (!sip) {
    line.post({ type: 'failed', call: effect.call, status: 503 })
    return
  }
  const { target, masked, emergency } = effect
  const id = `${line.id}/${effect.call}`
  const entry: CallEntry = {
    line: line.id,
    call: effect.call,
    id,
    sip,
    party: { number: target, withheld: false },
    earlyMedia: false,
    answered: false,
    heard: false,
  }
  line.calls.add(entry)
  whenOpen(entry, media => sip.place(id, { target, media, masked, emergency }))
  line.media.command({ do: 'open', stream: id, ...(emergency && { anyPort: true }) })
}

const whenOpen = (entry: CallEntry, act: NonNullable<CallEntry['whenOpen']>): void => {
  if (entry.local) act(entry.local)
  else entry.whenOpen = act
}

/** Forgets the call and closes its stream. */
export const release = (entry: CallEntry, line: LineContext): void => {
  delete entry.whenOpen
  line.calls.remove(entry.id)
  line.media.command({ do: 'close', stream: entry.id })
}
