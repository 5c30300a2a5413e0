// Messages in a voicemail that is not ours: Kamailio's presence server with what is published to it (RFC 3903), for a
// telephone that subscribes; NOTIFY out of the blue by SIPp, for one that does not.

import { createSocket } from 'node:dgram'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Child } from '../support/child.js'
import { type RunningDaemon, startDaemon } from '../support/daemon.js'
import { startKamailio } from './kamailio.js'
import { asScripted, startSipp } from './sipp.js'
import { scenario, send } from './sipp-scenarios.js'

t.setTimeout(180_000)

const folder = mkdtempSync(join(tmpdir(), 'voiceport-messages-'))
const domain = 'operator.test'
const subscribing = { id: 'tel1', user: '0389000001', password: 'secret-1', mwi: 'subscribe' } as const
const told = { id: 'tel2', user: '0389000002', password: 'secret-2', mwi: 'unsolicited' } as const
/** A subscription of Kamailio's: refreshed after half of it. */
const presenceSeconds = 12

const openKamailio = () =>
  startKamailio({
    address: '127.0.0.1',
    domain,
    subscribers: [subscribing, told],
    folder: mkdtempSync(join(folder, 'kamailio-')),
    presenceSeconds,
  })
const openBox = () =>
  startDaemon({
    address: '127.0.0.5',
    lines: [subscribing, told],
    domain,
    proxy: '127.0.0.1:5060',
    allow: ['127.0.0.6/32'],
  })

let kamailio: Child
let box: RunningDaemon
t.before(async () => {
  kamailio = await openKamailio()
  box = await openBox()
})
t.teardown(async () => {
  await box.stop()
  await kamailio.stop()
})

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

const summary = (count: number): string =>
  `Messages-Waiting: ${count > 0 ? 'yes' : 'no'}\r\nMessage-Account: sip:${subscribing.user}@${domain}\r\nVoice-Message: ${count}/0 (0/0)\r\n`

/** What was published last, for Kamailio to replace. */
let etag: string | undefined
let serial = 0

/** The voicemail tells Kamailio how many messages there are. */
const publish = async (count: number): Promise<void> => {
  const socket = createSocket('udp4')
  await new Promise<void>(resolve => socket.bind(5060, '127.0.0.7', resolve))
  const body = summary(count)
  const id = `publish-${++serial}`
  const request = [
    `PUBLISH sip:${subscribing.user}@${domain} SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.7:5060;branch=z9hG4bK${id}`,
    'Max-Forwards: 70',
    `From: <sip:voicemail@${domain}>;tag=${id}`,
    `To: <sip:${subscribing.user}@${domain}>`,
    `Call-ID: ${id}`,
    `CSeq: ${serial} PUBLISH`,
    'Event: message-summary',
    'Expires: 600',
    ...(etag === undefined ? [] : [`SIP-If-Match: ${etag}`]),
    'Content-Type: application/simple-message-summary',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ]
  const answer = new Promise<string>(resolve => socket.once('message', data => resolve(data.toString())))
  const send = (): void => socket.send(`${request.join('\r\n')}\r\n\r\n${body}`, 5060, '127.0.0.1')
  send()
  // Over UDP, and Kamailio may only just have started.
  const again = setInterval(send, 500)
  const text = await Promise.race([answer, pause(15_000).then(() => 'no answer')])
  clearInterval(again)
  socket.close()
  if (!text.startsWith('SIP/2.0 200')) throw new Error(`PUBLISH: ${text}`)
  etag = /^SIP-ETag: *(\S+)/im.exec(text)?.[1]
}

/** Lifts, hears which dial tone it is, hangs up. */
const dialTone = async (line: string): Promise<string> => {
  const from = box.bench.mark()
  await box.bench.do({ do: 'offhook', line })
  await pause(2500)
  const tones = box.bench.events
    .slice(from)
    .filter(event => event.ev === 'tone' && event.line === line && event['name'] !== 'none')
    .map(event => String(event['name']))
  await box.bench.do({ do: 'onhook', line })
  await pause(1000)
  return tones.includes('stutter') ? 'stutter' : (tones.at(-1) ?? 'none')
}

