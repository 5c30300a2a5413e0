// The main thread's side of the audio half: starts the worker and passes commands down and events up.

import { setFlagsFromString } from 'node:v8'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { type Log, silentLog } from '../firmware/log.js'
import type { MediaCommand, MediaConfig, MediaEvent } from '../firmware/media/media-contract.js'
import { HalError } from '../hal/errors.js'
import type { FxsCapabilities } from '../hal/fxs-port.js'
import { LinuxClock } from '../hal/linux/clock.js'
import type { SimControl } from '../hal/sim/sim-board-contract.js'
import { serveBytePort } from '../hal/threads/byte-port-proxy.js'
import { connectControl } from '../hal/threads/control-proxy.js'
import type {
  FromMediaWorker,
  MediaBoard,
  MediaWorkerData,
  SerialSlicMediaBoard,
  ToMediaWorker,
} from './media-protocol.js'

/** SCHED_FIFO: above all ordinary work, level with the kernel's threaded interrupts. */
const AUDIO_PRIORITY = 50

/** The audio half makes next to no garbage: room for it would only be memory of the box. */
const resourceLimits = { maxYoungGenerationSizeMb: 3 }

export interface MediaLinkOptions {
  readonly board: MediaBoard
  /** May also come later as a `configure` command. */
  readonly config?: MediaConfig
  readonly log?: Log
  /** Ask for real-time scheduling of the audio thread; default true. Where it is not permitted a warning is logged. */
  readonly realtime?: boolean
  /** The audio half died: no audio until the box starts again. */
  readonly onLost?: (error: Error) => void
}

export interface MediaLink {
  command(command: MediaCommand): void
  /** Replaces the sink of events; those that came before the first one are kept for it. */
  onEvent(sink: (event: MediaEvent) => void): void
  /** The control half of the board: line circuits, and the telephones of a simulated one. */
  readonly control: SimControl
  /** Resolves when the audio half has answered; never, when it hangs. */
  alive(): Promise<void>
  /** Has the audio half collect its garbage: not while anybody telephones. */
  tidyHeap(): void
  /** Ends the calls' streams and the thread. Idempotent. */
  close(): Promise<void>
}

/**
 * The thread of the audio half, which loads its code while the caller is still busy with other things. Its V8 collects
 * nothing only because little happens: behind such a collection a helper thread sweeps, and the thread looks again and
 * again, without ever sleeping, whether that is over; on a board of one processor a real-time thread so keeps the helper
 * from the work it waits for (seen: 1.9 s without sound). The flag is looked at where a thread's heap is made.
 */
export const prepareMediaThread = (): Worker => {
  setFlagsFromString('--no-memory-reducer')
  const worker = new Worker(new URL('./media-worker.js', import.meta.url), { name: 'media', resourceLimits })
  worker.once('online', () => setFlagsFromString('--memory-reducer'))
  return worker
}

/** Resolves when the audio half takes commands; rejects with HalError when it cannot start. */
export const startMediaWorker = async (
  options: MediaLinkOptions,
  worker = prepareMediaThread(),
): Promise<MediaLink> => {
  const log = options.log ?? silentLog
  const channel = new MessageChannel()
  const serial = options.board.kind === 'serial-slic' ? await serveSerial(options.board, log) : undefined
  const data: MediaWorkerData = {
    board: options.board,
    control: channel.port2,
    ...(serial && { bytes: serial.port }),
    ...(options.realtime === false ? {} : { priority: AUDIO_PRIORITY }),
    ...(options.config === undefined ? {} : { config: options.config }),
  }
  const early: MediaEvent[] = []
  const answered: (() => void)[] = []
  let sink = (event: MediaEvent): void => {
    early.push(event)
  }
  let closing: Promise<void> | undefined
  let failure: Error | undefined
  const exited = new Promise<void>(resolve => worker.once('exit', () => resolve()))
  const ready = new Promise<FxsCapabilities | undefined>((resolve, reject) => {
    worker.on('message', (message: FromMediaWorker) => {
      switch (message.media) {
        case 'ready':
          resolve(message.capabilities)
          return
        case 'failed':
          failure = new HalError(message.kind, message.reason)
          void worker.terminate()
          return
        case 'event':
          sink(message.event)
          return
        case 'pong':
          answered.shift()?.()
          return
        case 'log':
          log[message.level](message.message, message.fields)
      }
    })
    worker.on('error', error => {
      failure = new HalError('lost', `the audio half failed: ${error.message}`, { cause: error })
    })
    void exited.then(() => {
      channel.port1.close()
      void serial?.close()
      failure ??= new HalError('lost', 'the audio half ended')
      reject(failure)
      if (closing === undefined) options.onLost?.(failure)
    })
  })
  const ports = serial === undefined ? [channel.port2] : [channel.port2, serial.port]
  worker.postMessage({ media: 'start', data } satisfies ToMediaWorker, ports)
  const capabilities = await ready
  const control = capabilities === undefined ? noLines : connectControl(channel.port1, capabilities)
  // Only its connection to the worker matters; it must not keep the process alive on its own.
  channel.port1.unref()
  const post = (message: ToMediaWorker) => worker.postMessage(message)
  return {
    command: command => post({ media: 'command', command }),
    onEvent: next => {
      sink = next
      for (const event of early.splice(0)) next(event)
    },
    control,
    alive: () =>
      new Promise(resolve => {
        answered.push(resolve)
        post({ media: 'ping' })
      }),
    tidyHeap: () => post({ media: 'tidy' }),
    close: () => {
      closing ??= (async () => {
        post({ media: 'close' })
        await exited
      })()
      return closing
    },
  }
}

const elsewhere = (): never => {
  throw new HalError('unsupported', 'the lines of this board are not driven by its audio half')
}
const noLines: SimControl = { fxs: elsewhere, handset: elsewhere }

/** The board's serial port, opened here and read in the audio half; a device that is away is waited for. */
const serveSerial = async (
  { path, baud }: SerialSlicMediaBoard,
  log: Log,
): Promise<{ readonly port: MessagePort; close(): Promise<void> }> => {
  const { openSerialPort } = await import('../hal/linux/byte-port-serial.js')
  const { port1, port2 } = new MessageChannel()
  const close = serveBytePort(
    sink =>
      openSerialPort(
        { path, baudRate: baud, clock: new LinuxClock() },
        {
          ...sink,
          onOpen: () => log.info('the serial port of the line chip is open', { path }),
          onProblem: error =>
            log.warn('the serial port of the line chip is away', { path, reason: error.message }),
        },
      ),
    port1,
  )
  port1.unref()
  return {
    port: port2,
    close: async () => {
      port1.close()
      await close()
    },
  }
}
