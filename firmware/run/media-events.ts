// What an event of the audio half means to the telephone.

import { us } from '../../hal/clock.js'
import type { MediaEvent } from '../media/media-contract.js'
import { onLineFault } from './fxs-events.js'
import type { LineContext } from './line-context.js'
import { command } from './line-effects.js'
import { release } from './sip-effects.js'

/** Silence in both directions that ends a call, ms. */
const MEDIA_LOST_MS = 60_000

export const onLineMediaEvent = (event: Extract<MediaEvent, { line: string }>, line: LineContext): void => {
  switch (event.type) {
    case 'digit-start':
      line.keys.key(us(event.us), { type: 'digit', digit: event.digit, source: 'dtmf' })
      return
    case 'digit-end':
      line.keys.key(us(event.us), { type: 'digit-end', digit: event.digit })
      return
    case 'tone-end':
      line.post({ type: 'tone-end', tone: event.tone })
      return
    case 'ring-burst':
    case 'linefeed':
      if (event.id === line.onHookJob) changeLine(event, line)
      return
    case 'pcm-fault':
      line.log.warn('audio frames lost', { line: line.id, frames: event.lostFrames })
      return
    case 'pcm-lost':
      onLineFault('sound-lost', event.on, line)
  }
}

const changeLine = (
  change: Extract<MediaEvent, { type: 'ring-burst' | 'linefeed' }>,
  line: LineContext,
): void => {
  const atUs = us(change.us)
  if (change.type === 'ring-burst') command(line, port => port.ringBurst(change.on, { atUs }))
  else command(line, port => port.setLinefeed(change.state, { reversed: change.reversed, atUs }))
}

export const onStreamMediaEvent = (
  event: Extract<MediaEvent, { stream: string }>,
  line: LineContext,
): void => {
  const entry = line.calls.byId(event.stream)
  if (!entry) return
  const { call } = entry
  switch (event.type) {
    case 'opened': {
      entry.local = { address: event.local.address, port: event.local.port }
      const act = entry.whenOpen
      delete entry.whenOpen
      act?.(entry.local)
      return
    }
    case 'open-failed':
      line.log.error('no RTP port for the call', { line: line.id, reason: event.reason })
      entry.sip.hangUp(entry.id)
      release(entry, line)
      line.post({ type: 'failed', call, status: 503 })
      return
    case 'rtp-started':
      if (!entry.answered && !entry.earlyMedia) {
        entry.earlyMedia = true
        line.post({ type: 'early-media', call })
      } else if (entry.answered && !entry.heard) {
        entry.heard = true
        line.post({ type: 'audio', call })
      }
      return
    case 'rtp-silent':
      if (entry.answered && event.ms >= MEDIA_LOST_MS) line.post({ type: 'media-lost', call })
  }
}
