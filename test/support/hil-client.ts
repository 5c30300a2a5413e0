// HIL mode of the console over its socket.

import { connect } from 'node:net'

export interface HilAnswer {
  readonly id?: number
  readonly ok?: boolean
  readonly [field: string]: unknown
}

export interface HilClient {
  /** Everything received. */
  seen(): string
  /** Ctrl-C. */
  cancel(): void
  until(pattern: RegExp): Promise<void>
  close(): void
  /** The last line of the answer, and its end mark. */
  ask(request: object): Promise<HilAnswer>
}

export const hilClient = (path: string): HilClient => {
  const socket = connect(path)
  let seen = ''
  let heard = (): void => undefined
  let id = 0
  socket.on('data', bytes => {
    seen += bytes.toString()
    heard()
  })
  return {
    seen: () => seen,
    cancel: () => void socket.write('\x03'),
    until: pattern =>
      new Promise(resolve => {
        const look = (): void => {
          if (pattern.test(seen)) resolve()
          else setTimeout(look, 20)
        }
        look()
      }),
    close: () => void socket.destroy(),
    ask: request => {
      const own = ++id
      socket.write(`${JSON.stringify({ id: own, ...request })}\n`)
      return new Promise(resolve => {
        heard = () => {
          const line = seen.split('\r\n').find(text => text.startsWith(`{"id":${own},"ok"`))
          if (line !== undefined && /(OK|ERR VP-\d+)\r\n$/.test(seen)) resolve(JSON.parse(line))
        }
        heard()
      })
    },
  }
}
