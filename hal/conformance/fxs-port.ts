// What every FxsPort must do, whatever the box: hook edges, ring, ring trip, feed, safe close (hal/fxs-port.ts).
// A rig stands for the telephone at the other end of the wire; the suite never looks inside the implementation.

import type { Test } from 'tap'
import { us } from '../clock.js'
import type { FxsEvent, FxsPort, LineProfile } from '../fxs-port.js'
import { kindOf } from './hal-kind.js'

export interface FxsRig {
  readonly port: FxsPort
  readonly profile: LineProfile
  /** Lets time pass and everything due arrive. */
  pass(ms: number): Promise<void>
  /** Waits for a promise that needs time to pass. */
  finish<T>(work: Promise<T>): Promise<T>
  lift(): Promise<void>
  hangUp(): Promise<void>
  /** Opens the loop of a lifted telephone for exactly `ms`. */
  flash(ms: number): Promise<void>
  /** Ring voltage at the terminals: whether it is there, and its frequency (known at the latest 800 ms after it began). */
  bell(): { readonly ringing: boolean; readonly hz: number }
  /** Current through the telephone, mA. */
  loopMa(): Promise<number>
  close(): Promise<void>
}

/** Contact bounce that a driver may pass on, ms. */
const bounceMs = 15

const hooks = (events: readonly FxsEvent[]) => events.flatMap(event => (event.type === 'hook' ? [event] : []))
const feeds = (events: readonly FxsEvent[]) =>
  events.flatMap(event => (event.type === 'linefeed' ? [`${event.state} ${event.cause}`] : []))

