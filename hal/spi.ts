// Full-duplex SPI transfers to one chip select.

export interface SpiDevice {
  /** Sends `out` and returns as many bytes. Chip select is released between bytes when the device was opened so. */
  transfer(out: Uint8Array): Promise<Uint8Array>
  close(): Promise<void>
}

export interface SpiOptions {
  readonly bus: number
  readonly chipSelect: number
  /** SPI mode 0-3. */
  readonly mode: 0 | 1 | 2 | 3
  /** Clock, Hz. */
  readonly hz: number
  readonly deselectBetweenBytes: boolean
}
