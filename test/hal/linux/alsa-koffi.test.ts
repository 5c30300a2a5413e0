// The sound device through libasound, with a library in its place that keeps its pace and suffers what it is told; and the
// real library where it must complain.
import { spawnSync } from 'node:child_process'
import t, { type Test } from 'tap'
import type { HalError } from '../../../hal/errors.js'
import { openAlsaKoffi } from '../../../hal/linux/alsa-koffi.js'
import { LinuxClock } from '../../../hal/linux/clock.js'
import { loadLibasound } from '../../../hal/linux/libasound.js'
import { speakingBoard } from '../../support/ear-delay.js'
import { buildStandInLibrary } from '../../support/stand-in-libasound.js'

const clock = new LinuxClock()
const lines = [{ id: 'tel1', channel: 0 }]
const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
const until = async (holds: () => boolean, withinMs = 6000): Promise<boolean> => {
  for (const from = clock.now(); !holds() && clock.now() - from < withinMs * 1000; ) await sleep(10)
  return holds()
}
const errno = { EACCES: 13, EBUSY: 16, EINVAL: 22 }

const skip = spawnSync('gcc', ['--version']).error ? 'gcc is not installed' : false
t.test('against a library in its place', { skip }, async t => {
  const library = await buildStandInLibrary()
  await t.test('what a device suffers: counted, told, and no delay left behind', async t => {
    const troubles: HalError[] = []
    const board = await openAlsaKoffi({
      clock,
      lines,
      capture: 'hw:1,0',
      playback: 'hw:1,0',
      library: library.path,
      onTrouble: error => troubles.push(error),
    })
    const { counts, delay } = speakingBoard(board, clock)
    const usual = async (): Promise<number> => {
      const delays: number[] = []
      for (let n = 0; n < 5; n++) delays.push(await delay(() => library.loud()))
      return delays.sort((a, b) => a - b)[2] as number
    }
    const before = await usual()
    t.ok(before > 5 && before < 45, `${before.toFixed(0)} ms to the ear`)
    const settled = async (t: Test): Promise<void> => {
      await sleep(400)
      const after = await usual()
      t.ok(after < before + 25, `${after.toFixed(0)} ms to the ear, ${before.toFixed(0)} before`)
      const { frames } = counts
      await sleep(300)
      t.ok(counts.frames - frames >= 25, 'frames flow')
    }

    await t.test('a thread that was blocked for 200 ms', async t => {
      const { lost } = counts
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
      t.ok(await until(() => counts.lost > lost))
      t.ok(
        counts.lost - lost >= 14 && counts.lost - lost <= 26,
        `${counts.lost - lost} frames lost of 200 ms`,
      )
      t.ok(board.figures.overruns >= 1 && board.figures.underruns >= 1)
      await settled(t)
    })
    await t.test('a suspend', async t => {
      const { overruns, underruns } = board.figures
      library.suspend()
      t.ok(await until(() => board.figures.overruns > overruns && board.figures.underruns > underruns))
      await settled(t)
    })
    await t.test('a suspend after which the device goes on by itself', async t => {
      const { overruns, underruns } = board.figures
      library.resumes(true)
      library.suspend()
      t.ok(await until(() => board.figures.overruns > overruns && board.figures.underruns > underruns))
      await settled(t)
      library.resumes(false)
      t.same(troubles, [], 'a stream that runs is not prepared, so nothing is opened anew')
    })
    await t.test('a device that goes away is opened anew', async t => {
      library.unplug()
      t.ok(await until(() => troubles.length > 0))
      t.equal(troubles[0]?.kind, 'missing')
      await settled(t)
    })
    await t.test('the drift can be told', async t => {
      t.ok(Math.abs(board.drift().ms) < 5, `${board.drift().ms} ms`)
    })
    const from = clock.now()
    await board.stop()
    t.ok(clock.now() - from < 1_000_000)
  })

  await t.test('what a device refuses is told with what to do', async t => {
    const refused = async (call: string, error: number, capture = 'hw:3'): Promise<HalError | undefined> => {
      library.refuse(call, -error)
      const options = { clock, lines, capture, playback: capture, library: library.path }
      return openAlsaKoffi(options).then(
        () => undefined,
        (error: HalError) => error,
      )
    }
    t.match(await refused('open', errno.EBUSY), { kind: 'in-use', message: /fuser/ })
    t.match(await refused('open', errno.EACCES), { kind: 'permission', message: /group audio/ })
    t.match(await refused('rate', errno.EINVAL), { kind: 'unsupported', message: /8000.*plughw:3/ })
    t.match(await refused('format', errno.EINVAL), { kind: 'unsupported', message: /S16_LE.*plughw:3/ })
    t.match(await refused('format', errno.EINVAL, 'plughw:3'), { message: /codec that samples at 8000 Hz/ })
    library.refuse('none', 0)
  })
  await library.close()
})

t.test('the real library', async t => {
  const absent = await loadLibasound('libnosuchthing.so.9').then(
    () => undefined,
    (error: HalError) => error,
  )
  t.match(absent, { kind: 'unsupported', message: /install libasound2/ })
  const loaded = await loadLibasound().catch(() => undefined)
  if (loaded === undefined) return t.comment('libasound2 is not installed')
  const missing = await openAlsaKoffi({ clock, lines, capture: 'hw:29', playback: 'hw:29' }).then(
    () => undefined,
    (error: HalError) => error,
  )
  t.match(missing, { kind: 'missing', message: /hw:29: there is no such device: name one of the box's own/ })
})
