// What a telephone on the hook gets from the line before and between the rings, measured on the line: instants of feed and
// ring voltage from the chip, sound at the receiver. Figures: ETSI EN 300 659-1 §6, BT SIN 227, Telcordia GR-30.

import t from 'tap'
import { displayLine, type Sound } from '../../support/display-line.js'
import {
  at,
  bell,
  isCallSetup,
  length,
  near,
  readBurst,
  sound,
  started,
  v23,
} from '../../support/display-reading.js'
import { levelAt } from '../../support/spectrum.js'

t.test('France: ring pulse 250 ms, 600 ms, V.23, 300 ms, first full ring, then the cadence', async t => {
  const shown = await displayLine({ ms: 13_000 })
  t.match(
    shown.feeds.map(({ state }) => state),
    ['ringing', 'standby', 'oht', 'ringing', 'standby', 'ringing', 'standby', 'ringing'],
  )
  t.ok(at(shown, 'ringing') <= 1, 'the alert comes at once')
  t.equal(at(shown, 'oht') - at(shown, 'ringing'), 250)
  t.equal(shown.sounds.length, 1)
  const data = sound(shown, 0)
  t.ok(near(data.fromMs - at(shown, 'oht'), 600), `data after ${data.fromMs - at(shown, 'oht')} ms`)
  const { start, bytes } = readBurst(data, v23)
  t.equal(start, started())
  t.ok(isCallSetup(bytes), 'one message')
  t.match(Buffer.from(bytes).toString('latin1'), /0389000002.*Anne/)
  t.ok(near(at(shown, 'ringing', 1) - data.toMs, 300), `ring ${at(shown, 'ringing', 1) - data.toMs} ms after`)
  const rings = [1, 2, 3].map(nth => at(shown, 'ringing', nth))
  t.same(
    rings.map(ms => ms - (rings[0] ?? 0)),
    [0, 5000, 10_000],
  )
  t.equal(at(shown, 'standby', 1) - (rings[0] ?? 0), 1500)
})

t.test('after the first ring: not before 500 ms, and done 200 ms before the next', async t => {
  for (const options of [{ afterRing1: true }, { cid: { alert: 'after-ring1' } as const }]) {
    const shown = await displayLine(options)
    t.same(
      shown.feeds.map(({ state, ms }) => `${state} ${Math.round(ms)}`),
      ['ringing 0', 'standby 1500', 'oht 1550', 'ringing 5000', 'standby 6500'],
    )
    t.equal(shown.sounds.length, 1)
    t.ok(near(sound(shown, 0).fromMs, 2100))
    t.ok(isCallSetup(readBurst(sound(shown, 0), v23).bytes))
  }
  // 800 ms for the data: a name is too long for it.
  const long = { number: '0389000002', name: 'A very long name indeed', withheld: false }
  const british = [400, 200, 400, 1600]
  const cut = await displayLine({ afterRing1: true, cadence: british, caller: long })
  const { bytes } = readBurst(sound(cut, 0), v23)
  t.match(Buffer.from(bytes).toString('latin1'), /0389000002/)
  t.notMatch(Buffer.from(bytes).toString('latin1'), /name/)
  t.ok(near(sound(cut, 0).fromMs, 1000 + 600))
  t.ok(at(cut, 'ringing', 2) - sound(cut, 0).toMs >= 200)
  const never = await displayLine({ afterRing1: true, cadence: [400, 600], caller: long })
  t.equal(never.sounds.length, 0, 'no silence is long enough')
  t.equal(at(never, 'ringing', 3), 3000, 'it rings all the same')
})

t.test('ETSI DT-AS: dual tone of 100 ms, 45 to 500 ms, data, ring', async t => {
  const shown = await displayLine({ cid: { alert: 'dt-as', gapMs: 60 } })
  t.same(
    shown.feeds.slice(0, 2).map(({ state, reversed }) => ({ state, reversed })),
    [
      { state: 'oht', reversed: false },
      { state: 'ringing', reversed: false },
    ],
  )
  const tone = sound(shown, 0)
  t.ok(near(length(tone), 100), `${length(tone)} ms`)
  for (const hz of [2130, 2750]) t.ok(near(levelAt(tone.samples, hz), -14, 0.5), `${hz} Hz`)
  const data = sound(shown, 1)
  t.ok(near(data.fromMs - tone.toMs, 60))
  t.ok(isCallSetup(readBurst(data, v23).bytes))
  t.ok(near(at(shown, 'ringing') - data.toMs, 300))
})

