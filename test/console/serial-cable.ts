// A person's terminal (picocom in tmux) on a real serial line whose other end is a box in virtual time: what is typed arrives
// there as one piece, then the clock of the box goes on until it has answered. So the same session repeats to the letter.

import { setTimeout as pause } from 'node:timers/promises'
import type { Console } from '../../firmware/console/console.js'
import type { BytePort, BytePortSink } from '../../hal/byte-port.js'
import { openSerialPort } from '../../hal/linux/byte-port-serial.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import type { VirtualHouse } from '../support/virtual-house.js'
import type { TmuxTerminal } from './tmux-terminal.js'

export interface Pressed {
  /** Keys as tmux names them; anything else is typed as it stands. */
  readonly keys: readonly string[]
  /** What the box has written when it has answered; default: a prompt or `--More--`. */
  readonly until?: RegExp
  /** What happens in the house before it has. */
  readonly meanwhile?: () => Promise<unknown>
}

export interface SerialCable {
  /** A clear screen, and a new session on this console. Resolves at its first prompt. */
  plugIn(console: Console, house: VirtualHouse): Promise<void>
  press(pressed: Pressed): Promise<void>
  /** `--More--` stands there. */
  readonly more: boolean
  /** Every row written since the row where the cursor stood at the last call. */
  news(): readonly string[]
  unplug(): void
  close(): Promise<void>
}

const prompt = /(\r(\w+[>#] |[^\r\n]*: )|--More--)$/

export const layCable = async (terminal: TmuxTerminal): Promise<SerialCable> => {
  let typed = ''
  const port = await opened(terminal.device, text => {
    typed += text
  })
  let written = ''
  let end: { readonly sink: BytePortSink; readonly house: VirtualHouse } | undefined
  /** On the terminal, when they were looked at last. */
  let rows: readonly string[] = []
  let mark = 0
  const wire: BytePort = {
    name: 'serial',
    write: bytes => {
      written += Buffer.from(bytes).toString('latin1')
      port.write(bytes)
      // The box does not wait for this line: that would take real time.
      return true
    },
    close: async () => undefined,
  }
  const plugged = (): NonNullable<typeof end> => {
    if (end === undefined) throw new Error('nothing is plugged in')
    return end
  }
  const answered = async (from: number, until: RegExp, what: string): Promise<void> => {
    await plugged().house.until(
      `an answer to ${what}`,
      () => until.test(plain(written.slice(from))),
      3_600_000,
    )
  }
  /** What came is in order: once its last row stands there, and something has changed, all of it does. */
  const shown = (before: string): Promise<void> => {
    const last = lastRow(written)
    return seen(last, () => {
      rows = terminal.rows()
      return rows.at(-1) === last && rows.join('\n') !== before
    })
  }
  return {
    plugIn: async (console, house) => {
      port.write(Buffer.from('\x1b[H\x1b[2J'))
      await seen('an empty screen', () => {
        // What is cleared off the screen goes where other rows went that scrolled off it.
        terminal.forget()
        return terminal.rows().join('') === ''
      })
      mark = 0
      const from = written.length
      end = { house, sink: console.accept(wire, 'serial') }
      await answered(from, prompt, 'plugging in')
      rows = []
      await shown('')
    },
    press: async ({ keys, until = prompt, meanwhile }) => {
      const before = rows.join('\n')
      typed = ''
      terminal.press(...keys)
      await seen(`${keys.join(' ')} at the box`, () => typed.length >= lengthOf(keys))
      const from = written.length
      plugged().sink.onBytes(Buffer.from(typed, 'latin1'))
      await meanwhile?.()
      await answered(from, until, keys.join(' '))
      await shown(before)
    },
    news: () => {
      const told = rows.slice(mark)
      mark = rows.length - 1
      return told
    },
    get more() {
      return written.endsWith('--More--')
    },
    unplug: () => {
      end?.sink.onClose()
      end = undefined
    },
    close: () => port.close(),
  }
}

const opened = (path: string, onText: (text: string) => void): Promise<BytePort> =>
  new Promise(resolve => {
    const port = openSerialPort(
      { path, clock: new LinuxClock() },
      {
        onOpen: () => resolve(port),
        onBytes: bytes => onText(Buffer.from(bytes).toString('latin1')),
        onDrain: () => undefined,
        onClose: () => undefined,
      },
    )
  })

const plain = (text: string): string => text.replace(/\x1b\[[0-9;]*[A-Za-z]/g, '')

const lastRow = (written: string): string =>
  plain(written)
    .split(/[\r\n]+/)
    .map(row => row.trimEnd())
    .findLast(row => row !== '') ?? ''

/** Bytes on the line. */
const lengthOf = (keys: readonly string[]): number =>
  keys.reduce((sum, key) => sum + (/^(Tab|Enter|C-[a-z])$/.test(key) ? 1 : key.length), 0)

/** In real time, whatever the globals tell. */
const seen = async (what: string, holds: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 500; tries++) {
    await pause(20)
    if (holds()) return
  }
  throw new Error(`not within ten seconds: ${what}`)
}
