// From the kernel's events to edges, whatever happens at the pin and however late anybody looks.

import fc from 'fast-check'
import t from 'tap'
import { us } from '../../../hal/clock.js'
import type { GpioEdge } from '../../../hal/gpio.js'
import { parseEvents } from '../../../hal/linux/gpio-abi.js'
import { LineEdges } from '../../../hal/linux/gpio-line-edges.js'

const event = (ns: bigint, id: number, sequence: number): Buffer => {
  const bytes = Buffer.alloc(48)
  bytes.writeBigUInt64LE(ns, 0)
  bytes.writeUInt32LE(id, 8)
  bytes.writeUInt32LE(3, 12)
  bytes.writeUInt32LE(sequence, 16)
  bytes.writeUInt32LE(sequence, 20)
  return bytes
}

t.test('events are read out of their 48 bytes', async t => {
  const bytes = Buffer.concat([event(1_234_567_899n, 1, 7), event(2n ** 53n * 999n, 2, 2 ** 32 - 1)])
  t.strictSame(parseEvents(bytes), [
    { rising: true, us: 1_234_567, sequence: 7 },
    { rising: false, us: Number((2n ** 53n * 999n) / 1000n), sequence: 2 ** 32 - 1 },
  ])
  t.strictSame(parseEvents(bytes.subarray(0, 47)), [])
  t.equal(parseEvents(bytes.subarray(0, 95)).length, 1)
})

t.test('any bytes are read without a fault', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      const events = parseEvents(bytes)
      const edges = new LineEdges(false, 4).take(events)
      return events.length === Math.floor(bytes.length / 48) && edges.length <= events.length
    }),
  )
})

const queue = 8

/** A pin and its queue in the kernel: each step turns the pin so many times, spikes it, or fetches what waits. */
const steps = fc.array(
  fc.oneof(
    fc.record({ turns: fc.integer({ min: 1, max: 20 }) }),
    fc.constant({ spike: true } as const),
    fc.constant({ fetch: true } as const),
  ),
  { maxLength: 40 },
)

t.test(
  'what fits the queue is told edge by edge; what does not is flagged once, and the level is right',
  async () => {
    fc.assert(
      fc.property(steps, fc.boolean(), (steps, start) => {
        let level = start
        let now = 1000
        let sequence = 0
        let waiting: Buffer[] = []
        let lost = false
        const truth: { high: boolean; us: number }[] = []
        const told: GpioEdge[] = []
        const edges = new LineEdges(start, queue)
        const interrupt = () => {
          sequence = (sequence + 1) >>> 0
          if (waiting.length === queue) {
            waiting.shift()
            lost = true
          }
          waiting.push(event(BigInt(now) * 1000n, level ? 1 : 2, sequence))
        }
        const fetch = () => {
          const fresh = edges.take(parseEvents(Buffer.concat(waiting)))
          waiting = []
          told.push(...fresh)
          if (fresh.some(edge => edge.overrun) !== lost) return false
          if (!lost && JSON.stringify(fresh.map(({ high, us }) => ({ high, us }))) !== JSON.stringify(truth))
            return false
          truth.length = 0
          lost = false
          return edges.level === level && edges.resync(level, us(now)) === undefined
        }
        for (const step of steps) {
          now += 10
          if ('turns' in step)
            for (let n = 0; n < step.turns; n++) {
              level = !level
              truth.push({ high: level, us: ++now })
              interrupt()
            }
          else if ('spike' in step) interrupt()
          else if (!fetch()) return false
        }
        if (!fetch()) return false
        return told.every(({ high, us, overrun }, n) => {
          const before = told[n - 1]
          return !before || (us >= before.us && (overrun || high !== before.high))
        })
      }),
      { numRuns: 1000 },
    )
  },
)

t.test('a level that no edge told is made up for, flagged, and no instant runs back', async t => {
  const edges = new LineEdges(false, queue)
  t.strictSame(edges.resync(true, us(500)), { high: true, us: 500, overrun: true })
  t.strictSame(edges.take(parseEvents(event(400_000n, 1, 1))), [], 'its own edge comes too late')
  t.strictSame(edges.take(parseEvents(event(450_000n, 2, 2))), [{ high: false, us: 500, overrun: false }])
})

t.test('numbers wrap round at 2^32, with and without a loss', async t => {
  const fetched = (first: number, level: boolean) =>
    parseEvents(
      Buffer.concat(
        Array.from({ length: queue }, (_, n) =>
          event(BigInt(n), (n % 2 === 0) === level ? 1 : 2, (first + n) % 2 ** 32),
        ),
      ),
    )
  for (const [first, overrun] of [
    [2 ** 32 - 3, false],
    [2 ** 32 - 1, true],
    [1, true],
  ] as const) {
    const edges = new LineEdges(false, queue)
    t.equal(edges.take(parseEvents(event(0n, 1, 2 ** 32 - 4)))[0]?.overrun, false)
    t.strictSame(
      edges.take(fetched(first, false)).map(edge => edge.overrun),
      [overrun, ...Array(queue - 1).fill(false)],
    )
  }
})
