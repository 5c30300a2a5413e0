// What every Entropy must do.

import type { Test } from 'tap'
import type { Entropy } from '../entropy.js'

export const entropyConformance = (t: Test, entropy: Entropy): void => {
  t.test('uint32 covers its range evenly', async t => {
    const draws = 4096
    const buckets = new Array<number>(16).fill(0)
    for (let n = 0; n < draws; n++) {
      const value = entropy.uint32()
      if (!Number.isInteger(value) || value < 0 || value >= 2 ** 32) t.fail(`${value} is no uint32`)
      buckets[value >>> 28]! += 1
    }
    const expected = draws / buckets.length
    const chiSquared = buckets.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
    // 15 degrees of freedom: 60 is exceeded by chance about once in 10 million runs.
    t.ok(chiSquared < 60, `chi squared ${chiSquared}`)
  })

  t.test('hex gives two lower-case digits a byte and does not repeat', async t => {
    for (const bytes of [1, 5, 16]) t.match(entropy.hex(bytes), new RegExp(`^[0-9a-f]{${bytes * 2}}$`))
    t.equal(entropy.hex(0), '')
    t.equal(new Set(Array.from({ length: 500 }, () => entropy.hex(8))).size, 500)
  })
}
