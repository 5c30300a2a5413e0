// What goes to the far end, at the speed at which it takes it: 115,200 baud are 11 kB a second. Nothing waits for it in the
// daemon: what is shown at leisure (an answer) waits for room, what happens by itself (debug) is dropped and counted.

import type { BytePort } from '../../hal/byte-port.js'

export interface Outlet {
  /** At once, in order: echo, prompts, short answers. Beyond 16 KiB that the far end has not taken it is lost. */
  write(text: string): void
  /** The far end keeps up. */
  readonly ready: boolean
  /** Resolves when it does, or when the outlet is closed. */
  room(): Promise<void>
  /** The far end took what was there. */
  drained(): void
  close(): void
}

const most = 16 * 1024

export const createOutlet = (port: BytePort): Outlet => {
  let ready = true
  let open = true
  let kept: string[] = []
  let keptLength = 0
  let waiting: (() => void)[] = []
  const send = (text: string): void => {
    if (!port.write(Buffer.from(text, 'latin1'))) ready = false
  }
  const release = (): void => {
    const released = waiting
    waiting = []
    for (const go of released) go()
  }
  return {
    write: text => {
      if (!open || text === '') return
      if (ready) return send(text)
      if (keptLength + text.length > most) return
      kept.push(text)
      keptLength += text.length
    },
    get ready() {
      return ready && kept.length === 0
    },
    room: () => (ready || !open ? Promise.resolve() : new Promise(resolve => waiting.push(resolve))),
    drained: () => {
      if (!open) return
      ready = true
      const text = kept.join('')
      kept = []
      keptLength = 0
      if (text !== '') send(text)
      if (ready) release()
    },
    close: () => {
      open = false
      kept = []
      release()
    },
  }
}