/** Runs the suite; each part on a fresh rig. */
export const fxsPortConformance = async (t: Test, makeRig: () => Promise<FxsRig>): Promise<void> => {
  const part = (
    title: string,
    body: (t: Test, rig: FxsRig, events: FxsEvent[]) => Promise<void>,
    open = true,
  ): Promise<unknown> =>
    t.test(title, async t => {
      const rig = await makeRig()
      const events: FxsEvent[] = []
      try {
        if (open) {
          await rig.finish(rig.port.open(rig.profile, event => events.push(event)))
          await rig.pass(5)
        }
        await body(t, rig, events)
      } finally {
        await rig.finish(rig.port.close())
        await rig.close()
      }
    })

  await part('open brings the line to standby and reports the hook first', async (t, rig, events) => {
    t.equal(feeds(events).at(-1), 'standby command')
    t.equal(hooks(events).length, 1)
    t.equal(hooks(events)[0]?.offHook, false)
    t.strictSame(structuredClone(events), events, 'events are plain values')
    t.equal(await kindOf(rig.finish(rig.port.open(rig.profile, () => {}))), 'in-use')
  })

  await part(
    'a telephone lifted before the port opens is reported off-hook',
    async (t, rig) => {
      await rig.lift()
      const events: FxsEvent[] = []
      await rig.finish(rig.port.open(rig.profile, event => events.push(event)))
      await rig.pass(5)
      t.equal(hooks(events)[0]?.offHook, true)
    },
    false,
  )

  await part('before open and after close every command is refused as closed', async (t, rig) => {
    await rig.finish(rig.port.close())
    const commands: readonly (() => Promise<unknown>)[] = [
      () => rig.port.setLinefeed('active'),
      () => rig.port.ringBurst(true),
      () => rig.port.sense(),
      () => rig.port.readHook(),
    ]
    for (const command of commands) t.equal(await kindOf(rig.finish(command())), 'closed')
    t.equal(await kindOf(rig.finish(rig.port.close())), 'no error', 'close is idempotent')
  })

  await part('lifting and hanging up give raw edges with rising stamps', async (t, rig, events) => {
    await rig.lift()
    await rig.pass(20)
    const lifted = hooks(events).slice(1)
    t.equal(lifted.at(-1)?.offHook, true)
    t.equal(lifted[0]?.offHook, true, 'the first edge is the first contact')
    t.ok(lifted.at(-1)!.us - lifted[0]!.us <= bounceMs * 1000, 'one group of bounces')
    t.equal((await rig.finish(rig.port.readHook())).offHook, true)
    await rig.hangUp()
    await rig.pass(20)
    const stamps = hooks(events).map(event => event.us)
    t.strictSame(
      stamps,
      [...stamps].sort((a, b) => a - b),
    )
    t.equal(hooks(events).at(-1)?.offHook, false)
    const { offHook, us } = await rig.finish(rig.port.readHook())
    t.equal(offHook, false)
    t.ok(stamps.at(-1)! <= us, 'no edge lies in the future')
  })

  await part('a flash keeps its length to the millisecond', async (t, rig, events) => {
    await rig.lift()
    await rig.pass(30)
    const before = events.length
    await rig.flash(120)
    await rig.pass(20)
    const edges = hooks(events.slice(before))
    t.equal(edges[0]?.offHook, false)
    t.equal(edges.at(-1)?.offHook, true)
    const length = (edges.at(-1)!.us - edges[0]!.us) / 1000
    t.ok(Math.abs(length - 120) <= 1, `${length} ms`)
  })

  await part('a ring burst rings at the nearest frequency and stops', async (t, rig, events) => {
    await rig.finish(rig.port.ringBurst(true))
    await rig.pass(850)
    const bell = rig.bell()
    t.equal(bell.ringing, true)
    const { hz, source } = rig.port.capabilities.ring
    t.equal(hz.length === 0, source === 'none', 'whoever makes a waveform says which')
    if (source !== 'none') {
      const nearest = hz.reduce((a, b) =>
        Math.abs(b - rig.profile.ringHz) < Math.abs(a - rig.profile.ringHz) ? b : a,
      )
      t.ok(Math.abs(bell.hz - nearest) <= 1, `${bell.hz} Hz for ${nearest}`)
    }
    t.equal(await kindOf(rig.finish(rig.port.lineTest('battery'))), 'refused', 'no test while ringing')
    await rig.finish(rig.port.ringBurst(false))
    await rig.pass(20)
    t.equal(rig.bell().ringing, false)
    t.strictSame(feeds(events).slice(-2), ['ringing command', 'standby command'])
    t.equal(hooks(events).length, 1, 'ring voltage is no hook edge')
  })

  await part('answering in a burst trips the ring by itself', async (t, rig, events) => {
    await rig.finish(rig.port.ringBurst(true))
    await rig.pass(200)
    const before = events.length
    await rig.lift()
    await rig.pass(150)
    t.equal(rig.bell().ringing, false)
    const since = events.slice(before)
    t.strictSame(feeds(since), ['active auto'])
    const trip = since.findIndex(event => event.type === 'ring-trip')
    t.ok(trip >= 0)
    const hook = since.findIndex(event => event.type === 'hook')
    t.ok(hook > trip, 'the hook edge follows the ring trip')
    t.equal(hooks(since).at(-1)?.offHook, true)
    await rig.finish(rig.port.ringBurst(false))
    await rig.pass(5)
    t.equal(feeds(events).at(-1), 'active auto', 'a burst that is over cannot be ended twice')
  })

  await part('no ring into a lifted telephone, no ringing by setLinefeed', async (t, rig) => {
    await rig.lift()
    await rig.pass(20)
    t.equal(await kindOf(rig.finish(rig.port.ringBurst(true))), 'refused')
    t.equal(rig.bell().ringing, false)
    t.equal(await kindOf(rig.finish(rig.port.setLinefeed('ringing' as 'active'))), 'invalid')
  })

  await part('no event is delivered from inside a command', async (t, rig) => {
    await rig.finish(rig.port.close())
    let inside = false
    let wrong = 0
    await rig.finish(
      rig.port.open(rig.profile, () => {
        if (inside) wrong++
      }),
    )
    for (const command of [
      () => rig.port.setLinefeed('active'),
      () => rig.port.setLinefeed('standby'),
      () => rig.port.ringBurst(true),
      () => rig.port.ringBurst(false),
    ]) {
      inside = true
      const work = command()
      inside = false
      await rig.finish(work)
    }
    t.equal(wrong, 0)
  })

  await part('feed, current and polarity', async (t, rig, events) => {
    const { polarityReversal, senses } = rig.port.capabilities
    const senseless = senses.length === 0
    if (senseless) t.equal(await kindOf(rig.finish(rig.port.sense())), 'unsupported')
    else t.ok((await rig.finish(rig.port.sense())).loopMa < 1, 'nothing flows on-hook')
    await rig.lift()
    await rig.finish(rig.port.setLinefeed('active'))
    await rig.pass(20)
    const mA = await rig.loopMa()
    // A chip that measures nothing has a feed of its own.
    t.ok(senseless ? mA >= 18 && mA <= 42 : Math.abs(mA - rig.profile.loopMa) <= 3, `${mA} mA`)
    if (!senseless) {
      const sense = await rig.finish(rig.port.sense())
      t.ok(Math.abs(sense.loopMa - mA) <= 1, `${sense.loopMa} mA`)
      t.ok(sense.tipRingVolts > 3 && sense.tipRingVolts < 20, `${sense.tipRingVolts} V`)
    }
    t.equal(await kindOf(rig.finish(rig.port.lineTest('battery'))), 'refused')
    const edges = hooks(events).length
    if (polarityReversal) {
      await rig.finish(rig.port.setLinefeed('active', { reversed: true }))
      await rig.pass(20)
      if (!senseless) t.ok((await rig.finish(rig.port.sense())).tipRingVolts < 0)
      t.match(
        events.findLast(event => event.type === 'linefeed'),
        { reversed: true, cause: 'command' },
      )
    }
    t.equal(hooks(events).length, edges, 'a change of feed is no hook edge')
  })

  await part('a loop disconnect takes the current away and gives it back', async (t, rig, events) => {
    await rig.lift()
    await rig.finish(rig.port.setLinefeed('active'))
    await rig.pass(20)
    const edges = hooks(events).length
    const cut = rig.port.loopDisconnect(400)
    await rig.pass(100)
    t.equal(await rig.loopMa(), 0)
    await rig.finish(cut)
    await rig.pass(20)
    t.ok((await rig.loopMa()) > 15)
    t.strictSame(feeds(events).slice(-2), ['open command', 'active command'])
    t.equal(hooks(events).length, edges, 'the box knows that it was no hook edge')
    t.equal(await kindOf(rig.finish(rig.port.loopDisconnect(20))), 'invalid')
  })

  await part('impedance, gain and line tests', async (t, rig) => {
    const { capabilities } = rig.port
    for (const id of capabilities.impedances)
      t.equal(await kindOf(rig.finish(rig.port.setImpedance(id))), 'no error')
    t.equal(await kindOf(rig.finish(rig.port.setImpedance('no such'))), 'invalid')
    t.equal(await kindOf(rig.finish(rig.port.setGain({ receiveDb: 0, transmitDb: 0 }))), 'no error')
    t.equal(
      await kindOf(rig.finish(rig.port.setGain({ receiveDb: capabilities.gainDb.receive[1] + 1 }))),
      'invalid',
    )
    for (const test of capabilities.lineTests) {
      const result = await rig.finish(rig.port.lineTest(test))
      t.equal(result.test, test)
      t.equal(result.pass, true, `${test} passes on a sound line`)
      t.ok(Object.values(result.values).every(Number.isFinite))
    }
  })

  await part('planned changes are made at their instants, in their order', async (t, rig, events) => {
    const { us: now } = await rig.finish(rig.port.readHook())
    const at = (ms: number) => ({ atUs: us(now + ms * 1000) })
    // Not in the order of their instants; the last two for the same one.
    await rig.finish(rig.port.setLinefeed('active', at(460)))
    await rig.finish(rig.port.ringBurst(true, at(200)))
    await rig.finish(rig.port.ringBurst(false, at(450)))
    await rig.finish(rig.port.setLinefeed('open', at(500)))
    await rig.finish(rig.port.setLinefeed('standby', at(500)))
    t.equal(feeds(events).length, 1, 'noted, not made')
    await rig.pass(700)
    const made = events.flatMap(event => (event.type === 'linefeed' ? [event] : [])).slice(1)
    t.strictSame(
      made.map(({ state }) => state),
      ['ringing', 'standby', 'active', 'open', 'standby'],
    )
    for (const [i, ms] of [200, 450, 460, 500, 500].entries()) {
      const lateUs = (made[i]?.us ?? 0) - now - ms * 1000
      // A chip with a clock of its own may be a little early by the box's.
      t.ok(lateUs >= -100 && lateUs <= 5000, `${made[i]?.state} ${lateUs} us late`)
    }
    const past = { atUs: us(now) }
    await rig.finish(rig.port.setLinefeed('standby', past))
    await rig.pass(5)
    t.equal(feeds(events).at(-1), 'standby command', 'what should have been is made at once')
  })

  await part(
    'a command for now, a lifted telephone and close drop what is planned',
    async (t, rig, events) => {
      const plan = async () => {
        const { us: now } = await rig.finish(rig.port.readHook())
        await rig.finish(rig.port.ringBurst(true, { atUs: us(now + 250_000) }))
        await rig.finish(rig.port.ringBurst(false, { atUs: us(now + 500_000) }))
      }
      const rang = () => feeds(events).some(feed => feed.startsWith('ringing'))
      for (const command of [
        () => rig.port.setLinefeed('standby'),
        () => rig.port.ringBurst(false),
        () => rig.port.loopDisconnect(50),
      ]) {
        await plan()
        await rig.finish(command())
        await rig.pass(400)
        t.notOk(rang())
      }
      await plan()
      await rig.lift()
      await rig.pass(400)
      t.notOk(rang(), 'lifted')
      t.equal(await kindOf(plan()), 'refused')
      const { us: now } = await rig.finish(rig.port.readHook())
      const feed = rig.port.capabilities.onHookTransmission ? 'oht' : 'active'
      t.equal(await kindOf(rig.finish(rig.port.setLinefeed(feed, { atUs: us(now + 1000) }))), 'refused')
      await rig.hangUp()
      await rig.pass(20)
      await plan()
      await rig.finish(rig.port.close())
      await rig.finish(rig.port.open(rig.profile, event => events.push(event)))
      await rig.pass(400)
      t.notOk(rang(), 'closed')
    },
  )

  await part('lifting the telephone ends on-hook transmission', async (t, rig, events) => {
    if (!rig.port.capabilities.onHookTransmission) return
    await rig.finish(rig.port.setLinefeed('oht'))
    await rig.pass(20)
    const before = events.length
    await rig.lift()
    await rig.pass(50)
    t.strictSame(feeds(events.slice(before)), ['standby auto'])
    t.equal(hooks(events).at(-1)?.offHook, true)
    await rig.finish(rig.port.setLinefeed('active'))
    await rig.pass(20)
    t.equal(feeds(events).at(-1), 'active command')
  })

  await part('close stops the ring and silences the port; it can be opened again', async (t, rig, events) => {
    await rig.finish(rig.port.ringBurst(true))
    await rig.pass(50)
    await rig.finish(rig.port.close())
    await rig.pass(20)
    t.equal(rig.bell().ringing, false)
    const told = events.length
    await rig.lift()
    await rig.pass(20)
    await rig.hangUp()
    await rig.pass(20)
    t.equal(events.length, told, 'no events after close')
    const later: FxsEvent[] = []
    await rig.finish(rig.port.open(rig.profile, event => later.push(event)))
    await rig.pass(5)
    t.equal(hooks(later).length, 1)
    t.equal(events.length, told, 'the former sink is forgotten')
  })
}
