// The GPIO chips of this machine, as their character devices tell of them: for whoever checks a board file.

import { chipInfoBytes, gpioRequest, parseChipInfo } from './gpio-abi.js'
import { type GpioKernel, loadGpioKernel } from './gpio-kernel.js'

export interface FoundGpioChip {
  /** "/dev/gpiochip0". */
  readonly path: string
  readonly label: string
  readonly lines: number
}

/** Those that this user may open. Rejects with HalError 'unsupported' when koffi cannot be loaded here. */
export const gpioChips = async (given?: GpioKernel): Promise<readonly FoundGpioChip[]> => {
  const kernel = given ?? (await loadGpioKernel())
  const found: FoundGpioChip[] = []
  for (const path of await kernel.chips()) {
    let descriptor = -1
    try {
      descriptor = kernel.open(path)
      const bytes = new Uint8Array(chipInfoBytes)
      kernel.ioctl(descriptor, gpioRequest.chipInfo, bytes)
      const { label, lines } = parseChipInfo(bytes)
      found.push({ path, label, lines })
    } catch {
      // Whoever looks for a chip in vain is told which ones may not be opened.
    } finally {
      if (descriptor >= 0) kernel.close(descriptor)
    }
  }
  return found
}
