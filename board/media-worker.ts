// Composition root of the audio half: opens the board's PCM side, runs the media engine on the kernel's network and
// clock, and talks to the main thread in the messages of media-protocol.ts. Never load onoff or epoll here: they end the
// process when a worker that loaded them exits.

import { type MessagePort, parentPort } from 'node:worker_threads'
import { MediaEngine } from '../firmware/media/media-engine.js'
import { LinuxClock } from '../hal/linux/clock.js'
import { LinuxEntropy } from '../hal/linux/entropy.js'
import { LinuxNetwork } from '../hal/linux/network.js'
import { askRealtime } from '../hal/linux/realtime.js'
import { loadSleep } from '../hal/linux/sleep.js'
import type { PcmBoard } from '../hal/pcm-port.js'
import { serveSimBoard } from '../hal/sim/port-proxy.js'
import { createSimBoard } from '../hal/sim/sim-board.js'
import type { FromMediaWorker, MediaBoard, MediaWorkerData, ToMediaWorker } from './media-protocol.js'

const clock = new LinuxClock()
const entropy = new LinuxEntropy()

let sleep = (ms: number): void => {
  Atomics.wait(bed, 0, 0, ms)
}
const bed = new Int32Array(new SharedArrayBuffer(4))

const openBoard = (board: MediaBoard, control: MessagePort): PcmBoard => {
  const { lines, echoLossDb } = board
  const sim = createSimBoard({
    lines,
    clock,
    entropy,
    frames: 'real',
    sleep: ms => sleep(ms),
    ...(echoLossDb === undefined ? {} : { echoLossDb }),
  })
  serveSimBoard(sim, control)
  return sim.pcm
}

const run = (main: MessagePort, data: MediaWorkerData): void => {
  const post = (message: FromMediaWorker) => main.postMessage(message)
  const control = data.control as MessagePort
  const engine = new MediaEngine({
    board: openBoard(data.board, control),
    network: new LinuxNetwork(),
    clock,
    entropy,
    onEvent: event => post({ media: 'event', event }),
  })
  if (data.config !== undefined) engine.command({ do: 'configure', config: data.config })
  main.on('message', async (message: ToMediaWorker) => {
    if (message.media === 'command') engine.command(message.command)
    if (message.media !== 'close') return
    await engine.close()
    post({ media: 'closed' })
    control.close()
    main.close()
  })
  post({ media: 'ready' })
  // Not before: loading koffi costs as much as the whole rest. Without it the thread sleeps less well.
  loadSleep().then(
    better => {
      sleep = better
    },
    () => {},
  )
  if (data.priority !== undefined) void beInTime(data.priority, post)
}

const beInTime = async (priority: number, post: (message: FromMediaWorker) => void): Promise<void> => {
  const answer = await askRealtime(priority)
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
  if (message.media === 'start') run(parentPort as MessagePort, message.data)
})
