// The virtual telephone: does what a bench asks (hook, R, rotary, keys, microphone, recorder, faults) and tells what a
// person holding it would notice (bell, tones, display, loop current, digits). It touches the box only through the line model.

import { type Clock, ms, type Timer, type Us, us } from '../clock.js'
import type { Entropy } from '../entropy.js'
import { ActionQueue, done, type Job } from './action-queue.js'
import { DisplayReceiver } from './display-receiver.js'
import { Ear } from './ear.js'
import { checkAction, failure, isFailure } from './handset-actions.js'
import type { Handset, HandsetAction, HandsetEvent, HandsetReply, HandsetState } from './handset-contract.js'
import { keySource, Recorder, sampleSource, type VoiceSource } from './handset-voice.js'
import { bouncingMoves, type ContactMove, moveContact } from './hook-switch.js'
import { InCallDisplay } from './in-call-display.js'
import type { LineModel } from './line-model.js'
import { RingDetector } from './ring-detector.js'
import { rotaryPulses } from './telephone-signals.js'
import { VoltMeter } from './volt-meter.js'
import { readWav, WavError, writeWav } from './wav.js'

type Doing<D extends HandsetAction['do']> = Extract<HandsetAction, { do: D }>

/** Nominal lengths of French telephones, ms: R key, rotary break and make, pause between rotary digits. */
const nominal = { flash: 270, break: 66, make: 33, betweenDigits: 700 }
const keyDefaults = { onMs: 70, offMs: 70, dbm0: -10, twistDb: 2, errorPercent: 0 }
/** Loop current is told when it has been steady for longer than any group of bounces. */
const loopSteadyMs = 16
/** A receiver lifted this soon after the bell answers a call and expects no dial tone. */
const answersWithinMs = 6000

export interface HandsetOptions {
  readonly line: LineModel
  readonly clock: Clock
  readonly entropy: Entropy
  /** Where it was bought (ISO 3166-1): whose tones its ear knows. */
  readonly country?: string
  /** The telephone begins or ceases to need audio frames. */
  readonly onBusy: (busy: boolean) => void
}

export class SimHandset implements Handset {
  readonly line: string
  readonly #model: LineModel
  readonly #clock: Clock
  readonly #entropy: Entropy
  readonly #onBusy: (busy: boolean) => void
  readonly #queue = new ActionQueue()
  readonly #ear: Ear
  readonly #display: DisplayReceiver
  readonly #inCall: InCallDisplay
  readonly #bell: RingDetector
  readonly #volts: VoltMeter
  readonly #recorders = new Set<{ readonly recorder: Recorder; readonly finish: (end: Us) => void }>()
  #sink: (event: HandsetEvent) => void = () => {}
  #lifted = false
  #contact = false
  #lastBell = Number.NEGATIVE_INFINITY
  #source: { readonly voice: VoiceSource; readonly finish: (at: Us) => void } | undefined
  /** As last told: 'open', or the direction of the current. */
  #loopTold = 'open'
  #loopTimer: Timer | undefined
  #openedAt = us(0)

