// One person, or one script, at the console: locked until the secret is given, then a prompt (or HIL mode), back to locked
// after ten minutes of silence, on exit and when the line is unplugged. Bytes in, bytes out; nothing here ever waits for the
// far end on behalf of the daemon.

import type { BytePort, BytePortSink } from '../../hal/byte-port.js'
import { type Clock, ms, msBetween, type Timer, type Us } from '../../hal/clock.js'
import type { Log } from '../log.js'
import type { Access } from './access.js'
import { carryOut, type Shown } from './carry-out.js'
import type { CommandTable, Language, Level, SessionView, Translated } from './command.js'
import type { ConsoleBox } from './console-box.js'
import { type GrammarWorld, parseLine } from './grammar.js'
import { answerHelp, answerTab } from './help-keys.js'
import { parseHil } from './hil.js'
import { createHilSession, type HilSession } from './hil-session.js'
import {
  type EditorAction,
  type EditorState,
  edit,
  longestLine,
  newEditor,
  promptFor,
  redrawn,
  withoutLast,
} from './line-editor.js'
import { firstLevel, keepSecret, logIn, raise } from './login.js'
import { createOutlet, type Outlet } from './outlet.js'
import { duration, folded } from './pages.js'
import { phrases } from './phrases.js'
import { createScreen, type Screen } from './screen.js'
import { cutShort, untypable } from './secret.js'
import { type KeyState, nextKey, noKeys, type TerminalKey } from './terminal-keys.js'
import { createTypeAhead } from './type-ahead.js'

export interface SessionParts {
  readonly box: ConsoleBox
  readonly clock: Clock
  readonly log: Log
  readonly table: CommandTable
  readonly access: Access
}

/** What a line that was unplugged keeps for whoever logs in there next. */
export interface Carried {
  readonly history: readonly string[]
  readonly draft: string
  readonly language: Language
  readonly length: number
}

export interface Session extends BytePortSink {
  carry(): Carried
}

export interface SessionOptions extends SessionParts {
  readonly port: BytePort
  readonly front: 'serial' | 'socket'
  readonly carried?: Carried | undefined
}

interface OneSessionOptions extends SessionOptions {
  /** It has ended itself. */
  readonly onFault: () => void
}

/** A session as its parts see it. */
export interface LiveSession extends SessionView {
  readonly parts: SessionParts
  readonly outlet: Outlet
  readonly screen: Screen
  level: Level
  /** Which secret the locked prompt asks for. */
  entry: 'view' | 'enable'
  editor: EditorState
  say(text: Translated): string
  world(exact: boolean): GrammarWorld
  /** Typed before a wrong password was known to be wrong: none of it may be taken for a further try. */
  forgetTyped(): void
}

const idleMinutes = 10
/** Bytes looked at before other work of the daemon gets its turn. */
const bytesPerTurn = 2048

/** Whoever has a fault of the box waits so long for a new session, ms. */
const afterFaultMs = 1000

/** A session that a fault of the box ends is followed by another one, locked, on the same line. */
export const openSession = (options: SessionOptions): Session => {
  const { clock } = options
  let anew: Timer | undefined
  const onFault = (): void => {
    anew = clock.timer('console anew', ms(afterFaultMs), () => {
      session = openOne({ ...options, carried: undefined, onFault })
    })
  }
  let session = openOne({ ...options, onFault })
  return {
    onBytes: bytes => session.onBytes(bytes),
    onDrain: () => session.onDrain(),
    onClose: () => {
      anew?.cancel()
      session.onClose()
    },
    carry: () => session.carry(),
  }
}

