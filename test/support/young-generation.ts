// How many bytes a piece of work puts on the heap, exactly: by how full V8's young generation is before and after.

import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const looks = new Float64Array(3)
const look = (at: number): void => {
  looks[at] = getHeapSpaceStatistics().find(space => space.space_name === 'new_space')?.space_used_size ?? 0
}

/**
 * What looking itself costs is found by looking twice. Negative when a collection came in between. Code that is not
 * compiled yet makes an object of every fraction: let it run a few thousand times first.
 */
export const bytesOf = (work: () => void): number => {
  look(0)
  look(1)
  work()
  look(2)
  const [first, second, third] = looks as unknown as [number, number, number]
  return third - second - (second - first)
}

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** Collects all garbage now. */
export const collect = (): void => gc()
