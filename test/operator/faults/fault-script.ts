// The rules that hold now, and what they do to each datagram and each request of the operator. Rules apply in the order
// they were added; chance is seeded, so that an incident repeats.

import { type HeaderLine, responseTo } from '../../../firmware/sip/wire/message.js'
import type { ServerTransaction } from '../../../firmware/sip/wire/wire-contract.js'
import { type Clock, ms, type Timer } from '../../../hal/clock.js'
import type { Entropy } from '../../../hal/entropy.js'
import type { Endpoint, Network, UdpOptions, UdpSocket } from '../../../hal/network.js'
import { readText, rewritten } from './rewrite.js'
import type { Direction, Fault, Match, Rule } from './rules.js'

export interface StandingRule extends Rule {
  readonly name: string
  /** How often it has struck. */
  readonly hits: number
}

export interface FaultScript {
  /** Its name. */
  add(rule: Rule): string
  /** False when there is none of that name. */
  remove(name: string): boolean
  clear(): void
  readonly rules: readonly StandingRule[]
  /** The network through which the operator's SIP or RTP goes. */
  network(what: 'sip' | 'rtp'): Network
  /** True when a rule has answered the request. */
  answers(transaction: ServerTransaction): boolean
  /** Sends these bytes from the operator's SIP socket, past all rules. */
  send(data: Uint8Array, to: Endpoint): void
}

export interface FaultScriptOptions {
  readonly network: Network
  readonly clock: Clock
  readonly entropy: Entropy
  /** Headers of a challenge (WWW- or Proxy-Authenticate). */
  challenge(kind: 'www' | 'proxy', stale: boolean): readonly HeaderLine[]
}

interface Entry {
  readonly name: string
  readonly rule: Rule
  matched: number
  hits: number
  expiry: Timer | undefined
}

/** What a rule looks at. */
interface Seen {
  readonly what: 'sip' | 'rtp'
  readonly direction: Direction
  readonly peer: Endpoint
  readonly data: Uint8Array
}

const REORDER_MS = 500