const openOne = (options: OneSessionOptions): Session => {
  const { port, front, clock, box, table, log, access, onFault } = options
  const outlet = createOutlet(port)
  const typed = createTypeAhead()
  let carried = options.carried
  let keys: KeyState = noKeys
  let running: AbortController | undefined
  let asked: ((text: string | undefined) => void) | undefined
  /** Of what is asked for, a byte beyond ASCII was typed. */
  let foreign = false
  let turn: Timer | undefined
  let idle: Timer | undefined
  let lastInput: Us = clock.now()
  let ended = false
  /** Somebody has logged in. */
  let inside = false

  const live: LiveSession = {
    parts: { box, clock, log, table, access },
    outlet,
    screen: createScreen(outlet, () => live.length),
    front,
    level: 'locked',
    entry: 'view',
    language: carried?.language ?? 'en',
    length: carried?.length ?? 24,
    hil: false,
    editor: newEditor(),
    say: text => text[live.language],
    world: exact => ({
      table,
      lines: box.lineIds(),
      // Made only where a setting is typed.
      get settings() {
        return box.settings().map(({ key }) => key)
      },
      leftovers: () => box.desk.leftovers(),
      setting: key => box.settings().find(each => each.key === key),
      exact,
    }),
    forgetTyped: () => typed.clear(),
    leave: to => {
      live.level = to
    },
    secret: (prompt, most) => ask(prompt, true, most),
    line: prompt => ask(prompt, false),
    forgetLine: () => {
      live.editor = withoutLast(live.editor)
    },
    raise: () => raise(live),
    keepSecret: (level, secret) => keepSecret(live, level, secret),
  }
  const hil: HilSession = createHilSession(live)

  const show = ({ state, output }: { readonly state: EditorState; readonly output: string }): void => {
    live.editor = state
    outlet.write(output)
  }

  const prompt = (): void => {
    if (live.hil) return
    if (live.level === 'locked') show(promptFor(live.editor, live.say(phrases.password), true))
    else {
      show(
        promptFor(
          live.editor,
          live.level === 'enable' ? 'voiceport# ' : 'voiceport> ',
          false,
          carried?.draft,
        ),
      )
      carried = undefined
    }
  }

  const ask = (text: Translated, hidden: boolean, most?: number): Promise<string | undefined> => {
    if (live.hil || ended) return Promise.resolve(undefined)
    show(promptFor(live.editor, live.say(text), hidden, '', most))
    foreign = false
    return new Promise(resolve => {
      asked = resolve
      pump()
    })
  }

  /** Nothing that goes wrong here may end the daemon. */
  const fault = (error: unknown): void => {
    log.error('console fault', { front, reason: String(error) })
    if (ended) return
    finish()
    onFault()
  }

  const guarded = (work: () => void): void => {
    try {
      work()
    } catch (error) {
      fault(error)
    }
  }

  /** One piece of work at a time; what is typed meanwhile waits. */
  const busy = (work: (signal: AbortSignal) => Promise<void>, after: () => void): void =>
    void carriedOut(work).then(after).catch(fault)

  const carriedOut = async (work: (signal: AbortSignal) => Promise<void>): Promise<void> => {
    const controller = new AbortController()
    running = controller
    await work(controller.signal).catch((error: Error) => {
      log.error('console fault', { front, reason: error.message })
    })
    const lost = typed.lost()
    if (lost > 0 && !live.hil) outlet.write(`${live.say(phrases.lost(lost))}\r\n`)
    await outlet.room()
    running = undefined
    if (ended) return
    // Other work of the daemon first, then the next line.
    turn ??= clock.timer('console', ms(0), takeTurn)
  }

  const takeTurn = (): void => {
    turn = undefined
    if (!ended) guarded(pump)
  }

  const pump = (): void => {
    for (let left = bytesPerTurn; left > 0 && !ended; left--) {
      if (running && !live.screen.paging && !asked) return
      const byte = typed.next()
      if (byte === undefined) return
      foreign ||= byte > 0x7f
      if (live.hil && !asked) takeHil(byte)
      else {
        const [state, key] = nextKey(keys, byte)
        keys = state
        if (key) takeKey(key)
      }
    }
    if (typed.length > 0) turn ??= clock.timer('console', ms(0), takeTurn)
  }

  const takeHil = (byte: number): void => {
    // A script that could not log in may have left the line as it is.
    if (live.level === 'locked' && hil.isPerson(byte)) {
      live.hil = false
      return prompt()
    }
    const line = hil.byte(byte)
    if (line !== undefined) busy(signal => hil.request(line, signal), afterCommand)
  }

  const takeKey = (key: TerminalKey): void => {
    if (live.screen.paging) return live.screen.key(key)
    const edited = edit(live.editor, key)
    show(edited)
    if (edited.action) act(edited.action)
  }

  const act = (action: EditorAction): void => {
    if (asked) {
      const answered = asked
      if (action.type === 'submit' || action.type === 'cancel') {
        asked = undefined
        answered(action.type === 'submit' ? asTyped(action) + (foreign ? untypable : '') : undefined)
      }
      return
    }
    switch (action.type) {
      case 'submit':
        if (live.level === 'locked') return takeSecret(asTyped(action))
        return action.cut ? refuseCut() : takeCommand(action.text)
      case 'help':
        outlet.write('?\r\n')
        return busy(
          signal => answerHelp(live, action, signal),
          () => show(redrawn(live.editor)),
        )
      case 'complete':
        return busy(
          signal => answerTab(live, action, signal),
          () => undefined,
        )
      case 'cancel':
        return prompt()
      case 'leave':
        // Nothing to leave; a client hangs up with it.
        if (live.level === 'locked' && front === 'serial') return prompt()
        live.level = 'locked'
        return afterCommand()
    }
  }

  const takeSecret = (text: string): void => {
    if (text.trim() === '') return prompt()
    const request = parseHil(text)
    if (request && 'login' in request) {
      live.hil = true
      return busy(signal => hil.request(text, signal), afterCommand)
    }
    busy(
      () => logIn(live, text),
      () => {
        if (live.level !== 'locked') greet()
        prompt()
      },
    )
  }

  const greet = (): void => {
    inside = true
    if (carried) live.editor = newEditor(carried.history)
    const { version, uptimeSeconds } = box.version()
    outlet.write(`${live.say(phrases.welcome(version, duration(uptimeSeconds)))}\r\n`)
    watchIdle()
  }

  const refuseCut = (): void => {
    outlet.write(`${live.say(phrases.tooLong(longestLine))}\r\n`)
    prompt()
  }

  const takeCommand = (text: string): void => {
    const parsed = parseLine(text, live.world(false))
    if (parsed === undefined) return prompt()
    const promptWidth = live.editor.prompt.length
    busy(
      signal =>
        carryOut(
          parsed,
          { box, clock, session: live, signal },
          forPeople(live, text, promptWidth, signal),
          log,
        ),
      afterCommand,
    )
  }

  const afterCommand = (): void => {
    if (ended) return
    if (live.level === 'locked' && !(live.hil && hil.mayLogIn)) return logOut()
    if (live.level !== 'locked') inside = true
    // In HIL mode before a login too: nothing else would bring a person's prompt back.
    if ((inside || live.hil) && idle === undefined) watchIdle()
    prompt()
  }

  const logOut = (): void => {
    idle?.cancel()
    idle = undefined
    live.level = 'locked'
    live.hil = false
    live.editor = newEditor()
    typed.clear()
    if (inside) log.info('console logged out', { front })
    inside = false
    if (front === 'socket') {
      finish()
      void port.close()
    } else begin()
  }

  const watchIdle = (): void => {
    idle?.cancel()
    const quietMs = msBetween(lastInput, clock.now())
    const left = idleMinutes * 60_000 - quietMs
    idle = clock.timer('console idle', ms(Math.max(1000, left)), () => guarded(lookIdle))
  }

  const lookIdle = (): void => {
    // Whoever measures for half an hour is not away.
    if (running && !live.screen.paging && !asked) lastInput = clock.now()
    if (msBetween(lastInput, clock.now()) < idleMinutes * 60_000) return watchIdle()
    if (!live.hil) outlet.write(`\r\n${live.say(phrases.idle(idleMinutes))}\r\n`)
    live.level = 'locked'
    if (!running) return logOut()
    asked?.(undefined)
    asked = undefined
    running.abort()
  }

  const begin = (): void => {
    // Whoever connects and never logs in takes a place from others; a serial cable takes none.
    if (front === 'socket') watchIdle()
    busy(greetLocked, prompt)
  }

  const greetLocked = async (): Promise<void> => {
    outlet.write(`\r\n${live.say(phrases.locked)}\r\n`)
    live.entry = await firstLevel(live)
    if (live.entry === 'enable') outlet.write(`${live.say(phrases.noViewSecret)}\r\n`)
    else if (!(await access.has('view'))) outlet.write(`${live.say(phrases.closed)}\r\n`)
  }

  const finish = (): void => {
    ended = true
    turn?.cancel()
    idle?.cancel()
    running?.abort()
    asked?.(undefined)
    outlet.close()
  }

  begin()
  return {
    onBytes: bytes => {
      if (ended) return
      lastInput = clock.now()
      const cancel = running && !asked ? bytes.lastIndexOf(3) : -1
      if (cancel >= 0) {
        typed.clear()
        running?.abort()
      }
      typed.push(bytes.subarray(cancel + 1))
      guarded(pump)
    },
    onDrain: () => guarded(outlet.drained),
    onClose: finish,
    carry: () => ({
      history: live.editor.hidden ? (carried?.history ?? []) : live.editor.history,
      draft: live.editor.hidden ? (carried?.draft ?? '') : live.editor.text,
      language: live.language,
      length: live.length,
    }),
  }
}

