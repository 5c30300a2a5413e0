// What a SIP event means to the telephone. Media parameters go straight to the audio half;
// the machine hears only of facts the subscriber could hear.

import type { SipEvent } from '../sip/sip-line.js'
import type { LineContext } from './line-context.js'
import { release } from './sip-effects.js'

export const onSipEvent = (event: SipEvent, line: LineContext): void => {
  if (event.type === 'registration') {
    line.post({ type: 'registration', registered: event.state === 'registered' })
    if (event.state === 'registered') readSettings(line)
    return
  }
  if (event.type === 'settings-changed') {
    readSettings(line)
    return
  }
  if (event.type === 'messages') {
    line.log.info('messages', { line: line.id, waiting: event.waiting, count: event.count })
    line.post(event)
    return
  }
  if (event.type === 'incoming') {
    if (!line.sip) return
    const { call, caller } = event
    line.calls.add({
      line: line.id,
      call,
      id: call,
      sip: line.sip,
      party: caller,
      earlyMedia: false,
      answered: false,
      heard: false,
    })
    line.post({ type: 'incoming', call, caller })
    return
  }
  // Calls of a line without an account run over another line's; the table knows whose they are.
  const entry = line.calls.byId(event.call)
  if (!entry) return
  const { call } = entry
  switch (event.type) {
    case 'progress':
      line.post({ type: 'progress', call, status: event.status })
      return
    case 'media':
      line.media.command({ do: 'connect', stream: entry.id, to: streamParameters(event.remote) })
      return
    case 'answered':
      entry.answered = true
      line.post({ type: 'answered', call })
      return
    case 'held':
    case 'resumed':
      line.post({ type: event.type, call, ok: event.ok })
      return
    case 'failed':
      release(entry, line)
      line.post({
        type: 'failed',
        call,
        status: event.status,
        ...(event.q850 !== undefined && { q850: event.q850 }),
      })
      return
    case 'abandoned':
      release(entry, line)
      line.post({ type: 'abandoned', call, elsewhere: event.elsewhere })
      return
    case 'ended':
      release(entry, line)
      line.post({ type: 'ended', call })
  }
}

const readSettings = ({ masking, forwarding }: LineContext): void => {
  masking.refresh()
  forwarding.refresh()
}

/** What the audio half is told of the far end. */
export const streamParameters = (remote: Extract<SipEvent, { type: 'media' }>['remote']) => ({
  remote: { address: remote.address, port: remote.port },
  ...(remote.rtcp && { remoteRtcp: remote.rtcp }),
  codec: remote.codec,
  payloadType: remote.payloadType,
  ...(remote.eventPayloadType !== undefined && { eventPayloadType: remote.eventPayloadType }),
  ptime: remote.ptime,
  direction: remote.direction,
})
