// What may be made to go wrong, as data: a rule says which messages it is for, how often, and what becomes of them. Read
// strictly: an unknown field is an error, so that no mistyped incident passes for a quiet network.

export type Direction = 'in' | 'out'

export interface Match {
  /** Absent: SIP. */
  readonly what?: 'sip' | 'rtp'
  /** As the operator sees it; absent: both. */
  readonly direction?: Direction
  readonly kind?: 'request' | 'response'
  /** Of a request, or of the request a response answers. */
  readonly method?: string
  /** 486, or a class: "4xx". */
  readonly status?: number | string
  /** Stands in Request-URI, From, To or Contact. */
  readonly user?: string
  /** Address of the far end. */
  readonly peer?: string
}

export const breakages = [
  'truncated',
  'garbage',
  'no-via',
  'no-call-id',
  'no-start-line',
  'content-length',
  'bad-cseq',
  'nul-bytes',
  'huge-header',
  'bad-sdp',
] as const
export type Breakage = (typeof breakages)[number]

export type Fault =
  | { readonly type: 'drop' }
  | { readonly type: 'delay'; readonly ms: number }
  /** So many more copies. */
  | { readonly type: 'duplicate'; readonly copies: number }
  /** Overtaken by the next message to the same place, or after half a second. */
  | { readonly type: 'reorder' }
  | { readonly type: 'malform'; readonly how: Breakage }
  | { readonly type: 'contact'; readonly uri: string }
  /** `value` undefined takes the header out. */
  | { readonly type: 'header'; readonly name: string; readonly value: string | undefined }
  | {
      readonly type: 'sdp'
      readonly address?: string
      readonly port?: number
      /** Payload types of m=audio. */
      readonly payloads?: readonly number[]
      readonly direction?: string
    }
  /** The operator answers an incoming request so, and does nothing else with it. */
  | {
      readonly type: 'answer'
      readonly status: number
      readonly reason: string
      readonly headers: readonly (readonly [string, string])[]
    }
  /** 401 or 407 with a new nonce, whatever was proven. */
  | { readonly type: 'challenge'; readonly stale: boolean }

export interface Rule {
  readonly match: Match
  readonly fault: Fault
  /** Hits before it is used up; absent: for ever. */
  readonly times?: number
  /** Matches that pass unharmed first. */
  readonly after?: number
  /** 0-1. */
  readonly probability?: number
  /** Gone after so long, ms. */
  readonly forMs?: number
}

/** What is wrong with a request, for whoever wrote it. */
export class RuleError extends Error {}

type Fields = Readonly<Record<string, unknown>>

const reader = (value: unknown, what: string) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RuleError(`${what} must be an object`)
  const fields = value as Fields
  const seen = new Set<string>()
  const take = (name: string): unknown => {
    seen.add(name)
    return fields[name]
  }
  const fail = (name: string, must: string): never => {
    throw new RuleError(`${what}.${name} must be ${must}`)
  }
  return {
    has: (name: string): boolean => fields[name] !== undefined,
    text: (name: string): string | undefined => {
      const found = take(name)
      if (found !== undefined && typeof found !== 'string') fail(name, 'a text')
      return found as string | undefined
    },
    number: (name: string, low: number, high: number): number | undefined => {
      const found = take(name)
      if (found !== undefined && !(typeof found === 'number' && found >= low && found <= high))
        fail(name, `a number from ${low} to ${high}`)
      return found as number | undefined
    },
    choice: <T extends string>(name: string, choices: readonly T[]): T | undefined => {
      const found = take(name)
      if (found !== undefined && !choices.includes(found as T)) fail(name, `one of ${choices.join(', ')}`)
      return found as T | undefined
    },
    any: take,
    /** After the last field was taken. */
    end: (): void => {
      const unknown = Object.keys(fields).find(name => !seen.has(name))
      if (unknown !== undefined) throw new RuleError(`${what}.${unknown} is unknown`)
    },
  }
}

