// voiceport bench sip-parse: what reading one SIP message costs, by the wire's scanner, by sip.js with its grammar
// replaced, and by sip.js as it comes; and what the worst shapes of a datagram cost the scanner.

import { loadavg } from 'node:os'
import { measureParseCost } from '../../firmware/sip/engine/parse-cost.js'
import { formatMessage } from '../../firmware/sip/wire/message.js'
import { MAX_DATAGRAM, parseMessage } from '../../firmware/sip/wire/scanner.js'

const body = [
  'v=0',
  'o=- 3356121 3356121 IN IP4 198.51.100.20',
  's=-',
  'c=IN IP4 198.51.100.20',
  't=0 0',
  'm=audio 30120 RTP/AVP 8 0 101',
  'a=rtpmap:8 PCMA/8000',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15',
  'a=ptime:20',
  'a=sendrecv',
  '',
].join('\r\n')

/** As an operator's border element sends one: two Via, a Record-Route, an asserted identity, SDP. */
const invite = [
  'INVITE sip:k3x9@198.51.100.77:5060;ob SIP/2.0',
  'Via: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bK4b43c2ff8.1;rport',
  'Via: SIP/2.0/UDP 198.51.100.9:5060;branch=z9hG4bK-524287-1;received=198.51.100.9',
  'Record-Route: <sip:198.51.100.1;lr;ftag=as58f4201b>',
  'Max-Forwards: 69',
  'From: "Marcel Durand" <sip:0389000002@operator.test>;tag=as58f4201b',
  'To: <sip:0389000001@operator.test>',
  'Contact: <sip:0389000002@198.51.100.9:5060>',
  'Call-ID: 3c26e6a5a1b1-w7s4k2v0q9zt@198.51.100.9',
  'CSeq: 102 INVITE',
  'P-Asserted-Identity: <sip:0389000002@operator.test>',
  'User-Agent: border/7.1',
  'Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, INFO, PRACK, UPDATE',
  'Supported: 100rel, timer',
  'Session-Expires: 1800;refresher=uac',
  'Content-Type: application/sdp',
  `Content-Length: ${Buffer.byteLength(body)}`,
  '',
  body,
].join('\r\n')

/** As a small PBX sends one. */
const smallBody =
  'v=0\r\no=- 1 1 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n'
const smallInvite = [
  'INVITE sip:u1@198.51.100.77:5060 SIP/2.0',
  'Via: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKa;rport',
  'Max-Forwards: 70',
  'From: "Alice" <sip:0389000002@operator.test>;tag=f1',
  'To: <sip:0389000001@operator.test>',
  'Call-ID: c1@198.51.100.1',
  'CSeq: 1 INVITE',
  'Contact: <sip:0389000002@198.51.100.1:5060>',
  'Content-Type: application/sdp',
  `Content-Length: ${Buffer.byteLength(smallBody)}`,
  '',
  smallBody,
].join('\r\n')

const ROUNDS = 10_000
const ENGINE_ROUNDS = 5000
const SERIES = 5
const WORST_ROUNDS = 500

const nowUs = (): number => Number(process.hrtime.bigint() / 1000n)

const BATCH = 50

/** Microseconds a round: the median and the least of batches of 50, after a tenth as many to warm up. */
const measure = (rounds: number, work: () => void): { medianUs: number; leastUs: number } => {
  for (let n = 0; n < rounds / 10; n++) work()
  const batches: number[] = []
  for (let done = 0; done < rounds; done += BATCH) {
    const start = process.hrtime.bigint()
    for (let n = 0; n < BATCH; n++) work()
    batches.push(Number(process.hrtime.bigint() - start) / 1000 / BATCH)
  }
  batches.sort((a, b) => a - b)
  return {
    medianUs: round(batches[batches.length >> 1] as number),
    leastUs: round(batches[0] as number),
  }
}

const round = (value: number): number => Math.round(value * 100) / 100

/** Datagrams of the largest size made of what scanners stumble over. */
const worstShapes = (): Readonly<Record<string, string>> => {
  const start = invite.slice(0, invite.indexOf('Max-Forwards'))
  const end = invite.slice(invite.indexOf('From:'))
  const lines = (name: string, unit: string, length: number): string => {
    const value = unit.repeat(Math.floor(length / unit.length))
    const room = MAX_DATAGRAM - start.length - end.length
    return `${start}${`${name}: ${value}\r\n`.repeat(Math.floor(room / (value.length + name.length + 4)))}${end}`
  }
  return {
    contacts: lines('Contact', '<sip:a@b;c=d>;e=f,', 1800),
    quotes: lines('Contact', '"\\"', 1800),
    semicolons: lines('Contact', ';', 1900),
    spaces: lines('Route', ' ', 1900),
    vias: lines('Via', 'SIP/2.0/UDP a;b=c,', 500),
    folds: lines('X', '\r\n ', 1200),
    colons: lines('X', ':', 70),
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number

/** Scanner and engine in turn, so that a busy spell of the machine falls on both. Medians, µs. */
const costOf = (text: string): Record<string, number> => {
  const bytes = Buffer.from(text)
  const message = parseMessage(bytes)
  if (message.kind === 'error') throw new Error(`the scanner refuses an ordinary INVITE: ${message.why}`)
  const series = Array.from({ length: SERIES }, () => {
    const scanner = measure(ROUNDS, () => parseMessage(bytes))
    return { scanner, engine: measureParseCost(text, ENGINE_ROUNDS, nowUs) }
  })
  const scannerUs = median(series.map(each => each.scanner.medianUs))
  const engineUs = median(series.map(each => each.engine.replacedUs))
  const stockUs = median(series.map(each => each.engine.stockUs))
  return {
    bytes: bytes.length,
    scannerUs,
    scannerLeastUs: Math.min(...series.map(each => each.scanner.leastUs)),
    engineUs: round(engineUs),
    engineLeastUs: round(Math.min(...series.map(each => each.engine.replacedUs))),
    totalUs: round(scannerUs + engineUs),
    formatUs: measure(ROUNDS, () => formatMessage(message)).medianUs,
    stockUs: round(stockUs),
    stockOverTotal: round(stockUs / (scannerUs + engineUs)),
  }
}

export const run = async (): Promise<Record<string, unknown>> => {
  const loadBefore = round(loadavg()[0] ?? 0)
  const ordinary = costOf(invite)
  const small = costOf(smallInvite)
  const worst: Record<string, number> = {}
  for (const [name, text] of Object.entries(worstShapes())) {
    const datagram = Buffer.from(text)
    worst[name] = measure(WORST_ROUNDS, () => parseMessage(datagram)).medianUs
  }
  return {
    series: SERIES,
    loadAverage: { before: loadBefore, after: round(loadavg()[0] ?? 0) },
    ordinary,
    small,
    worstDatagramUs: worst,
  }
}
