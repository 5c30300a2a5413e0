// What crosses the border between the main thread and the audio half: plain cloneable values only.

import type { LogFields } from '../firmware/log.js'
import type { MediaCommand, MediaConfig, MediaEvent } from '../firmware/media/media-contract.js'
import type { HalErrorKind } from '../hal/errors.js'
import type { FxsCapabilities } from '../hal/fxs-port.js'

/** Which board the audio half opens. One kind a driver family; the simulated box needs nothing but its lines. */
export type MediaBoard = SimMediaBoard | SerialSlicMediaBoard | AlsaMediaBoard

export interface SimMediaBoard {
  readonly kind: 'sim'
  readonly lines: readonly string[]
  /** Of the telephones (ISO 3166-1): whose tones their ears know. */
  readonly country?: string
  /** Trans-hybrid loss with a matched impedance, dB. */
  readonly echoLossDb?: number
}

/** Line chips behind a microcontroller on a serial port. */
export interface SerialSlicMediaBoard {
  readonly kind: 'serial-slic'
  readonly lines: readonly string[]
  readonly path: string
  /** Bits a second. */
  readonly baud: number
  readonly law: 'linear' | 'alaw'
}

/** A sound device; the line chips are driven from the main thread. */
export interface AlsaMediaBoard {
  readonly kind: 'alsa'
  /** In the order of the board's ports. */
  readonly lines: readonly { readonly id: string; readonly channel: number }[]
  readonly capture: string
  readonly playback: string
  readonly backend: 'children' | 'koffi'
  readonly channels: number
  readonly ringing: readonly RingingLine[]
}

/** What the ring of a line does to its audio (hal/chips/ag1171/ring-noise.ts). */
export interface RingingLine {
  readonly line: string
  /** Shared between the threads. */
  readonly noise: Float64Array
  readonly mute: boolean
}

export interface MediaWorkerData {
  readonly board: MediaBoard
  /** SCHED_FIFO priority 1-99 to ask for; absent: ordinary scheduling. */
  readonly priority?: number
  /** Present from the start, so that no command can come before it. */
  readonly config?: MediaConfig
  /** Where the board's serial port is served (hal/threads/byte-port-proxy.ts), if it has one. */
  readonly bytes?: unknown
  /** The control half of the board is served here (hal/threads/control-proxy.ts). */
  readonly control: unknown
}

export type ToMediaWorker =
  /** The first message, and the only one of its kind. */
  | { readonly media: 'start'; readonly data: MediaWorkerData }
  | { readonly media: 'command'; readonly command: MediaCommand }
  /** Answered by `pong`: the audio half lives. */
  | { readonly media: 'ping' }
  /** Nobody telephones: collect garbage now. */
  | { readonly media: 'tidy' }
  | { readonly media: 'close' }

export type FromMediaWorker =
  /** The board is there; `capabilities`: of its lines, where they are driven in the audio half. */
  | { readonly media: 'ready'; readonly capabilities?: FxsCapabilities }
  | { readonly media: 'failed'; readonly kind: HalErrorKind; readonly reason: string }
  | { readonly media: 'event'; readonly event: MediaEvent }
  | { readonly media: 'pong' }
  | {
      readonly media: 'log'
      readonly level: 'info' | 'warn'
      readonly message: string
      readonly fields: LogFields
    }
  | { readonly media: 'closed' }
