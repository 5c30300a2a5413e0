// Shows lines to a person: folded to 80 columns, a page at a time, at the speed of the far end.

import type { Outlet } from './outlet.js'
import { folded } from './pages.js'
import type { TerminalKey } from './terminal-keys.js'

export interface Screen {
  /** Resolves when all is out, or when the reader has had enough. */
  print(lines: readonly string[], signal: AbortSignal): Promise<void>
  /** `--More--` stands there: keys belong here. */
  readonly paging: boolean
  key(key: TerminalKey): void
}

type Wish = 'page' | 'line' | 'quit'

const more = '--More--'

/** `length`: lines of a page; 0: no pages. */
export const createScreen = (outlet: Outlet, length: () => number): Screen => {
  let asked: ((wish: Wish) => void) | undefined
  const ask = async (signal: AbortSignal): Promise<Wish> => {
    outlet.write(more)
    const quit = (): void => asked?.('quit')
    const wish = await new Promise<Wish>(resolve => {
      asked = resolve
      signal.addEventListener('abort', quit, { once: true })
      if (signal.aborted) resolve('quit')
    })
    asked = undefined
    signal.removeEventListener('abort', quit)
    outlet.write(`\r${' '.repeat(more.length)}\r`)
    return wish
  }
  return {
    print: async (lines, signal) => {
      let left = length() - 1
      for (const line of lines.flatMap(folded)) {
        if (left <= 0 && length() > 0) {
          const wish = await ask(signal)
          if (wish === 'quit') return
          left = wish === 'line' ? 1 : length() - 1
        }
        await outlet.room()
        if (signal.aborted) return
        outlet.write(`${line}\r\n`)
        left--
      }
    },
    get paging() {
      return asked !== undefined
    },
    key: key => {
      if (key.type === 'enter') asked?.('line')
      else if (key.type === 'cancel') asked?.('quit')
      else if (key.type === 'char' && key.char === ' ') asked?.('page')
      else if (key.type === 'char' && /q/i.test(key.char)) asked?.('quit')
    },
  }
}
