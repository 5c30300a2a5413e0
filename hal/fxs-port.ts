// The control half of one telephone line: what an FXS chip must offer. Drivers report raw hook edges with
// timestamps and never classify them (flash, digit, hang-up are firmware/line's business).
// Audio is a separate interface (pcm-port.ts): on a real box the two halves live in different threads.
//
// Rules for drivers: an event is never delivered from inside a command; arguments and results are plain
// cloneable values (the port may be reached through a thread boundary); close() leaves the line in standby
// with ringing off; at most 15 ms of contact bounce may be removed.
//
// Changes with an instant (`atUs`) are planned: ringing and caller identity go by the clock of the line, not by when the
// main thread finds the time. A driver hands them to what keeps time by itself (the chip's own cadence timers, its
// microcontroller, the thread that has the frames). See FxsPort.

import type { Us } from './clock.js'

/**
 * Feed state of the loop.
 * open: no battery. standby: low-power feed, hook still seen. active: talking battery, audio both ways.
 * oht: on-hook transmission, audio toward an on-hook telephone (caller identity). ringing: ring voltage applied.
 */
export type Linefeed = 'open' | 'standby' | 'active' | 'oht' | 'ringing'

export type FaultKind =
  | 'short'
  | 'ground'
  | 'power'
  | 'thermal'
  | 'chip-reset'
  | 'link-lost'
  | 'pcm-xrun'
  | 'edge-loss'

export type LineTest =
  | 'foreign-voltage'
  | 'resistive-fault'
  | 'receiver-off-hook'
  | 'ringers'
  | 'battery'
  | 'pcm-loopback'

export interface FxsCapabilities {
  readonly polarityReversal: boolean
  readonly onHookTransmission: boolean
  readonly ring: {
    /** Who makes the waveform; 'none': ringing is told to the board, and nothing here makes it. */
    readonly source: 'chip' | 'pwm' | 'mcu' | 'none'
    /** Frequencies the waveform generator can make, Hz; none with the source 'none'. */
    readonly hz: readonly number[]
    /** Highest ring voltage, volts rms. */
    readonly maxVrms: number
  }
  /** Who stamps hook edges; 'process' means JavaScript, good enough for hang-up but not for rotary digits. */
  readonly hookTimestamps: 'chip' | 'kernel' | 'process'
  readonly impedances: readonly string[]
  /** Gain range in dB: receive is toward the telephone, transmit is from it. */
  readonly gainDb: {
    readonly receive: readonly [number, number]
    readonly transmit: readonly [number, number]
  }
  readonly senses: readonly ('loopMa' | 'tipRingVolts' | 'batteryVolts' | 'celsius')[]
  readonly lineTests: readonly LineTest[]
  readonly faults: readonly FaultKind[]
}

/** Electrical side of a country profile. */
export interface LineProfile {
  /** One of `capabilities.impedances`, most wanted first; the first known one is used. */
  readonly impedances: readonly string[]
  /** Constant-current feed, 18-42 mA. */
  readonly loopMa: number
  /** Ring frequency, Hz; the nearest one the chip can make is used. */
  readonly ringHz: number
  /** Ring voltage, volts rms at the terminals. */
  readonly ringVrms: number
}

export type FxsEvent =
  /** A raw loop edge. 'resync' reports the level after edges were lost (`overrun`). */
  | {
      readonly type: 'hook'
      readonly offHook: boolean
      readonly us: Us
      readonly source: 'edge' | 'resync'
      readonly overrun?: boolean
    }
  /** DC loop current found while ringing: the telephone was answered. The chip has left ringing by itself. */
  | { readonly type: 'ring-trip'; readonly us: Us }
  | {
      readonly type: 'linefeed'
      readonly state: Linefeed
      readonly reversed: boolean
      readonly cause: 'command' | 'auto' | 'fault'
      readonly us: Us
    }
  | { readonly type: 'fault'; readonly kind: FaultKind; readonly on: boolean; readonly us: Us }

export interface FxsSense {
  /** Loop current, mA, positive. */
  readonly loopMa: number
  readonly tipRingVolts: number
  readonly batteryVolts: number
}

export interface LineTestResult {
  readonly test: LineTest
  readonly pass: boolean
  /** Measured values by name, e.g. { ren: 1.2 }. */
  readonly values: Readonly<Record<string, number>>
}

/** When a change is to be made, on the clock of the hook edges. */
export interface Planned {
  /** Absent: now, and whatever is planned is dropped. An instant that is past: at once, the rest of the plan stands. */
  readonly atUs?: Us
}

/**
 * Planned changes are made at their instants, in their order and, for the same instant, in the order given; 16 may wait.
 * The promise of a planned change resolves when it is noted, not when it is made. All that is planned is dropped when the
 * telephone is lifted, by a change without an instant, by a fault that takes the feed away, and by close(). What the line
 * does not allow when it falls due (a ring burst into a short circuit) is left out.
 */
export interface FxsPort {
  /** The port's name on its board, e.g. "tel1". */
  readonly id: string
  readonly capabilities: FxsCapabilities
  /** Brings the line to standby and reports the present hook state as the first `hook` event. */
  open(profile: LineProfile, onEvent: (event: FxsEvent) => void): Promise<void>
  /** Safe state: ringing off, standby, no more events. Idempotent. */
  close(): Promise<void>
  /**
   * 'ringing' is not accepted here (HalError 'invalid'): use ringBurst. Planned while the telephone is off-hook: HalError
   * 'refused'. Lifting the telephone ends 'oht' by itself: standby, told with the cause 'auto', so that nothing meant for
   * the display is heard in the receiver.
   */
  setLinefeed(
    state: Exclude<Linefeed, 'ringing'>,
    options?: { readonly reversed?: boolean } & Planned,
  ): Promise<void>
  /**
   * One ring burst on or off. On, or planned, while the telephone is off-hook: HalError 'refused'. Off returns to standby,
   * or to active when off-hook.
   */
  ringBurst(on: boolean, options?: { readonly hz?: number; readonly vrms?: number } & Planned): Promise<void>
  /** Opens the loop for 50-1000 ms and restores the feed (calling party control). HalError 'unsupported' where it cannot be opened. */
  loopDisconnect(ms: number): Promise<void>
  setImpedance(id: string): Promise<void>
  setGain(gain: { readonly receiveDb?: number; readonly transmitDb?: number }): Promise<void>
  /** HalError 'unsupported' where `capabilities.senses` is empty. */
  sense(): Promise<FxsSense>
  /** Only while the line is idle; HalError 'refused' otherwise. */
  lineTest(test: LineTest): Promise<LineTestResult>
  /** The hook level now, debounced; the way back after an overrun. */
  readHook(): Promise<{ readonly offHook: boolean; readonly us: Us }>
}
