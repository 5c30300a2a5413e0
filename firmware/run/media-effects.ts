// Effects on the audio half: tones, ring cadence, keys, who hears whom.

import type { PhoneEffect } from '../phone/effect.js'
import type { LineContext } from './line-context.js'

type MediaEffect = Extract<PhoneEffect, { type: 'ring' | 'tone' | 'keys' | 'talk' | 'show-messages' }>

export const performMedia = (effect: MediaEffect, line: LineContext): void => {
  const id = line.id
  switch (effect.type) {
    case 'ring':
      if (effect.cadence) line.media.command({ do: 'wake', line: id })
      line.media.command({ do: 'ring', line: id, cadence: effect.cadence })
      return
    case 'tone':
      line.media.command({ do: 'tone', line: id, tone: effect.tone })
      return
    case 'show-messages':
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
