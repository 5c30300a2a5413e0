// What crosses the border between the main thread and the audio half: plain cloneable values only.

import type { LogFields } from '../firmware/log.js'
import type { MediaCommand, MediaConfig, MediaEvent } from '../firmware/media/media-contract.js'

/** Which board the audio half opens. One kind a driver family; the simulated box needs nothing but its lines. */
export interface MediaBoard {
  readonly kind: 'sim'
  readonly lines: readonly string[]
  /** Trans-hybrid loss with a matched impedance, dB. */
  readonly echoLossDb?: number
}

export interface MediaWorkerData {
  readonly board: MediaBoard
  /** SCHED_FIFO priority 1-99 to ask for; absent: ordinary scheduling. */
  readonly priority?: number
  /** Present from the start, so that no command can come before it. */
  readonly config?: MediaConfig
  /** The control half of a simulated board is served here (hal/sim/port-proxy.ts). */
  readonly control: unknown
}

export type ToMediaWorker =
  /** The first message, and the only one of its kind. */
  | { readonly media: 'start'; readonly data: MediaWorkerData }
  | { readonly media: 'command'; readonly command: MediaCommand }
  | { readonly media: 'close' }

export type FromMediaWorker =
  | { readonly media: 'ready' }
  | { readonly media: 'event'; readonly event: MediaEvent }
  | {
      readonly media: 'log'
      readonly level: 'info' | 'warn'
      readonly message: string
      readonly fields: LogFields
    }
  | { readonly media: 'closed' }
