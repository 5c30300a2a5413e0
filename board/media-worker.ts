// Composition root of the audio half: opens the board's PCM side, runs the media engine on the kernel's network and
// clock, and talks to the main thread in the messages of media-protocol.ts. Never load onoff or epoll here: they end the
// process when a worker that loaded them exits.

import { type MessagePort, parentPort } from 'node:worker_threads'
import { MediaEngine } from '../firmware/media/media-engine.js'
import { msBetween } from '../hal/clock.js'
import { HalError } from '../hal/errors.js'
import type { FxsCapabilities } from '../hal/fxs-port.js'
import { LinuxClock } from '../hal/linux/clock.js'
import { LinuxEntropy } from '../hal/linux/entropy.js'
import { collectGarbage } from '../hal/linux/memory.js'
import { LinuxNetwork } from '../hal/linux/network.js'
import { askRealtime, collectAlone } from '../hal/linux/realtime.js'
import { loadSleep, type SleepUntil } from '../hal/linux/sleep.js'
import type { PcmBoard } from '../hal/pcm-port.js'
import { createSimBoard } from '../hal/sim/sim-board.js'
import type { SimControl } from '../hal/sim/sim-board-contract.js'
import { simCapabilities } from '../hal/sim/sim-fxs.js'
import { connectBytePort } from '../hal/threads/byte-port-proxy.js'
import { serveControl } from '../hal/threads/control-proxy.js'
import type {
  AlsaMediaBoard,
  FromMediaWorker,
  MediaWorkerData,
  SerialSlicMediaBoard,
  SimMediaBoard,
  ToMediaWorker,
} from './media-protocol.js'
import { reportSound } from './sound-report.js'

const clock = new LinuxClock()
const entropy = new LinuxEntropy()

/** Until what sleeps better is there. */
const bed = new Int32Array(new SharedArrayBuffer(4))
let sleepUntil: SleepUntil = instant => {
  Atomics.wait(bed, 0, 0, Math.max(0, msBetween(clock.now(), instant)))
}
/** V8 keeps its code caches by its flags: none is changed while the box still loads code, ms. */
const collectAloneAfter = 2000

const openSimBoard = ({ lines, country, echoLossDb }: SimMediaBoard): OpenBoard => {
  const sim = createSimBoard({
    lines,
    clock,
    entropy,
    frames: 'real',
    sleepUntil: instant => sleepUntil(instant),
    ...(country === undefined ? {} : { country }),
    ...(echoLossDb === undefined ? {} : { echoLossDb }),
  })
  return { pcm: sim.pcm, lines: { control: sim, capabilities: simCapabilities }, close: async () => {} }
}

const openSerialSlic = async (
  { lines, path, law }: SerialSlicMediaBoard,
  bytes: MessagePort,
): Promise<OpenBoard> => {
  // Only a board with a serial chip pays for it.
  const { connectSerialSlic } = await import('../hal/chips/serial-slic/driver.js')
  const slic = await connectSerialSlic({
    clock,
    lines,
    law,
    open: connectBytePort(bytes, path),
    withinMs: 10_000,
  })
  const handset = (): never => {
    throw new HalError('unsupported', 'only a simulated board has telephones')
  }
  return {
    pcm: slic.pcm,
    lines: { control: { fxs: line => slic.fxs(line), handset }, capabilities: slic.capabilities },
    close: () => slic.close(),
  }
}

const openSound = async (
  board: AlsaMediaBoard,
  post: (message: FromMediaWorker) => void,
): Promise<OpenBoard> => {
  const options = {
    ...board,
    clock,
    onTrouble: (error: HalError) =>
      post({
        media: 'log',
        level: 'warn',
        message: 'the sound device has trouble',
        fields: { reason: error.message },
      }),
  }
  const { openAlsa } = await import('../hal/linux/alsa-open.js')
  const device = await openAlsa({ ...options, way: board.backend })
  const { muteWhileRinging } = await import('../hal/chips/ag1171/muted-pcm.js')
  const { RingNoise } = await import('../hal/chips/ag1171/ring-noise.js')
  const ringing = board.ringing.map(
    ({ line, noise, mute }) =>
      [line, { noise: new RingNoise(noise as Float64Array<SharedArrayBuffer>), mute }] as const,
  )
  const report = reportSound(device, clock, fields =>
    post({ media: 'log', level: 'info', message: 'the sound device was interrupted', fields }),
  )
  return { pcm: muteWhileRinging(device, new Map(ringing)), close: async () => report.cancel() }
}

interface OpenBoard {
  readonly pcm: PcmBoard
  /** Of the lines that are driven in this thread. */
  readonly lines?: { readonly control: SimControl; readonly capabilities: FxsCapabilities }
  close(): Promise<void>
}

const openBoard = (
  { board, bytes }: MediaWorkerData,
  post: (message: FromMediaWorker) => void,
): OpenBoard | Promise<OpenBoard> => {
  switch (board.kind) {
    case 'sim':
      return openSimBoard(board)
    case 'serial-slic':
      return openSerialSlic(board, bytes as MessagePort)
    case 'alsa':
      return openSound(board, post)
  }
}

const begin = async (main: MessagePort, data: MediaWorkerData): Promise<void> => {
  try {
    run(main, data, await openBoard(data, message => main.postMessage(message)))
  } catch (error) {
    const { kind = 'io', message } = error as Partial<HalError> & Error
    main.postMessage({ media: 'failed', kind, reason: message } satisfies FromMediaWorker)
  }
}

const run = (main: MessagePort, data: MediaWorkerData, board: OpenBoard): void => {
  const post = (message: FromMediaWorker) => main.postMessage(message)
  const control = data.control as MessagePort
  if (board.lines) serveControl(board.lines.control, control)
  const engine = new MediaEngine({
    board: board.pcm,
    network: new LinuxNetwork(),
    clock,
    entropy,
    onEvent: event => post({ media: 'event', event }),
  })
  if (data.config !== undefined) engine.command({ do: 'configure', config: data.config })
  main.on('message', async (message: ToMediaWorker) => {
    if (message.media === 'command') engine.command(message.command)
    if (message.media === 'ping') post({ media: 'pong' })
    if (message.media === 'tidy') collectGarbage()
    if (message.media !== 'close') return
    await engine.close()
    await board.close()
    post({ media: 'closed' })
    control.close()
    ;(data.bytes as MessagePort | undefined)?.close()
    main.close()
  })
  post({ media: 'ready', ...(board.lines && { capabilities: board.lines.capabilities }) })
  // Not before: loading koffi costs as much as the whole rest. Without it the thread sleeps less well.
  loadSleep().then(
    better => {
      sleepUntil = better
    },
    () => {},
  )
  if (data.priority !== undefined) void beInTime(data.priority, post)
}

const beInTime = async (priority: number, post: (message: FromMediaWorker) => void): Promise<void> => {
  const answer = await askRealtime(priority)
  if (answer.granted) setTimeout(collectAlone, collectAloneAfter).unref()
  if (answer.granted)
    post({
      media: 'log',
      level: 'info',
      message: 'audio runs at real-time priority',
      fields: { priority: answer.priority, thread: answer.thread },
    })
  else
    post({
      media: 'log',
      level: 'warn',
      message: 'audio runs without real-time priority: a busy machine may break it up',
      fields: { reason: answer.reason },
    })
}

parentPort?.once('message', (message: ToMediaWorker) => {
  if (message.media === 'start') void begin(parentPort as MessagePort, message.data)
})
