// Two calls against peers that share nothing with us: Kamailio between the box and two telephones (baresip), each with its
// tone and its codec. Waiting, swap, conference, masking and codes; sound is judged by its spectrum at every end.

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Child } from '../support/child.js'
import { type RunningDaemon, startDaemon } from '../support/daemon.js'
import { levelAt, readWav, sine, writeWav } from '../support/wav-file.js'
import { type Baresip, startBaresip } from './baresip.js'
import { startKamailio } from './kamailio.js'
import { startWiretap, type Wiretap } from './wiretap.js'

const folder = mkdtempSync(join(tmpdir(), 'voiceport-two-calls-'))
const domain = 'operator.test'
const proxy = '127.0.0.1:5060'
const NEAR = 500
const A = 800
const B = 1100
const DBM0 = -16
const wav = (hz: number, name: string): string => {
  const path = join(folder, `${name}.wav`)
  writeWav(path, sine(hz, DBM0, 120))
  return path
}
const nearWav = join(folder, 'near.wav')
writeWav(nearWav, sine(NEAR, DBM0, 3))

t.setTimeout(240_000)

let kamailio: Child
let tap: Wiretap
let box: RunningDaemon
let a: Baresip
let b: Baresip

const far = (n: 2 | 3, hz: number, codec: 'PCMA' | 'PCMU') =>
  startBaresip({
    address: `127.0.0.${n}`,
    folder: join(folder, `far${n}`),
    user: `038900000${n}`,
    password: `secret-${n}`,
    domain,
    proxy,
    plays: wav(hz, `tone${n}`),
    codec,
    answers: 'auto',
  })

t.before(async () => {
  kamailio = await startKamailio({
    address: '127.0.0.1',
    domain,
    subscribers: [1, 2, 3].map(n => ({ user: `038900000${n}`, password: `secret-${n}` })),
    // The codes of the network are answered by the first telephone, as an announcement would be.
    codesTo: '0389000002',
    folder,
  })
  t.teardown(() => kamailio.stop())
  tap = await startWiretap({ folder, ports: [20_000, 20_100] })
  t.teardown(() => tap.stop())
  a = await far(2, A, 'PCMA')
  t.teardown(() => a.stop())
  b = await far(3, B, 'PCMU')
  t.teardown(() => b.stop())
  box = await startDaemon({
    address: '127.0.0.5',
    lines: [{ id: 'tel1', user: '0389000001', password: 'secret-1' }],
    domain,
    proxy,
  })
  t.teardown(() => box.stop())
  await box.child.waitFor(/"state":"registered"/, 10_000)
})

const seconds = (s: number) => new Promise(resolve => setTimeout(resolve, s * 1000))
const reaches = (situation: string, from: number) =>
  box.child.waitFor(new RegExp(`"situation":"${situation.replace('+', '\\+')}"`), 10_000, from)
const until = async (what: string, holds: () => boolean) => {
  for (const end = Date.now() + 8000; !holds(); await seconds(0.05))
    if (Date.now() > end) throw new Error(`not within 8 s: ${what}`)
}
const flash = () => box.bench.do({ do: 'flash', ms: 270 })
const press = async (key: string) => {
  await flash()
  await seconds(0.1)
  await box.bench.do({ do: 'dtmf', digits: key })
}
const dial = async (keys: string) => {
  const from = box.bench.mark()
  await box.bench.do({ do: 'offhook' })
  await box.bench.waitFor(({ ev, name }) => ev === 'tone' && name === 'dial', 5000, from)
  const mark = box.child.mark()
  await box.bench.do({ do: 'dtmf', digits: keys })
  return mark
}
const hangUp = async () => {
  await box.bench.do({ do: 'onhook' })
  await seconds(1)
}

/** Three seconds in which the subscriber speaks, as they arrive at each end. */
interface Scene {
  readonly ear: Int16Array
  readonly a: Int16Array
  readonly b: Int16Array
}
const scene = async (): Promise<Scene> => {
  const path = join(folder, 'ear.wav')
  const from = Date.now()
  const recording = box.bench.do({ do: 'record', wav: path, ms: 3000 })
  await box.bench.do({ do: 'play', wav: nearWav })
  await recording
  const to = Date.now()
  return {
    ear: readWav(path).samples,
    a: tap.heard('PCMA', from, to),
    b: tap.heard('PCMU', from, to),
  }
}
/** Of others nothing at all; of himself, two steady tones at once being hard on the canceller, its 20 dB. */
const limit = (who: string, hz: number): number =>
  (who.endsWith(': a') && hz === A) || (who.endsWith(': b') && hz === B) ? DBM0 - 20 : -45
const judge = (t: Test, who: string, samples: Int16Array, wanted: readonly number[]) => {
  // A second in the middle; nothing at all is heard as nothing.
  const part = samples.subarray(samples.length / 2 - 4000, samples.length / 2 + 4000)
  for (const hz of [NEAR, A, B]) {
    const level = part.length < 8000 ? Number.NEGATIVE_INFINITY : levelAt(part, 8000, hz)
    if (wanted.includes(hz))
      t.ok(Math.abs(level - DBM0) < 3, `${who} hears ${hz} Hz at ${level.toFixed(1)} dBm0`)
    else t.ok(level < limit(who, hz), `${who} does not hear ${hz} Hz: ${level.toFixed(1)} dBm0`)
  }
}

