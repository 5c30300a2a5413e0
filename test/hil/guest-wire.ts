// The host's half of the wire to the runner in the guest (guest/messages.ts): starts programs there and keeps what they write.

import { createServer, type Server, type Socket } from 'node:net'
import type { Program } from '../support/child.js'
import { Transcript } from '../support/transcript.js'
import { type FromGuest, lineTaker, type ToGuest } from './guest/messages.js'

/** SIGTERM, and after so long SIGKILL, ms of the host. */
const patienceMs = 10_000

export class GuestWire {
  readonly listening: Promise<void>
  readonly #server: Server
  readonly #programs = new Map<number, { written: Transcript; ended: (code: number | null) => void }>()
  readonly #isReady: Promise<void>
  #socket: Socket | undefined
  #lastId = 0

  constructor(path: string) {
    let tellReady = (): void => {}
    this.#isReady = new Promise(resolve => {
      tellReady = resolve
    })
    this.#server = createServer(socket => {
      this.#socket = socket
      const take = lineTaker(line => {
        const message = JSON.parse(line) as FromGuest
        if (message.told === 'ready') tellReady()
        else this.#told(message)
      })
      socket.setEncoding('utf8').on('data', take)
      socket.on('error', () => {})
      socket.on('close', () => this.#lost())
    })
    this.listening = new Promise(resolve => this.#server.listen(path, resolve))
  }

  ready(withinMs: number): Promise<void> {
    let limit: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      limit = setTimeout(() => reject(new Error(`no sign of life within ${withinMs} ms`)), withinMs)
    })
    return Promise.race([this.#isReady, late]).finally(() => clearTimeout(limit))
  }

  tell(message: ToGuest): void {
    this.#socket?.write(`${JSON.stringify(message)}\n`)
  }

  start(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Program {
    const id = ++this.#lastId
    const written = new Transcript(`guest: ${[program, ...args].join(' ')}`)
    const exited = new Promise<number | null>(resolve => {
      this.#programs.set(id, { written, ended: resolve })
    })
    this.tell({ do: 'start', id, program, args, env })
    return {
      output: () => written.text,
      mark: () => written.text.length,
      waitFor: (pattern, withinMs = 30_000, from = 0) => written.waitFor(pattern, withinMs, from),
      exit: () => exited,
      stop: async () => {
        if (!this.#programs.has(id)) return
        this.tell({ do: 'signal', id, signal: 'SIGTERM' })
        const hard = setTimeout(() => this.tell({ do: 'signal', id, signal: 'SIGKILL' }), patienceMs)
        await exited
        clearTimeout(hard)
      },
    }
  }

  close(): void {
    this.#socket?.destroy()
    this.#server.close()
  }

  #told(message: Exclude<FromGuest, { told: 'ready' }>): void {
    const program = this.#programs.get(message.id)
    if (message.told === 'output') program?.written.add(message.text)
    else {
      this.#programs.delete(message.id)
      program?.written.end()
      program?.ended(message.code)
    }
  }

  /** The machine is gone, and what ran in it. */
  #lost(): void {
    for (const { written, ended } of this.#programs.values()) {
      written.end()
      ended(null)
    }
    this.#programs.clear()
  }
}
