// The shape of one console command. One table of these stands behind the serial port, the local socket, the HIL mode and
// the status page. A command answers with data and with its text; which of the two is shown is the front's affair.

import type { Clock } from '../../hal/clock.js'
import type { ErrorCode } from '../errors.js'
import type { ConsoleBox } from './console-box.js'

/** What a session may do: nothing, look, change. Each contains the one before it. */
export type Level = 'locked' | 'view' | 'enable'

export type Language = 'en' | 'fr'

/** Printable ASCII in both languages: a VT100 on a serial line shows no accents. */
export type Translated = Readonly<Record<Language, string>>

/** What stands at one place of a command line. */
export type Word = Keyword | Argument

/** A fixed word, lower case. Unique beginnings are accepted outside HIL mode. */
export type Keyword = string

interface Named {
  /** Under which `args` carries the value, and the name shown by `?`. */
  readonly name: string
  readonly help: Translated
  /** May be left out, with everything behind it. */
  readonly optional?: true
}

/** A typed argument; its value is a string, of `number` a number. */
export type Argument =
  | (Named & {
      readonly type: 'enum'
      /** Each with its own help; abbreviations as for keywords, the value is the whole word. */
      readonly values: Readonly<Record<string, Translated>>
    })
  /** The id of a line of this box ("tel1"). */
  | (Named & { readonly type: 'line' })
  /** A whole number from `min` to `max`. */
  | (Named & {
      readonly type: 'number'
      readonly min: number
      readonly max: number
      /** "ms", "s", "dBm0". */
      readonly unit?: string
    })
  /** A key of the configuration file ("sip.dscp"), as `ConsoleBox.settings` lists them. */
  | (Named & { readonly type: 'setting' })
  /** One word, or with `rest` the whole remaining line, of at most `most` characters. */
  | (Named & {
      readonly type: 'text'
      readonly most: number
      readonly rest?: true
      /** It is a value of the setting of that argument: `?` and Tab know what may stand here. */
      readonly ofSetting?: string
    })

export type Arguments = Readonly<Record<string, string | number>>

/** Anything JSON can carry. */
export type Data =
  | string
  | number
  | boolean
  | null
  | undefined
  | readonly Data[]
  | { readonly [key: string]: Data }

/** What a command answers: once, or again and again (`debug`, a test that tells its steps). */
export interface Answer {
  /** For HIL mode, `--json` and the status page. Field names are stable. */
  readonly data: Data
  /** For people: lines of printable ASCII, at most 80 columns (longer ones are folded by the front). */
  text(language: Language): readonly string[]
  /** The command was carried out and what it found is bad: exit code 1 of `voiceport console --exec`. Default true. */
  readonly ok?: boolean
}

/** Why a command was refused: shown as `% TEXT` (each line of it), in HIL mode as `ERR CODE`. */
export interface Refusal {
  readonly refused: Translated
  /** Default VP-7504: it cannot be done now. */
  readonly code?: ErrorCode
}

export type Outcome = Answer | Refusal

export interface CommandContext {
  readonly box: ConsoleBox
  readonly clock: Clock
  readonly session: SessionView
  /** The form of the line that was typed: "no debug sip". Always false where the command has none. */
  readonly no: boolean
  /** Aborted by Ctrl-C, by log-out and by unplugging: a command that goes on must end then. */
  readonly signal: AbortSignal
}

/** What a command may know and change of the session it runs in. */
export interface SessionView {
  readonly level: Level
  /** "serial", "socket", "page": who changed something, for the journal. */
  readonly front: string
  language: Language
  /** Lines of a page before `--More--`; 0: never. */
  length: number
  /** Ends HIL mode or begins it, at the next line. */
  hil: boolean
  /** Gives rights back: from enable to view, from view to locked. */
  leave(to: 'view' | 'locked'): void
  /**
   * Asks for a line of at most `most` characters (256) that is not echoed, kept or logged; undefined: given up with Ctrl-C.
   * What could not be taken as it was typed ends with `untypable` or `cutShort`.
   */
  secret(prompt: Translated, most?: number): Promise<string | undefined>
  /** The line typed last is not to be had back by Up: it holds a secret. */
  forgetLine(): void
  /** Asks for a line that is shown. */
  line(prompt: Translated): Promise<string | undefined>
  /** From now on this is the secret of the level; the refusal is to be shown when it cannot be kept. */
  keepSecret(level: 'view' | 'enable', secret: string): Promise<Refusal | undefined>
  /** Goes up to `enable` after asking for its secret; the refusal is to be shown when it does not. */
  raise(): Promise<Refusal | undefined>
}

export interface Command {
  /** In order; only the last arguments may be optional. `['show', 'line', {type: 'line', name: 'line', …}]`. */
  readonly words: readonly Word[]
  readonly help: Translated
  /** Who may use it. */
  readonly level: 'view' | 'enable'
  /** `no …` is a command too; `no` in the context tells. `words`: where they differ from the plain form's. */
  readonly no?: { readonly help: Translated; readonly words?: readonly Word[] }
  /**
   * Carries it out. Called with every typed argument checked against its range. A rejection is a fault of the box and is
   * shown as one; bad input and bad times are `Refusal`s.
   */
  run(context: CommandContext, args: Arguments): Outcome | Promise<Outcome> | AsyncIterable<Answer>
}

/** Help of first words that head several commands ("show", "test"). */
export type Groups = Readonly<Record<string, Translated>>

export interface CommandTable {
  readonly commands: readonly Command[]
  readonly groups: Groups
}

/** An answer whose text is the same few lines in each language. */
export const answer = (data: Data, text: (language: Language) => readonly string[], ok = true): Answer => ({
  data,
  text,
  ...(ok ? {} : { ok: false }),
})

/** Nothing to say: done. */
export const done: Answer = { data: {}, text: () => [] }

export const refusal = (en: string, fr: string, code?: ErrorCode): Refusal => ({
  refused: { en, fr },
  ...(code === undefined ? {} : { code }),
})

export const isRefusal = (outcome: Outcome): outcome is Refusal => 'refused' in outcome
