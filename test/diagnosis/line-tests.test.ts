// The technician's tests: what they do to a telephone, what they conclude, and when they are refused or give way.

import t from 'tap'
import { keyVerdicts } from '../../firmware/run/line-tests/talk-tests.js'
import { isRefused, type Refused, type TestReport } from '../../firmware/run/line-tests/test-report.js'
import type { FxsPort, LineTest, LineTestResult } from '../../hal/fxs-port.js'
import {
  type HouseOptions,
  openVirtualHouse,
  type VirtualHouse,
  type VirtualTelephone,
} from '../support/virtual-house.js'

t.setTimeout(120_000)

const inHouse = async (
  body: (house: VirtualHouse, tel1: VirtualTelephone, tel2: VirtualTelephone) => Promise<void>,
  options: HouseOptions = {},
): Promise<void> => {
  const house = await openVirtualHouse(options)
  try {
    const [tel1, tel2] = house.telephones as [VirtualTelephone, VirtualTelephone]
    await body(house, tel1, tel2)
  } finally {
    await house.close()
  }
}

const outcomeOf = (outcome: TestReport | Refused): string =>
  isRefused(outcome) ? `refused: ${outcome.refused}` : outcome.verdicts.map(({ id }) => id).join()

const situation = (house: VirtualHouse, line = 'tel1') =>
  house.box.status().find(status => status.line === line)?.situation

const ringsOf = ({ events }: VirtualTelephone) =>
  events.filter(event => event.ev === 'ring' && event.on).length

t.test('no test while the telephone is used, and no ring voltage before somebody has armed it', async t => {
  await inHouse(async (house, tel1) => {
    const { diagnosis } = house
    t.equal(outcomeOf(await house.ask(diagnosis.testRing('tel1'))), 'refused: not-armed')
    t.equal(ringsOf(tel1), 0)
    const unarmed = await house.ask(diagnosis.testLine('tel1'))
    t.notOk(!isRefused(unarmed) && unarmed.measured.some(([name]) => name.startsWith('ringers')))
    t.equal(outcomeOf(await house.ask(diagnosis.testTone('tel1', 'busy'))), 'refused: not-lifted')
    t.equal(outcomeOf(await house.ask(diagnosis.testLine('tel9'))), 'refused: no-such-line')
    for (const number of ['112', '+112', '15', '00112', '+33112', '+33017', '003315', '0116117', '*92*112'])
      t.equal(outcomeOf(await house.ask(diagnosis.testCall('tel1', number))), 'refused: emergency-number')
    t.equal(diagnosis.arm('tel9'), false)
    await tel1.act({ do: 'offhook' })
    await house.until('dial tone', () => tel1.tone === 'dial')
    diagnosis.arm('tel1')
    for (const test of [
      diagnosis.testRing('tel1'),
      diagnosis.testLine('tel1'),
      diagnosis.testLoopback('tel1'),
    ])
      t.equal(outcomeOf(await house.ask(test)), 'refused: in-use')
    await tel1.act({ do: 'onhook' })
    await house.advance(700_000)
    t.equal(
      outcomeOf(await house.ask(diagnosis.testRing('tel1'))),
      'refused: not-armed',
      'armed for ten minutes',
    )
  })
})

t.test('a ring of two bursts; a telephone that is lifted meanwhile has its dial tone', async t => {
  await inHouse(async (house, tel1, tel2) => {
    const { diagnosis } = house
    diagnosis.arm('tel1')
    const report = await house.ask(diagnosis.testRing('tel1'))
    t.equal(outcomeOf(report), 'rang')
    t.equal(ringsOf(tel1), 2)
    t.notOk(tel1.ringing)
    t.notOk(
      isRefused(report) || !report.measured.some(([name, value]) => name === 'ringers ren' && value === '1'),
    )
    const ringing = diagnosis.testRing('tel1')
    await house.until('it rings', () => tel1.ringing)
    t.equal(outcomeOf(await house.ask(diagnosis.testRing('tel1'))), 'refused: under-test')
    await tel1.act({ do: 'offhook' })
    t.equal(outcomeOf(await house.ask(ringing)), 'ring-answered')
    await house.until('dial tone', () => tel1.tone === 'dial')
    await tel1.act({ do: 'onhook' })
    await house.advance(1000)
    t.equal(situation(house), 'idle')
    t.equal(ringsOf(tel2), 0)
  })
})

