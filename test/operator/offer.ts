// The little SDP that an announcement needs (RFC 4566, RFC 3264): one audio stream, A-law where the far end has it, else
// µ-law, and telephone-event.

import type { Endpoint } from '../../hal/network.js'

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive'

export interface AudioOffer {
  readonly remote: Endpoint
  /** What is spoken with it. */
  readonly payloadType: Law
  readonly eventPayloadType: number | undefined
  /** As the far end says it of itself. */
  readonly direction: Direction
}

/** Static payload types (RFC 3551). */
export const PCMA = 8
export const PCMU = 0
export type Law = typeof PCMA | typeof PCMU

/** A-law before what the far end likes better: it is what clips and recordings are kept in. */
const laws: readonly Law[] = [PCMA, PCMU]

/** The far end's audio; undefined when it offers none of G.711 over RTP/AVP. */
export const readOffer = (sdp: string): AudioOffer | undefined => {
  let address: string | undefined
  let port = 0
  let payloads: readonly number[] = []
  let eventPayloadType: number | undefined
  let direction: Direction = 'sendrecv'
  let media = 0
  for (const line of sdp.split(/\r?\n/)) {
    const audio = /^m=audio (\d{1,5}) RTP\/AVP ([\d ]+)$/.exec(line)
    if (line.startsWith('m=')) {
      media = audio !== null && port === 0 ? 1 : 2
      if (media === 1) {
        port = Number(audio?.[1])
        payloads = (audio?.[2] ?? '').split(' ').map(Number)
      }
    } else if (media < 2) {
      address = /^c=IN IP[46] (\S+)$/.exec(line)?.[1] ?? address
      const event = /^a=rtpmap:(\d+) telephone-event\/8000/i.exec(line)?.[1]
      if (event !== undefined) eventPayloadType = Number(event)
      const said = /^a=(sendrecv|sendonly|recvonly|inactive)$/.exec(line)?.[1]
      if (said !== undefined) direction = said as Direction
    }
  }
  const payloadType = laws.find(law => payloads.includes(law))
  if (address === undefined || port === 0 || payloadType === undefined) return undefined
  return { remote: { address, port }, payloadType, eventPayloadType, direction }
}

const mirrored: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
}

/** Our half; without an offer it is one. `version` grows by one each time it changes. */
export const writeSession = (
  local: Endpoint,
  session: number,
  version: number,
  offer: AudioOffer | undefined,
): string => {
  const family = local.address.includes(':') ? 'IP6' : 'IP4'
  const event = offer === undefined ? 101 : offer.eventPayloadType
  const spoken = offer === undefined ? laws : [offer.payloadType]
  return [
    'v=0',
    `o=operator ${session} ${version} IN ${family} ${local.address}`,
    's=-',
    `c=IN ${family} ${local.address}`,
    't=0 0',
    `m=audio ${local.port} RTP/AVP ${spoken.join(' ')}${event === undefined ? '' : ` ${event}`}`,
    ...spoken.map(law => `a=rtpmap:${law} ${law === PCMA ? 'PCMA' : 'PCMU'}/8000`),
    ...(event === undefined ? [] : [`a=rtpmap:${event} telephone-event/8000`, `a=fmtp:${event} 0-15`]),
    'a=ptime:20',
    `a=${mirrored[offer?.direction ?? 'sendrecv']}`,
    '',
  ].join('\r\n')
}
