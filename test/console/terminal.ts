// A terminal at the far end of the console, in virtual time: what it shows is kept, and it may be slow.

import type { ConsoleSecrets, Fits } from '../../firmware/console/access.js'
import { type Console, createConsole } from '../../firmware/console/console.js'
import type { ConsoleBox } from '../../firmware/console/console-box.js'
import { commandTable } from '../../firmware/console/table.js'
import type { Log } from '../../firmware/log.js'
import type { BytePort, BytePortSink } from '../../hal/byte-port.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { fakeBox } from './fake-box.js'

export const viewSecret = 'looking-glass-41'
export const enableSecret = 'screw-driver-77'

export interface Terminal {
  /** Keys, at once; resolves when what follows from them has happened. */
  type(text: string): Promise<void>
  /** Everything shown so far. */
  shown(): string
  /** What was shown since this was asked last. */
  news(): string
  /** The far end takes bytes no more, or again. */
  slow(on: boolean): void
  unplug(): void
  readonly closed: boolean
}

export interface ConsoleRig {
  readonly clock: VirtualClock
  readonly console: Console
  readonly logged: string[]
  /** What was compared with a secret. */
  readonly looked: string[]
  plug(front?: 'serial' | 'socket'): Terminal
  /** Plugged in, logged in, nothing shown. */
  loggedIn(front?: 'serial' | 'socket'): Promise<Terminal>
}

export const consoleRig = (
  options: {
    readonly box?: ConsoleBox
    readonly secrets?: Partial<ConsoleSecrets>
    readonly fits?: Fits
  } = {},
): ConsoleRig => {
  const clock = new VirtualClock()
  const box = options.box ?? fakeBox()
  const logged: string[] = []
  const keep =
    (level: string) =>
    (message: string, fields: object = {}): void =>
      void logged.push(`${level} ${message} ${JSON.stringify(fields)}`)
  const log: Log = { debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') }
  const secrets: ConsoleSecrets = {
    read: async level => (level === 'view' ? viewSecret : enableSecret),
    keep: () => Promise.reject(new Error('nowhere')),
    ...options.secrets,
  }
  const looked: string[] = []
  const console = createConsole({
    box,
    clock,
    log,
    table: commandTable(box.situations()),
    secrets,
    entropy: new SeededEntropy(3),
    // The real comparison takes its time; secret.ts has a test of its own.
    fits: async (typed, kept) => {
      looked.push(typed)
      return options.fits ? options.fits(typed, kept, clock) : typed === kept
    },
  })
  const plug = (front: 'serial' | 'socket' = 'serial'): Terminal => openTerminal(console, front, clock)
  return {
    clock,
    console,
    logged,
    looked,
    plug,
    loggedIn: async front => {
      const terminal = plug(front)
      await terminal.type(`${viewSecret}\r`)
      terminal.news()
      return terminal
    },
  }
}

const openTerminal = (console: Console, front: 'serial' | 'socket', clock: VirtualClock): Terminal => {
  let shown = ''
  let told = 0
  let slow = false
  let closed = false
  let sink: BytePortSink | undefined
  const port: BytePort = {
    name: front,
    write: bytes => {
      shown += Buffer.from(bytes).toString('latin1')
      return !slow
    },
    close: async () => {
      if (!closed) {
        closed = true
        sink?.onClose()
      }
    },
  }
  sink = console.accept(port, front)
  return {
    type: async text => {
      // The greeting comes first.
      await clock.advance(5)
      sink.onBytes(Buffer.from(text, 'latin1'))
      await clock.advance(5)
    },
    shown: () => shown,
    news: () => {
      const news = shown.slice(told)
      told = shown.length
      return news
    },
    slow: on => {
      slow = on
      if (!on) sink.onDrain()
    },
    unplug: () => sink.onClose(),
    get closed() {
      return closed
    },
  }
}