t.test('a call that comes in ends a test of ringing and rings by itself', async t => {
  await inHouse(async (house, tel1, tel2) => {
    house.diagnosis.arm('tel1')
    await tel2.act({ do: 'offhook' })
    await house.until('dial tone', () => tel2.tone === 'dial')
    await tel2.act({ do: 'dtmf', digits: tel1.number.slice(0, -1) })
    const ringing = house.diagnosis.testRing('tel1')
    await house.advance(200)
    await tel2.act({ do: 'dtmf', digits: tel1.number.slice(-1) })
    t.equal(outcomeOf(await house.ask(ringing)), 'test-stopped')
    t.equal(situation(house), 'ringing-in')
    await house.until('it rings for the call', () => tel1.ringing)
    await tel1.act({ do: 'offhook' })
    await house.until('they talk', () => situation(house) === 'active')
  })
})

t.test('a tone is heard for five seconds, then the dial tone again', async t => {
  await inHouse(async (house, tel1) => {
    await tel1.act({ do: 'offhook' })
    await house.until('dial tone', () => tel1.tone === 'dial')
    const playing = house.diagnosis.testTone('tel1', 'busy')
    await house.until('busy tone', () => tel1.tone === 'busy')
    t.equal(outcomeOf(await house.ask(playing)), 'tone-played')
    await house.until('dial tone again', () => tel1.tone === 'dial')
  })
})

t.test('keys are told with level and twist and dial nothing', async t => {
  await inHouse(async (house, tel1) => {
    await tel1.act({ do: 'offhook' })
    await house.until('dial tone', () => tel1.tone === 'dial')
    const told: string[] = []
    const listening = house.diagnosis.testKeys('tel1', ({ key }) => void told.push(key))
    await tel1.act({ do: 'dtmf', digits: '123456789*0', twistDb: 2 })
    t.equal(situation(house), 'dial-tone')
    await tel1.act({ do: 'dtmf', digits: '#' })
    const report = await house.ask(listening)
    t.equal(outcomeOf(report), 'keys-good')
    t.equal(told.join(''), '123456789*0#')
    t.notOk(
      isRefused(report) || !report.measured.every(([, value]) => /^-1\d dBm0, twist [123] dB$/.test(value)),
    )
    await house.until('dial tone again', () => tel1.tone === 'dial')
  })
})

/** Lifted, with dial tone, and the keys under test. */
const testingKeys = async (house: VirtualHouse, tel1: VirtualTelephone, signal?: AbortSignal) => {
  await tel1.act({ do: 'offhook' })
  await house.until('dial tone', () => tel1.tone === 'dial')
  return { outcome: house.diagnosis.testKeys('tel1', () => undefined, signal) }
}

t.test('keys may be pressed slowly: the dial tone waits for the end of the test, and no longer', async t => {
  await inHouse(async (house, tel1) => {
    const { outcome } = await testingKeys(house, tel1)
    for (const digits of '123456789*0#') {
      await house.advance(2000)
      await tel1.act({ do: 'dtmf', digits })
    }
    t.equal(outcomeOf(await house.ask(outcome)), 'keys-good')
    await house.until('dial tone again', () => tel1.tone === 'dial')
    t.equal(situation(house), 'dial-tone')
    await house.until('it has waited for a number', () => situation(house) === 'failed')
  })
})

t.test('a test of keys that is cut short says nothing of the telephone', async t => {
  await inHouse(async (house, tel1) => {
    const hungUp = await testingKeys(house, tel1)
    await tel1.act({ do: 'dtmf', digits: '12' })
    await tel1.act({ do: 'onhook' })
    t.equal(outcomeOf(await house.ask(hungUp.outcome)), 'test-stopped')
    await house.until('idle', () => situation(house) === 'idle')
    const given = new AbortController()
    const aborted = await testingKeys(house, tel1, given.signal)
    await tel1.act({ do: 'dtmf', digits: '12' })
    given.abort()
    t.equal(outcomeOf(await house.ask(aborted.outcome)), 'test-stopped')
  })
})

