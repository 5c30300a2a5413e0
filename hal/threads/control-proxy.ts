// The control half of a board over a message port, where its chips live in the audio thread: serveControl stands there,
// connectControl in the main thread. A simulated board has telephones besides its lines. Requests carry an id and get one answer; events flow back in the order in which they happened.
// Messages of other users of the same port are left alone.

import type { Us } from '../clock.js'
import { HalError, type HalErrorKind, isHalError } from '../errors.js'
import type { FxsCapabilities, FxsEvent, FxsPort, LineProfile } from '../fxs-port.js'
import type { Handset, HandsetAction, HandsetEvent, HandsetReply } from '../sim/handset-contract.js'
import type { SimControl } from '../sim/sim-board-contract.js'

/** A MessagePort, a Worker, or parentPort of node:worker_threads. */
export interface MessagePortLike {
  postMessage(value: unknown): void
  on(event: 'message', listener: (value: unknown) => void): unknown
  on(event: 'close', listener: () => void): unknown
}

const fxsMethods = [
  'close',
  'setLinefeed',
  'ringBurst',
  'loopDisconnect',
  'setImpedance',
  'setGain',
  'sense',
  'lineTest',
  'readHook',
] as const
type FxsMethod = (typeof fxsMethods)[number]
type Method = 'open' | 'perform' | 'listen' | FxsMethod

interface Request {
  readonly control: 'call'
  readonly id: number
  readonly line: string
  readonly method: Method
  readonly args: readonly unknown[]
}
type Answer =
  | { readonly control: 'done'; readonly id: number; readonly result: unknown }
  | { readonly control: 'failed'; readonly id: number; readonly kind: HalErrorKind; readonly message: string }
type Notice =
  | { readonly control: 'fxs'; readonly line: string; readonly session: number; readonly event: FxsEvent }
  | { readonly control: 'handset'; readonly line: string; readonly event: HandsetEvent }

const isMessage = (value: unknown): value is Request | Answer | Notice =>
  typeof value === 'object' && value !== null && 'control' in value

/** Serves the board's lines and telephones to the other end of `port`. */
export const serveControl = (board: SimControl, port: MessagePortLike): void => {
  const post = (message: Answer | Notice): void => port.postMessage(message)
  const call = async ({ id, line, method, args }: Request): Promise<unknown> => {
    switch (method) {
      case 'open':
        // The request's id names the session: a port closed and opened again must not hear its former life.
        return board
          .fxs(line)
          .open(args[0] as LineProfile, event => post({ control: 'fxs', line, session: id, event }))
      case 'listen':
        return board.handset(line).onEvent(event => post({ control: 'handset', line, event }))
      case 'perform':
        return board.handset(line).perform(args[0] as HandsetAction)
      default: {
        if (!fxsMethods.includes(method)) throw new HalError('invalid', `no method ${method}`)
        const fxs = board.fxs(line)
        return (fxs[method] as (...values: readonly unknown[]) => Promise<unknown>).apply(fxs, [...args])
      }
    }
  }
  port.on('message', value => {
    if (!isMessage(value) || value.control !== 'call') return
    const { id } = value
    call(value).then(
      result => post({ control: 'done', id, result }),
      (error: unknown) => {
        const kind = isHalError(error) ? error.kind : 'io'
        post({ control: 'failed', id, kind, message: error instanceof Error ? error.message : String(error) })
      },
    )
  })
}

/** The board behind `port`. When the port closes, pending and later calls reject with HalError 'lost'. */
export const connectControl = (port: MessagePortLike, capabilities: FxsCapabilities): SimControl => {
  const pending = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  const ports = new Map<string, ProxyFxs>()
  const handsets = new Map<string, Handset>()
  const sinks = new Map<string, (event: HandsetEvent) => void>()
  let lastId = 0
  let lost = false

  const call = <T>(
    line: string,
    method: Method,
    ...args: readonly unknown[]
  ): Promise<T> & { id: number } => {
    const id = ++lastId
    const answer = new Promise<T>((resolve, reject) => {
      if (lost) {
        reject(new HalError('lost', 'the audio half has gone'))
        return
      }
      pending.set(id, { resolve, reject })
      port.postMessage({ control: 'call', id, line, method, args } satisfies Request)
    })
    return Object.assign(answer, { id })
  }

  port.on('message', value => {
    if (!isMessage(value)) return
    switch (value.control) {
      case 'done':
        pending.get(value.id)?.resolve(value.result as never)
        pending.delete(value.id)
        return
      case 'failed':
        pending.get(value.id)?.reject(new HalError(value.kind, value.message))
        pending.delete(value.id)
        return
      case 'fxs':
        ports.get(value.line)?.deliver(value.session, value.event)
        return
      case 'handset':
        sinks.get(value.line)?.(value.event)
    }
  })
  port.on('close', () => {
    lost = true
    for (const { reject } of pending.values()) reject(new HalError('lost', 'the audio half has gone'))
    pending.clear()
  })

  return {
    fxs: line => {
      const known = ports.get(line) ?? new ProxyFxs(line, capabilities, call)
      ports.set(line, known)
      return known
    },
    handset: line => {
      const known = handsets.get(line) ?? {
        line,
        perform: (action: HandsetAction) => call<HandsetReply>(line, 'perform', action),
        onEvent: (sink: (event: HandsetEvent) => void) => {
          sinks.set(line, sink)
          call(line, 'listen').catch(() => {})
        },
      }
      handsets.set(line, known)
      return known
    },
  }
}

type Call = <T>(line: string, method: Method, ...args: readonly unknown[]) => Promise<T> & { id: number }

class ProxyFxs implements FxsPort {
  readonly id: string
  readonly capabilities: FxsCapabilities
  readonly #call: Call
  readonly #sessions = new Map<number, (event: FxsEvent) => void>()

  constructor(line: string, capabilities: FxsCapabilities, call: Call) {
    this.id = line
    this.capabilities = capabilities
    this.#call = call
  }

  deliver(session: number, event: FxsEvent): void {
    this.#sessions.get(session)?.(event)
  }

  async open(profile: LineProfile, onEvent: (event: FxsEvent) => void): Promise<void> {
    const opening = this.#call<void>(this.id, 'open', profile)
    this.#sessions.set(opening.id, onEvent)
    try {
      await opening
    } catch (error) {
      this.#sessions.delete(opening.id)
      throw error
    }
  }
  async close(): Promise<void> {
    this.#sessions.clear()
    await this.#call(this.id, 'close')
  }
  setLinefeed(...args: Parameters<FxsPort['setLinefeed']>): Promise<void> {
    return this.#call(this.id, 'setLinefeed', ...args)
  }
  ringBurst(...args: Parameters<FxsPort['ringBurst']>): Promise<void> {
    return this.#call(this.id, 'ringBurst', ...args)
  }
  loopDisconnect(ms: number): Promise<void> {
    return this.#call(this.id, 'loopDisconnect', ms)
  }
  setImpedance(id: string): Promise<void> {
    return this.#call(this.id, 'setImpedance', id)
  }
  setGain(gain: Parameters<FxsPort['setGain']>[0]): Promise<void> {
    return this.#call(this.id, 'setGain', gain)
  }
  sense(): ReturnType<FxsPort['sense']> {
    return this.#call(this.id, 'sense')
  }
  lineTest(test: Parameters<FxsPort['lineTest']>[0]): ReturnType<FxsPort['lineTest']> {
    return this.#call(this.id, 'lineTest', test)
  }
  readHook(): Promise<{ readonly offHook: boolean; readonly us: Us }> {
    return this.#call(this.id, 'readHook')
  }
}
