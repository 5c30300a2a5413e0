// What an event of the line port means: edges for the hook interpreter, faults for the machine. Several faults may
// stand at once (a short circuit heats the driver); the line can be used again only when the last is over.

import type { FxsEvent } from '../../hal/fxs-port.js'
import type { LineFault } from './facts/facts.js'
import type { LineContext } from './line-context.js'

export const onFxsEvent = (event: FxsEvent, line: LineContext): void => {
  switch (event.type) {
    case 'hook':
      return line.hook.edge(event)
    case 'ring-trip':
      // DC current while ringing is the telephone being lifted; the chip has already left ringing by itself.
      return line.hook.tripped(event.us)
    case 'linefeed':
      line.log.debug('linefeed', { line: line.id, state: event.state, cause: event.cause })
      return
    case 'fault':
      onLineFault(event.kind, event.on, line)
  }
}

/** These harm what is heard, not what the line can do. */
const passing: ReadonlySet<LineFault> = new Set(['pcm-xrun', 'edge-loss'])
/** After these the hook may have moved unseen. */
const blinding: ReadonlySet<LineFault> = new Set(['edge-loss', 'chip-reset', 'link-lost'])

export const onLineFault = (kind: LineFault, on: boolean, line: LineContext): void => {
  line.log.warn('line fault', { line: line.id, kind, on })
  const { faults } = line
  if (!passing.has(kind)) {
    const before = faults.size
    if (on) faults.add(kind)
    else faults.delete(kind)
    if (on ? before === 0 : before > 0 && faults.size === 0) line.post({ type: 'line-fault', on })
  }
  if (blinding.has(kind) && (kind === 'edge-loss' || !on)) line.hook.resync()
}