t.test('keys that nobody has pressed within a minute are missing', async t => {
  await inHouse(async (house, tel1) => {
    const { outcome } = await testingKeys(house, tel1)
    await tel1.act({ do: 'dtmf', digits: '12' })
    t.equal(outcomeOf(await house.ask(outcome)), 'keys-missing')
  })
})

/** The line chip with something of its own in the place of `lineTest`. */
const withLineTest =
  (lineTest: (port: FxsPort, test: LineTest) => Promise<LineTestResult>) =>
  (port: FxsPort): FxsPort =>
    new Proxy(port, {
      get: (target, name: keyof FxsPort) => {
        if (name === 'lineTest') return (test: LineTest) => lineTest(target, test)
        const value = target[name]
        return typeof value === 'function' ? value.bind(target) : value
      },
    })

t.test('an armed line that leaks is not rung', async t => {
  let leaks = false
  const tested: LineTest[] = []
  const chip = withLineTest(async (port, test) => {
    tested.push(test)
    const result = await port.lineTest(test)
    if (!leaks || test !== 'resistive-fault') return result
    return { test, pass: false, values: { tipRingOhms: 9000, tipGroundOhms: 1e7, ringGroundOhms: 1e7 } }
  })
  await inHouse(
    async house => {
      house.diagnosis.arm('tel1')
      t.equal(outcomeOf(await house.ask(house.diagnosis.testLine('tel1'))), 'line-sound')
      t.ok(tested.includes('ringers'), 'a sound line is')
      tested.length = 0
      leaks = true
      t.equal(outcomeOf(await house.ask(house.diagnosis.testLine('tel1'))), 'insulation')
      t.ok(tested.includes('resistive-fault'))
      t.notOk(tested.includes('ringers'))
    },
    { chip },
  )
})

t.test('a line chip that never tells a result blocks no further test', async t => {
  let silent = true
  const chip = withLineTest((port, test) => (silent ? new Promise(() => undefined) : port.lineTest(test)))
  await inHouse(
    async (house, tel1) => {
      const lifted = house.diagnosis.testLine('tel1')
      await house.advance(50)
      await tel1.act({ do: 'offhook' })
      t.equal(outcomeOf(await house.ask(lifted)), 'test-stopped')
      await tel1.act({ do: 'onhook' })
      await house.until('idle', () => situation(house) === 'idle')
      t.equal(outcomeOf(await house.ask(house.diagnosis.testLine('tel1'))), 'test-failed')
      t.equal(outcomeOf(await house.ask(house.diagnosis.testLoopback('tel1'))), 'test-failed')
      silent = false
      t.equal(outcomeOf(await house.ask(house.diagnosis.testLine('tel1'))), 'line-sound')
    },
    { chip },
  )
})

t.test('a registration that fails or does not end is not called good', async t => {
  await inHouse(async house => {
    const given = new AbortController()
    given.abort()
    const aborted = house.diagnosis.testRegistration('tel1', given.signal)
    t.equal(outcomeOf(await house.ask(aborted)), 'test-stopped')
    await house.advance(5000)
    const sip = house.box.line('tel1')?.sip
    if (!sip) throw new Error('no account')
    const { register } = sip
    Object.assign(sip, { register: () => undefined })
    t.equal(outcomeOf(await house.ask(house.diagnosis.testRegistration('tel1'))), 'operator-silent')
    Object.assign(sip, { register })
    house.network.loss = 1
    t.equal(outcomeOf(await house.ask(house.diagnosis.testRegistration('tel1'))), 'refresh-failed')
  })
})