  constructor({ line, clock, entropy, country, onBusy }: HandsetOptions) {
    this.line = line.id
    this.#model = line
    this.#clock = clock
    this.#entropy = entropy
    this.#onBusy = onBusy
    this.#ear = new Ear(
      {
        tone: told => this.#emit({ ev: 'tone', ...told }),
        digit: heard => this.#emit({ ev: 'dtmf', ...heard }),
      },
      country,
    )
    this.#display = new DisplayReceiver((told, at) => {
      this.#inCall.over()
      this.#emit({ ...told, us: at })
    })
    this.#inCall = new InCallDisplay(this.#display)
    this.#bell = new RingDetector(line, clock, event => this.#emit(event), country)
    this.#volts = new VoltMeter(line, clock, (dc, at) => this.#emit({ ev: 'volts', dc, us: at }))
    line.attachTelephone({
      currentChanged: at => {
        this.#currentChanged(at)
        this.#volts.changed(at)
      },
      ringChanged: burst => {
        this.#bell.change(burst, this.#contact)
        this.#lastBell = clock.now()
      },
    })
  }

  onEvent(sink: (event: HandsetEvent) => void): void {
    this.#sink = sink
  }

  /** Wanted by the frame clock: keys, microphone or recorder are at work. */
  get needsFrames(): boolean {
    return this.#source !== undefined || this.#recorders.size > 0
  }

  async perform(asked: HandsetAction): Promise<HandsetReply> {
    const action = checkAction(asked)
    if (isFailure(action)) return action
    switch (action.do) {
      case 'state':
        return { ...done(this.#clock.now()), state: this.#state() } as HandsetReply
      case 'fault':
        this.#model.setFault(action.kind, action.on)
        return done(this.#clock.now())
      case 'display':
        this.#inCall.on = action.inCall
        return done(this.#clock.now())
      case 'record':
        return this.#record(action)
      case 'onhook':
        this.#queue.cancelAll()
        return this.#queue.add(this.#hook(false))
      case 'offhook':
        return this.#queue.add(this.#hook(true))
      case 'flash':
        return this.#queue.add(this.#offHookOnly(this.#flash(action.ms ?? nominal.flash)))
      case 'edges':
        return this.#queue.add(this.#edges(action))
      case 'pulse':
        return this.#queue.add(this.#offHookOnly(this.#pulse(action)))
      case 'dtmf':
        return this.#queue.add(
          this.#send(
            keySource(action.digits, { ...keyDefaults, ...action }, digit => this.#ear.dialled(digit)),
          ),
        )
      case 'play':
        return this.#play(action)
    }
  }

  /** What the microphone or the keys send in this frame. */
  fillSent(frame: Float64Array, frameEnd: Us): void {
    const source = this.#source
    if (source === undefined) frame.fill(0)
    else if (!source.voice.fill(frame)) {
      this.#source = undefined
      this.#busyChanged()
      source.finish(frameEnd)
    }
    if (this.#inCall.muted(frameEnd)) this.#inCall.fill(frame, frameEnd)
  }

  /** What the receiver carried in the frame that ended at `end`. */
  hear(frame: Int16Array, end: Us): void {
    for (const entry of this.#recorders) {
      entry.recorder.take(frame)
      if (!entry.recorder.full) continue
      this.#recorders.delete(entry)
      this.#busyChanged()
      entry.finish(us(end - entry.recorder.unused * 125))
    }
    if (this.#lifted) this.#listen(frame, end)
    this.#display.hear(frame, end)
  }

  #listen(frame: Int16Array, end: Us): void {
    if (this.#inCall.muted(end)) return
    if (this.#inCall.hear(frame, end)) this.#ear.deafen(end)
    else this.#ear.hear(frame, end)
  }

  /** No more frames for now: the receiver is dead. */
  framesStopped(): void {
    const now = this.#clock.now()
    this.#ear.deafen(now)
    this.#display.silence(now)
  }

  #hook(offHook: boolean): Job {
    return finish => {
      const now = this.#clock.now()
      this.#setLifted(offHook, now)
      if (this.#contact === offHook) {
        finish(done(now))
        return () => {}
      }
      return this.#move(bouncingMoves(this.#entropy, offHook, now), finish)
    }
  }

  /** Break of exactly `length` ms from the first opening edge to the last closing edge. */
  #break(at: Us, length: number): readonly ContactMove[] {
    const roomMs = length / 3
    return [
      ...bouncingMoves(this.#entropy, false, at, { roomMs }),
      ...bouncingMoves(this.#entropy, true, us(at + length * 1000), { roomMs, endsAt: true }),
    ]
  }

  #flash(length: number): Job {
    return finish => {
      const moves = this.#break(this.#clock.now(), length)
      return this.#move(moves, reply => {
        this.#ear.expectDial(this.#clock.now(), 'flash')
        finish(reply)
      })
    }
  }

  #pulse(action: Doing<'pulse'>): Job {
    return finish => {
      const breakMs = action.breakMs ?? nominal.break
      const makeMs = action.makeMs ?? nominal.make
      const moves: ContactMove[] = []
      let at = this.#clock.now() as number
      for (const [place, digit] of [...action.digits].entries()) {
        if (place > 0) at += nominal.betweenDigits * 1000
        for (let pulse = rotaryPulses(digit); pulse > 0; pulse--) {
          moves.push(...this.#break(us(at), breakMs))
          at += (breakMs + makeMs) * 1000
        }
      }
      for (const digit of action.digits) this.#ear.dialled(digit)
      return this.#move(moves, finish)
    }
  }

  /** Exactly these edges, no bounce added: whoever gives edges wants them measured. */
  #edges(action: Doing<'edges'>): Job {
    return finish => {
      const start = this.#clock.now()
      const moves = action.edges.map(edge => ({
        closed: edge.offHook,
        at: us(start + Math.round(edge.ms * 1000)),
      }))
      const ended = (reply: HandsetReply): void => {
        this.#setLifted(this.#contact, this.#clock.now())
        finish(reply)
      }
      return this.#move(moves, ended, true)
    }
  }

  #move(moves: readonly ContactMove[], finish: (reply: HandsetReply) => void, lifts = false): () => void {
    return moveContact(
      this.#clock,
      moves,
      move => {
        this.#contact = move.closed
        if (!move.closed) this.#inCall.over()
        // Only exact edges say themselves whether the receiver is up; elsewhere a closing contact may be a bounce.
        if (lifts && move.closed) this.#setLifted(true, move.at)
        this.#model.moveContact(move.closed, move.at)
      },
      at => finish(done(at)),
    )
  }

  #offHookOnly(job: Job): Job {
    return finish => {
      if (this.#contact) return job(finish)
      finish(failure('VP-6006', 'the telephone is on-hook'))
      return () => {}
    }
  }

  #send(voice: VoiceSource): Job {
    return finish => {
      this.#source = { voice, finish: at => finish(done(at)) }
      this.#busyChanged()
      return () => {
        this.#source = undefined
        this.#busyChanged()
      }
    }
  }

  async #play(action: Doing<'play'>): Promise<HandsetReply> {
    // The file is read at once, so that a wrong name is told before anything waits; the place in the queue is kept.
    const reading = this.#clock.external(readWav(action.wav)).then(
      samples => samples,
      (error: unknown) => error as Error,
    )
    return this.#queue.add(finish => {
      let cancel: (() => void) | undefined
      let cancelled = false
      void reading.then(samples => {
        if (cancelled) return
        if (samples instanceof Error) finish(this.#fileFailure(samples))
        else cancel = this.#send(sampleSource(samples))(finish)
      })
      return () => {
        cancelled = true
        cancel?.()
      }
    })
  }

  async #record(action: Doing<'record'>): Promise<HandsetReply> {
    const recorder = new Recorder(action.ms)
    const ended = await new Promise<Error | Us>(resolve => {
      const entry = { recorder, finish: (end: Us) => resolve(end) }
      this.#recorders.add(entry)
      this.#busyChanged()
      // A name that cannot be written is told now, not after minutes of recording.
      this.#clock.external(writeWav(action.wav, new Int16Array(0))).catch((error: Error) => {
        this.#recorders.delete(entry)
        this.#busyChanged()
        resolve(error)
      })
    })
    if (ended instanceof Error) return this.#fileFailure(ended)
    try {
      await this.#clock.external(writeWav(action.wav, recorder.samples))
    } catch (error) {
      return this.#fileFailure(error as Error)
    }
    return done(ended)
  }

  #fileFailure(error: Error): HandsetReply {
    if (error instanceof WavError) return failure('VP-6005', error.message)
    throw error
  }

  #setLifted(lifted: boolean, at: Us): void {
    if (this.#lifted === lifted) return
    this.#lifted = lifted
    this.#display.hook(lifted, at)
    this.#inCall.over()
    if (!lifted) {
      this.#ear.deafen(at)
      // Whatever rang was answered or has given up: the next lifting is for a call of one's own.
      this.#lastBell = Number.NEGATIVE_INFINITY
    } else if (this.#bell.ringing || (at - this.#lastBell) / 1000 <= answersWithinMs) this.#ear.answered()
    else this.#ear.expectDial(at, 'lifting')
  }

  #currentChanged(at: Us): void {
    const flows = this.#model.loop().telephoneMa > 0
    if (!flows && this.#loopTimer === undefined) this.#openedAt = at
    const changedAt = at
    this.#loopTimer?.cancel()
    this.#loopTimer = this.#clock.timer('loop steady', ms(loopSteadyMs), () => {
      this.#loopTimer = undefined
      const present = !flows ? 'open' : this.#model.reversed ? 'reversed' : 'normal'
      if (present === this.#loopTold) return
      this.#loopTold = present
      this.#emit({
        ev: 'loop',
        state: flows ? 'closed' : 'open',
        mA: this.#loopMa(),
        us: flows ? changedAt : this.#openedAt,
      })
    })
  }

  /** Positive with normal polarity, negative with the wires reversed. */
  #loopMa(): number {
    const { telephoneMa } = this.#model.loop()
    const rounded = Math.round(telephoneMa * 10) / 10
    return this.#model.reversed && rounded !== 0 ? -rounded : rounded
  }

  #state(): HandsetState {
    return {
      ev: 'state',
      offHook: this.#lifted,
      ringing: this.#bell.ringing,
      tone: this.#ear.tone,
      loopMa: this.#loopMa(),
      us: this.#clock.now(),
    }
  }

  #busyChanged(): void {
    this.#onBusy(this.needsFrames)
  }

  #emit(event: HandsetEvent): void {
    const rounded = { ...event, us: us(Math.round(event.us)) }
    queueMicrotask(() => this.#sink(rounded))
  }
}
