// A person's terminal of 80 x 24: picocom in tmux on one end of a pair of pseudo-terminals, the other end is the box's serial port.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, findProgram, startChild } from '../support/child.js'

export interface TmuxTerminal {
  /** The box's end: a path for a serial port. */
  readonly device: string
  /** Keys as tmux names them ("Tab", "Up", "C-c", "Enter"); anything else is typed as it stands. */
  press(...keys: readonly string[]): void
  /**
   * What is written on the 24 rows, once it has changed since the last key, its last row matches, one of them matches `row`,
   * and it was the same a tenth of a second before; rejects after ten seconds.
   */
  screen(lastRow: RegExp, row?: RegExp): Promise<string>
  /** Every row that is written, those that scrolled off the screen included, blanks at the end left out. */
  rows(): readonly string[]
  /** Rows that scrolled off are forgotten. */
  forget(): void
  stop(): Promise<void>
}

/** What this machine lacks for it; undefined: nothing. */
export const missingPrograms = (): string | undefined => {
  const missing = ['tmux', 'picocom', 'socat'].filter(name => findProgram(name) === undefined)
  return missing.length === 0 ? undefined : `needs ${missing.join(', ')} (scripts/install-peers)`
}

export const startTmuxTerminal = async (): Promise<TmuxTerminal> => {
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-'))
  const [box, person, server] = ['box', 'person', 'tmux'].map(name => join(folder, name)) as [
    string,
    string,
    string,
  ]
  const cable: Child = startChild(findProgram('socat')!, [
    '-d',
    '-d',
    `PTY,link=${box},raw,echo=0`,
    `PTY,link=${person},raw,echo=0`,
  ])
  await cable.waitFor(/starting data transfer loop/)
  const tmux = (...words: readonly string[]): string => {
    const { stdout, stderr, status } = spawnSync(
      findProgram('tmux')!,
      ['-S', server, '-f', '/dev/null', ...words],
      {
        encoding: 'utf8',
        env: { ...process.env, TERM: 'vt100', LC_ALL: 'C.UTF-8' },
      },
    )
    if (status !== 0) throw new Error(`tmux ${words[0]}: ${stderr}`)
    return stdout
  }
  const picocom = `${findProgram('picocom')} -q -b 115200 ${person}`
  tmux('new-session', '-d', '-x', '80', '-y', '24', picocom)
  // What comes before it has set its speed it throws away: nobody speaks until then.
  const speed = (): string => spawnSync('stty', ['-F', person, 'speed'], { encoding: 'utf8' }).stdout.trim()
  for (let tries = 0; speed() !== '115200' && tries < 100; tries++)
    await new Promise(resolve => setTimeout(resolve, 50))
  tmux('set-option', '-g', 'status', 'off')
  tmux('resize-window', '-x', '80', '-y', '24')
  let latest = ''
  const capture = (): string => {
    latest = tmux('capture-pane', '-p').trimEnd()
    return latest
  }
  let atKey = ''
  return {
    device: box,
    press: (...keys) => {
      atKey = latest
      tmux(...keys.flatMap(key => (isNamed(key) ? ['send-keys', key, ';'] : ['send-keys', '-l', key, ';'])))
    },
    screen: async (lastRow, row) => {
      const isThere = (now: string): boolean => {
        const rows = now.split('\n')
        return lastRow.test(rows.at(-1) ?? '') && (row === undefined || rows.some(text => row.test(text)))
      }
      let before = ''
      for (let tries = 0; tries < 100; tries++) {
        const now = capture()
        if (now === before && now !== atKey && isThere(now)) return now
        before = now
        await new Promise(resolve => setTimeout(resolve, 100))
      }
      throw new Error(`the screen never came to ${lastRow}:\n${before}`)
    },
    rows: () => tmux('capture-pane', '-p', '-S', '-').trimEnd().split('\n'),
    forget: () => void tmux('clear-history'),
    stop: async () => {
      tmux('kill-server')
      await cable.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const isNamed = (key: string): boolean => /^(Tab|Up|Down|Left|Right|Home|End|Enter|BSpace|C-[a-z])$/.test(key)
