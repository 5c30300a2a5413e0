// What the box frees is the system's again.
import { spawnSync } from 'node:child_process'
import { getHeapSpaceStatistics } from 'node:v8'
import { Script } from 'node:vm'
import t from 'tap'
import { collectGarbage, returnFreedMemory } from '../../../hal/linux/memory.js'

/** 30 MB in small blocks, freed after a great one was; prints how much of them stays, MB. */
const program = `
  const { returnFreedMemory } = await import(${JSON.stringify(new URL('../../../hal/linux/memory.js', import.meta.url).href)})
  const { readFileSync } = await import('node:fs')
  if (process.argv[1] === 'return') await returnFreedMemory()
  const anonymous = () => Number(/RssAnon:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1000
  const settled = async () => {
    // A thread of V8's own frees the blocks; on a busy machine it takes its time.
    do {
      gc()
      await new Promise(resolve => setTimeout(resolve, 300))
      gc()
    } while (process.memoryUsage().arrayBuffers > 1e6)
  }
  let great = Buffer.allocUnsafeSlow(16e6).fill(1)
  great = undefined
  await settled()
  const before = anonymous()
  let blocks = Array.from({ length: 300 }, () => Buffer.allocUnsafeSlow(100e3).fill(1))
  const taken = anonymous() - before
  blocks = undefined
  await settled()
  console.log(JSON.stringify({ taken, left: anonymous() - before }))`

const freed = (word: string): { readonly taken: number; readonly left: number } => {
  const run = spawnSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', program, word], {
    encoding: 'utf8',
  })
  t.equal(run.stderr, '')
  return JSON.parse(run.stdout)
}

const skip = !(await returnFreedMemory()) && 'the C library has no mallopt'
t.test('freed memory goes back to the system, which it does not by itself', { skip }, async t => {
  const [kept, returned] = [freed('keep'), freed('return')]
  t.ok(kept.taken > 15 && returned.taken > 15, JSON.stringify({ kept, returned }))
  t.ok(kept.left > 15, `${kept.left} MB kept: this test would see nothing`)
  t.ok(returned.left < 5, `${returned.left} MB kept`)
})

t.test('garbage is collected, and the flags of V8 are as before', async t => {
  const cachedData = new Script('(() => 1)()').createCachedData()
  // Of another text as long: V8 compares lengths and flags, and remembers texts by themselves.
  const takesCodeCache = (text: string) => !new Script(text, { cachedData }).cachedDataRejected
  t.ok(takesCodeCache('(() => 2)()'))
  const live = (): number => getHeapSpaceStatistics().reduce((sum, space) => sum + space.space_used_size, 0)
  let garbage: unknown = Array.from({ length: 1_000_000 }, (_, n) => ({ n }))
  t.ok(garbage)
  collectGarbage()
  const before = live()
  garbage = undefined
  collectGarbage()
  t.ok(before - live() > 10e6, `${before} to ${live()} bytes`)
  t.ok(takesCodeCache('(() => 3)()'))
  t.equal((globalThis as { gc?: unknown }).gc, undefined)
})

t.test('what lives is moved together, and the rest of the room is given back', async t => {
  const oldSpace = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')!
  let objects = Array.from({ length: 300_000 }, (_, n) => ({ n, twice: 2 * n }))
  // Nothing young is left.
  collectGarbage()
  collectGarbage()
  const full = oldSpace().physical_space_size
  objects = objects.filter(({ n }) => n % 3 === 0)
  collectGarbage()
  const { physical_space_size: taken, space_used_size: used } = oldSpace()
  t.ok(full - taken > 4e6, `${full} to ${taken} bytes`)
  t.ok(taken - used < 2e6, `${used} of ${taken} bytes used`)
  t.equal(objects.length, 100_000)
})

/** A burst of which some lives on; prints the room for young objects before and after it, bytes. */
const burst = `
  const { keepYoungHeapSmall } = await import(${JSON.stringify(new URL('../../../hal/linux/memory.js', import.meta.url).href)})
  const { getHeapSpaceStatistics } = await import('node:v8')
  const room = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size
  if (process.argv[1] === 'small') keepYoungHeapSmall()
  const before = room()
  const living = []
  for (let n = 0; n < 2_000_000; n++) {
    living.push({ n })
    if (living.length > 100_000) living.splice(0, 50_000)
  }
  console.log(JSON.stringify({ before, after: room() }))`

t.test('the room for young objects grows with a burst, unless it is kept small', async t => {
  // Of its two halves V8 takes the second with the first collection; the start alone may have made both grow.
  const growth = (word: string): number => {
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', burst, word], {
      encoding: 'utf8',
    })
    const { before, after } = JSON.parse(stdout)
    return after / before
  }
  t.ok(growth('grow') > 2, 'this test would see nothing')
  t.ok(growth('small') <= 2)
})