const headerIn = (headers: readonly string[], name: string): string =>
  headers
    .find(line => line.toLowerCase().startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trim() ?? ''

const matchesSip = (match: Match, data: Uint8Array): boolean => {
  const { kind, method, status, user } = match
  if (kind === undefined && method === undefined && status === undefined && user === undefined) return true
  const text = readText(data)
  if (text === undefined) return false
  const code = /^SIP\/2\.0 (\d{3})/.exec(text.start)?.[1]
  const response = code !== undefined
  const own = response ? headerIn(text.headers, 'cseq').split(/\s+/)[1] : text.start.split(' ', 1)[0]
  if (kind !== undefined && (kind === 'response') !== response) return false
  if (method !== undefined && own !== method) return false
  if (status !== undefined && !(response && (String(status) === code || status === `${code[0]}xx`)))
    return false
  if (user === undefined) return true
  const places = [text.start, ...['from', 'to', 'contact'].map(name => headerIn(text.headers, name))]
  return places.some(place => place.includes(`:${user}@`))
}

const matches = (match: Match, seen: Seen): boolean =>
  (match.what ?? 'sip') === seen.what &&
  (match.direction === undefined || match.direction === seen.direction) &&
  (match.peer === undefined || match.peer === seen.peer.address) &&
  (seen.what === 'rtp' || matchesSip(match, seen.data))

/** Answered where the request is a request, not a datagram. */
const isAnswer = (fault: Fault): boolean => fault.type === 'answer' || fault.type === 'challenge'

export const createFaultScript = (options: FaultScriptOptions): FaultScript => {
  const { clock, entropy } = options
  const entries: Entry[] = []
  let count = 0
  let sipSocket: UdpSocket | undefined

  const strikes = (entry: Entry): boolean => {
    const { rule } = entry
    entry.matched++
    if (entry.matched <= (rule.after ?? 0) || entry.hits >= (rule.times ?? Number.POSITIVE_INFINITY))
      return false
    if (rule.probability !== undefined && entropy.uint32() / 2 ** 32 >= rule.probability) return false
    entry.hits++
    return true
  }
  const remove = (name: string): boolean => {
    const at = entries.findIndex(entry => entry.name === name)
    if (at < 0) return false
    entries.splice(at, 1)[0]?.expiry?.cancel()
    return true
  }

  /** Held back until something overtakes it, by where it goes. */
  const held = new Map<string, () => void>()

  const pass = (seen: Seen, deliver: (data: Uint8Array) => void): void => {
    let { data } = seen
    let delay = 0
    let copies = 1
    let reordered = false
    for (const entry of entries) {
      const { fault, match } = entry.rule
      if (isAnswer(fault) || !matches(match, { ...seen, data }) || !strikes(entry)) continue
      if (fault.type === 'drop') return
      if (fault.type === 'delay') delay += fault.ms
      else if (fault.type === 'duplicate') copies += fault.copies
      else if (fault.type === 'reorder') reordered = true
      else data = rewritten(data, fault)
    }
    const go = (): void => {
      for (let n = 0; n < copies; n++) deliver(data)
    }
    const lane = `${seen.what} ${seen.direction} ${seen.peer.address}:${seen.peer.port}`
    if (reordered && !held.has(lane)) {
      const release = (): void => {
        timer.cancel()
        held.delete(lane)
        go()
      }
      const timer = clock.timer('operator reorder', ms(REORDER_MS), release)
      held.set(lane, release)
      return
    }
    if (delay > 0) clock.timer('operator delay', ms(delay), go)
    else go()
    held.get(lane)?.()
  }

  const openUdp = async (what: 'sip' | 'rtp', udp: UdpOptions): Promise<UdpSocket> => {
    const socket = await options.network.openUdp({
      ...udp,
      onDatagram: (data, from) =>
        pass({ what, direction: 'in', peer: from, data }, changed => udp.onDatagram(changed, from)),
    })
    if (what === 'sip') sipSocket = socket
    return {
      get local() {
        return socket.local
      },
      send: (data, to) =>
        pass({ what, direction: 'out', peer: to, data }, changed => socket.send(changed, to)),
      close: () => socket.close(),
    }
  }

  const answer = (transaction: ServerTransaction, fault: Fault): void => {
    const { request } = transaction
    const tag = entropy.hex(8)
    if (fault.type === 'answer')
      transaction.respond(responseTo(request, fault.status, fault.reason, tag, fault.headers))
    else if (fault.type === 'challenge') {
      const proxy = request.method !== 'REGISTER'
      const headers = options.challenge(proxy ? 'proxy' : 'www', fault.stale)
      const [status, reason] = proxy
        ? ([407, 'Proxy Authentication Required'] as const)
        : ([401, 'Unauthorized'] as const)
      transaction.respond(responseTo(request, status, reason, tag, headers))
    }
  }

  return {
    add: rule => {
      const name = `fault${++count}`
      const entry: Entry = { name, rule, matched: 0, hits: 0, expiry: undefined }
      if (rule.forMs !== undefined)
        entry.expiry = clock.timer('operator fault', ms(rule.forMs), () => void remove(name))
      entries.push(entry)
      return name
    },
    remove,
    clear: () => {
      for (const { name } of [...entries]) remove(name)
    },
    get rules() {
      return entries.map(({ name, rule, hits }) => ({ ...rule, name, hits }))
    },
    network: what => {
      const { network } = options
      return {
        openUdp: udp => openUdp(what, udp),
        connectTcp: (to, sink) => network.connectTcp(to, sink),
        listenTcp: listen => network.listenTcp(listen),
        resolveHost: name => network.resolveHost(name),
        resolveSrv: name => network.resolveSrv(name),
        resolveNaptr: name => network.resolveNaptr(name),
        localAddressFor: destination => network.localAddressFor(destination),
        interfaceAddress: device => network.interfaceAddress(device),
      }
    },
    answers: transaction => {
      const { request, from } = transaction
      const head = [
        `${request.method} ${request.uri} SIP/2.0`,
        ...request.headers.map(line => line.join(': ')),
      ]
      const data = Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1')
      const entry = entries.find(
        candidate =>
          isAnswer(candidate.rule.fault) &&
          matches(candidate.rule.match, { what: 'sip', direction: 'in', peer: from, data }) &&
          strikes(candidate),
      )
      if (entry === undefined) return false
      answer(transaction, entry.rule.fault)
      return true
    },
    send: (data, to) => sipSocket?.send(data, to),
  }
}
