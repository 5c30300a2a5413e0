// Everything that reaches the one loop, tagged with its line. Sources push; nobody else calls into the loop.

import type { Us } from '../../hal/clock.js'
import type { FxsEvent } from '../../hal/fxs-port.js'
import type { MediaEvent } from '../media/media-contract.js'
import type { PhoneEvent, TimerName } from '../phone/event.js'
import type { SipEvent } from '../sip/sip-line.js'

export type BoxEvent =
  | { readonly from: 'fxs'; readonly line: string; readonly event: FxsEvent }
  /** The port confirmed that the loop did not change until `now`. */
  | { readonly from: 'hook-quiet'; readonly line: string; readonly now: Us }
  | { readonly from: 'media'; readonly event: MediaEvent }
  | { readonly from: 'sip'; readonly line: string; readonly event: SipEvent }
  | { readonly from: 'timer'; readonly line: string; readonly name: TimerName }
  | { readonly from: 'phone'; readonly line: string; readonly event: PhoneEvent }
