// How caller identity and message waiting reach a telephone on the hook in one country: the `[cid]` of a profile, in ms
// and dBm0. Sequences and figures: ETSI EN 300 659-1 §6, BT SIN 227, Telcordia GR-30.

import type { DtmfFormat } from './dtmf-display.js'
import type { FskScheme } from './fsk-sender.js'
import type { MessageFormat } from './message.js'

/**
 * What tells a telephone on the hook to listen before it rings: a ring pulse (RP-AS), a dual tone (DT-AS), the wires
 * changed over, or both.
 */
export type EarlyAlert = 'rp-as' | 'dt-as' | 'line-reversal' | 'line-reversal+dt-as' | 'none'

export interface CallerIdSettings {
  readonly scheme: FskScheme | 'dtmf' | 'none'
  readonly alert: EarlyAlert | 'after-ring1'
  /** Length of the ring pulse. */
  readonly pulseMs: number
  /** From the line reversal to the dual tone. */
  readonly reversalMs: number
  /** Length of the dual tone. */
  readonly toneMs: number
  /** Level of each of its frequencies. */
  readonly toneDbm0: number
  /** From the end of the alert to the data. */
  readonly gapMs: number
  /** From the end of the first ring to the data. */
  readonly ringGapMs: number
  /** From the data to the first full ring. */
  readonly afterMs: number
  /** Level of the data; of DTMF, that of its lower tone. */
  readonly dbm0: number
  /** Of DTMF: high tone minus low tone, dB. */
  readonly twistDb: number
  readonly seizureBits: number
  readonly markBits: number
  /** Mark before the data in a call. */
  readonly offHookMarkBits: number
  /** Whether a waiting call is shown too, to telephones that acknowledge the dual tone. */
  readonly inCall: boolean
  /** From the beginning of the waiting tone to the dual tone. */
  readonly inCallDelayMs: number
  /** From the end of the acknowledgement to the data. */
  readonly inCallGapMs: number
  readonly message: MessageFormat
  readonly dtmf: DtmfFormat
  /** What announces message waiting. */
  readonly mwiAlert: EarlyAlert
}