const hear = async (t: Test, title: string, wanted: Readonly<Record<keyof Scene, readonly number[]>>) => {
  const heard = await scene()
  judge(t, `${title}: the telephone`, heard.ear, wanted.ear)
  judge(t, `${title}: a`, heard.a, wanted.a)
  judge(t, `${title}: b`, heard.b, wanted.b)
}

t.test('R and a number, R 2, R 3, R 2: who hears whom, measured at all three ends', async t => {
  const begun = await dial('0389000002')
  await reaches('active', begun)
  await seconds(2.5)
  await hear(t, 'call', { ear: [A], a: [NEAR], b: [] })
  const from = box.bench.mark()
  await flash()
  await box.bench.waitFor(({ ev, name }) => ev === 'tone' && name === 'recall', 5000, from)
  const asked = box.child.mark()
  await box.bench.do({ do: 'dtmf', digits: '0389000003' })
  await reaches('active+held', asked)
  await seconds(2.5)
  await hear(t, 'consultation', { ear: [B], a: [], b: [NEAR] })
  await press('2')
  await seconds(1.5)
  await hear(t, 'swapped', { ear: [A], a: [NEAR], b: [] })
  const joined = box.child.mark()
  await press('3')
  await reaches('conference', joined)
  await seconds(2)
  await hear(t, 'conference', { ear: [A, B], a: [NEAR, B], b: [NEAR, A] })
  await press('2')
  await seconds(1.5)
  await hear(t, 'parted', { ear: [A], a: [NEAR], b: [] })
  const hungUp = box.bench.mark()
  await hangUp()
  await box.bench.waitFor(({ ev, on }) => ev === 'ring' && on === true, 3000, hungUp)
  await box.bench.do({ do: 'offhook' })
  await seconds(1.5)
  await hear(t, 'recalled', { ear: [B], a: [], b: [NEAR] })
  await hangUp()
})

t.test('joined at once, the second telephone records both others itself', async t => {
  const begun = await dial('0389000002')
  await reaches('active', begun)
  await seconds(2.2)
  await flash()
  await seconds(0.3)
  const asked = box.child.mark()
  await box.bench.do({ do: 'dtmf', digits: '0389000003' })
  await reaches('active+held', asked)
  const joined = box.child.mark()
  await press('3')
  await reaches('conference', joined)
  await seconds(1)
  await hear(t, 'conference', { ear: [A, B], a: [NEAR, B], b: [NEAR, A] })
  await hangUp()
  await seconds(0.5)
  const path = b.recording('dec')
  if (path === undefined) throw new Error('baresip recorded nothing')
  const { samples } = readWav(path)
  // The subscriber spoke in the last three seconds.
  judge(t, 'b by its own recording', samples.subarray(samples.length - 28_000, samples.length - 8000), [
    NEAR,
    A,
  ])
})

t.test('a waiting call: R 0 refuses it, R 2 takes it, R 1 ends it and the first is back', async t => {
  const begun = await dial('0389000002')
  await reaches('active', begun)
  await seconds(2.5)
  const from = box.bench.mark()
  b.command('dial', `sip:0389000001@${domain}`)
  await box.bench.waitFor(({ ev, name }) => ev === 'tone' && name === 'waiting', 8000, from)
  await press('0')
  await until('refused as busy', () =>
    b.events.some(({ type, param }) => type === 'CALL_CLOSED' && /486/.test(param ?? '')),
  )
  let mark = box.child.mark()
  b.command('dial', `sip:0389000001@${domain}`)
  await reaches('active+waiting', mark)
  mark = box.child.mark()
  await press('2')
  await reaches('active+held', mark)
  await seconds(2)
  await hear(t, 'taken', { ear: [B], a: [], b: [NEAR] })
  mark = box.child.mark()
  await press('1')
  await reaches('active', mark)
  await seconds(1.5)
  await hear(t, 'back', { ear: [A], a: [NEAR], b: [] })
  await hangUp()
})

t.test('codes go to the network, "#" escaped, and *92* withholds the number of one call', async t => {
  const seen = kamailio.mark()
  await dial('*21*0612345678#')
  await kamailio.waitFor(/code \[sip:\*21\*0612345678%23@operator\.test/, 5000, seen)
  await seconds(1.5)
  const { ear } = await scene()
  judge(t, 'the announcement: the telephone', ear, [A])
  await hangUp()
  for (const [keys, shown] of [
    ['*92*0389000003', false],
    ['0389000003', true],
  ] as const) {
    const from = b.events.length
    const mark = await dial(keys)
    await reaches('active', mark)
    const known = () => b.events.slice(from).find(({ peeruri }) => peeruri !== undefined)?.peeruri
    await until('the telephone knows who calls', () => known() !== undefined)
    t.equal(known()?.includes('0389000001'), shown, `${keys}: ${known()}`)
    t.equal(/anonymous/.test(known() ?? ''), !shown)
    await hangUp()
  }
})
