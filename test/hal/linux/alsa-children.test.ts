// The sound device through child processes, with programs in place of arecord and aplay that keep their pace and suffer what
// they are told; and the real ones where they must complain.
import { existsSync } from 'node:fs'
import t from 'tap'
import type { HalError } from '../../../hal/errors.js'
import { openAlsaChildren } from '../../../hal/linux/alsa-children.js'
import { openAlsa } from '../../../hal/linux/alsa-open.js'
import { LinuxClock } from '../../../hal/linux/clock.js'
import { openStandIns } from '../../support/alsa-stand-ins.js'
import { findProgram } from '../../support/child.js'
import { speakingBoard } from '../../support/ear-delay.js'

t.setTimeout(120_000)
const clock = new LinuxClock()
const lines = [{ id: 'tel1', channel: 0 }]
/** Queue, pipe and two programs that a busy machine runs late, ms. */
const most = 90
const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
const until = async (holds: () => boolean, withinMs = 6000): Promise<boolean> => {
  for (const from = clock.now(); !holds() && clock.now() - from < withinMs * 1000; ) await sleep(10)
  return holds()
}

t.test('what children suffer: counted, told, and no delay left behind', async t => {
  const standIns = await openStandIns()
  t.teardown(() => standIns.close())
  const { programs, env, hellos, loud } = standIns
  const troubles: HalError[] = []
  const board = await openAlsaChildren({
    clock,
    lines,
    capture: 'hw:1,0',
    playback: 'plughw:2',
    programs,
    env,
    onTrouble: error => troubles.push(error),
  })
  t.teardown(() => board.stop())
  /** Of the child that lives now. */
  const living = (name: string): number | undefined =>
    hellos.filter(({ role, pid }) => role === name && existsSync(`/proc/${pid}`)).at(-1)?.pid
  const { counts, delay } = speakingBoard(board, clock)
  const heard = () => loud.at(-1)
  const usual = async (): Promise<number> => {
    const delays: number[] = []
    // One that is dropped is never heard.
    for (let n = 0; n < 5; n++) delays.push(await delay(heard, 500))
    return delays.filter(Number.isFinite).sort((a, b) => a - b)[2] as number
  }
  const before = await usual()
  t.ok(before > 5 && before < most, `${before.toFixed(0)} ms to the ear`)
  t.strictSame(hellos.map(({ role, args }) => `${role} ${args.join(' ')}`).sort(), [
    'aplay --device=plughw:2 --file-type=raw --format=S16_LE --rate=8000 --channels=1 --period-size=80 --buffer-size=320 --start-delay=20000 -',
    'arecord --device=hw:1,0 --file-type=raw --format=S16_LE --rate=8000 --channels=1 --period-size=80 --buffer-size=320 -',
  ])

  await t.test('a burst loses nothing', async t => {
    const { frames } = counts
    standIns.tell('arecord', { do: 'burst', ms: 120 })
    await sleep(1000)
    t.ok(counts.frames - frames >= 90, `${counts.frames - frames} frames in a second`)
    t.ok(board.figures.droppedFrames >= 4, 'what is too late for the ear is dropped')
    const after = await usual()
    t.ok(after < most, `${after.toFixed(0)} ms to the ear`)
  })
  await t.test('an overrun', async t => {
    const { overruns } = board.figures
    const { lost } = counts
    standIns.tell('arecord', { do: 'overrun', ms: 300 })
    t.ok(await until(() => board.figures.overruns > overruns))
    t.ok(await until(() => counts.lost - lost >= 25), `${counts.lost - lost} frames lost of 300 ms`)
    t.ok(counts.lost - lost <= 40, `${counts.lost - lost} frames lost`)
    const after = await usual()
    t.ok(after < most, `${after.toFixed(0)} ms to the ear`)
  })
  await t.test('an underrun because aplay was not run', async t => {
    const { underruns, droppedFrames } = board.figures
    standIns.tell('aplay', { do: 'starve', ms: 150 })
    t.ok(await until(() => board.figures.underruns > underruns))
    await sleep(500)
    t.ok(
      board.figures.droppedFrames - droppedFrames >= 5,
      'what lay in the pipe meanwhile is not made up for',
    )
    const after = await usual()
    t.ok(after < most, `${after.toFixed(0)} ms to the ear`)
  })
  await t.test('an underrun so long that aplay is started anew', async t => {
    const players = () => hellos.filter(({ role }) => role === 'aplay').length
    const known = players()
    standIns.tell('aplay', { do: 'starve', ms: 400 })
    t.ok(await until(() => players() > known))
    await sleep(500)
    const after = await usual()
    t.ok(after < most, `${after.toFixed(0)} ms to the ear`)
  })
  await t.test('children that die are started again, and say why', async t => {
    const { lost } = counts
    troubles.length = 0
    const known = hellos.length
    standIns.tell('arecord', { do: 'die', complaint: 'arecord: pcm_read:2221: read error: No such device' })
    standIns.tell('aplay', {
      do: 'die',
      complaint: 'aplay: pcm_write:2127: write error: Device or resource busy',
    })
    t.ok(await until(() => hellos.length >= known + 2))
    t.strictSame(troubles.map(({ kind }) => kind).sort(), ['in-use', 'missing'])
    t.match(troubles.map(({ message }) => message).join(), /hw:1,0: there is no such device: name one of/)
    t.match(troubles.map(({ message }) => message).join(), /plughw:2: another program has it open: .*fuser/)
    const { frames } = counts
    t.ok(await until(() => counts.frames > frames + 20))
    t.ok(counts.lost > lost + 9, `${counts.lost - lost} frames lost`)
    const after = await usual()
    t.ok(after < most, `${after.toFixed(0)} ms to the ear`)
  })
  await t.test('a child that stands still is started anew', async t => {
    t.ok(await until(() => living('arecord') !== undefined))
    const known = hellos.length
    process.kill(living('arecord') as number, 'SIGSTOP')
    t.ok(await until(() => hellos.length > known, 8000))
    const { frames } = counts
    t.ok(await until(() => counts.frames > frames + 20))
  })
  await t.test('it stops within a second, even where a child does not listen', async t => {
    t.ok(await until(() => living('aplay') !== undefined))
    process.kill(living('aplay') as number, 'SIGSTOP')
    const from = clock.now()
    await board.stop()
    t.ok(clock.now() - from < 1_000_000, `${(clock.now() - from) / 1000} ms`)
    for (const { pid } of hellos) t.notOk(existsSync(`/proc/${pid}`), 'no child is left')
  })
})

