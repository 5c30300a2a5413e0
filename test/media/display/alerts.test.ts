// What tells a telephone to listen, and caller identity in keys.

import t from 'tap'
import type { CallDisplay } from '../../../firmware/media/display/display.js'
import {
  DtmfDisplaySender,
  dtmfDisplay,
  dtmfDurationSamples,
} from '../../../firmware/media/display/dtmf-display.js'
import { CAS_MS, DT_AS_MS, DualToneAlert } from '../../../firmware/media/display/dual-tone-alert.js'
import { heardBySpandsp } from '../../support/display-judges.js'
import { levelAt, powerOf, strongestNear } from '../../support/spectrum.js'
import { bytesOf, collect } from '../../support/young-generation.js'

t.test('DT-AS and CAS: two tones of the level asked for, exact to the sample', async t => {
  for (const ms of [DT_AS_MS, CAS_MS, 85])
    for (const frame of [80, 33, 2000]) {
      const alert = new DualToneAlert()
      alert.start(ms, -20)
      const pcm = new Int16Array(8 * ms + 400)
      let written = 0
      for (let at = 0; at < pcm.length; at += frame) written += alert.render(pcm.subarray(at, at + frame), 0)
      t.equal(written, 8 * ms)
      t.notOk(alert.sounding)
      for (const hz of [2130, 2750]) {
        const heard = strongestNear(pcm, hz, 30, 8, 8 * ms - 8)
        t.ok(Math.abs(heard / hz - 1) < 0.001, `${heard} Hz`)
        t.ok(Math.abs(levelAt(pcm, hz, 8, 8 * ms - 8) + 20) < 0.5)
      }
      t.ok(pcm.subarray(8 * ms).every(sample => sample === 0))
      t.ok(pcm.subarray(0, 24).some(sample => sample !== 0) && Math.abs(pcm[0] as number) < 40, 'no click')
    }
})

t.test('an alert is stopped within the sample, and another begins where it is told to', async t => {
  const alert = new DualToneAlert()
  const frame = new Int16Array(80)
  alert.start(100, -15)
  t.equal(alert.render(frame, 0), 80)
  alert.stop()
  t.equal(alert.render(frame.fill(0), 0), 0)
  alert.start(100, -15)
  t.equal(alert.render(frame, 70), 10)
  t.ok(frame.subarray(0, 70).every(sample => sample === 0))
  t.equal(alert.render(frame, 80), 0)
})

const number = (details: string, redirecting?: string): CallDisplay => ({
  kind: 'call',
  number: details,
  ...(redirecting === undefined ? {} : { redirecting: { number: redirecting } }),
})

t.test('caller identity in keys, each national form', async t => {
  const forms = ['a-c', 'a-hash', 'd-c', 'hash'] as const
  const told = (display: CallDisplay) => forms.map(form => dtmfDisplay(display, form))
  t.same(told(number('0389000001')), ['A0389000001C', 'A0389000001#', 'D0389000001C', '0389000001#'])
  t.same(told(number('+33 389', '17')), ['A0033389D17C', 'A0033389#', 'D0033389C', '0033389#'])
  t.same(told({ kind: 'call', absence: 'P' }), ['B10C', 'D1#', '', ''])
  t.same(told({ kind: 'call', absence: 'O' }), ['B00C', 'D3#', '', ''])
  t.same(told(number('*21#')), ['B00C', 'D3#', '', ''], 'keys that would end it')
  t.same(told({ kind: 'call', absence: 'P', redirecting: { number: '17' } })[0], 'D17B10C')
  t.equal(dtmfDisplay({ kind: 'messages', waiting: true }, 'a-c'), '')
  t.ok(told(number('1'.repeat(20), '2'.repeat(20))).every(keys => keys.length <= 64))
})

const played = (keys: string): Int16Array => {
  const sender = new DtmfDisplaySender({ dbm0: -10, twistDb: 2 })
  sender.start(keys)
  const pcm = new Int16Array(dtmfDurationSamples(keys) + 1600)
  let at = 800
  for (const frame of [80, 7, 500]) at += sender.render(pcm.subarray(0, at + frame), at)
  at += sender.render(pcm, at)
  t.equal(at, 800 + dtmfDurationSamples(keys))
  t.notOk(sender.sounding)
  return pcm
}

t.test('keys of 70 ms with 65 ms between, decoded by libspandsp', async t => {
  const pcm = played('A0389000001D17C')
  t.ok(Math.abs(levelAt(pcm, 697, 820, 1340) + 10) < 0.5)
  t.ok(powerOf(pcm, 1362, 1878) < -80)
  const displays: readonly CallDisplay[] = [
    number('0389000001'),
    number('0389000001', '17'),
    { kind: 'call', absence: 'P' },
    { kind: 'call', absence: 'O' },
  ]
  const heard = await heardBySpandsp(
    'clip-dtmf',
    displays.map(display => played(dtmfDisplay(display, 'a-c'))),
  )
  if ('reason' in heard) return t.comment(`not asked: ${heard.reason}`)
  t.same(
    heard.value.map(messages => messages.map(({ bytes }) => bytes.toString('latin1'))),
    [['A0389000001C'], ['A0389000001D17C'], ['B10C'], ['B00C']],
  )
})

t.test('a frame of an alert or of keys allocates nothing', async t => {
  const frame = new Int16Array(80)
  const alert = new DualToneAlert()
  const keys = new DtmfDisplaySender()
  const senders = [
    { render: () => alert.render(frame, 0), start: () => alert.start(10_000, -14) },
    { render: () => keys.render(frame, 0), start: () => keys.start('A0389000001D0389000002C'.repeat(2)) },
  ]
  for (const { render, start } of senders) {
    const frames = (count: number) => {
      for (let n = 0; n < count; n++) render()
    }
    for (let n = 0; n < 60; n++) {
      start()
      frames(500)
    }
    collect()
    let disturbed = 0
    for (let n = 0; n < 20; n++) {
      start()
      frames(50)
      for (let look = 0; look < 5; look++) if (bytesOf(() => frames(50)) > 0) disturbed++
    }
    t.equal(render(), 80, 'still sounding')
    t.ok(disturbed <= 5, `${disturbed} of 100 looks found something new`)
  }
})
