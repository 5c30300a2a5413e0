// Sessions at a real terminal program (picocom in tmux, 80 x 24) on a real serial port, in both languages, compared with
// golden/*.txt. After a wanted change: VOICEPORT_GOLDEN=write node dist/test/console/golden.test.js

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { createConsole } from '../../firmware/console/console.js'
import { commandTable } from '../../firmware/console/table.js'
import { silentLog } from '../../firmware/log.js'
import type { BytePortSink } from '../../hal/byte-port.js'
import { type Clock, us } from '../../hal/clock.js'
import { openSerialPort } from '../../hal/linux/byte-port-serial.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import { SeededEntropy } from '../../hal/sim/seeded-entropy.js'
import { fakeBox } from './fake-box.js'
import { enableSecret, viewSecret } from './terminal.js'
import { missingPrograms, startTmuxTerminal, type TmuxTerminal } from './tmux-terminal.js'

t.setTimeout(120_000)
const folder = fileURLToPath(new URL('../../../test/console/golden/', import.meta.url))
const skip = missingPrograms() ?? false

interface Step {
  /** What is pressed, for the reader and for tmux. */
  readonly keys: readonly string[]
  /** What the last row shows when all is said. */
  readonly until: RegExp
  /** A row that only these keys bring, where the last one stands there before. */
  readonly row?: RegExp
}

const prompt = /^voiceport> ?$/
const enabled = /^voiceport# ?$/
const step = (until: RegExp, ...keys: readonly string[]): Step => ({ keys, until })

const session = (language: 'en' | 'fr'): readonly Step[] => [
  step(/^(Password|Mot de passe)/, 'Enter'),
  step(/^(Password|Mot de passe)/, 'not-the-secret', 'Enter'),
  step(prompt, viewSecret, 'Enter'),
  step(prompt, `terminal language ${language}`, 'Enter'),
  step(/--More--/, 'help', 'Enter'),
  step(prompt, ' '),
  { ...step(/show $|show$/, 'sh', 'Tab', '?'), row: /^ {2}version {2,}\S/ },
  step(prompt, 'v', 'Tab', 'Enter'),
  step(prompt, 'show registration', 'Enter'),
  step(prompt, 'show calls', 'Enter'),
  step(prompt, 'show media', 'Enter'),
  step(prompt, 'show codes', 'Enter'),
  step(prompt, 'show settings', 'Enter'),
  step(prompt, 'show profile', 'Enter'),
  step(prompt, 'show log', 'Enter'),
  step(prompt, 'show regster', 'Enter'),
  step(prompt, 'terminal length 999', 'Enter'),
  step(prompt, 'sow calls', 'Home', 'Right', 'h', 'Enter'),
  step(/--More--/, 'show trace 60', 'Enter'),
  step(prompt, 'q'),
  step(prompt, 'explain in active R 2', 'Enter'),
  step(prompt, 'Up', 'C-u', 'restart', 'Enter'),
  step(/^(Password|Mot de passe)/, 'enable', 'Enter'),
  step(enabled, enableSecret, 'Enter'),
  step(/: ?$/, 'passwd view', 'Enter'),
  step(enabled, 'short', 'Enter'),
  step(prompt, 'disable', 'Enter'),
  step(/^(Password|Mot de passe)/, 'exit', 'Enter'),
]

for (const language of ['en', 'fr'] as const)
  t.test(`a session in ${language} at 80 x 24, key by key`, { skip, timeout: 60_000 }, async t => {
    const terminal = await startTmuxTerminal()
    const close = openConsoleOn(terminal.device)
    try {
      const seen = await played(terminal, session(language))
      const file = `${folder}${language}.txt`
      if (process.env['VOICEPORT_GOLDEN'] === 'write') {
        mkdirSync(folder, { recursive: true })
        writeFileSync(file, seen)
      }
      t.equal(seen, readFileSync(file, 'utf8'))
      t.notMatch(seen, new RegExp(`${viewSecret}|${enableSecret}|not-the-secret`))
      t.match(seen, /^[\n\x20-\x7e]*$/, 'ASCII only')
    } finally {
      await close()
      await terminal.stop()
    }
  })

const played = async (terminal: TmuxTerminal, steps: readonly Step[]): Promise<string> => {
  let seen = ''
  await terminal.screen(/^Password/)
  for (const { keys, until, row } of steps) {
    const secret = keys.some(key => [viewSecret, enableSecret, 'not-the-secret'].includes(key))
    seen += `=== ${secret ? '(secret) Enter' : keys.map(key => (key === ' ' ? 'Space' : key)).join(' ')}\n`
    terminal.press(...keys)
    seen += `${await terminal.screen(until, row)}\n`
  }
  return seen
}

/** The console as the daemon opens it, on a box whose answers are written down. */
const openConsoleOn = (path: string): (() => Promise<void>) => {
  const real = new LinuxClock()
  // Ages in what is shown are those of the fake box, to the letter.
  const clock: Clock = {
    now: () => us(0),
    wall: () => 0,
    timer: (name, delay, fire) => real.timer(name, delay, fire),
    external: work => real.external(work),
  }
  const box = fakeBox()
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
