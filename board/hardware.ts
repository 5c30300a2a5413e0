// What a board has on the main thread: pins, the line modules on them, lamps. Loaded for a board whose file names GPIO chips.

import type { Log } from '../firmware/log.js'
import type { MediaEvent } from '../firmware/media/media-contract.js'
import type { Board } from '../firmware/settings/board-schema.js'
import type { ChipDigit } from '../hal/chips/ag1171/mt8870.js'
import type { Clock } from '../hal/clock.js'
import { type Ag1171Lines, openAg1171Lines } from './ag1171-lines.js'
import { createGpioBuses, type OpenBus } from './gpio-buses.js'
import { type BoxLamps, openLamps } from './lamps.js'

export interface Hardware {
  /** Absent where the lines are driven elsewhere. */
  readonly lines?: Ag1171Lines
  /** Undefined where the board has none. */
  lamps(): Promise<BoxLamps | undefined>
  /** Lines whose keys a decoder of their own recognises: what the audio half takes for keys there is not told. */
  readonly decoded: ReadonlySet<string>
  close(): Promise<void>
}

export interface HardwareOptions {
  readonly board: Board
  readonly clock: Clock
  readonly log: Log
  /** Keys that a decoder on the board has recognised. */
  readonly onEvent: (event: MediaEvent) => void
  /** Default: the kernel's. */
  readonly openBus?: OpenBus
}

/** Rejects with the HalError of what cannot be had. */
export const openHardware = async (options: HardwareOptions): Promise<Hardware> => {
  const { board, clock, log, onEvent, openBus } = options
  const buses = createGpioBuses(board.gpio, clock, openBus)
  const decoded = (board.slic ?? []).filter(({ dtmf }) => dtmf !== undefined).map(({ line }) => line)
  const keys = new Map<string, ChipDigit>()
  const onDigit = (line: string, digit: ChipDigit): void => {
    const event = keyEvent(line, digit, keys)
    if (event) onEvent(event)
  }
  const lines =
    board.driver === 'ag1171'
      ? await openAg1171Lines({ board, buses, clock, onDigit }).catch(async error => {
          await buses.close()
          throw error
        })
      : undefined
  return {
    ...(lines && { lines }),
    decoded: new Set(decoded),
    lamps: async () =>
      board.leds &&
      openLamps(
        board.leds,
        async ({ bus, offset, activeLow }) =>
          (await buses.chip(bus)).openOutput(offset, { initial: false, activeLow }),
        { clock, log },
      ),
    close: async () => {
      await lines?.close()
      await buses.close()
    },
  }
}

/** The decoder's own threshold is -29 dBm (data sheet); it tells no level. */
const unknownLevelDbm0 = -20

/** `held`: the key of each line that is pressed now. */
const keyEvent = (line: string, key: ChipDigit, held: Map<string, ChipDigit>): MediaEvent | undefined => {
  const { digit, us } = key
  if (key.phase === 'on') {
    held.set(line, key)
    return { type: 'digit-start', line, digit, us, dbm0: unknownLevelDbm0 }
  }
  const pressed = held.get(line)
  held.delete(line)
  return pressed && { type: 'digit-end', line, digit, us, ms: (us - pressed.us) / 1000 }
}
