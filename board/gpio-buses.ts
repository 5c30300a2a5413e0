// The GPIO chips of a board under the names its file gives them, each opened when its first pin is asked for and through the
// interface the file asks for; the other one is never loaded.

import type { Board } from '../firmware/settings/board-schema.js'
import type { Clock } from '../hal/clock.js'
import { HalError } from '../hal/errors.js'
import type { GpioChip } from '../hal/gpio.js'

export interface GpioBuses {
  /** Rejects with HalError: 'missing', 'permission', 'unsupported' … with what to do. */
  chip(bus: string): Promise<GpioChip>
  /** Gives every pin back. */
  close(): Promise<void>
}

type Bus = NonNullable<Board['gpio']>[string]
export type OpenBus = (bus: Bus, clock: Clock) => Promise<GpioChip>

export const createGpioBuses = (buses: Board['gpio'], clock: Clock, open: OpenBus = kernelBus): GpioBuses => {
  const opened = new Map<string, Promise<GpioChip>>()
  return {
    chip: name => {
      const bus = buses?.[name]
      if (bus === undefined)
        return Promise.reject(new HalError('missing', `the board has no GPIO bus ${name}`))
      const chip = opened.get(name) ?? open(bus, clock)
      opened.set(name, chip)
      return chip
    },
    close: async () => {
      await Promise.allSettled([...opened.values()].map(async chip => (await chip).close()))
    },
  }
}

const kernelBus: OpenBus = async ({ backend, label }, clock) => {
  if (backend === 'onoff') {
    const { openOnoffChip } = await import('../hal/linux/gpio-onoff.js')
    return openOnoffChip(label, { clock })
  }
  const { openCdevChip } = await import('../hal/linux/gpio-cdev.js')
  return openCdevChip(label, { clock })
}
