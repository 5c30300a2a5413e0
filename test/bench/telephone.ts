// A telephone of the bench in the words of a scenario: lift, dial, press R, hear, ring. Every action is a request of the
// bench channel, every expectation an event of it.

import { join } from 'node:path'
import { readWav, sine, writeWav } from '../support/wav-file.js'
import type { BenchEvent, BenchRequest } from './bench-client.js'
import type { LimitName } from './limits.js'
import { ScenarioFailure } from './scenarios/scenario.js'
import type { Stage } from './stage.js'
import type { BenchLine } from './target.js'

export interface Heard {
  readonly samples: Int16Array
  /** Instant of the first sample, µs on the clock of the box. */
  readonly startUs: number
}

/** Pressed by hand. */
export const keyMs = 80
const sampleUs = 125
const spokenDbm0 = -16

export class BenchTelephone {
  readonly line: string
  readonly number: string
  readonly #stage: Stage
  /** Where in the events the last action began. */
  #mark = 0
  #recordings = 0

  constructor(stage: Stage, line: BenchLine) {
    this.#stage = stage
    this.line = line.id
    this.number = line.number ?? ''
  }

  /** Resolves with the instant at which the action was finished, µs; throws ScenarioFailure when it is refused. */
  async act(request: Omit<BenchRequest, 'line'> & { readonly do: string }, what: string): Promise<number> {
    const { client } = this.#stage.target
    this.#mark = client.mark()
    const begun = this.#stage.now
    const reply = await client.request({ line: this.line, ...request })
    const us = reply.us ?? this.#stage.now
    // Told where it began: dialling takes its time.
    this.#stage.steps.push({
      us: Math.min(begun, us),
      kind: 'action',
      what,
      line: this.line,
      ok: reply.ok,
    })
    if (!reply.ok) throw new ScenarioFailure(`${what}: ${reply.error} ${reply.message}`)
    return us
  }

  lift(): Promise<number> {
    return this.act({ do: 'offhook' }, 'lifts the receiver')
  }

  hangUp(): Promise<number> {
    return this.act({ do: 'onhook' }, 'hangs up')
  }

  /** Resolves with the closing edge. */
  flash(ms = 270): Promise<number> {
    return this.act({ do: 'flash', ms }, `R (${ms} ms)`)
  }

  /** Opens the loop for so long, without bounce. Resolves with the instant of the opening edge. */
  async breakLoop(ms: number): Promise<number> {
    const edges = [
      { offHook: false, ms: 0 },
      { offHook: true, ms },
    ]
    return (await this.act({ do: 'edges', edges }, `the loop opens for ${ms} ms`)) - ms * 1000
  }

  /** Resolves with the end of the last key's sound. */
  async keys(digits: string): Promise<number> {
    const us = await this.act({ do: 'dtmf', digits, onMs: keyMs, offMs: keyMs }, `presses ${digits}`)
    return us - keyMs * 1000
  }

  /** Resolves with the end of the last pulse. */
  pulse(digits: string): Promise<number> {
    return this.act({ do: 'pulse', digits }, `dials ${digits} with the rotary dial`)
  }

  fault(kind: string, on: boolean): Promise<number> {
    return this.act({ do: 'fault', kind, on }, `fault ${kind} ${on ? 'on' : 'off'}`)
  }

  /** The first event since the last action began that is wanted, within `limitMs` of `since`. */
  async event(
    what: string,
    wanted: (event: BenchEvent) => boolean,
    since: number,
    limitMs: number,
    from = this.#mark,
  ): Promise<BenchEvent> {
    const stage = this.#stage
    const { client } = stage.target
    const mine = (event: BenchEvent) => event.line === this.line && wanted(event)
    let event: BenchEvent
    try {
      event = await client.waitFor(mine, limitMs + stage.tellMs, from)
    } catch {
      stage.steps.push({ us: stage.now, kind: 'seen', what, line: this.line, limitMs, ok: false })
      throw new ScenarioFailure(`${this.line}: it did not happen: ${what} (${this.#lastHeard(from)})`)
    }
    stage.seen(what, event.us as number, since, limitMs, this.line)
    return event
  }

  /** The ear hears it, from its onset. */
  hears(
    tone: string | readonly string[],
    limit: LimitName,
    since: number,
    from?: number,
  ): Promise<BenchEvent> {
    const names = typeof tone === 'string' ? [tone] : tone
    return this.event(
      `hears ${names.join(' or ')}`,
      ({ ev, name }) => ev === 'tone' && names.includes(name as string),
      since,
      this.#stage.limit(limit),
      from,
    )
  }

  /** A burst of ring voltage begins. */
  rings(limit: LimitName, since: number, kind?: string, from?: number): Promise<BenchEvent> {
    return this.event(
      kind === undefined ? 'rings' : `rings (${kind})`,
      event => event.ev === 'ring' && event['on'] === true && (kind === undefined || event['kind'] === kind),
      since,
      this.#stage.limit(limit),
      from,
    )
  }

  ringEnds(limit: LimitName, since: number, from?: number): Promise<BenchEvent> {
    return this.event(
      'the bell is silent',
      ({ ev, on }) => ev === 'ring' && on === false,
      since,
      this.#stage.limit(limit),
      from,
    )
  }

  hearsKey(digit: string, limit: LimitName, since: number, from?: number): Promise<BenchEvent> {
    return this.event(
      `hears the key ${digit}`,
      event => event.ev === 'dtmf' && event['digit'] === digit,
      since,
      this.#stage.limit(limit),
      from,
    )
  }

  /** A place in the events, to expect what comes from here on. */
  mark(): number {
    return this.#stage.target.client.mark()
  }

  /** Fails when one of them comes in the next `forMs`, or has come since `from`. */
  async silentFor(
    what: string,
    unwanted: (event: BenchEvent) => boolean,
    forMs: number,
    from: number,
  ): Promise<void> {
    const stage = this.#stage
    await stage.pause(forMs)
    const came = stage.target.client.events
      .slice(from)
      .find(event => event.line === this.line && unwanted(event))
    stage.check(`${this.line}: ${what}`, came === undefined, came && JSON.stringify(came))
  }

  /** What the receiver carries from now on. Needs `audio files`. */
  async record(ms: number): Promise<Heard> {
    const { client, folder } = this.#stage.target
    if (!folder) throw new ScenarioFailure('there is no folder for recordings')
    const file = `${this.line}-heard-${++this.#recordings}.wav`
    const reply = await client.request({ do: 'record', line: this.line, wav: join(folder.there, file), ms })
    if (!reply.ok || reply.us === undefined) throw new ScenarioFailure(`recording: ${reply.message}`)
    const { samples } = readWav(join(folder.here, file))
    return { samples, startUs: reply.us - samples.length * sampleUs }
  }

  /** Says a tone for so long. Resolves with the instant of its first sample, µs. Needs `audio files`. */
  speak(hz: number, ms: number): Promise<number> {
    const spoken = this.play(sine(hz, spokenDbm0, ms / 1000), `says ${hz} Hz for ${ms} ms`)
    // A scenario that fails meanwhile waits for it no more, and hangs up.
    spoken.catch(() => {})
    return spoken
  }

  /** Plays samples into the microphone. Resolves, when they have been played, with the instant of the first. */
  async play(samples: Int16Array, what: string): Promise<number> {
    const { folder } = this.#stage.target
    if (!folder) throw new ScenarioFailure('there is no folder for what is spoken')
    const file = `${this.line}-says-${++this.#recordings}.wav`
    writeWav(join(folder.here, file), samples)
    const end = await this.act({ do: 'play', wav: join(folder.there, file) }, what)
    return end - samples.length * sampleUs
  }

  #lastHeard(from: number): string {
    const events = this.#stage.target.client.events.slice(from).filter(({ line }) => line === this.line)
    const last = events.slice(-3).map(({ line: _, ...event }) => JSON.stringify(event))
    return last.length === 0 ? 'nothing was told' : `last told: ${last.join(' ')}`
  }
}
