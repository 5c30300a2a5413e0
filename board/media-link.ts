// The main thread's side of the audio half: starts the worker and passes commands down and events up.

import { MessageChannel, Worker } from 'node:worker_threads'
import { type Log, silentLog } from '../firmware/log.js'
import type { MediaCommand, MediaConfig, MediaEvent } from '../firmware/media/media-contract.js'
import { HalError } from '../hal/errors.js'
import { connectSimBoard } from '../hal/sim/port-proxy.js'
import type { SimControl } from '../hal/sim/sim-board-contract.js'
import type { FromMediaWorker, MediaBoard, MediaWorkerData, ToMediaWorker } from './media-protocol.js'

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
  /** The control half of the simulated board: line circuits and telephones. */
  readonly control: SimControl
  /** Ends the calls' streams and the thread. Idempotent. */
  close(): Promise<void>
}

/** The thread of the audio half, which loads its code while the caller is still busy with other things. */
export const prepareMediaThread = (): Worker =>
  new Worker(new URL('./media-worker.js', import.meta.url), { name: 'media', resourceLimits })

/** Resolves when the audio half takes commands; rejects with HalError when it cannot start. */
export const startMediaWorker = async (
  options: MediaLinkOptions,
  worker = prepareMediaThread(),
): Promise<MediaLink> => {
  const log = options.log ?? silentLog
  const channel = new MessageChannel()
  const data: MediaWorkerData = {
    board: options.board,
    control: channel.port2,
    ...(options.realtime === false ? {} : { priority: AUDIO_PRIORITY }),
    ...(options.config === undefined ? {} : { config: options.config }),
  }
  const early: MediaEvent[] = []
  let sink = (event: MediaEvent): void => {
    early.push(event)
  }
  let closing: Promise<void> | undefined
  let failure: Error | undefined
  const exited = new Promise<void>(resolve => worker.once('exit', () => resolve()))
  const ready = new Promise<void>((resolve, reject) => {
    worker.on('message', (message: FromMediaWorker) => {
      switch (message.media) {
        case 'ready':
          resolve()
          return
        case 'event':
          sink(message.event)
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
      failure ??= new HalError('lost', 'the audio half ended')
      reject(failure)
      if (closing === undefined) options.onLost?.(failure)
    })
  })
  // Only its connection to the worker matters; it must not keep the process alive on its own.
  const control = connectSimBoard(channel.port1)
  channel.port1.unref()
  worker.postMessage({ media: 'start', data } satisfies ToMediaWorker, [channel.port2])
  await ready
  const post = (message: ToMediaWorker) => worker.postMessage(message)
  return {
    command: command => post({ media: 'command', command }),
    onEvent: next => {
      sink = next
      for (const event of early.splice(0)) next(event)
    },
    control,
    close: () => {
      closing ??= (async () => {
        post({ media: 'close' })
        await exited
      })()
      return closing
    },
  }
}
