// What the box sends as the display of the virtual telephone shows it, which has a receiver of its own: two ends that share
// no code.

import t from 'tap'
import type { CallDisplay } from '../../../firmware/media/display/display.js'
import {
  DtmfDisplaySender,
  dtmfDisplay,
  dtmfDurationSamples,
} from '../../../firmware/media/display/dtmf-display.js'
import type { FskBurst } from '../../../firmware/media/display/fsk-sender.js'
import { encodeMessage } from '../../../firmware/media/display/message.js'
import { callsToShow, expectedFields, lineOf, onHook } from '../../support/display-calls.js'
import { shownOf } from '../../support/display-ears.js'

t.setTimeout(120_000)

const code = (text: string | undefined) => text?.charCodeAt(0)

/** Calls of which `burst` shows anything wrong, none at all, or more than once. */
const faultsOf = (calls: readonly CallDisplay[], burst: FskBurst): readonly string[] =>
  calls.flatMap(call => {
    const [shown, ...more] = shownOf(lineOf(encodeMessage(call), burst)).map(({ told }) => told)
    const fields = expectedFields(call)
    const expected = {
      number: fields.get(0x02),
      absence: fields.get(0x04),
      date: fields.get(0x01),
      redirecting: fields.get(0x1a),
      forwarded: code(fields.get(0x15)),
      callType: code(fields.get(0x11)),
      scheme: burst.scheme,
      message: 0x80,
    }
    const wrong = Object.entries(expected).find(
      ([key, value]) => shown?.ev !== 'clip' || shown[key as keyof typeof shown] !== value,
    )
    return wrong === undefined && more.length === 0
      ? []
      : [`${JSON.stringify(call)}: ${wrong}: ${JSON.stringify([shown, ...more])}`]
  })

t.test('a thousand calls through A-law are shown as they are', async t => {
  t.same(faultsOf(callsToShow(1000), onHook), [])
})

t.test('also soft ones, Bell 202, and those of a call without seizure', async t => {
  const calls = callsToShow(100)
  t.same(faultsOf(calls, { ...onHook, dbm0: -38 }), [])
  t.same(faultsOf(calls, { ...onHook, scheme: 'bell202' }), [])
  t.same(faultsOf(calls, { ...onHook, seizureBits: 0, markBits: 80 }), [])
})

t.test('seizure and mark are counted as sent, frequencies and level measured', async t => {
  for (const [seizureBits, markBits] of [
    [300, 180],
    [96, 55],
    [0, 80],
  ] as const)
    for (const scheme of ['v23', 'bell202'] as const) {
      const message = encodeMessage({ kind: 'call', number: '0389000001', name: 'Zoe Durand' })
      const [{ signal } = { signal: undefined }] = shownOf(
        lineOf(message, { scheme, seizureBits, markBits, dbm0: -14 }),
      )
      t.equal(signal?.seizureBits, seizureBits)
      t.equal(signal?.markBits, markBits)
      t.ok(Math.abs((signal?.dbm0 ?? 0) + 14) < 0.5)
      t.ok(Math.abs((signal?.baud ?? 0) / 1200 - 1) < 0.001)
      const [mark, space] = scheme === 'v23' ? [1300, 2100] : [1200, 2200]
      t.ok(Math.abs((signal?.markHz ?? 0) / mark - 1) < 0.001, `${signal?.markHz} Hz`)
      t.ok(Math.abs((signal?.spaceHz ?? 0) / space - 1) < 0.001, `${signal?.spaceHz} Hz`)
    }
})

t.test('caller identity in keys', async t => {
  const shown = (call: CallDisplay) => {
    const keys = dtmfDisplay(call, 'a-c')
    const pcm = new Int16Array(dtmfDurationSamples(keys) + 1600)
    const sender = new DtmfDisplaySender()
    sender.start(keys)
    sender.render(pcm, 800)
    return shownOf(pcm).map(({ told }) => told)
  }
  t.match(shown({ kind: 'call', number: '0389000001' }), [
    { ev: 'clip', number: '0389000001', scheme: 'dtmf' },
  ])
  t.match(shown({ kind: 'call', number: '0389000001', redirecting: { number: '3615' } }), [
    { number: '0389000001', redirecting: '3615' },
  ])
  t.match(shown({ kind: 'call', absence: 'P' }), [{ absence: 'P' }])
  t.match(shown({ kind: 'call', absence: 'O' }), [{ absence: 'O' }])
})
