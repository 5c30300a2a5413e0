// The far end of a benchmark: a worker thread with a SIP and an RTP socket of its own, which answers at once and stamps
// what it sees with the monotonic clock. Its SIP is a few lines of text: it measures, it does not judge.

import { createSocket } from 'node:dgram'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

export interface PeerOptions {
  /** 127.0.0.x; SIP on `port`, RTP on `port` + 1000. */
  readonly address: string
  readonly port: number
  /** Delay between 180 and 200 to an INVITE, ms. */
  readonly answerAfterMs: number
  /** Never answers a BYE. */
  readonly ignoreBye: boolean
  /** Sends back what it hears, at once, instead of its tone; and tells where a sound begins. */
  readonly echo?: boolean
}

export interface PeerEvent {
  /** "INVITE", "200 INVITE", "rtp" (first packet of a source), "sound" (it begins in this packet), … */
  readonly kind: string
  /** Monotonic µs at reception (or sending, for what the peer itself sends). */
  readonly us: number
  readonly direction: 'in' | 'out'
  /** Call-ID of a SIP message; empty for "rtp". */
  readonly call: string
}

export interface ScriptedPeer {
  readonly events: PeerEvent[]
  /** The next event of this kind after `fromUs`; rejects after `withinMs`. */
  next(kind: string, direction: 'in' | 'out', fromUs: number, withinMs: number): Promise<PeerEvent>
  /** Forgets the events so far. */
  clear(): void
  /** Sends an INVITE for `user` to the box. */
  call(user: string, box: { readonly address: string; readonly port: number }): void
  /** Hangs up the call that stands. */
  bye(): void
  stop(): Promise<void>
}

/** Packets of silence before a sound is a new one. */
const QUIET_BEFORE = 5
/** A-law code of more than about -22 dBm0. */
const isLoud = (code: number): boolean => ((code ^ 0x55) & 0x7f) >= 0x50

const now = (): number => Number(process.hrtime.bigint() / 1000n)

export const startScriptedPeer = async (options: PeerOptions): Promise<ScriptedPeer> => {
  const worker = new Worker(new URL(import.meta.url), { workerData: { scriptedPeer: options } })
  const events: PeerEvent[] = []
  const watchers = new Set<() => void>()
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
  })
  worker.on('message', (event: PeerEvent) => {
    events.push(event)
    for (const watcher of [...watchers]) watcher()
  })
  return {
    events,
    next: (kind, direction, fromUs, withinMs) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = events.find(e => e.kind === kind && e.direction === direction && e.us >= fromUs)
          if (!found) return
          clearTimeout(limit)
          watchers.delete(look)
          resolve(found)
        }
        const limit = setTimeout(() => {
          watchers.delete(look)
          reject(new Error(`the peer saw no ${kind} within ${withinMs} ms`))
        }, withinMs)
        watchers.add(look)
        look()
      }),
    clear: () => void events.splice(0),
    call: (user, box) => worker.postMessage({ call: user, box }),
    bye: () => worker.postMessage({ bye: true }),
    stop: async () => {
      await worker.terminate()
    },
  }
}

const header = (text: string, name: string): string =>
  new RegExp(`^${name}\\s*:\\s*(.*)$`, 'im').exec(text)?.[1]?.trim() ?? ''

