// The messages between the box and its operator, as the operator tells of them, for figures and pictures.

import type { Clock } from '../../hal/clock.js'
import type { Endpoint } from '../../hal/network.js'
import type { NetworkMessage } from './target.js'

/** `isBox`: whether an address is the box's. */
export const messageLog = (clock: Pick<Clock, 'now'>, isBox: (address: string) => boolean) => {
  const messages: NetworkMessage[] = []
  return {
    messages,
    onMessage: (direction: 'in' | 'out', peer: Endpoint, text: string): void => {
      if (!isBox(peer.address)) return
      const status = /^SIP\/2\.0 (\d{3})/.exec(text)?.[1]
      const method = /^CSeq: *\d+ +(\w+)/im.exec(text)?.[1]
      if (method === undefined || method === 'REGISTER') return
      messages.push({
        us: clock.now(),
        fromBox: direction === 'in',
        what: status === undefined ? method : `${status} ${method}`,
        user: status === undefined ? (/^\w+ sips?:([^@;]*)@/.exec(text)?.[1] ?? '') : '',
      })
    },
  }
}
