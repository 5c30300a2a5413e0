// Rigs of the conformance suites for the simulated box: in-process, behind a message channel, and in a worker in real time.
import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel, Worker } from 'node:worker_threads'
import type { Clock } from '../../hal/clock.js'
import type { FxsRig } from '../../hal/conformance/fxs-port.js'
import type { PcmRig } from '../../hal/conformance/pcm-port.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import type { HandsetEvent } from '../../hal/sim/handset-contract.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { createSimBoard } from '../../hal/sim/sim-board.js'
import type { SimBoard, SimControl } from '../../hal/sim/sim-board-contract.js'
import { simCapabilities } from '../../hal/sim/sim-fxs.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { readWav, wavImage } from '../../hal/sim/wav.js'
import { connectControl, serveControl } from '../../hal/threads/control-proxy.js'
import { profile } from './sounding-line.js'

/** How time passes on a rig. */
interface Time {
  pass(ms: number): Promise<void>
  finish<T>(work: Promise<T>): Promise<T>
}

const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))

/** `crossings`: message-port hops of a request and its answer, each of them a turn of the real event loop. */
export const virtualTime = (clock: VirtualClock, crossings = 0): Time => {
  const flush = async () => {
    for (let hop = 0; hop < crossings; hop++) await sleep(1)
    await clock.settle()
  }
  return {
    pass: async ms => {
      await flush()
      await clock.advance(ms)
      await flush()
    },
    finish: async work => {
      let done = false
      const mark = () => {
        done = true
      }
      work.then(mark, mark)
      for (let waited = 0; !done && waited < 5000; waited += 10) {
        await flush()
        if (!done) await clock.runUntil(() => done, 10)
      }
      return work
    },
  }
}
const realTime: Time = {
  pass: sleep,
  finish: work => work,
}

const newBoard = (clock: Clock, frames: 'virtual' | 'real'): SimBoard =>
  createSimBoard({ lines: ['tel1'], clock, entropy: new SeededEntropy(7), frames })

export const fxsRig = (control: SimControl, time: Time, close: () => Promise<void>): FxsRig => {
  const handset = control.handset('tel1')
  let bell = { ringing: false, hz: 0 }
  const act = async (action: Parameters<typeof handset.perform>[0]) => {
    const reply = await time.finish(handset.perform(action))
    if (!reply.ok) throw new Error(reply.message)
    return reply
  }
  handset.onEvent((event: HandsetEvent) => {
    if (event.ev === 'ring') bell = { ringing: event.on, hz: event.hz }
  })
  return {
    port: control.fxs('tel1'),
    profile,
    pass: time.pass,
    finish: time.finish,
    lift: async () => void (await act({ do: 'offhook' })),
    hangUp: async () => void (await act({ do: 'onhook' })),
    flash: async ms => void (await act({ do: 'flash', ms })),
    bell: () => bell,
    loopMa: async () => Math.abs((await act({ do: 'state' })).state!.loopMa),
    close,
  }
}

export const inProcessFxsRig = async (): Promise<FxsRig> => {
  const clock = new VirtualClock()
  return fxsRig(newBoard(clock, 'virtual'), virtualTime(clock), async () => {})
}

export const proxiedFxsRig = async (): Promise<FxsRig> => {
  const clock = new VirtualClock()
  const { port1, port2 } = new MessageChannel()
  serveControl(newBoard(clock, 'virtual'), port2)
  return fxsRig(connectControl(port1, simCapabilities), virtualTime(clock, 2), async () => port1.close())
}

export const workerFxsRig = async (): Promise<FxsRig> => {
  const worker = new Worker(new URL('./sim-worker.js', import.meta.url), { workerData: { seed: 7 } })
  return fxsRig(
    connectControl(worker, simCapabilities),
    realTime,
    async () => void (await worker.terminate()),
  )
}

export const pcmRig = (board: Pick<SimBoard, 'pcm' | 'fxs' | 'handset'>, time: Time): PcmRig => {
  const handset = board.handset('tel1')
  const files: string[] = []
  const file = () => {
    const path = join(tmpdir(), `voiceport-${randomBytes(6).toString('hex')}.wav`)
    files.push(path)
    return path
  }
  return {
    board: board.pcm,
    port: 'tel1',
    pass: time.pass,
    connect: async () => {
      await time.finish(board.fxs('tel1').open(profile, () => {}))
      await time.finish(board.fxs('tel1').setLinefeed('active'))
      await time.finish(handset.perform({ do: 'offhook' }))
    },
    flash: async ms => void (await time.finish(handset.perform({ do: 'flash', ms }))),
    send: async (hz, dbm0, ms) => {
      const peak = 32767 * 10 ** ((dbm0 - 3.14) / 20)
      const wav = file()
      const samples = Int16Array.from({ length: ms * 8 }, (_, n) =>
        Math.round(peak * Math.sin((2 * Math.PI * hz * n) / 8000)),
      )
      await writeFile(wav, wavImage(samples))
      void handset.perform({ do: 'play', wav })
      await time.pass(60)
    },
    hear: async ms => {
      const wav = file()
      const reply = await time.finish(handset.perform({ do: 'record', wav, ms }))
      if (!reply.ok) throw new Error(reply.message)
      return readWav(wav)
    },
    close: async () => {
      for (const path of files) await rm(path, { force: true })
    },
  }
}

export const virtualPcmRig = async (): Promise<PcmRig> => {
  const clock = new VirtualClock()
  return pcmRig(newBoard(clock, 'virtual'), virtualTime(clock))
}

export const realPcmRig = async (): Promise<PcmRig> => pcmRig(newBoard(new LinuxClock(), 'real'), realTime)
