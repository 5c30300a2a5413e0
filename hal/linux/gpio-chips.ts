// The GPIO chips of this machine, as their character devices tell of them.

import { type ChipInfo, chipInfoBytes, gpioRequest, parseChipInfo } from './gpio-abi.js'
import { type GpioKernel, loadGpioKernel } from './gpio-kernel.js'

export interface FoundGpioChip {
  /** "/dev/gpiochip0". */
  readonly path: string
  readonly label: string
  readonly lines: number
}

export interface OpenGpioChip {
  readonly descriptor: number
  readonly info: ChipInfo
}

/** Throws the system's error; nothing is left open then. */
export const openGpioChip = (kernel: GpioKernel, path: string): OpenGpioChip => {
  const descriptor = kernel.open(path)
  try {
    const bytes = new Uint8Array(chipInfoBytes)
    kernel.ioctl(descriptor, gpioRequest.chipInfo, bytes)
    return { descriptor, info: parseChipInfo(bytes) }
  } catch (error) {
    kernel.close(descriptor)
    throw error
  }
}

/** For whoever checks a board file. Those that this user may open. Rejects with HalError 'unsupported' when koffi cannot be loaded here. */
export const gpioChips = async (given?: GpioKernel): Promise<readonly FoundGpioChip[]> => {
  const kernel = given ?? (await loadGpioKernel())
  const found: FoundGpioChip[] = []
  for (const path of await kernel.chips()) {
    try {
      const { descriptor, info } = openGpioChip(kernel, path)
      kernel.close(descriptor)
      found.push({ path, label: info.label, lines: info.lines })
    } catch {
      // Whoever looks for a chip in vain is told which ones may not be opened.
    }
  }
  return found
}
