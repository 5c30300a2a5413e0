// Both ways to a sound device on a kernel's own loopback (snd-aloop): the suite of PcmPort with a telephone at the far end,
// xruns that are forced, and the way round in figures. No test of its own accord: it needs the device.
//
//     node dist/test/hal/linux/alsa-in-guest.js hw:Loopback,0,0 hw:Loopback,1,0
//
// Prints TAP, and one line of JSON beginning with `# figures `.

import { execFile, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { type PcmRig, pcmPortConformance } from '../../../hal/conformance/pcm-port.js'
import type { AlsaBoard } from '../../../hal/linux/alsa-board.js'
import { openAlsaChildren } from '../../../hal/linux/alsa-children.js'
import { openAlsaKoffi } from '../../../hal/linux/alsa-koffi.js'
import { probeAlsa } from '../../../hal/linux/alsa-probe.js'
import { LinuxClock } from '../../../hal/linux/clock.js'
import { sine } from '../../support/alsa-rigs.js'
import { childrenNamed, watchRoundTrips } from '../../support/alsa-round-trip.js'

const [near = 'hw:Loopback,0,0', far = 'hw:Loopback,1,0'] = process.argv.slice(2)
const clock = new LinuxClock()
const lines = [{ id: 'tel1', channel: 0 }]
const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
const block = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
const opened = { children: openAlsaChildren, koffi: openAlsaKoffi }
type Way = keyof typeof opened
const open = (way: Way, capture: string, playback: string): Promise<AlsaBoard> =>
  opened[way]({
    clock,
    lines,
    capture,
    playback,
    withinMs: 20_000,
    onTrouble: ({ message }) => t.comment(message),
  })

const farArgs = [`--device=${far}`, '--file-type=raw', '--format=S16_LE', '--rate=8000', '--channels=1', '-q']

/** What the kernel says of the far end's stream: `p` plays, `c` captures. */
const farRuns = (way: 'p' | 'c'): boolean => {
  const [, card, device, sub] = /^\w+:(?:CARD=)?(\w+),(\d+),(\d+)/.exec(far) ?? []
  const folder = /^\d+$/.test(card ?? '') ? `card${card}` : card
  try {
    return readFileSync(`/proc/asound/${folder}/pcm${device}${way}/sub${sub}/status`, 'utf8').includes(
      'RUNNING',
    )
  } catch {
    return false
  }
}

const farRig = (way: Way) => async (): Promise<PcmRig> => ({
  board: await open(way, near, near),
  port: 'tel1',
  pass: sleep,
  connect: async () => {},
  flash: sleep,
  send: async (hz, dbm0, ms) => {
    const wave = sine(hz, dbm0)
    const samples = Int16Array.from({ length: (ms + 1500) * 8 }, (_, n) => wave(n))
    const player = spawn('aplay', [...farArgs, '--period-size=80', '--buffer-size=640'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    player.stdin.end(Buffer.from(samples.buffer))
    for (let n = 0; n < 500 && !farRuns('p'); n++) await sleep(10)
    await sleep(100)
  },
  hear: ms =>
    new Promise((resolve, reject) => {
      const args = [...farArgs, `--samples=${ms * 8}`]
      execFile('arecord', args, { encoding: 'buffer', maxBuffer: 1e7 }, (error, bytes) => {
        if (error !== null) reject(error)
        else resolve(Int16Array.from({ length: bytes.length >> 1 }, (_, n) => bytes.readInt16LE(2 * n)))
      })
    }),
  close: async () => {},
})

const forced: Readonly<Record<Way, readonly [name: string, force: () => Promise<void>][]>> = {
  children: [
    ['arecord stopped 200 ms', () => stopped('arecord', 200)],
    ['aplay stopped 150 ms', () => stopped('aplay', 150)],
    ['aplay killed', async () => void childrenNamed('aplay').map(pid => process.kill(pid, 'SIGKILL'))],
    ['thread blocked 100 ms', async () => block(100)],
    ['thread blocked 250 ms', async () => block(250)],
  ],
  koffi: [
    ['thread blocked 30 ms', async () => block(30)],
    ['thread blocked 100 ms', async () => block(100)],
    ['thread blocked 250 ms', async () => block(250)],
  ],
}

const stopped = async (name: string, ms: number): Promise<void> => {
  const pids = childrenNamed(name)
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  await sleep(ms)
  for (const pid of pids) process.kill(pid, 'SIGCONT')
}

t.setTimeout(600_000)
const figures: Record<string, unknown> = {}

t.test('probe', async t => {
  const found = await probeAlsa(near)
  t.match(found, { ok: true })
  figures['probe'] = found
})

for (const way of ['children', 'koffi'] as const) {
  t.test(`PcmPort: ${way}`, t => pcmPortConformance(t, farRig(way)))

  t.test(`the way round: ${way}`, { timeout: 300_000 }, async t => {
    const from = clock.now()
    const board = await open(way, far, near)
    t.teardown(() => board.stop())
    const rows: Record<string, unknown> = { openMs: (clock.now() - from) / 1000 }
    const watch = watchRoundTrips(board, clock)
    await sleep(1000)
    const idle = await watch.during(12_000)
    // Counted anew, and told within half a second, where playback was interrupted just now.
    for (let n = 0; n < 30 && Number.isNaN(board.drift().ms); n++) await sleep(100)
    rows['idle'] = {
      ...idle,
      longestGapMs: watch.counts.longestGapMs,
      ...board.figures,
      drift: board.drift(),
    }
    t.comment(`${way}, at rest: ${JSON.stringify(rows['idle'])}`)
    t.ok(Math.abs(board.drift().ms) < 40, `${board.drift().ms} ms of drift between two ends of one clock`)
    t.ok(idle.impulses >= 15, `${idle.impulses} of 24 impulses came back`)
    for (const [name, force] of forced[way]) {
      const before = { ...board.figures, ...watch.counts }
      await force()
      // Until an impulse written after it is back at its usual delay.
      const begun = clock.now()
      let again = await watch.during(600)
      while (!(again.maxMs < idle.medianMs + 30) && clock.now() - begun < 8e6) again = await watch.during(600)
      const recoveredMs = (clock.now() - begun) / 1000
      const after = await watch.during(3000)
      const now = board.figures
      rows[name] = {
        recoveredMs,
        ...after,
        overruns: now.overruns - before.overruns,
        underruns: now.underruns - before.underruns,
        frames: watch.counts.frames - before.frames,
        lostFrames: watch.counts.lost - before.lost,
        droppedFrames: now.droppedFrames - before.droppedFrames,
      }
      t.comment(`${way}, ${name}: ${JSON.stringify(rows[name])}`)
      t.ok(
        after.medianMs < idle.medianMs + 40,
        `${name}: ${after.medianMs.toFixed(1)} ms after, ${idle.medianMs.toFixed(1)} before`,
      )
    }
    const stopping = clock.now()
    await board.stop()
    rows['stopMs'] = (clock.now() - stopping) / 1000
    t.ok((clock.now() - stopping) / 1e6 < 1, 'stopped within a second')
    figures[way] = rows
  })
}

t.teardown(() => console.log(`# figures ${JSON.stringify(figures)}`))
