// The operator's control socket: one JSON object a line in, exactly one out (its `id` given back), for bench engineers and
// scripts. Adds and removes faults, loses state, sends anything, reads and sets services. For closed benches: no password.

import type { BytePort } from '../../../hal/byte-port.js'
import type { Endpoint, Network } from '../../../hal/network.js'
import type { News } from '../news.js'
import { type Profile, ProfileError, type ProfilePatch, type Profiles } from '../profiles.js'
import type { Binding } from '../registrar.js'
import type { FaultScript } from './fault-script.js'
import { RuleError, readRule } from './rules.js'

export const states = ['bindings', 'calls', 'subscriptions', 'nonces'] as const
export type State = (typeof states)[number]

export interface ControlOptions {
  readonly network: Network
  readonly faults: FaultScript
  readonly profiles: Profiles
  bindingsOf(user: string): readonly Binding[]
  /** Tells what stands and what changes, until the answer is called. */
  watch(reader: (news: News) => void): () => void
  /** As if the operator had forgotten it; nobody is told. */
  lose(state: State): void
}

export interface ControlServer {
  readonly local: Endpoint
  close(): Promise<void>
}

type Request = Readonly<Record<string, unknown>>
type Answer = Readonly<Record<string, unknown>>

const LONGEST_LINE = 65_536

const textIn = (request: Request, name: string): string => {
  const value = request[name]
  if (typeof value !== 'string') throw new RuleError(`${name} must be a text`)
  return value
}

const endpointIn = (text: string): Endpoint => {
  const match = /^([\d.]+|\[[0-9a-f:]+\]):(\d{1,5})$/i.exec(text)
  if (match === null) throw new RuleError('to must be ADDR:PORT')
  return { address: (match[1] as string).replace(/^\[|\]$/g, ''), port: Number(match[2]) }
}

/** null in JSON is "off" in a profile. */
const patchIn = (value: unknown): ProfilePatch => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RuleError('set must be an object')
  const kinds: Readonly<Record<keyof Profile, string>> = {
    forwardAlways: 'string',
    forwardNoReply: 'string',
    forwardBusy: 'string',
    voicemailAlways: 'boolean',
    ringSeconds: 'number',
    masking: 'boolean',
    notRegistered: 'string',
    mailAddress: 'string',
    mailMessages: 'boolean',
  }
  const patch: Record<string, unknown> = {}
  for (const [name, given] of Object.entries(value)) {
    const kind = Object.hasOwn(kinds, name) ? kinds[name as keyof Profile] : undefined
    if (kind === undefined) throw new RuleError(`set.${name} is unknown`)
    const off = given === null && kind === 'string' && name !== 'notRegistered'
    if (!off && (typeof given !== kind || (name === 'notRegistered' && !/^(?:no-reply|refuse)$/.test(given))))
      throw new RuleError(`set.${name} must be a ${kind}`)
    patch[name] = off ? undefined : given
  }
  return patch as ProfilePatch
}

/** Carries out one request; throws RuleError or ProfileError. `watch` begins what its connection is told. */
const perform = async (options: ControlOptions, request: Request, watch: () => void): Promise<Answer> => {
  const { faults, profiles } = options
  const { do: action, id: _id, ...rest } = request
  switch (action) {
    case 'fault':
      return { fault: faults.add(readRule(rest)) }
    case 'end':
      if (!faults.remove(textIn(request, 'fault'))) throw new RuleError('there is no such fault')
      return {}
    case 'clear':
      faults.clear()
      return {}
    case 'faults':
      return { faults: faults.rules }
    case 'silent': {
      // Both ways, audio too.
      const drop = { fault: { type: 'drop' } } as const
      const forMs = rest['forMs'] === undefined ? {} : { forMs: rest['forMs'] }
      const names = ['sip', 'rtp'].map(what => faults.add(readRule({ match: { what }, ...drop, ...forMs })))
      return { faults: names }
    }
    case 'lose': {
      const what = states.find(state => state === request['what'])
      if (what === undefined) throw new RuleError(`what must be one of ${states.join(', ')}`)
      options.lose(what)
      return {}
    }
    case 'send': {
      const { user } = request
      const binding = typeof user === 'string' ? options.bindingsOf(user)[0] : undefined
      if (user !== undefined && binding === undefined) throw new RuleError(`${user} is not registered`)
      const to = binding?.source ?? endpointIn(textIn(request, 'to'))
      faults.send(Buffer.from(textIn(request, 'text'), 'latin1'), to)
      return {}
    }
    case 'bindings':
      return { bindings: options.bindingsOf(textIn(request, 'user')) }
    case 'profile': {
      const user = textIn(request, 'user')
      if (request['set'] !== undefined) await profiles.change(user, patchIn(request['set']), 'operator')
      return { profile: profiles.of(user) }
    }
    case 'watch':
      watch()
      return {}
    default:
      throw new RuleError(
        'do must be one of fault, end, clear, faults, silent, lose, send, bindings, profile, watch',
      )
  }
}

const answerTo = async (options: ControlOptions, line: string, watch: () => void): Promise<Answer> => {
  let id: unknown
  try {
    const request: unknown = JSON.parse(line)
    if (typeof request !== 'object' || request === null || Array.isArray(request))
      throw new RuleError('a request must be an object')
    id = (request as Request)['id']
    const answer = await perform(options, request as Request, watch)
    return { ...(id === undefined ? {} : { id }), ok: true, ...answer }
  } catch (error) {
    const known = error instanceof RuleError || error instanceof ProfileError || error instanceof SyntaxError
    const message = known ? (error as Error).message : 'it failed'
    return { ...(id === undefined ? {} : { id }), ok: false, message }
  }
}

/** Rejects as Network.listenTcp does. */
export const openControlServer = async (
  listen: Endpoint,
  options: ControlOptions,
): Promise<ControlServer> => {
  const open = new Set<BytePort>()
  const listener = await options.network.listenTcp({
    ...listen,
    onConnection: port => {
      let rest = ''
      let queue: Promise<void> = Promise.resolve()
      const write = (answer: Answer): void => {
        if (open.has(port)) port.write(Buffer.from(`${JSON.stringify(answer)}\n`))
      }
      let unwatch: (() => void) | undefined
      const watch = (): void => {
        unwatch ??= options.watch(news => write({ ...news }))
      }
      open.add(port)
      write({ ev: 'hello', protocol: 1 })
      return {
        onBytes: bytes => {
          rest += Buffer.from(bytes).toString('utf8')
          const lines = rest.split('\n')
          rest = lines.pop() as string
          for (const line of lines.filter(text => text.trim() !== ''))
            queue = queue.then(async () => write(await answerTo(options, line, watch)))
          if (rest.length <= LONGEST_LINE) return
          write({ ok: false, message: `a line is longer than ${LONGEST_LINE}` })
          rest = ''
          unwatch?.()
          open.delete(port)
          void port.close()
        },
        onDrain() {},
        onClose: () => {
          unwatch?.()
          open.delete(port)
        },
      }
    },
  })
  return {
    local: listener.local,
    close: async () => {
      const ports = [...open]
      open.clear()
      for (const port of ports) await port.close()
      await listener.close()
    },
  }
}