/** Leaves out what is undefined, for fields that are absent rather than undefined. */
const present = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never

const readMatch = (value: unknown): Match => {
  const read = reader(value ?? {}, 'match')
  const status = read.any('status')
  if (status !== undefined && !/^(?:[1-6]\d\d|[1-6]xx)$/.test(String(status)))
    throw new RuleError('match.status must be a status or a class like "4xx"')
  const match = present({
    what: read.choice('what', ['sip', 'rtp']),
    direction: read.choice('direction', ['in', 'out']),
    kind: read.choice('kind', ['request', 'response']),
    method: read.text('method')?.toUpperCase(),
    user: read.text('user'),
    peer: read.text('peer'),
    status: status as number | string | undefined,
  })
  read.end()
  return match as Match
}

const readHeaders = (value: unknown): readonly (readonly [string, string])[] => {
  const entries = Object.entries((value ?? {}) as Fields)
  for (const [name, text] of entries)
    if (typeof text !== 'string' || !/^[\w-]+$/.test(name) || /[\r\n]/.test(text))
      throw new RuleError('fault.headers must name texts without line breaks')
  return entries as [string, string][]
}

const required = <T>(value: T | undefined, name: string): T => {
  if (value === undefined) throw new RuleError(`fault.${name} is missing`)
  return value
}

const readSdp = (read: ReturnType<typeof reader>): Fault => {
  const payloads = read.any('payloads')
  if (payloads !== undefined && !(Array.isArray(payloads) && payloads.every(type => Number.isInteger(type))))
    throw new RuleError('fault.payloads must be a list of payload types')
  return {
    type: 'sdp',
    ...present({
      address: read.text('address'),
      port: read.number('port', 0, 65_535),
      payloads: payloads as readonly number[] | undefined,
      direction: read.choice('direction', ['sendrecv', 'sendonly', 'recvonly', 'inactive']),
    }),
  } as Fault
}

const faultTypes = [
  'drop',
  'delay',
  'duplicate',
  'reorder',
  'malform',
  'contact',
  'header',
  'sdp',
  'answer',
  'challenge',
] as const

const readFault = (value: unknown): Fault => {
  const read = reader(value, 'fault')
  const type = required(read.choice('type', faultTypes), 'type')
  const fault = ((): Fault => {
    switch (type) {
      case 'drop':
      case 'reorder':
        return { type }
      case 'delay':
        return { type, ms: required(read.number('ms', 0, 3_600_000), 'ms') }
      case 'duplicate':
        return { type, copies: read.number('copies', 1, 1000) ?? 1 }
      case 'malform':
        return { type, how: required(read.choice('how', breakages), 'how') }
      case 'contact':
        return { type, uri: required(read.text('uri'), 'uri') }
      case 'header':
        return { type, name: required(read.text('name'), 'name'), value: read.text('value') }
      case 'sdp':
        return readSdp(read)
      case 'answer':
        return {
          type,
          status: required(read.number('status', 200, 699), 'status'),
          reason: read.text('reason') ?? 'As Told',
          headers: readHeaders(read.any('headers')),
        }
      case 'challenge':
        return { type, stale: read.any('stale') === true }
    }
  })()
  read.end()
  return fault
}

/** Throws RuleError. `value` is the request with "do" and "id" taken out. */
export const readRule = (value: unknown): Rule => {
  const read = reader(value, 'rule')
  const rule = {
    match: readMatch(read.any('match')),
    fault: readFault(read.any('fault')),
    ...present({
      times: read.number('times', 1, 1e9),
      after: read.number('after', 0, 1e9),
      probability: read.number('probability', 0, 1),
      forMs: read.number('forMs', 1, 1e9),
    }),
  }
  read.end()
  const answers = rule.fault.type === 'answer' || rule.fault.type === 'challenge'
  if (
    answers &&
    (rule.match.what === 'rtp' || rule.match.direction === 'out' || rule.match.kind === 'response')
  )
    throw new RuleError('only a request that comes in can be answered')
  return rule as Rule
}
