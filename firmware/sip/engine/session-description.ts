// A thin SDP negotiator for one narrow-band audio stream: RFC 4566, RFC 3264 (offer/answer), RFC 4733 (telephone-event),
// RFC 6337 (usual practice), RFC 3605 (a=rtcp). PCMA, PCMU and telephone-event 0-15; everything else is refused with port 0.
// Bad SDP is "nothing fits", never an exception.

import { parse } from 'sdp-transform'
import type { LocalMedia, RemoteMedia } from '../sip-line.js'
import { isUsableDestination } from './media-address.js'

type Direction = RemoteMedia['direction']
type Codec = RemoteMedia['codec']
type Description = ReturnType<typeof parse>
type MediaLine = Description['media'][number]

/** What we want the stream to be; `sendonly` while we hold the other side. */
export type LocalWish = 'sendrecv' | 'sendonly'

export interface SessionDescriber {
  /** A full offer; the version of o= moves only when something differs from what we said last. */
  offer(wish: LocalWish): string
  /** What we said last, word for word (session refresh); an offer when nothing was said. */
  repeat(): string
  /** Our last offer was refused: what was agreed before stands again (RFC 6141 §3.1). */
  rollback(): void
  /** The answer to `offer`, or undefined when nothing fits (488). */
  answer(offer: string, wish: LocalWish): { readonly sdp: string; readonly remote: RemoteMedia } | undefined
  /** The far end's answer to our last offer; undefined when it cannot be used. */
  accept(answer: string): RemoteMedia | undefined
}

const maximumLength = 16_384
const maximumLines = 16
const staticTypes: Readonly<Record<Codec, number>> = { PCMA: 8, PCMU: 0 }
const defaultEventType = 101
const packetTimes = [10, 20, 30, 40, 60]

const mirrored: Readonly<Record<Direction, Direction>> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
}

const both = (a: Direction, b: Direction): Direction => {
  const send = (a === 'sendrecv' || a === 'sendonly') && (b === 'sendrecv' || b === 'sendonly')
  const receive = (a === 'sendrecv' || a === 'recvonly') && (b === 'sendrecv' || b === 'recvonly')
  if (send) return receive ? 'sendrecv' : 'sendonly'
  return receive ? 'recvonly' : 'inactive'
}

interface Stream {
  readonly address: string
  readonly port: number
  readonly codecs: readonly { readonly codec: Codec; readonly payloadType: number }[]
  readonly eventPayloadType?: number
  readonly ptime: number
  /** As the far end sees it. */
  readonly direction: Direction
  readonly rtcp?: { readonly address: string; readonly port: number }
}

/** One line of the session as both sides count them; lines stay in place for the session's life (RFC 3264 §8). */
interface LineShape {
  readonly ours: boolean
  readonly media: string
  readonly protocol: string
  readonly payloads: string
}

