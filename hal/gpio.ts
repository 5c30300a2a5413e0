// Digital input and output lines, addressed by chip label and offset (global numbers change between kernels).
//
// Levels are logical: with `activeLow`, true is the low pin, of inputs and outputs alike.

import type { Us } from './clock.js'

/** After `close` its calls throw HalError 'closed'. What the pin does then is the controller's affair: boards need a resistor. */
export interface GpioOutput {
  write(high: boolean): void
  /** May be called twice. */
  close(): void
}

export interface GpioInput {
  /** The level now. It may be ahead of the edges that wait for delivery, and reading takes none of them away. */
  read(): boolean
  /** No edge is delivered afterwards, even if it waits already. May be called twice. */
  close(): void
}

export interface GpioEdge {
  readonly high: boolean
  /** When the pin changed ('kernel'), or when JavaScript got to know ('process'). Never before the edge delivered earlier. */
  readonly us: Us
  /**
   * Edges were lost before this one: the kernel's queue ran over, or ('process') the level is the one known before.
   * It tells the level but no length.
   */
  readonly overrun: boolean
}

export interface GpioChip {
  /**
   * 'kernel': every edge is queued with its instant on the monotonic clock, however late JavaScript runs.
   * 'process': edges that nobody fetched in time are merged; their instant is that of delivery.
   */
  readonly timestamps: 'kernel' | 'process'
  /**
   * The pin takes `initial` with no other level before. Rejects with HalError 'invalid' (no such offset), 'in-use',
   * 'permission', 'unsupported' or 'closed'.
   */
  openOutput(
    offset: number,
    options: { readonly initial: boolean; readonly activeLow?: boolean },
  ): Promise<GpioOutput>
  /**
   * Edges from now on; the level at open is told by `read()`, never by an edge. Levels of successive edges alternate
   * unless `overrun`. Rejects as `openOutput` does; 'unsupported' where the pin cannot interrupt.
   */
  openInput(
    offset: number,
    options: { readonly activeLow?: boolean },
    onEdge: (edge: GpioEdge) => void,
  ): Promise<GpioInput>
  /** Closes every line of it. May be called twice. */
  close(): Promise<void>
}