/** What was cut is never taken for the whole. */
const asTyped = ({ text, cut }: Extract<EditorAction, { type: 'submit' }>): string =>
  cut ? text + cutShort : text

/** Answers and mistakes in words. */
const forPeople = (live: LiveSession, line: string, promptWidth: number, signal: AbortSignal): Shown => {
  const { outlet, screen } = live
  let dropped = 0
  const tellDropped = (): void => {
    if (dropped > 0) outlet.write(`${live.say(phrases.dropped(dropped))}\r\n`)
    dropped = 0
  }
  return {
    answer: async (answer, streamed) => {
      if (!streamed) return screen.print(answer.text(live.language), signal)
      const lines = answer.text(live.language).flatMap(folded)
      // What happens by itself does not wait for a slow line.
      if (!outlet.ready) dropped += lines.length
      else {
        tellDropped()
        for (const text of lines) outlet.write(`${text}\r\n`)
      }
    },
    refused: (_, message, at) => {
      const column = promptWidth + (at ?? 0)
      const caret = at !== undefined && promptWidth + line.length < 80 ? `${' '.repeat(column)}^\r\n` : ''
      const text = live
        .say(message)
        .split('\n')
        .flatMap(row => folded(`% ${row}`))
      outlet.write(`${caret}${text.join('\r\n')}\r\n`)
    },
    done: tellDropped,
  }
}
