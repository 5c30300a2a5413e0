// One child process of alsa-utils (arecord or aplay) that is kept alive: started again with growing pauses when it ends,
// its error output read for xruns and for why it ended. arecord(1), aplay(1) of alsa-utils 1.2.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { type Clock, ms, type Timer } from '../clock.js'
import type { HalError } from '../errors.js'
import { errorFrom, troubleFrom } from './alsa-trouble.js'

/** Between the end of a child and the next try, ms: doubled each time up to the longest; shortest again once it has run. */
const pauseMs = { first: 100, longest: 3000 }
/** A child that ran so long had begun well, ms. */
const ranWellMs = 2000
/** What a child that does not end on SIGTERM gets before SIGKILL, ms. */
const patienceMs = 400
/** Characters of a complaint that are kept. */
const longestComplaint = 2000
/** "underrun!!! (at least 12.345 ms long)", or "underrun !!!" where the C library has no clock. */
const xrun = /(?:under|over)run ?!!!(?: \(at least ([\d.]+) ms long\))?/
/** Said of every stream. */
const greeting = /^(Recording|Playing) (raw data|WAVE|stdin)/

export interface AlsaChildOptions {
  readonly clock: Clock
  readonly device: string
  readonly program: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

export interface AlsaChildSink {
  started(child: ChildProcessWithoutNullStreams): void
  /** It has said what it records or plays: the device is open. */
  ready(child: ChildProcessWithoutNullStreams): void
  /** `ms`: at least so long, where it says. */
  xrun(ms: number | undefined): void
  /** It ended; it is started again. */
  ended(error: HalError): void
}

export class AlsaChild {
  readonly #options: AlsaChildOptions
  readonly #sink: AlsaChildSink
  #process: ChildProcessWithoutNullStreams | undefined
  #complaint = ''
  #pause = pauseMs.first
  #startedAt = 0
  #retry: Timer | undefined
  #closed = false

  constructor(options: AlsaChildOptions, sink: AlsaChildSink) {
    this.#options = options
    this.#sink = sink
  }

  start(): void {
    this.#retry = undefined
    if (this.#closed || this.#process !== undefined) return
    const { program, args, env, clock } = this.#options
    const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#process = child
    this.#complaint = ''
    this.#startedAt = clock.now()
    let line = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      const lines = (line + text).split('\n')
      line = lines.pop()?.slice(0, longestComplaint) ?? ''
      for (const each of lines) this.#line(each)
    })
    child.on('error', error => this.#line(error.message))
    // A child that ends while it is written to is told by its end.
    child.stdin.on('error', () => {})
    child.once('close', () => this.#ended(child, line))
    this.#sink.started(child)
  }

  /** Ends the child; it is started again at once. */
  restart(): void {
    this.#pause = pauseMs.first
    this.#process?.kill('SIGKILL')
  }

  /** Within half a second. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    this.#retry?.cancel()
    const child = this.#process
    if (child === undefined || child.pid === undefined) return
    await new Promise<void>(resolve => {
      const kill = this.#options.clock.timer('alsa child', ms(patienceMs), () => child.kill('SIGKILL'))
      child.once('close', () => {
        kill.cancel()
        resolve()
      })
      child.kill('SIGTERM')
    })
  }

  #line(line: string): void {
    const found = xrun.exec(line)
    if (found !== null) this.#sink.xrun(found[1] === undefined ? undefined : Number(found[1]))
    else if (greeting.test(line)) {
      if (this.#process !== undefined) this.#sink.ready(this.#process)
    } else {
      this.#complaint = `${this.#complaint}${line}\n`.slice(-longestComplaint)
      // It would go on at another pace: nothing that is heard then is right.
      if (line.includes('rate is not accurate')) this.#process?.kill('SIGKILL')
    }
  }

  #ended(child: ChildProcessWithoutNullStreams, rest: string): void {
    if (this.#process !== child) return
    this.#process = undefined
    if (this.#closed) return
    const { clock, device } = this.#options
    if (clock.now() - this.#startedAt > ranWellMs * 1000) this.#pause = pauseMs.first
    this.#sink.ended(errorFrom(troubleFrom(device, this.#complaint + rest)))
    if (this.#closed) return
    this.#retry = clock.timer('alsa child', ms(this.#pause), () => this.start())
    this.#pause = Math.min(this.#pause * 2, pauseMs.longest)
  }
}
