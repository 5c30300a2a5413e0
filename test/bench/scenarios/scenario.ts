// What a scenario of the bench is: a name, what it shows, what it needs of a target, and what is done and expected. A
// scenario speaks the bench channel and, where somebody else is needed, with people in the network of the bench.

import type { Stage } from '../stage.js'

/** What a target may lack. A scenario that needs it is skipped there, with the reason. */
export type Need =
  /** The bench channel names the tones that the ear hears. */
  | 'tones'
  /** It tells ring voltage. */
  | 'ring voltage'
  /** A telephone with a display. */
  | 'display'
  /** A line can be damaged on demand. */
  | 'faults'
  /** A folder that the bench and its server both see: WAV files are played and recorded. */
  | 'audio files'
  /** The numbers of the lines are known. */
  | 'own number'
  | 'second line'
  /** Somebody elsewhere in the network of the bench, and another one. */
  | 'far party'
  | 'second far party'
  /** The messages of the operator are seen. */
  | 'network seen'
  /** A number that sends back what it hears. */
  | 'echo number'
  /** A number that calls back. */
  | 'call-back number'

export interface Scenario {
  readonly name: string
  /** What it shows, as a rule. */
  readonly title: string
  /** Guide line, standard or figure that it is held against. */
  readonly source: string
  readonly needs: readonly Need[]
  /** About how long it takes, s. */
  readonly lasts: number
  /** Rejects with ScenarioFailure when something is not as it should be. */
  run(stage: Stage): Promise<void>
}

export class ScenarioFailure extends Error {}
