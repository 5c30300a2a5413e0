// What every PcmBoard must do (hal/pcm-port.ts): frames only while a port is awake, exactly one per 10 ms of its PCM
// clock, and audio that passes both ways at its level and frequency.

import type { Test } from 'tap'
import { FRAME_SAMPLES, framesLost, type PcmBoard, type PcmFault, SAMPLE_RATE } from '../pcm-port.js'
import { peakAt0dBm0, usualLevel } from './level.js'

export interface PcmRig {
  readonly board: PcmBoard
  /** Port under test, one of the board's. */
  readonly port: string
  pass(ms: number): Promise<void>
  /** Feeds the line and lifts the telephone, so that audio passes. */
  connect(): Promise<void>
  /** Opens the loop of the lifted telephone for so long. */
  flash(ms: number): Promise<void>
  /** The telephone sends a sine; resolves when it begins to sound. */
  send(hz: number, dbm0: number, ms: number): Promise<void>
  /** What the receiver carries during the next `ms`; lets that time pass. */
  hear(ms: number): Promise<Int16Array>
  close(): Promise<void>
}

export const pcmPortConformance = async (t: Test, makeRig: () => Promise<PcmRig>): Promise<void> => {
  const part = (title: string, body: (t: Test, rig: PcmRig) => Promise<void>): Promise<unknown> =>
    t.test(title, async t => {
      const rig = await makeRig()
      try {
        await body(t, rig)
      } finally {
        await rig.board.stop()
        await rig.close()
      }
    })

  await part('frames flow only while a port is awake, one per 10 ms', async (t, rig) => {
    const stamps: number[] = []
    let lost = 0
    rig.board.start(
      us => stamps.push(us),
      fault => {
        lost += framesLost(fault)
      },
    )
    await rig.pass(60)
    t.equal(stamps.length, 0, 'a port starts asleep')
    rig.board.wake(rig.port)
    rig.board.wake(rig.port)
    await rig.pass(300)
    rig.board.sleep(rig.port)
    rig.board.sleep(rig.port)
    const count = stamps.length
    const span = Math.round(((stamps.at(-1) as number) - (stamps[0] as number)) / 10_000) + 1
    t.equal(count + lost, span, 'every frame is delivered or reported lost')
    t.ok(span >= 25, `${span} frames in 300 ms`)
    const steps = stamps.slice(1).map((us, n) => us - (stamps[n] as number))
    t.ok(
      steps.every(step => Math.abs(step / 10_000 - Math.round(step / 10_000)) < 1e-3 && step > 0),
      'on a grid of exactly 10 ms',
    )
    await rig.pass(60)
    t.equal(stamps.length, count)
    rig.board.wake(rig.port)
    await rig.pass(60)
    t.ok(stamps.length > count, 'it wakes again')
    await rig.board.stop()
    const stopped = stamps.length
    await rig.pass(60)
    t.equal(stamps.length, stopped)
  })

  await part('what the telephone sends is captured at its level', async (t, rig) => {
    await rig.connect()
    const captured: number[] = []
    const frame = new Int16Array(FRAME_SAMPLES)
    const port = rig.board.ports.find(({ id }) => id === rig.port)!
    const faults: PcmFault[] = []
    rig.board.start(
      () => {
        port.read(frame)
        captured.push(...frame)
      },
      fault => faults.push(fault),
    )
    rig.board.wake(rig.port)
    await rig.pass(50)
    await rig.send(1000, -15, 500)
    const from = captured.length + 800
    await rig.pass(350)
    const level = usualLevel(captured.slice(from, from + 1600), 1000)
    t.ok(Math.abs(level + 15) < 0.5, `${level.toFixed(2)} dBm0`)
    t.ok(
      faults.every(fault => fault.port === rig.port && fault.kind === 'pcm-xrun' && framesLost(fault) > 0),
      'a busy machine may lose frames, but says which port and how many',
    )
  })

  await part('what is written is heard at its level, and back-pressure shows', async (t, rig) => {
    await rig.connect()
    const port = rig.board.ports.find(({ id }) => id === rig.port)!
    const frame = new Int16Array(FRAME_SAMPLES)
    let sample = 0
    let queued = 0
    rig.board.start(
      () => {
        for (let n = 0; n < FRAME_SAMPLES; n++)
          frame[n] = peakAt0dBm0 * 10 ** (-15 / 20) * Math.sin((2 * Math.PI * 700 * sample++) / SAMPLE_RATE)
        queued = port.write(frame)
      },
      () => {},
    )
    rig.board.wake(rig.port)
    await rig.pass(100)
    const heard = await rig.hear(300)
    const level = usualLevel(heard, 700)
    t.ok(Math.abs(level + 15) < 0.5, `${level.toFixed(2)} dBm0`)
    t.ok(usualLevel(heard, 1300) < -45, 'and nothing else')
    t.ok(queued >= FRAME_SAMPLES && queued <= 4 * FRAME_SAMPLES, `${queued} samples queued`)
    const more = port.write(frame)
    t.ok(port.write(frame) > more, 'a writer that gets ahead sees it')
  })

  await part('where it can tell, it knows frame by frame until when the loop was open', async (t, rig) => {
    const { loopOpenUntil } = rig.board.ports.find(({ id }) => id === rig.port)!
    if (loopOpenUntil === undefined) {
      t.pass('this board cannot')
      return
    }
    await rig.connect()
    const seen: { readonly end: number; readonly open: number }[] = []
    rig.board.start(
      us => seen.push({ end: us + (FRAME_SAMPLES * 1e6) / SAMPLE_RATE, open: loopOpenUntil[0] as number }),
      () => {},
    )
    rig.board.wake(rig.port)
    await rig.pass(100)
    const lifted = seen.at(-1)?.open as number
    t.ok(lifted < (seen[0]?.end as number), 'open until it was lifted')
    await rig.flash(200)
    await rig.pass(100)
    const closed = seen.at(-1)?.open as number
    const during = seen.filter(({ open }) => open !== lifted && open !== closed)
    const whole = during.filter(({ end, open }) => open === end)
    // The contact bounces at either end.
    t.ok(whole.length >= 15, `${whole.length} frames with the loop open to their end`)
    t.ok(during.every(({ end, open }) => open <= end && end - open < 15_000))
    const first = during[0]?.end as number
    t.ok(closed - first > 180_000 && closed - first < 205_000, `${closed - first} µs`)
  })
}