t.test('BT SIN 227: line reversal, dual tone at least 100 ms later, V.23 after 45 ms or more', async t => {
  const british = {
    alert: 'line-reversal+dt-as',
    reversalMs: 300,
    gapMs: 150,
    seizureBits: 192,
    markBits: 60,
  } as const
  const shown = await displayLine({ cid: british, cadence: [400, 200, 400, 2000] })
  t.match(shown.feeds[0], { state: 'oht', reversed: true, ms: 0 })
  const [tone, data] = [sound(shown, 0), sound(shown, 1)]
  t.ok(near(tone.fromMs, 300))
  t.ok(near(data.fromMs - tone.toMs, 150))
  const { start, bytes } = readBurst(data, v23, 192, 60)
  t.equal(start, started(192, 60))
  t.ok(isCallSetup(bytes))
  t.ok(near(at(shown, 'ringing') - data.toMs, 300))
  t.equal(at(shown, 'ringing', 1) - at(shown, 'ringing'), 600)
})

t.test('Bell 202 after the first ring of 2 s', async t => {
  const american = { scheme: 'bell202', alert: 'after-ring1' } as const
  const shown = await displayLine({ cid: american, cadence: [2000, 4000] })
  t.ok(near(sound(shown, 0).fromMs, 2600))
  t.ok(isCallSetup(readBurst(sound(shown, 0), bell).bytes))
  t.equal(at(shown, 'ringing', 1), 6000)
})

t.test('DTMF before the ring, after a line reversal or without', async t => {
  for (const alert of ['none', 'line-reversal'] as const) {
    const shown = await displayLine({ cid: { scheme: 'dtmf', dbm0: -10, alert, gapMs: 300 } })
    t.equal(shown.sounds.length, '0389000002'.length + 2, 'a key each')
    t.ok(shown.sounds.every(key => near(length(key), 70)))
    t.equal(shown.feeds[0]?.reversed, alert === 'line-reversal')
    const last = sound(shown, 11)
    // The pause after the last key belongs to it.
    t.ok(near(at(shown, 'ringing') - last.toMs, 300 + 65), `${at(shown, 'ringing') - last.toMs} ms`)
  }
})

t.test('nothing to send, no alert: it simply rings', async t => {
  const shown = await displayLine({ cid: { scheme: 'none' } })
  t.same(
    shown.feeds.map(({ state, ms }) => `${state} ${ms}`),
    ['ringing 0', 'standby 1500', 'ringing 5000', 'standby 6500'],
  )
  t.equal(shown.sounds.length, 0)
})

t.test('message waiting on the hook: no ring voltage unless the profile asks for a pulse', async t => {
  const display = { kind: 'messages', waiting: true, count: 2 } as const
  const lamp = await displayLine({ display })
  t.same(
    lamp.feeds.map(({ state }) => state),
    ['oht', 'standby'],
  )
  const { start, bytes } = readBurst(sound(lamp, 0), v23)
  t.equal(start, started())
  t.equal(bytes[0], 0x82)
  t.ok(at(lamp, 'standby') >= sound(lamp, 0).toMs)
  const pulsed = await displayLine({ display, cid: { mwiAlert: 'rp-as' } })
  t.same(
    pulsed.feeds.map(({ state }) => state),
    ['ringing', 'standby', 'oht', 'standby'],
  )
  t.equal(at(pulsed, 'standby') - at(pulsed, 'ringing'), 250)
  t.ok(near(sound(pulsed, 0).fromMs - at(pulsed, 'oht'), 600))
  for (const ms of [100, 400, 700]) {
    const lifted = await displayLine({ display, events: [[ms, ({ lift }) => lift()]] })
    for (const each of lifted.sounds)
      t.ok(each.toMs <= ms + 1, `lifted at ${ms} ms, heard until ${each.toMs}`)
    const rung = await displayLine({ display, events: [[ms, ({ ringAgain }) => ringAgain()]], ms: 4000 })
    const data = rung.sounds.at(-1) as Sound
    t.ok(isCallSetup(readBurst(data, v23).bytes), 'a call takes its place')
    t.ok(near(data.fromMs, ms + 850))
  }
})

t.test('the level of the profile', async t => {
  const shown = await displayLine({ cid: { dbm0: -20 } })
  const mark = sound(shown, 0).samples.subarray(310 * 7, 470 * 6)
  t.ok(near(levelAt(mark, 1300), -20, 0.5), String(levelAt(mark, 1300)))
})
