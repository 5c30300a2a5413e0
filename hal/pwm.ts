// One output of a pulse-width modulator: a square wave that a timer of the hardware makes. It rings telephones, which
// JavaScript timers must not do (half a period of 50 Hz is 10 ms).

export interface PwmChannel {
  /** Starts a square wave of 50 % duty at `hz` (1..1000), or changes its frequency. Rejects with HalError 'invalid', 'closed', or what the device reports. */
  start(hz: number): Promise<void>
  /** Output low. Harmless when it is. */
  stop(): Promise<void>
  /** Stops and gives the output back. May be called twice. */
  close(): Promise<void>
}