t.test('without libasound the fast way becomes the safe one, and says so', async t => {
  const standIns = await openStandIns()
  const { programs, env, hellos } = standIns
  const troubles: HalError[] = []
  const board = await openAlsa({
    way: 'koffi',
    library: 'libnosuchthing.so.9',
    clock,
    lines,
    capture: 'hw:29',
    playback: 'hw:29',
    programs,
    env,
    onTrouble: error => troubles.push(error),
  })
  t.ok(await until(() => hellos.length === 2))
  t.match(troubles, [{ kind: 'unsupported', message: /install libasound2; arecord and aplay are used/ }])
  await board.stop()
  await standIns.close()
})

t.test('a device that cannot be opened says what to do', async t => {
  const open = (options: { capture: string; programs?: { arecord: string; aplay: string } }) =>
    openAlsaChildren({ clock, lines, playback: options.capture, ...options }).then(
      () => undefined,
      (error: HalError) => error,
    )
  const absent = await open({
    capture: 'hw:0',
    programs: { arecord: '/nowhere/arecord', aplay: '/nowhere/aplay' },
  })
  t.match(absent, { kind: 'missing', message: /not installed: install alsa-utils/ })
  if (findProgram('arecord') === undefined) return t.comment('arecord is not installed')
  const missing = await open({ capture: 'hw:29' })
  t.match(missing, { kind: 'missing', message: /hw:29: there is no such device: name one of the box's own/ })
  const strange = await open({ capture: 'nosuchpcm' })
  t.match(strange, { kind: 'missing' })
})
