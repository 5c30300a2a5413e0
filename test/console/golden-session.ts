// A session at a real terminal program (picocom in tmux, 80 x 24) on a real serial port, compared with golden/NAME.txt. After a
// wanted change: VOICEPORT_GOLDEN=write node dist/test/console/golden.test.js (or golden-settings.test.js)

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { createConsole } from '../../firmware/console/console.js'
import type { ConsoleBox } from '../../firmware/console/console-box.js'
import { commandTable } from '../../firmware/console/table.js'
import { silentLog } from '../../firmware/log.js'
import type { BytePortSink } from '../../hal/byte-port.js'
import { type Clock, us } from '../../hal/clock.js'
import { openSerialPort } from '../../hal/linux/byte-port-serial.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { enableSecret, viewSecret } from './terminal.js'
import { startTmuxTerminal, type TmuxTerminal } from './tmux-terminal.js'

const folder = fileURLToPath(new URL('../../../test/console/golden/', import.meta.url))

export interface Step {
  /** What is pressed, for the reader and for tmux. */
  readonly keys: readonly string[]
  /** What the last row shows when all is said. */
  readonly until: RegExp
  /** A row that only these keys bring, where the last one stands there before. */
  readonly row?: RegExp
}

export const prompt = /^voiceport> ?$/
export const enabled = /^voiceport# ?$/
/** Keys, and what the last row is to be then. */
export const step = (until: RegExp, ...keys: readonly string[]): Step => ({ keys, until })

/** What is typed but shown nowhere. */
const secrets: readonly string[] = [viewSecret, enableSecret, 'not-the-secret', 'typed-canary-9']

export const isGolden = async (
  t: Test,
  name: string,
  box: ConsoleBox,
  steps: readonly Step[],
): Promise<void> => {
  const terminal = await startTmuxTerminal()
  const close = openConsoleOn(terminal.device, box)
  try {
    const seen = await played(terminal, steps)
    const file = `${folder}${name}.txt`
    if (process.env['VOICEPORT_GOLDEN'] === 'write') {
      mkdirSync(folder, { recursive: true })
      writeFileSync(file, seen)
    }
    t.equal(seen, readFileSync(file, 'utf8'))
    for (const secret of secrets) t.notMatch(seen, secret)
    t.match(seen, /^[\n\x20-\x7e]*$/, 'ASCII only')
  } finally {
    await close()
    await terminal.stop()
  }
}

const played = async (terminal: TmuxTerminal, steps: readonly Step[]): Promise<string> => {
  let seen = ''
  await terminal.screen(/^Password/)
  for (const { keys, until, row } of steps) {
    const secret = keys.some(key => secrets.includes(key))
    seen += `=== ${secret ? '(secret) Enter' : keys.map(key => (key === ' ' ? 'Space' : key)).join(' ')}\n`
    terminal.press(...keys)
    seen += `${await terminal.screen(until, row)}\n`
  }
  return seen
}

/** The console as the daemon opens it, on a box whose answers are written down. */
const openConsoleOn = (path: string, box: ConsoleBox): (() => Promise<void>) => {
  const real = new LinuxClock()
  // Ages in what is shown are those of the fake box, to the letter.
  const clock: Clock = {
    now: () => us(0),
    wall: () => 0,
    timer: (name, delay, fire) => real.timer(name, delay, fire),
    external: work => real.external(work),
  }
  const console = createConsole({
    box,
    clock,
    log: silentLog,
    table: commandTable(box.situations()),
    entropy: new SeededEntropy(1),
    secrets: {
      read: async level => (level === 'view' ? viewSecret : enableSecret),
      keep: async () => undefined,
    },
    // The real comparison takes its time (access.test.ts has it).
    fits: async (typed, kept) => typed === kept,
  })
  let session: BytePortSink | undefined
  const port = openSerialPort(
    { path, clock: real },
    {
      onOpen: () => {
        session = console.accept(port, 'serial')
      },
      onBytes: bytes => session?.onBytes(bytes),
      onDrain: () => session?.onDrain(),
      onClose: () => session?.onClose(),
    },
  )
  return async () => {
    session?.onClose()
    await port.close()
  }
}
