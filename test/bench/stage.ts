// Where a scenario is played: its telephones, the people elsewhere, and the record of what was done, expected and measured.
// What is expected is judged by the instants that the bench channel tells, never by when this program heard of it.

import { type LimitName, limits } from './limits.js'
import { boxTime, pauseOnBox } from './pace.js'
import { ScenarioFailure } from './scenarios/scenario.js'
import type { NetworkMessage, Target } from './target.js'
import { BenchTelephone } from './telephone.js'

/** One line of the report. */
export interface Step {
  /** On the clock of the box, µs; when it happened or was done. */
  readonly us: number
  readonly kind: 'action' | 'seen' | 'check' | 'note'
  readonly what: string
  readonly line?: string
  /** How long after what was waited from, ms, and how long it might have taken. */
  readonly tookMs?: number
  readonly limitMs?: number
  readonly ok: boolean
}

export interface Figure {
  readonly what: string
  readonly ms: number
  readonly limitMs?: number
}

/** Words told for what is waited for longer than its limit: a tone is named up to two periods late. */
const tellMs = 4500
const lookMs = 20

export class Stage {
  readonly target: Target
  readonly steps: Step[] = []
  readonly figures: Figure[] = []
  readonly telephones: readonly BenchTelephone[]
  /** Clock of the box minus the bench's, µs. */
  readonly offsetUs: number

  constructor(target: Target, offsetUs: number) {
    this.target = target
    this.offsetUs = offsetUs
    this.telephones = target.lines.map(line => new BenchTelephone(this, line))
  }

  /** The telephone under test. */
  get tel(): BenchTelephone {
    return this.telephones[0] as BenchTelephone
  }
  get other(): BenchTelephone {
    return this.telephones[1] as BenchTelephone
  }
  get far() {
    return this.target.far[0] as Target['far'][number]
  }
  get second() {
    return this.target.far[1] as Target['far'][number]
  }

  /** Now, on the clock of the box, µs. */
  get now(): number {
    return this.target.clock.now() + this.offsetUs
  }

  /** What may pass at most, ms. */
  limit(name: LimitName): number {
    return limits[name].ms * this.target.scale
  }

  /** How much longer than its limit something is waited for, to be told how late it was. */
  get tellMs(): number {
    return tellMs * this.target.scale
  }

  /** ms, on the clock of the box. */
  pause(duration: number): Promise<void> {
    return pauseOnBox(this.target, duration)
  }

  note(what: string): void {
    this.steps.push({ us: this.now, kind: 'note', what, ok: true })
  }

  /** Throws ScenarioFailure when it does not hold. */
  check(what: string, holds: boolean, detail = ''): void {
    this.steps.push({ us: this.now, kind: 'check', what: `${what}${detail && `: ${detail}`}`, ok: holds })
    if (!holds) throw new ScenarioFailure(`not so: ${what}${detail && ` (${detail})`}`)
  }

  /** A figure of the report; throws ScenarioFailure beyond its limit. */
  figure(what: string, took: number, limitMs?: number): void {
    const rounded = Math.round(took * 10) / 10
    this.figures.push({ what, ms: rounded, ...(limitMs !== undefined && { limitMs }) })
    if (limitMs !== undefined && took > limitMs)
      throw new ScenarioFailure(`${what}: ${rounded} ms, at most ${limitMs}`)
  }

  /** Something seen at `us`, so long after `since`; throws ScenarioFailure when that was too long. */
  seen(what: string, us: number, since: number, limitMs: number, line?: string): void {
    const tookMs = Math.round((us - since) / 100) / 10
    const ok = tookMs <= limitMs
    this.steps.push({
      ...{ us, kind: 'seen', what, tookMs, ok },
      limitMs: Math.round(limitMs),
      ...(line !== undefined && { line }),
    })
    if (!ok) throw new ScenarioFailure(`${what}: after ${tookMs} ms, at most ${limitMs}`)
  }

  /** Waits until it holds on the bench's side; throws ScenarioFailure when it does not in time. */
  async until(what: string, holds: () => boolean, limitMs: number, since = this.now): Promise<void> {
    for (let waited = 0; !holds() && waited < limitMs + this.tellMs; waited += lookMs)
      await this.pause(lookMs)
    if (!holds()) {
      this.steps.push({ us: this.now, kind: 'seen', what, limitMs, ok: false })
      throw new ScenarioFailure(`it did not happen: ${what}`)
    }
    // Looked at every 20 ms: that much of its time is ours.
    const now = this.target.ownPace ? await boxTime(this.target) : this.now
    this.seen(what, Math.max(since, now - lookMs * 1000), since, limitMs)
  }

  /** The first message of the network behind instant `since` (clock of the box); throws ScenarioFailure when none comes in time. */
  async message(
    what: string,
    wanted: (message: NetworkMessage) => boolean,
    since: number,
    limitMs: number,
  ): Promise<NetworkMessage> {
    const find = () =>
      this.target.messages?.find(message => message.us + this.offsetUs >= since && wanted(message))
    for (let waited = 0; !find() && waited < limitMs + this.tellMs; waited += lookMs) await this.pause(lookMs)
    const found = find()
    if (!found) throw new ScenarioFailure(`it was not seen in the network: ${what}`)
    this.seen(what, found.us + this.offsetUs, since, limitMs)
    return found
  }
}