t.test('an emergency number dialled into a test of keys is dialled', async t => {
  await inHouse(async (house, tel1) => {
    await tel1.act({ do: 'offhook' })
    await house.until('dial tone', () => tel1.tone === 'dial')
    const listening = house.diagnosis.testKeys('tel1', () => undefined)
    await tel1.act({ do: 'dtmf', digits: '4112' })
    t.equal(situation(house), 'emergency')
    t.equal(outcomeOf(await house.ask(listening)), 'test-stopped')
    const placed = house.trace
      .steps()
      .flatMap(({ effects }) => effects.flatMap(effect => (effect.type === 'place' ? [effect] : [])))
    t.match(placed, [{ target: '112', emergency: true }])
  })
})

t.test('what keys say of a telephone', async t => {
  const key = (name: string, dbm0 = -8, twistDb = 1) => ({ key: name, dbm0, twistDb })
  const ids = (keys: readonly ReturnType<typeof key>[]) => keyVerdicts(keys, 'tel1').map(({ id }) => id)
  const all = [...'123456789*0#'].map(name => key(name))
  t.same(ids([]), ['no-keys'])
  t.same(ids(all), ['keys-good'])
  t.same(ids(all.slice(1)), ['keys-missing'])
  t.same(ids([...all.slice(1), key('1', -24)]), ['keys-weak'])
  t.same(ids([...all.slice(1), key('1', -8, 6)]), ['keys-weak'])
})

t.test('a call of the box itself: answered, refused, and nothing left behind', async t => {
  await inHouse(async (house, tel1) => {
    const { diagnosis } = house
    const report = await house.ask(diagnosis.testCall('tel1', '3100'))
    t.equal(outcomeOf(report), 'call-good')
    t.equal(outcomeOf(await house.ask(diagnosis.testCall('tel1', '0999999999'))), 'call-refused')
    await house.advance(40_000)
    t.equal(house.operator?.serviceCalls, 0)
    t.notOk(house.network.openSockets.some(({ address, port }) => address === '127.0.0.5' && port !== 5060))
    t.same(
      tel1.events.filter(({ ev }) => ev === 'ring' || ev === 'tone'),
      [],
    )
    house.operator?.faults.add({ match: { what: 'rtp', direction: 'out' }, fault: { type: 'drop' } })
    t.equal(outcomeOf(await house.ask(diagnosis.testCall('tel1', '3100'))), 'call-silent')
  })
})

t.test('a call of the box itself gives way to a telephone that is lifted', async t => {
  await inHouse(async (house, tel1) => {
    const calling = house.diagnosis.testCall('tel1', '3100')
    await house.advance(1000)
    await tel1.act({ do: 'offhook' })
    t.equal(outcomeOf(await house.ask(calling)), 'test-stopped')
    await house.until('dial tone', () => tel1.tone === 'dial')
  })
})

t.test('registering now, and the audio way to the chip', async t => {
  await inHouse(async (house, tel1) => {
    const { diagnosis } = house
    const before = (await house.ask(diagnosis.facts('tel1'))).lines[0]?.registration.attemptMs ?? 0
    await house.advance(5000)
    t.equal(outcomeOf(await house.ask(diagnosis.testRegistration('tel1'))), 'registered-now')
    const after = (await house.ask(diagnosis.facts('tel1'))).lines[0]?.registration
    t.ok((after?.attemptMs ?? 0) >= before + 5000)
    t.same(after?.proxies, ['127.0.0.1:5060'])
    t.equal(outcomeOf(await house.ask(diagnosis.testLoopback('tel1'))), 'loopback-good')
    await tel1.act({ do: 'fault', kind: 'pcm-xrun', on: true })
    t.equal(outcomeOf(await house.ask(diagnosis.testLoopback('tel1'))), 'loopback-bad')
  })
})

t.test('a technician who gives up ends the test', async t => {
  await inHouse(async (house, tel1) => {
    house.diagnosis.arm('tel1')
    const given = new AbortController()
    const ringing = house.diagnosis.testRing('tel1', given.signal)
    await house.until('it rings', () => tel1.ringing)
    given.abort()
    t.equal(outcomeOf(await house.ask(ringing)), 'test-stopped')
    await house.advance(100)
    t.notOk(tel1.ringing)
  })
})
