// The simulated box as its users see it. The audio half (createSimBoard) holds the line models and handsets; the
// control half reaches them through a message port (serveControl / connectControl) that passes the same
// conformance suite. In virtual time both halves are used in-process.

import type { Clock, Us } from '../clock.js'
import type { Entropy } from '../entropy.js'
import type { FxsPort } from '../fxs-port.js'
import type { PcmBoard } from '../pcm-port.js'
import type { Handset } from './handset-contract.js'
import type { LineModel } from './line-model.js'

export interface SimBoardOptions {
  readonly lines: readonly string[]
  readonly clock: Clock
  readonly entropy: Entropy
  /** Of the telephones (ISO 3166-1): whose tones their ears know; absent: those of France and Germany. */
  readonly country?: string
  /** virtual: frames come from `clock`. real: an absolute-deadline loop, exact like a codec's clock. */
  readonly frames: 'virtual' | 'real'
  /** How the thread of real frames sleeps up to an instant; default: Atomics.wait. */
  readonly sleepUntil?: (instant: Us) => void
  /** Trans-hybrid loss with a matched impedance, dB; default 12. */
  readonly echoLossDb?: number
  /** Makes the loop of a line, where something other than the simulated line chip is to be at its box end. */
  readonly newLine?: (id: string, clock: Clock, echoLossDb: number) => LineModel
}

export interface SimControl {
  fxs(line: string): FxsPort
  handset(line: string): Handset
}

export interface SimBoard extends SimControl {
  readonly pcm: PcmBoard
}
