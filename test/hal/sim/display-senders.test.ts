// The display of the virtual telephone with two senders that know nothing of it: libspandsp's, and the box's own. Each end
// was written from the standards alone; here they meet.
import t from 'tap'
import type { Display } from '../../../firmware/media/display/display.js'
import { durationSamples, type FskBurst, FskSender } from '../../../firmware/media/display/fsk-sender.js'
import { encodeMessage } from '../../../firmware/media/display/message.js'
import { us } from '../../../hal/clock.js'
import { laws } from '../../support/companding.js'
import { shownOf } from '../../support/display-ears.js'
import { type SpandspSends, sentBySpandsp } from '../../support/display-peer.js'
import { latin, withParameters } from '../../support/fsk-bursts.js'

const throughAlaw = (pcm: Int16Array): Int16Array =>
  pcm.map(sample => laws.PCMA.decode(laws.PCMA.encode(sample)))
const toldOf = (pcm: Int16Array) => shownOf(throughAlaw(pcm)).map(({ told }) => told)

const call = withParameters(0x80, [
  [0x01, '11230435'],
  [0x02, '0389000001'],
  [0x07, 'ANNE MARIE'],
]).slice(0, -1)
const shownCall = { ev: 'clip', number: '0389000001', name: 'ANNE MARIE', date: '11230435', message: 128 }
const lamp = withParameters(0x82, [[0x0b, [0xff]]]).slice(0, -1)
const single = [0x04, 18, ...latin('112304350389000001')]

const fromSpandsp: readonly (readonly [SpandspSends, object])[] = [
  [
    { standard: 'clip', message: call },
    { ...shownCall, scheme: 'v23' },
  ],
  [
    { standard: 'clip', alert: true, message: call },
    { ...shownCall, scheme: 'v23' },
  ],
  [
    { standard: 'clip', message: lamp },
    { ev: 'mwi', on: true, scheme: 'v23', message: 130 },
  ],
  [
    { standard: 'class', message: call },
    { ...shownCall, scheme: 'bell202' },
  ],
  [
    { standard: 'class', message: single },
    { ev: 'clip', number: '0389000001', date: '11230435', scheme: 'bell202', message: 4 },
  ],
  [
    { standard: 'clip-dtmf', message: latin('A0389000001D0612345678C') },
    { ev: 'clip', number: '0389000001', redirecting: '0612345678', scheme: 'dtmf', message: 128 },
  ],
  [
    { standard: 'clip-dtmf', message: latin('B10C') },
    { ev: 'clip', absence: 'P', scheme: 'dtmf', message: 128 },
  ],
]

t.test('what libspandsp sends is displayed', async t => {
  const sent = await sentBySpandsp(fromSpandsp.map(([sends]) => sends))
  if ('reason' in sent) return t.comment(`not asked: ${sent.reason}`)
  t.equal(sent.value.length, fromSpandsp.length)
  for (const [n, [sends, shown]] of fromSpandsp.entries())
    t.strictSame(toldOf(sent.value[n] as Int16Array), [shown], JSON.stringify(sends))
})

const sender = new FskSender()
const burstOf = (message: Uint8Array, burst: FskBurst): Int16Array => {
  const pcm = new Int16Array(durationSamples(message.length, burst) + 1600)
  sender.start(message, burst)
  sender.render(pcm, 800)
  return pcm
}
const onHook: FskBurst = { scheme: 'v23', seizureBits: 300, markBits: 180, dbm0: -14 }

t.test('names, absences, forwarded calls, lamps and the single data format of the box', async t => {
  const fields = { scheme: 'v23', message: 128 }
  const kinds: readonly (readonly [Display, object])[] = [
    [
      { kind: 'call', absence: 'P', nameAbsence: 'P' },
      { ev: 'clip', absence: 'P', nameAbsence: 'P', ...fields },
    ],
    [
      { kind: 'call', absence: 'O' },
      { ev: 'clip', absence: 'O', ...fields },
    ],
    [
      { kind: 'call', number: '17', redirecting: { number: '0389000002', reason: 'busy' } },
      { ev: 'clip', number: '17', redirecting: '0389000002', forwarded: 1, ...fields },
    ],
    [
      { kind: 'call', number: '17', name: 'Anne Marie', nameAbsence: 'P' },
      { ev: 'clip', number: '17', name: 'Anne Marie', ...fields },
    ],
    [
      { kind: 'messages', waiting: true, count: 3 },
      { ev: 'mwi', on: true, messages: 3, scheme: 'v23', message: 130 },
    ],
    [
      { kind: 'messages', waiting: false, count: 0 },
      { ev: 'mwi', on: false, messages: 0, scheme: 'v23', message: 130 },
    ],
  ]
  for (const [display, shown] of kinds)
    t.strictSame(toldOf(burstOf(encodeMessage(display), onHook)), [shown], JSON.stringify(display))
  const date = { month: 1, day: 2, hour: 3, minute: 4 }
  const sdmf = (display: Display) => toldOf(burstOf(encodeMessage(display, 'sdmf'), onHook))
  t.strictSame(sdmf({ kind: 'call', number: '0389000001', date }), [
    { ev: 'clip', number: '0389000001', date: '01020304', scheme: 'v23', message: 4 },
  ])
  t.strictSame(sdmf({ kind: 'call', absence: 'P', date }), [
    { ev: 'clip', absence: 'P', date: '01020304', scheme: 'v23', message: 4 },
  ])
  for (const waiting of [true, false])
    t.strictSame(sdmf({ kind: 'messages', waiting }), [{ ev: 'mwi', on: waiting, scheme: 'v23', message: 6 }])
})

t.test(
  'the box’s burst of a call in progress is read with the receiver lifted, once it is expected',
  async t => {
    const pcm = burstOf(encodeMessage({ kind: 'call', number: '0389000003' }), {
      ...onHook,
      seizureBits: 0,
      markBits: 80,
    })
    const lifted = (until: number) =>
      shownOf(pcm, receiver => {
        receiver.hook(true, us(0))
        receiver.expectData(us(until))
      }).map(({ told }) => told)
    t.strictSame(lifted(0), [])
    t.strictSame(lifted(500_000), [{ ev: 'clip', number: '0389000003', scheme: 'v23', message: 128 }])
  },
)
