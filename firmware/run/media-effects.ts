// Effects on the audio half: tones, ring cadence, keys, who hears whom.

import type { PhoneEffect } from '../phone/effect.js'
import type { CallId } from '../phone/event.js'
import type { LineContext } from './line-context.js'
import { ringShowing, showMessages, showWaiting } from './line-display.js'
import { command } from './line-effects.js'
import { onLineMediaEvent } from './media-events.js'

type MediaEffect = Extract<PhoneEffect, { type: 'ring' | 'tone' | 'keys' | 'talk' | 'show-messages' }>

export const performMedia = (effect: MediaEffect, line: LineContext): void => {
  const id = line.id
  switch (effect.type) {
    case 'ring':
      line.onHookJob++
      // Whatever is planned of an earlier ring, or of what was being shown.
      command(line, port => port.ringBurst(false))
      if (effect.cadence === null) line.media.command({ do: 'ring', line: id, cadence: null })
      else ring(effect.cadence, effect.show, line)
      return
    case 'tone':
      line.media.command({ do: 'tone', line: id, tone: effect.tone })
      if (effect.show !== undefined) showWaiting(effect.show, line)
      return
    case 'show-messages':
      showMessages(effect, line)
      return
    case 'keys': {
      const mode = effect.mode === 'collect' ? 'dialling' : effect.mode === 'relay' ? 'call' : 'off'
      line.media.command({ do: 'digits', line: id, mode })
      line.media.command({
        do: 'relay-digits',
        line: id,
        on: effect.mode === 'relay',
        ...(effect.swallow && { except: effect.swallow }),
      })
      return
    }
    case 'talk': {
      const streams = effect.calls
        .map(call => line.calls.byCall(id, call)?.id)
        .filter((stream): stream is string => stream !== undefined)
      line.media.command({ do: 'talk', line: id, streams })
    }
  }
}

const ring = (cadence: string, shown: CallId, line: LineContext): void => {
  line.media.command({ do: 'wake', line: line.id })
  ringShowing(cadence, shown, line, change => onLineMediaEvent(change, line))
}
