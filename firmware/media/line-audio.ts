// The audio of one telephone line, frame by frame: what the telephone sends goes through the echo canceller and the
// DTMF detector to the calls it talks to; what they say, tones on top, goes to the telephone. All buffers are kept.

import { FRAME_SAMPLES, type PcmPort } from '../../hal/pcm-port.js'
import { ACKNOWLEDGEMENT, InCallSequence, type InCallSettings } from './display/in-call-sequence.js'
import { type OnHookJob, OnHookSequence, type Shown } from './display/on-hook-sequence.js'
import { DtmfDetector, type DtmfEnd, type DtmfSink, type DtmfStart } from './dtmf-detector.js'
import { EchoCanceller } from './echo-canceller.js'
import { HeardKeys } from './heard-keys.js'
import { KeyBridge } from './key-bridge.js'
import { KeyGuard } from './key-guard.js'
import type { MediaEvent, RingCadence, ToneSpec } from './media-contract.js'
import type { MediaStream } from './media-stream.js'
import { Mixer } from './mixer.js'
import { splice } from './splice.js'
import type { FrameInstant } from './tick.js'
import { ToneGenerator } from './tone-generator.js'

const US_PER_SAMPLE = 125
const SAMPLES_PER_MS = 8
/** Frames for which a tone of our own may still come back over the board and the hybrid. */
const ECHO_FRAMES = 6
/** Longer than the command window after R; a control half that says nothing for so long is not waited for. */
const LONGEST_UNKNOWN_US = 4_000_000

export type DigitMode = 'off' | 'dialling' | 'call'

