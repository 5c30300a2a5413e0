// A small process: what a start leaves behind is collected, and freed memory goes back to the system.

import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** mallopt(3): M_TRIM_THRESHOLD, M_MMAP_THRESHOLD. */
const parameter = { trimThreshold: -1, mmapThreshold: -3 }
/** glibc's own limits before it raises them, bytes. */
const limit = 128 * 1024

/**
 * From now on freed memory goes back to the system, for the whole process: mallopt(3) of glibc through koffi. By itself
 * glibc raises its limits to twice the greatest block a program has freed, and then keeps as much at the end of each thread's
 * heap: some megabytes for each thread in which V8 compiles or collects garbage. False where koffi cannot be loaded or the C library knows no mallopt. */
export const returnFreedMemory = async (): Promise<boolean> => {
  try {
    const { default: koffi } = await import('koffi')
    const mallopt = koffi.load(null).func('int mallopt(int, int)')
    return Object.values(parameter).every(number => mallopt(number, limit) === 1)
  } catch {
    return false
  }
}

/** V8 makes its young generation smaller only when it collects garbage after so long with little new, ms (V8 11.3: 5000). */
export const heapSettlesMs = 6000

/**
 * Collects the garbage of the calling thread and closes the gaps: some 20 ms for 10 MB. V8 does it by itself only when a heap
 * has grown, which that of an idle box never does again.
 */
export const collectGarbage = (): void => {
  // The flag is looked at where a context is made. None must stay: V8 takes no code cache made with other flags.
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('globalThis.gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof collect !== 'function') return
  // Otherwise V8 moves together only what lies in pages that are nearly empty: 2 MB of 11 stay taken for nothing.
  setFlagsFromString('--compact-on-every-full-gc')
  collect()
  setFlagsFromString('--no-compact-on-every-full-gc')
}

/**
 * From now on the room for young objects grows no more, in any thread: else a burst of work takes it from 2 to 32 MB, and
 * gives it back only when little has been made for seconds. V8 takes no code cache after that: not before the start is over.
 */
export const keepYoungHeapSmall = (): void => setFlagsFromString('--semi-space-growth-factor=1')

/** What the calling thread's heap holds of the system's memory, bytes. */
export const heapTaken = (): number => getHeapStatistics().total_heap_size
