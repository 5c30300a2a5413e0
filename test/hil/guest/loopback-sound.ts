// The telephone's end of the sound card that loops back (snd-aloop): what the box plays on Loopback,0 is captured from
// Loopback,1, and the other way. arecord gives the tick, one frame each 10 ms; each is answered by one frame to aplay.
// aplay(1) of alsa-utils 1.2.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type Clock, type Us, us } from '../../../hal/clock.js'
import { playbackStatusFile, readStreamStatus } from '../../../hal/linux/alsa-status.js'
import { FRAME_MS, FRAME_SAMPLES } from '../../../hal/pcm-port.js'
import { WaitingFrames } from './waiting-frames.js'

const frameBytes = FRAME_SAMPLES * 2
/** Ahead of the codec when playback begins, frames: what the agent may be late. All of it is delay of the bench's own. */
export const aheadFrames = 10
/** Behind by more than this the frames' instants are taken anew, µs. */
const longestLateUs = 200_000

/** Before everything of ordinary scheduling: a codec of copper waits for no processor. */
const atOnce = ['-n', '-20']
const format = ['-q', '-t', 'raw', '-f', 'S16_LE', '-r', '8000', '-c', '1', '--period-size=80']

export interface LoopbackSound {
  /** Interruptions so far. */
  readonly xruns: { readonly capture: number; readonly playback: number }
  /** How late a frame came at most behind those before it, ms. */
  longestLateMs(): number
  /** Frames not played, so that the way to the box is as long as at first. */
  droppedFrames(): number
  close(): void
}

/** `onFrame` gets what the box played and gives back what the telephone sends; `end` is the instant after its last sample. */
export const openLoopbackSound = (
  device: string,
  clock: Clock,
  onFrame: (played: Int16Array, end: Us) => Int16Array,
): LoopbackSound => {
  const status = playbackStatusFile(device)
  if (status === undefined)
    throw new Error(`${device}: the telephone needs the sound card itself, as hw:CARD,DEVICE`)
  const xruns = { capture: 0, playback: 0 }
  const waiting = new WaitingFrames(aheadFrames)
  let closed = false
  let fresh = true
  let player = play()
  const recorder = spawn('nice', [...atOnce, 'arecord', ...format, '-D', device, '--buffer-size=1600'])
  watch(recorder, 'arecord', () => {
    xruns.capture++
  })

  function play(): ChildProcessWithoutNullStreams {
    const delayUs = String(aheadFrames * FRAME_MS * 1000)
    const wanted = ['-D', device, '--buffer-size=1600', `--start-delay=${delayUs}`]
    const child = spawn('nice', [...atOnce, 'aplay', ...format, ...wanted])
    fresh = true
    // What came late stays late: begun anew, it is as near as at first.
    watch(child, 'aplay', () => {
      if (player !== child || closed) return
      xruns.playback++
      child.kill('SIGKILL')
      player = play()
    })
    return child
  }

  function watch(child: ChildProcessWithoutNullStreams, name: string, onXrun: () => void): void {
    child.stdin.on('error', () => {})
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (/(under|over)run/i.test(text)) onXrun()
      else process.stderr.write(`${name}: ${text}`)
    })
    child.on('error', error => process.stderr.write(`${name}: ${error.message}\n`))
  }

  const instants = new FrameInstants(clock)
  const frame = new Int16Array(FRAME_SAMPLES)
  const bytes = new Uint8Array(frame.buffer)
  let filled = 0
  recorder.stdout.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; ) {
      const taken = Math.min(frameBytes - filled, chunk.length - at)
      bytes.set(chunk.subarray(at, at + taken), filled)
      filled += taken
      at += taken
      if (filled < frameBytes) return
      filled = 0
      const sent = onFrame(frame, instants.next())
      if (!player.stdin.writable) continue
      // Until aplay has opened the device what it is given would lie in the pipe, and be late from then on.
      if (fresh && !isOpen(status)) continue
      if (fresh) {
        player.stdin.write(Buffer.alloc(aheadFrames * frameBytes))
        waiting.begin()
      }
      fresh = false
      if (waiting.areTooMany(() => playedFrames(status, player.pid))) continue
      player.stdin.write(Buffer.from(new Int16Array(sent).buffer))
      waiting.add()
    }
  })
  return {
    xruns,
    longestLateMs: () => instants.longestLate / 1000,
    droppedFrames: () => waiting.dropped,
    close: () => {
      closed = true
      recorder.kill()
      player.kill()
    },
  }
}

/** Somebody has the stream in his hands. */
const isOpen = (status: string): boolean => !readFileSync(status, 'latin1').startsWith('closed')

/** By this process since it began; undefined while it plays nothing. */
const playedFrames = (status: string, process: number | undefined): number | undefined => {
  const stream = readStreamStatus(status)
  if (stream === undefined || stream.owner !== process) return undefined
  return (stream.written - stream.delay) / FRAME_SAMPLES
}

/** When frames ended: on a grid of 10 ms, as early as the earliest of them came. */
class FrameInstants {
  readonly #clock: Clock
  #end = Number.NaN
  /** µs. */
  longestLate = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  next(): Us {
    const now = this.#clock.now()
    this.#end += FRAME_MS * 1000
    if (now > this.#end) this.longestLate = Math.max(this.longestLate, now - this.#end)
    if (!(now >= this.#end && now - this.#end < longestLateUs)) this.#end = now
    return us(this.#end)
  }
}
