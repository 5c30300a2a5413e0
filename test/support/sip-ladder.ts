// What stood on the wire, as a ladder: one line a SIP message, with the instants, to be compared in a test.

import type { VirtualHouse } from './virtual-house.js'

export interface Rung {
  readonly us: number
  /** True when the box sent it. */
  readonly out: boolean
  /** Method, or status and the method it answers: "INVITE", "200 INVITE". */
  readonly what: string
  readonly callId: string
  /** Direction of the session description, when there is one. */
  readonly media: string | undefined
  readonly text: string
}

const box = '127.0.0.5'

const read = (us: number, from: string, text: string): Rung => {
  const status = /^SIP\/2\.0 (\d{3})/.exec(text)?.[1]
  const method = /^CSeq: \d+ (\w+)/m.exec(text)?.[1] ?? ''
  const direction = /^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(text)?.[1]
  return {
    us,
    out: from === box,
    what: status === undefined ? method : `${status} ${method}`,
    callId: /^Call-ID: (\S+)/m.exec(text)?.[1] ?? '',
    media: /^m=audio/m.test(text) ? (direction ?? 'sendrecv') : undefined,
    text,
  }
}

/** Messages between the box and the operator from instant `fromUs` on, but REGISTER. */
export const ladder = (house: VirtualHouse, fromUs = 0): readonly Rung[] =>
  house.network.captured
    .filter(
      ({ us, from, to }) =>
        us >= fromUs && from.port === 5060 && (from.address === box || to.address === box),
    )
    .map(({ us, from, data }) => read(us, from.address, Buffer.from(data).toString('latin1')))
    .filter(({ what }) => what !== '' && !what.endsWith('REGISTER'))