const tokenOf = (value: unknown, fallback: string): string => {
  const text = String(value ?? '')
  return /^[\w!#$%&'*+.^`{|}~/ -]{1,256}$/.test(text) ? text : fallback
}

const shapeOf = (line: MediaLine, ours: boolean): LineShape => ({
  ours,
  media: tokenOf(line.type, 'audio'),
  protocol: tokenOf(line.protocol, 'RTP/AVP'),
  payloads: tokenOf(line.payloads, '0'),
})

const read = (text: string): Description | undefined => {
  if (text.length > maximumLength || !/^v=0\r?$/m.test(text)) return undefined
  try {
    const description = parse(text)
    return description.media.length > 0 && description.media.length <= maximumLines ? description : undefined
  } catch {
    return undefined
  }
}

const payloadNumbers = (line: MediaLine): readonly number[] =>
  String(line.payloads ?? '')
    .split(' ')
    .filter(text => /^\d{1,3}$/.test(text))
    .map(Number)
    .filter(type => type <= 127)

const codecsOf = (line: MediaLine): Stream['codecs'] => {
  const mapped = new Map((line.rtp ?? []).map(({ payload, codec, rate }) => [payload, { codec, rate }]))
  return payloadNumbers(line).flatMap(payloadType => {
    const map = mapped.get(payloadType)
    for (const codec of ['PCMA', 'PCMU'] as const) {
      const named =
        map && String(map.codec).toUpperCase() === codec && (map.rate === undefined || map.rate === 8000)
      if (map ? named : staticTypes[codec] === payloadType) return [{ codec, payloadType }]
    }
    return []
  })
}

const eventTypeOf = (line: MediaLine): number | undefined => {
  const listed = payloadNumbers(line)
  return (line.rtp ?? []).find(
    ({ payload, codec, rate }) =>
      String(codec).toLowerCase() === 'telephone-event' && rate === 8000 && listed.includes(payload),
  )?.payload
}

const packetTimeOf = (line: MediaLine): number => {
  const asked = Number(line.ptime ?? 20)
  const most = Number(line.maxptime ?? asked)
  const wanted = Math.min(asked, Number.isFinite(most) ? most : asked)
  return packetTimes.includes(wanted) ? wanted : 20
}

/** The first audio line that we could use, and its index. */
const usableStream = (
  description: Description,
  family: 4 | 6,
): { readonly index: number; readonly stream: Stream } | undefined => {
  for (const [index, line] of description.media.entries()) {
    if (line.type !== 'audio' || String(line.protocol).toUpperCase() !== 'RTP/AVP') continue
    const port = Number(line.port)
    const address = String((line.connection ?? description.connection)?.ip ?? '').split('/')[0] ?? ''
    const codecs = codecsOf(line)
    // 0.0.0.0 is how hold was said before RFC 3264: nothing may be sent there.
    const held = address === '0.0.0.0'
    if (!(port > 0 && port <= 65_535) || codecs.length === 0) continue
    if (!held && !isUsableDestination(address, family)) continue
    const said: Direction =
      line.direction ?? (description as { direction?: Direction }).direction ?? 'sendrecv'
    const eventPayloadType = eventTypeOf(line)
    const rtcpAddress = line.rtcp?.address ?? address
    const rtcpPort = Number(line.rtcp?.port)
    const rtcp =
      !held && rtcpPort > 0 && rtcpPort <= 65_535 && isUsableDestination(rtcpAddress, family)
        ? { address: rtcpAddress, port: rtcpPort }
        : undefined
    const stream: Stream = {
      address,
      port,
      codecs,
      ptime: packetTimeOf(line),
      direction: held ? both(said, 'sendonly') : said,
      ...(eventPayloadType === undefined ? {} : { eventPayloadType }),
      ...(rtcp === undefined ? {} : { rtcp }),
    }
    return { index, stream }
  }
  return undefined
}

const remoteOf = (stream: Stream, direction: Direction): RemoteMedia | undefined => {
  const [chosen] = stream.codecs
  return chosen && { ...chosen, ...without(stream), direction }
}

const without = ({
  codecs: _codecs,
  direction: _direction,
  ...rest
}: Stream): Omit<Stream, 'codecs' | 'direction'> => rest

/** Whether an offer could be answered at all, before our own address is known. */
export const offerFits = (offer: string): boolean => {
  const description = read(offer)
  return description !== undefined && ([4, 6] as const).some(family => usableStream(description, family))
}

/**
 * `sessionId` and `version` are the numbers of o= (RFC 4566 §5.2); its user is "-" and there is no name,
 * so that a masked caller does not show here.
 */
export const describeSession = (
  media: LocalMedia,
  sessionId: number,
  firstVersion: number,
): SessionDescriber => {
  const family = media.address.includes(':') ? 6 : 4
  const where = `IN IP${family} ${media.address}`
  interface Said {
    readonly body: string
    readonly version: number
    readonly direction: Direction
  }
  let highest = firstVersion
  let said: Said | undefined
  let agreed: Said | undefined
  let shapes: readonly LineShape[] = [{ ours: true, media: 'audio', protocol: 'RTP/AVP', payloads: '' }]
  let codecs: readonly { readonly codec: Codec; readonly payloadType: number }[] = [
    { codec: 'PCMA', payloadType: staticTypes.PCMA },
    { codec: 'PCMU', payloadType: staticTypes.PCMU },
  ]
  let eventType: number | undefined = defaultEventType

  const ourLine = (
    offered: typeof codecs,
    event: number | undefined,
    direction: Direction,
  ): readonly string[] => [
    `m=audio ${media.port} RTP/AVP ${[...offered.map(entry => entry.payloadType), ...(event === undefined ? [] : [event])].join(' ')}`,
    ...offered.map(({ codec, payloadType }) => `a=rtpmap:${payloadType} ${codec}/8000`),
    ...(event === undefined ? [] : [`a=rtpmap:${event} telephone-event/8000`, `a=fmtp:${event} 0-15`]),
    'a=ptime:20',
    `a=${direction}`,
  ]

  const say = (offered: typeof codecs, event: number | undefined, direction: Direction): string => {
    const body = [
      's=-',
      `c=${where}`,
      't=0 0',
      ...shapes.flatMap(shape =>
        shape.ours
          ? ourLine(offered, event, direction)
          : [`m=${shape.media} 0 ${shape.protocol} ${shape.payloads}`],
      ),
      '',
    ].join('\r\n')
    if (said === undefined) said = { body, version: highest, direction }
    else if (said.body !== body) said = { body, version: ++highest, direction }
    return textOf(said)
  }

  const textOf = ({ body, version }: Said): string => `v=0\r\no=- ${sessionId} ${version} ${where}\r\n${body}`

  const fullList = (): typeof codecs => {
    const missing = (['PCMA', 'PCMU'] as const).filter(name => !codecs.some(entry => entry.codec === name))
    const free = missing.filter(name => !codecs.some(entry => entry.payloadType === staticTypes[name]))
    return [...codecs, ...free.map(codec => ({ codec, payloadType: staticTypes[codec] }))]
  }

  return {
    offer: wish => say(fullList(), eventType, wish),

    repeat: () => (said === undefined ? say(fullList(), eventType, 'sendrecv') : textOf(said)),

    rollback: () => {
      said = agreed ?? said
    },

    answer(offer, wish) {
      const description = read(offer)
      const found = description && usableStream(description, family)
      if (!description || !found) return undefined
      const { index, stream } = found
      const direction = both(mirrored[stream.direction], wish)
      const remote = remoteOf(stream, direction)
      if (!remote) return undefined
      shapes = description.media.map((line, at) => shapeOf(line, at === index))
      codecs = stream.codecs.slice(0, 1)
      eventType = stream.eventPayloadType
      const sdp = say(codecs, eventType, direction)
      agreed = said
      return { sdp, remote }
    },

    accept(answer) {
      const description = read(answer)
      const found = description && usableStream(description, family)
      // Lines are matched by their place (RFC 3264 §6): ours is where we put it.
      if (!found || shapes[found.index]?.ours !== true) return undefined
      const { stream } = found
      codecs = stream.codecs.slice(0, 1)
      eventType = stream.eventPayloadType ?? eventType
      agreed = said
      return remoteOf(stream, both(mirrored[stream.direction], said?.direction ?? 'sendrecv'))
    },
  }
}
