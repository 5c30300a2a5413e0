// A call that stands, to or from the scripted far end, and both sides' words about it.

import type { SipMessage, SipRequest, SipResponse } from '../../firmware/sip/wire/message.js'
import { farDialog, media, sdp, type World } from './scripted-peer.js'

type Extra = readonly (readonly [string, string])[]

/** We called; the far end has answered. */
export const placed = async (world: World, extra: Extra = []) => {
  world.place('c1')
  const invite = await world.peer.request('INVITE')
  world.peer.reply(invite, 200, extra, sdp())
  await world.peer.request('ACK')
  const answer: SipResponse = {
    kind: 'response',
    status: 200,
    reason: '',
    body: '',
    headers: invite.headers.map(([name, value]) => [name, name === 'To' ? `${value};tag=peer` : value]),
  }
  return { invite, call: 'c1', far: farDialog(invite, answer, true) }
}

/** The far end called and has had our answer. */
export const taken = async (world: World, extra: Extra = []) => {
  const invite = world.peer.initial('INVITE', extra, sdp())
  world.peer.send(invite)
  await world.clock.runUntil(() => world.of('incoming').length > 0, 500)
  const call = world.of('incoming')[0]?.call ?? 'none'
  world.line.answer(call, media)
  const ok = await world.peer.response(200, 'INVITE')
  const far = farDialog(invite, ok, false)
  world.peer.send(far.ack(invite))
  await world.clock.advance(10)
  return { invite, call, ok, far }
}

export const requests = (world: World, method: string): SipRequest[] =>
  world.peer.received.filter(
    (entry): entry is SipRequest => entry.kind === 'request' && entry.method === method,
  )
/** Version of o= (RFC 3264 §5). */
export const versionOf = (message: SipMessage) => Number(/^o=- \d+ (\d+) /m.exec(message.body)?.[1])
