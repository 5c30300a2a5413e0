// A UDP relay between the box and one peer, for loss by script ("the first two INVITEs") or by seeded chance.
// The box and the peer both know only the relay's address; nothing passes but through here.

import { createSocket } from 'node:dgram'
import type { Endpoint } from '../../hal/network.js'

export type Direction = 'from-box' | 'from-peer'

/** True drops the datagram. `text` is the SIP message, `nth` counts datagrams of its kind ("INVITE", "200 INVITE") per direction and Call-ID. */
export type LossRule = (direction: Direction, kind: string, nth: number) => boolean

export interface Seen {
  readonly direction: Direction
  /** "INVITE" or "200 INVITE". */
  readonly kind: string
  readonly text: string
  readonly dropped: boolean
}

export interface LossyRelay {
  /** Everything that arrived, in order. */
  readonly seen: readonly Seen[]
  /** Delivers a datagram once more, as a late copy in the network would be. */
  repeat(seen: Seen): void
  close(): void
}

/** One relay socket on `address`:5060. Datagrams from the box go to the peer, all others to the box. */
export const startLossyRelay = (options: {
  readonly address: string
  readonly box: Endpoint
  readonly peer: Endpoint
  /** REGISTERs and their answers go here instead: the peer of a scenario is no registrar. */
  readonly registrar?: Endpoint
  readonly lose: LossRule
}): Promise<LossyRelay> => {
  const { box, peer, registrar, lose } = options
  const counts = new Map<string, number>()
  const seen: Seen[] = []
  /** Callers behind the relay are told apart by their Call-ID. */
  const callers = new Map<string, Endpoint>()
  const socket = createSocket('udp4')
  socket.on('message', (data, from) => {
    const text = data.toString('latin1')
    const fromBox = from.address === box.address && from.port === box.port
    const kind = kindOf(text)
    const callId = /^(?:call-id|i)\s*:\s*(.*)$/im.exec(text)?.[1]?.trim() ?? ''
    const direction: Direction = fromBox ? 'from-box' : 'from-peer'
    if (!fromBox && kind === 'INVITE') callers.set(callId, { address: from.address, port: from.port })
    const key = `${direction} ${kind} ${callId}`
    const nth = (counts.get(key) ?? 0) + 1
    counts.set(key, nth)
    const dropped = lose(direction, kind, nth)
    seen.push({ direction, kind, text, dropped })
    if (dropped) return
    const to = !fromBox
      ? box
      : registrar && kind.endsWith('REGISTER')
        ? registrar
        : (callers.get(callId) ?? peer)
    socket.send(data, to.port, to.address)
  })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(5060, options.address, () =>
      resolve({
        seen,
        repeat: ({ text, direction }) => {
          const to = direction === 'from-peer' ? box : peer
          socket.send(Buffer.from(text, 'latin1'), to.port, to.address)
        },
        close: () => socket.close(),
      }),
    )
  })
}

/** "INVITE" for a request, "200 INVITE" for a response. */
const kindOf = (text: string): string => {
  const status = /^SIP\/2\.0 (\d{3})/.exec(text)?.[1]
  const method = /^cseq\s*:\s*\d+\s+(\w+)/im.exec(text)?.[1] ?? ''
  return status ? `${status} ${method}` : text.slice(0, text.indexOf(' '))
}

/** Drops each datagram with probability `rate`; the same seed drops the same datagrams of the same traffic. */
export const randomLoss = (rate: number, seed: number): LossRule => {
  let state = seed >>> 0
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 < rate
  }
}

/** Drops the first `count` datagrams of one kind in one direction, per call. */
export const dropFirst =
  (direction: Direction, kind: string, count: number): LossRule =>
  (going, what, nth) =>
    going === direction && what === kind && nth <= count