/** The box says what it was told; a second is what it may take. */
const messages = (line: string, waiting: boolean, withinMs = 1000, from = box.child.mark()) =>
  box.child.waitFor(
    new RegExp(`"line":"${line}","waiting":${waiting}[^\\n]*"msg":"messages"`),
    withinMs,
    from,
  )

const registered = (id: string) =>
  box.child.waitFor(
    new RegExp(`"line":"${id}"[^\\n]*"state":"registered"|"state":"registered"[^\\n]*"line":"${id}"`),
    15_000,
  )

t.test('Kamailio: published, and the dial tone stutters a second later; read, and it does not', async t => {
  // Nothing was published yet: its first NOTIFY says nothing.
  await registered('tel1')
  t.equal(await dialTone('tel1'), 'dial')
  for (const [count, tone] of [
    [2, 'stutter'],
    [0, 'dial'],
  ] as const) {
    // A lamp waits until the telephone has been hung up for 3 s.
    await pause(2500)
    const known = messages('tel1', count > 0)
    const lamp = box.bench.waitFor(
      ({ ev, line, on }) => ev === 'mwi' && line === 'tel1' && on === count > 0,
      3000,
      box.bench.mark(),
    )
    await publish(count)
    await known
    t.ok(await lamp, 'the lamp is told')
    t.equal(await dialTone('tel1'), tone)
  }
})

t.test('the box is killed with messages waiting: after its start they are known again', async t => {
  const known = messages('tel1', true)
  await publish(1)
  await known
  box.child.process.kill('SIGKILL')
  await box.child.exit()
  await box.bench.close().catch(() => {})
  box = await openBox()
  await messages('tel1', true, 15_000, 0)
  t.equal(await dialTone('tel1'), 'stutter')
})

t.test(
  'Kamailio starts anew and has forgotten every subscription: the next refresh begins a new one',
  async t => {
    await kamailio.stop()
    kamailio = await openKamailio()
    etag = undefined
    const forgotten = messages('tel1', false, 3 * presenceSeconds * 1000)
    await publish(0)
    await forgotten
    t.equal(await dialTone('tel1'), 'dial', 'the notifier that came back is believed')
    const known = messages('tel1', true)
    await publish(3)
    await known
    t.equal(await dialTone('tel1'), 'stutter')
  },
)

const notifying = (count: number, answered: boolean): string =>
  scenario('message waiting', [
    send(`NOTIFY sip:${told.user}@127.0.0.5:5060 SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch];rport
Max-Forwards: 70
From: <sip:${told.user}@${domain}>;tag=[call_number]
To: <sip:${told.user}@${domain}>
Call-ID: [call_id]
CSeq: 1 NOTIFY
Contact: <sip:voicemail@[local_ip]:[local_port]>
Event: message-summary
Subscription-State: active
Content-Type: application/simple-message-summary
Content-Length: [len]

Messages-Waiting: ${count > 0 ? 'yes' : 'no'}
Voice-Message: ${count}/0 (0/0)`),
    answered ? '<recv response="200"/>' : '<pause milliseconds="1500"/>',
  ])

const tell = (count: number, address: string, answered = true) =>
  startSipp({
    address,
    scenario: notifying(count, answered),
    target: '127.0.0.5:5060',
    args: ['-m', '1', '-recv_timeout', '5000', '-timeout_error'],
  }).done()

t.test(
  'SIPp: a NOTIFY nobody asked for, from the allow-list, counts; from elsewhere it is not heard',
  async t => {
    await registered('tel2')
    t.equal(await dialTone('tel2'), 'dial')
    t.equal(await tell(4, '127.0.0.6'), asScripted)
    t.equal(await dialTone('tel2'), 'stutter')
    t.equal(await tell(0, '127.0.0.8', false), asScripted)
    t.equal(await dialTone('tel2'), 'stutter')
    t.equal(await tell(0, '127.0.0.6'), asScripted)
    t.equal(await dialTone('tel2'), 'dial')
  },
)