export class LineAudio {
  readonly id: string
  /** `wake` was commanded. */
  wanted = false
  /** Frames flow for its port now. */
  awake = false
  readonly #port: PcmPort
  readonly #emit: (event: MediaEvent) => void
  readonly #instant: FrameInstant
  readonly #captured = new Int16Array(FRAME_SAMPLES)
  readonly #played = new Int16Array(FRAME_SAMPLES)
  readonly #mixer = new Mixer(FRAME_SAMPLES)
  readonly #echo = new EchoCanceller()
  readonly #tones = new ToneGenerator()
  readonly #guard = new KeyGuard()
  readonly #detector = new DtmfDetector('dialling')
  readonly #onHook: OnHookSequence
  readonly #keys: DtmfSink = {
    start: start => this.#keyDown(start),
    end: end => this.#keyUp(end.endSample),
  }
  #tone: string | null = null
  #digits: DigitMode = 'off'
  #relay = false
  /** Keys that no far end is told of or hears. */
  #except = ''
  #talk: readonly MediaStream[] = []
  /** The detector's count at the first sample of the present frame. */
  #frameSample = 0
  #key: DtmfStart | undefined
  /** It went down while keys were the box's own: a command, or the end of a number. Nobody else gets any of it. */
  #ownKey = false
  /** It is the telephone's answer to the dual tone, and no key at all. */
  #acknowledges = false
  readonly #inCall = new InCallSequence()
  /** Frames in which a tone that is for this telephone alone may still come back from it. */
  #beeping = 0
  readonly #bridge = new KeyBridge()
  readonly #heard = new HeardKeys()
  /** Until when the control half knows the loop, µs; for ever where it does not say. */
  readonly #loopKnown = Float64Array.of(Number.POSITIVE_INFINITY)
  /** The loop was broken and the control half does not know: what comes now may be a command. */
  #unknown = false
  /** What the telephone heard last of its calls, and whether it hears others now. */
  #last = 0
  #changed = false
  /** Streams that are told of keys hear the guarded sound in this frame. */
  #guarding = false

  /** `instant` is kept up to date by the caller. */
  constructor(port: PcmPort, instant: FrameInstant, emit: (event: MediaEvent) => void) {
    this.id = port.id
    this.#instant = instant
    this.#port = port
    this.#emit = emit
    this.#onHook = new OnHookSequence(port.id, emit)
  }

  /** Frames are needed: commanded, or a ring, a word to the display or a tone runs. */
  get needsFrames(): boolean {
    return this.wanted || this.#onHook.running || this.#tone !== null
  }

  /** Everything stops; what was heard before is forgotten. */
  sleep(): void {
    this.#onHook.stop()
    this.tone(null, undefined)
    this.digits('off')
    this.talk([])
    this.relayDigits(false, '')
    // The hybrid stays the same from call to call.
    this.#echo.restart()
    this.#played.fill(0)
  }

  tone(name: string | null, spec: ToneSpec | undefined): void {
    this.#inCall.stop()
    if (name === null || spec === undefined) {
      this.#tones.stop()
      this.#tone = null
      return
    }
    this.#tone = name
    this.#tones.start(spec)
  }

  /** undefined: no more. Of a ring that shows something, the line knows the beginning already. */
  ring(ring: (OnHookJob & { readonly cadence: RingCadence; readonly shown?: Shown }) | undefined): void {
    if (ring === undefined) this.#onHook.stop()
    else this.#onHook.ring(ring.cadence, ring.shown, ring, ring.shown !== undefined)
  }

  /** Tells the display of a telephone at rest; undefined: no more. */
  show(shown: Shown | undefined, job: OnHookJob): void {
    if (shown === undefined || this.wanted) this.hush()
    else if (!this.#onHook.ringing) this.#onHook.show(shown, job)
  }

  /** Nothing more for the display; a ring goes on. */
  hush(): void {
    if (!this.#onHook.ringing) this.#onHook.stop()
  }

  /** Shows a waiting call (`message`) to a telephone in a call; what becomes of the call, or R, ends it. */
  showInCall(message: Uint8Array, settings: InCallSettings): void {
    if (this.#relay) this.#inCall.start(message, settings)
  }

  digits(mode: DigitMode): void {
    if (mode !== this.#digits) this.#inCall.stop()
    if (mode === 'off') {
      if (this.#key !== undefined) this.#keyUp(this.#detector.samples)
      this.#digits = 'off'
      return
    }
    if (this.#digits === 'off') this.#detector.reset()
    this.#detector.mode = mode
    this.#digits = mode
  }

  /** From the next frame on, to the sample: who was here before hears nothing of who comes. */
  talk(streams: readonly MediaStream[]): void {
    const before = this.#talk
    if (before.length === streams.length && before.every(stream => streams.includes(stream))) return
    this.#inCall.stop()
    for (const stream of before) {
      stream.changeSources()
      if (!streams.includes(stream)) this.#release(stream)
    }
    for (const stream of streams) stream.changeSources()
    this.#bridge.end()
    this.#changed = true
    this.#talk = streams
  }

  /** The stream is gone. */
  forget(stream: MediaStream): void {
    if (this.#talk.includes(stream)) this.talk(this.#talk.filter(other => other !== stream))
  }

  /** A key of a far telephone went down, or up (null): in a conference the others are told. */
  farKey(stream: MediaStream, digit: string | null): void {
    if (digit === null) this.#bridge.up(stream)
    else if (this.#talk.length > 1 && this.#talk.includes(stream))
      this.#bridge.down(stream, digit, this.#talk)
  }

  /** `except`: keys of which the far end neither is told nor hears. */
  relayDigits(on: boolean, except: string): void {
    this.#relay = on
    this.#except = except
    if (!on || this.#isExcepted(this.#key?.digit)) for (const stream of this.#talk) this.#release(stream)
  }

  /** Everything the loop did until `at` (µs) has been acted upon. */
  loopKnown(at: number): void {
    this.#loopKnown[0] = at
  }

  /** First half of a frame: takes what the telephone sends. */
  capture(): void {
    const captured = this.#captured
    this.#port.read(captured)
    this.#unknown = this.#isUnknown()
    if (this.#unknown) this.#inCall.stop()
    this.#heard.frame(this.#played)
    // The board plays the frame it was given last while it captures this one.
    this.#echo.process(captured, this.#played, captured)
    this.#frameSample = this.#detector.samples
    if (this.#digits !== 'off') this.#detector.process(captured, this.#keys)
    if (this.#isKept()) captured.fill(0)
    this.#guardKeys()
  }

  /** What was captured is nobody's business: it may be a command, is one, or is the box's own tone and data come back. */
  #isKept(): boolean {
    if (this.#unknown || this.#beeping > 0 || this.#inCall.mutesTelephone) return true
    return this.#key !== undefined && (this.#ownKey || this.#isExcepted(this.#key.digit))
  }

  /** R mutes the other party at once, also where the control half stands still and a digit follows it. */
  #isUnknown(): boolean {
    const { loopOpenUntil } = this.#port
    if (loopOpenUntil === undefined) return false
    const open = loopOpenUntil[0] as number
    return open > (this.#loopKnown[0] as number) && (this.#instant[0] as number) < open + LONGEST_UNKNOWN_US
  }

  #isExcepted(digit: string | undefined): boolean {
    return digit !== undefined && this.#except.includes(digit)
  }

  /** Second half, after every stream has pulled: gives the telephone its frame and each stream what it is to hear. */
  play(): void {
    const streams = this.#talk
    const played = this.#played
    if (streams.length === 1) this.#pair(streams[0] as MediaStream)
    else this.#conference(streams)
    this.#bridge.frame()
    if (this.#changed) splice(played, this.#last)
    this.#changed = false
    this.#last = played[FRAME_SAMPLES - 1] as number
    const ended = this.#tones.mix(played)
    if (this.#tones.sounded) this.#beeping = ECHO_FRAMES
    else if (this.#beeping > 0) this.#beeping--
    this.#showFrame(played)
    if (this.#onHook.running) this.#onHook.frame(this.#instant, played)
    this.#port.write(played)
    if (ended) this.#toneEnded()
  }

  #showFrame(played: Int16Array): void {
    const inCall = this.#inCall
    inCall.play(played, inCall.awaitsAnswer && this.#detector.beginning !== '')
    if (!inCall.mutesOthers) return
    // They come back without a click.
    this.#last = 0
    this.#changed = true
  }

  /** The whole frame is still at hand, so a key that shows at its end is muted from its beginning. */
  #guardKeys(): void {
    if (!this.#relay || this.#digits !== 'call') {
      this.#guard.open()
      this.#guarding = false
      return
    }
    const down = this.#key !== undefined
    this.#guarding = this.#guard.frame(this.#captured, !down && this.#detector.beginning !== '', down)
  }

  #pair(stream: MediaStream): void {
    stream.near.set(this.#guarding && stream.relaysKeys ? this.#guard.guarded : this.#captured)
    this.#played.set(stream.far)
  }

  #conference(streams: readonly MediaStream[]): void {
    const mixer = this.#mixer
    mixer.clear()
    for (let i = 0; i < streams.length; i++) mixer.add((streams[i] as MediaStream).far)
    mixer.all(this.#played)
    for (let i = 0; i < streams.length; i++) this.#mixFor(streams[i] as MediaStream, streams)
  }

  /** Everybody but itself. Who is told of keys hears them of nobody; whoever takes no events needs the whole tone. */
  #mixFor(listener: MediaStream, streams: readonly MediaStream[]): void {
    const mixer = this.#mixer
    const told = listener.relaysKeys
    mixer.clear()
    mixer.add(this.#guarding && told ? this.#guard.guarded : this.#captured)
    for (let i = 0; i < streams.length; i++) {
      const stream = streams[i] as MediaStream
      if (stream !== listener && !(told && stream.keying)) mixer.add(stream.far)
    }
    mixer.all(listener.near)
  }

  #toneEnded(): void {
    const tone = this.#tone
    this.#tone = null
    if (tone !== null) this.#emit({ type: 'tone-end', line: this.id, tone })
  }

  /** Instant of a sample by the detector's count. */
  #instantOf(sample: number): number {
    return (this.#instant[0] as number) + (sample - this.#frameSample) * US_PER_SAMPLE
  }

  #keyDown(start: DtmfStart): void {
    const { digit, dbm0, twistDb, startSample } = start
    if (this.#isEcho(digit) || this.#heard.echoes(start)) return
    this.#key = start
    this.#acknowledges = digit === ACKNOWLEDGEMENT && this.#inCall.awaitsAnswer
    if (this.#acknowledges) {
      this.#ownKey = true
      this.#inCall.answered()
      return
    }
    this.#ownKey = !this.#relay || this.#unknown
    if (!this.#ownKey && !this.#isExcepted(digit)) {
      for (const stream of this.#talk) stream.keyDown(digit, this.#frameSample - startSample, dbm0)
    }
    const us = this.#instantOf(startSample)
    this.#emit({ type: 'digit-start', line: this.id, digit, us, dbm0, twistDb })
  }

  /** A key of the far end, coming back over the hybrid before the echo canceller has learnt it. */
  #isEcho(digit: string): boolean {
    for (let i = 0; i < this.#talk.length; i++) {
      if ((this.#talk[i] as MediaStream).regenerates(digit)) return true
    }
    return false
  }

  #keyUp(endSample: DtmfEnd['endSample']): void {
    const key = this.#key
    if (key === undefined) return
    this.#key = undefined
    if (this.#acknowledges) {
      this.#inCall.released((this.#frameSample + FRAME_SAMPLES - endSample) / SAMPLES_PER_MS)
      return
    }
    const samples = Math.max(0, endSample - key.startSample)
    for (const stream of this.#talk) stream.keyUp(samples)
    this.#emit({
      type: 'digit-end',
      line: this.id,
      digit: key.digit,
      us: this.#instantOf(endSample),
      ms: samples / 8,
    })
  }

  /** A stream that hears this line no more must not go on hearing its key. */
  #release(stream: MediaStream): void {
    if (this.#key !== undefined) stream.keyUp(this.#detector.samples - this.#key.startSample)
  }
}
