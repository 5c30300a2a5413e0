// A board's sound device in the way its board file asks for. Without libasound or koffi the fast way becomes the safe one.

import { HalError, isHalError } from '../errors.js'
import type { AlsaBoard, AlsaLine } from './alsa-board.js'
import type { AlsaChildrenOptions } from './alsa-children.js'
import type { AlsaKoffiOptions } from './alsa-koffi.js'

export type AlsaWay = 'children' | 'koffi'

export interface AlsaOptions extends AlsaChildrenOptions, AlsaKoffiOptions {
  /** `children`: arecord and aplay. `koffi`: libasound in the calling thread, less delay. */
  readonly way: AlsaWay
  readonly lines: readonly AlsaLine[]
  readonly onTrouble?: (error: HalError) => void
}

/**
 * Its streams run when this resolves. Rejects with a HalError that says what to do. Each way is loaded only where it is used.
 */
export const openAlsa = async (options: AlsaOptions): Promise<AlsaBoard> => {
  if (options.way === 'koffi' && (await hasLibasound(options))) {
    const { openAlsaKoffi } = await import('./alsa-koffi.js')
    return openAlsaKoffi(options)
  }
  const { openAlsaChildren } = await import('./alsa-children.js')
  return openAlsaChildren(options)
}

const hasLibasound = async ({ library, onTrouble }: AlsaOptions): Promise<boolean> => {
  const { loadLibasound } = await import('./libasound.js')
  try {
    await loadLibasound(library)
    return true
  } catch (error) {
    if (!isHalError(error)) throw error
    onTrouble?.(
      new HalError(error.kind, `${error.message}; arecord and aplay are used instead`, { cause: error }),
    )
    return false
  }
}
