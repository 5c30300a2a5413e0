// A change of what somebody hears, without a click: the first sample after it follows the last one before it, and the
// difference dies away in 5 ms. Of what was heard before, the height of one sample is all that lives on.

import { toSample } from './level.js'

const LENGTH = 40

/** Falls from almost 1 to almost 0 along a raised cosine. */
const fall = Float64Array.from(
  { length: LENGTH },
  (_, i) => 0.5 + 0.5 * Math.cos((Math.PI * (i + 1)) / (LENGTH + 1)),
)

/** `frame`, at least 5 ms of it, is the first from new sources; `last` the sample before it. In place. */
export const splice = (frame: Int16Array, last: number): void => {
  const step = last - (frame[0] as number)
  for (let i = 0; i < LENGTH; i++) frame[i] = toSample((frame[i] as number) + step * (fall[i] as number))
}
