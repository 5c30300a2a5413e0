// Effects on the loop itself: feed and what the hook means now. Commands to the port are not awaited;
// a refusal (ring into an off-hook telephone, a chip that is gone) is told to the log, the hook tells the rest.

import type { FxsPort } from '../../hal/fxs-port.js'
import type { PhoneEffect } from '../phone/effect.js'
import type { LineContext } from './line-context.js'

type LineEffect = Extract<PhoneEffect, { type: 'line' | 'hook-context' }>

export const performLine = (effect: LineEffect, line: LineContext): void => {
  if (effect.type === 'hook-context') {
    line.hook.setContext(effect.context)
    return
  }
  if (effect.state === 'active') line.media.command({ do: 'wake', line: line.id })
  else line.media.command({ do: 'sleep', line: line.id })
  command(line, port => port.setLinefeed(effect.state === 'active' ? 'active' : 'standby'))
}

/** Carries out a port command; its failure is an event of the board, not of the caller. */
export const command = (line: LineContext, run: (port: FxsPort) => Promise<void>): void => {
  run(line.fxs).catch((error: unknown) => {
    line.log.warn('line command failed', { line: line.id, reason: (error as Error).message })
  })
}
