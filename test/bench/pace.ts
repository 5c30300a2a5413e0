// Time as it passes for the box: a virtual machine's clock may have gone 58 ms while the bench waited 900.

import { ms } from '../../hal/clock.js'
import type { Target } from './target.js'

/** Now, as the box tells it, µs. */
export const boxTime = async ({ client, lines }: Pick<Target, 'client' | 'lines'>): Promise<number> => {
  const { us } = await client.do({ do: 'state', line: (lines[0] as { id: string }).id })
  return us as number
}

/** Resolves when `duration` (ms) has passed for the box: by its own clock where that goes at another pace than the bench's. */
export const pauseOnBox = async (target: Target, duration: number): Promise<void> => {
  const wait = (time: number): Promise<void> =>
    new Promise(resolve => target.clock.timer('bench pause', ms(time), resolve))
  if (!target.ownPace) return wait(duration)
  const end = (await boxTime(target)) + duration * 1000
  for (let left = duration; left > 0; left = (end - (await boxTime(target))) / 1000) await wait(left)
}
