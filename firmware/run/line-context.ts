// What an effect of one telephone may touch while it is carried out.

import type { Clock, Timer } from '../../hal/clock.js'
import type { FxsPort } from '../../hal/fxs-port.js'
import type { Log } from '../log.js'
import type { MediaCommand } from '../media/media-contract.js'
import type { PhoneConfig } from '../phone/config.js'
import type { PhoneEvent, TimerName } from '../phone/event.js'
import type { SipLine } from '../sip/sip-line.js'
import type { CallTable } from './call-table.js'
import type { LineFault } from './facts/facts.js'
import type { LineForwarding } from './forwarding.js'
import type { HookWatch } from './hook-watch.js'
import type { KeyOrder } from './key-order.js'
import type { LineDisplay } from './line-display.js'
import type { LineMasking } from './masking.js'

/** The audio half: a thread away on a box, a function call away in virtual time. */
export interface MediaPort {
  command(command: MediaCommand): void
}

export interface LineContext {
  readonly id: string
  readonly config: PhoneConfig
  readonly fxs: FxsPort
  /** Absent for a line without an account. */
  readonly sip: SipLine | undefined
  /** Any other line's account, for emergency calls of a line that has none. */
  readonly rescue: () => SipLine | undefined
  readonly media: MediaPort
  readonly calls: CallTable
  readonly hook: HookWatch
  /** Number of the present ring or of what is shown: what the audio half still tells of an earlier one counts no more. */
  onHookJob: number
  /** What its display is told; absent: nothing. */
  readonly display: LineDisplay | undefined
  readonly masking: LineMasking
  /** The number is withheld from everybody now, or it is not known whether it is. */
  readonly masked: boolean
  readonly forwarding: LineForwarding
  /** Keys on their way to the machine, in order with what the hook did. */
  readonly keys: KeyOrder
  /** Those that stand and keep the line from being used. */
  readonly faults: Set<LineFault>
  readonly timers: Map<TimerName, Timer>
  readonly clock: Clock
  readonly log: Log
  /** Puts an event of this telephone into the queue. */
  readonly post: (event: PhoneEvent) => void
}