const runPeer = ({ address, port, answerAfterMs, ignoreBye, echo }: PeerOptions): void => {
  const sip = createSocket('udp4')
  const rtp = createSocket('udp4')
  let source: number | undefined
  let serial = 0
  let dialog: { remoteUri: string; local: string; remote: string; callId: string } | undefined
  let box = { address: '', port: 0 }
  let stopAudio: (() => void) | undefined
  const tell = (kind: string, direction: 'in' | 'out', call: string, us = now()) =>
    parentPort?.postMessage({ kind, direction, us, call } satisfies PeerEvent)
  const send = (text: string) => sip.send(text, box.port, box.address)
  const self = `<sip:peer@${address}:${port}>`
  const sdp = [
    'v=0',
    `o=- 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio ${port + 1000} RTP/AVP 8 101`,
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
    '',
  ].join('\r\n')
  const respond = (request: string, status: string, body = '') => {
    const to = header(request, 'To')
    const tagged = /tag=/.test(to) ? to : `${to};tag=peer${serial}`
    send(
      `SIP/2.0 ${status}\r\n${[...request.matchAll(/^via\s*:.*$/gim)].map(match => match[0]).join('\r\n')}\r\n` +
        `From: ${header(request, 'From')}\r\nTo: ${tagged}\r\nCall-ID: ${header(request, 'Call-ID')}\r\n` +
        `CSeq: ${header(request, 'CSeq')}\r\nContact: ${header(request, 'CSeq').endsWith('REGISTER') ? header(request, 'Contact') : self}\r\n` +
        `${body ? 'Content-Type: application/sdp\r\n' : ''}Content-Length: ${body.length}\r\n\r\n${body}`,
    )
    tell(
      `${status.slice(0, 3)} ${header(request, 'CSeq').split(/\s+/)[1]}`,
      'out',
      header(request, 'Call-ID'),
    )
    return tagged
  }
  const startAudio = (toAddress: string, toPort: number) => {
    stopAudio?.()
    const packet = Buffer.alloc(172)
    packet[0] = 0x80
    packet[1] = 8
    packet.writeUInt32BE(0x5eed, 8)
    // 1 kHz in A-law at -10 dBm0, eight samples a period.
    const period = [0xd5, 0xb8, 0xb7, 0xb8, 0xd5, 0x38, 0x37, 0x38]
    for (let i = 0; i < 160; i++) packet[12 + i] = period[i % 8] as number
    let sequence = 0
    const tick = () => {
      packet.writeUInt16BE(sequence & 0xffff, 2)
      packet.writeUInt32BE((sequence * 160) >>> 0, 4)
      sequence++
      rtp.send(packet, toPort, toAddress)
    }
    tick()
    const timer = setInterval(tick, 20)
    stopAudio = () => clearInterval(timer)
  }
  let echoTo: { readonly address: string; readonly port: number } | undefined
  let quietPackets = 0
  const audioTo = (text: string) => {
    const target = /^c=IN IP4 (\S+)/m.exec(text)?.[1]
    const targetPort = Number(/^m=audio (\d+)/m.exec(text)?.[1])
    if (!target || !targetPort) return
    if (echo) echoTo = { address: target, port: targetPort }
    else startAudio(target, targetPort)
  }
  const sendBack = (data: Buffer) => {
    const us = now()
    if (echoTo === undefined || ((data[1] as number) & 0x7f) !== 8) return
    const back = Buffer.from(data)
    back.writeUInt32BE(0x5eed, 8)
    rtp.send(back, echoTo.port, echoTo.address)
    const loud = data.subarray(12).some(isLoud)
    if (loud && quietPackets >= QUIET_BEFORE) tell('sound', 'in', '', us)
    quietPackets = loud ? 0 : quietPackets + 1
  }
  rtp.on('message', data => {
    if (data.length >= 12 && echo) sendBack(data)
    if (data.length < 12 || data.readUInt32BE(8) === source) return
    source = data.readUInt32BE(8)
    tell('rtp', 'in', '')
  })
  sip.on('message', (data, from) => {
    const us = now()
    const text = data.toString('latin1')
    box = { address: from.address, port: from.port }
    const status = /^SIP\/2\.0 (\d{3})/.exec(text)?.[1]
    const method = header(text, 'CSeq').split(/\s+/)[1] ?? ''
    tell(status ? `${status} ${method}` : text.slice(0, text.indexOf(' ')), 'in', header(text, 'Call-ID'), us)
    if (status) {
      if (status === '200' && method === 'INVITE') {
        const contact = /<([^>]*)>/.exec(header(text, 'Contact'))?.[1] ?? ''
        dialog = {
          remoteUri: contact,
          local: header(text, 'From'),
          remote: header(text, 'To'),
          callId: header(text, 'Call-ID'),
        }
        inDialog('ACK', 1)
        audioTo(text)
      }
      return
    }
    if (text.startsWith('REGISTER')) respond(text, '200 OK')
    if (text.startsWith('INVITE')) {
      serial++
      respond(text, '180 Ringing')
      setTimeout(() => {
        const local = respond(text, '200 OK', sdp)
        const contact = /<([^>]*)>/.exec(header(text, 'Contact'))?.[1] ?? ''
        dialog = { remoteUri: contact, local, remote: header(text, 'From'), callId: header(text, 'Call-ID') }
        audioTo(text)
      }, answerAfterMs)
    }
    if (text.startsWith('BYE')) {
      // Copies of an unanswered BYE go on for 32 s: they end the audio of their own call, not of the one that stands.
      if (header(text, 'Call-ID') === dialog?.callId) stopAudio?.()
      if (!ignoreBye) respond(text, '200 OK')
    }
    if (text.startsWith('CANCEL')) respond(text, '200 OK')
  })
  const inDialog = (method: string, cseq: number) => {
    if (!dialog) return
    send(
      `${method} ${dialog.remoteUri} SIP/2.0\r\nVia: SIP/2.0/UDP ${address}:${port};branch=z9hG4bKpeer${method}${serial}.${cseq}\r\n` +
        `From: ${dialog.local}\r\nTo: ${dialog.remote}\r\nCall-ID: ${dialog.callId}\r\nCSeq: ${cseq} ${method}\r\n` +
        `Max-Forwards: 70\r\nContact: ${self}\r\nContent-Length: 0\r\n\r\n`,
    )
    tell(method, 'out', dialog.callId)
  }
  parentPort?.on('message', (order: { call?: string; box?: typeof box; bye?: boolean }) => {
    if (order.bye) {
      stopAudio?.()
      inDialog('BYE', 2)
    }
    if (order.call === undefined || !order.box) return
    serial++
    box = order.box
    send(
      `INVITE sip:${order.call}@${box.address}:${box.port} SIP/2.0\r\nVia: SIP/2.0/UDP ${address}:${port};branch=z9hG4bKpeerI${serial}\r\n` +
        `From: <sip:0612345678@bench.test>;tag=c${serial}\r\nTo: <sip:${order.call}@bench.test>\r\nCall-ID: bench-${serial}-${port}\r\n` +
        `CSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContact: ${self}\r\nContent-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`,
    )
    tell('INVITE', 'out', `bench-${serial}-${port}`)
  })
  rtp.bind(port + 1000, address, () => sip.bind(port, address, () => parentPort?.postMessage('ready')))
}

if (!isMainThread && workerData?.scriptedPeer) runPeer(workerData.scriptedPeer as PeerOptions)
