// Digital input and output lines, addressed by chip label and offset (global numbers change between kernels).

import type { Us } from './clock.js'

export interface GpioOutput {
  write(high: boolean): void
  close(): void
}

export interface GpioInput {
  read(): boolean
  close(): void
}

export interface GpioEdge {
  readonly high: boolean
  readonly us: Us
  /** Edges were lost before this one (kernel sequence number gap). */
  readonly overrun: boolean
}

export interface GpioChip {
  readonly timestamps: 'kernel' | 'process'
  openOutput(
    offset: number,
    options: { readonly initial: boolean; readonly activeLow?: boolean },
  ): Promise<GpioOutput>
  openInput(
    offset: number,
    options: { readonly activeLow?: boolean },
    onEdge: (edge: GpioEdge) => void,
  ): Promise<GpioInput>
  close(): Promise<void>
}
