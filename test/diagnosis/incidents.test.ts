// Ten things that go wrong in the field. Each enters as volts, edges, SIP, a clock or a file, never as a ready alarm, and is
// found at the console in at most three commands; a line that is whole says so, and of two faults at once both are told.

import t from 'tap'
import type { FxsPort } from '../../hal/fxs-port.js'
import { openVirtualHouse, type VirtualHouse, type VirtualTelephone } from '../support/virtual-house.js'
import { callEcho, type IncidentId, incident, incidents } from './field-incidents.js'
import { type Technician, technicianIn } from './technician.js'

t.setTimeout(120_000)

type Options = Parameters<typeof openVirtualHouse>[0]

const inHouse = async (
  options: Options,
  body: (house: VirtualHouse, tel1: VirtualTelephone) => Promise<void>,
): Promise<void> => {
  const house = await openVirtualHouse({ numbers: ['0389000001'], ...options })
  try {
    await body(house, house.telephones[0] as VirtualTelephone)
  } finally {
    await house.close()
  }
}

/** The house of an incident, after it. */
const atIncident = (
  id: IncidentId,
  body: (house: VirtualHouse, tel1: VirtualTelephone) => Promise<void>,
  more: Options = {},
): Promise<void> => {
  const { house: options, happens } = incident(id)
  return inHouse({ ...options, ...more }, async (house, tel1) => {
    await happens(house, tel1)
    await body(house, tel1)
  })
}

const mostCommands = 3

/** The ids of the verdicts that a technician has been told. Each house has one, and he types no more than three commands. */
const typed = async (house: VirtualHouse, command: string) => {
  const technician = technicians.get(house) ?? technicianIn(house)
  technicians.set(house, technician)
  if (technician.commands === mostCommands) throw new Error(`a fourth command: ${command}`)
  const { verdicts, refused, text } = await technician.type(command)
  if (refused !== undefined) throw new Error(`refused: ${refused}`)
  lastScreen = text.join('\n')
  return verdicts
}
const technicians = new WeakMap<VirtualHouse, Technician>()
/** Of the command typed last. */
let lastScreen = ''
/** Lines of the screen that were folded, in one. */
const flat = (screen: string) => screen.replace(/\n +/g, ' ')
const showLine = (house: VirtualHouse) => typed(house, 'show line tel1')

/** A chip that measures but reports no fault by itself. */
const silentChip = (port: FxsPort): FxsPort => ({
  ...bound(port),
  open: (profile, onEvent) => port.open(profile, event => event.type !== 'fault' && onEvent(event)),
})

const bound = (port: FxsPort): FxsPort => ({
  id: port.id,
  capabilities: port.capabilities,
  open: (...args) => port.open(...args),
  close: () => port.close(),
  setLinefeed: (...args) => port.setLinefeed(...args),
  ringBurst: (...args) => port.ringBurst(...args),
  loopDisconnect: ms => port.loopDisconnect(ms),
  setImpedance: id => port.setImpedance(id),
  setGain: gain => port.setGain(gain),
  sense: () => port.sense(),
  lineTest: test => port.lineTest(test),
  readHook: () => port.readHook(),
})

t.test('a healthy line says so', async t => {
  await inHouse({}, async house => {
    t.same(await showLine(house), ['line-ready'])
    t.match(flat(lastScreen), /Line ready: 0389000001@operator\.test is registered/)
    t.same(await typed(house, 'test line tel1'), ['line-sound'])
  })
})

t.test('each incident of the field is found by the first of its commands, at most three', async t => {
  for (const { id, commands, verdict } of incidents)
    await atIncident(id, async house => {
      const told: (readonly string[])[] = []
      for (const command of commands) told.push(await typed(house, command))
      t.equal(told[0]?.[0], verdict, id)
    })
})

t.test('wrong password: the operator asks for it and then refuses', async t => {
  await atIncident('wrong-password', async house => {
    t.same(await showLine(house), ['password-refused'])
    t.match(flat(lastScreen), /refuses the password of 0389000001@operator\.test \(403/)
    t.same(await typed(house, 'test registration tel1'), ['password-refused'])
  })
})

t.test('wrong password, and a registrar that only asks again', async t => {
  await inHouse({}, async house => {
    house.operator?.faults.add({
      match: { direction: 'in', method: 'REGISTER' },
      fault: { type: 'challenge', stale: false },
    })
    t.same(await typed(house, 'test registration tel1'), ['password-refused'])
  })
})

t.test('registrar says 403', async t => {
  await atIncident('forbidden', async house => {
    t.same(await typed(house, 'test registration tel1'), ['account-forbidden'])
    t.same(await showLine(house), ['account-forbidden'])
  })
})

t.test('the name server does not answer', async t => {
  await atIncident('no-dns', async house => {
    t.same(await showLine(house), ['no-name-server'])
    t.match(flat(lastScreen), /name server does not answer.*operator\.test/)
  })
  const account = { proxies: ['sip:proxy.operator.test;transport=udp'] }
  await inHouse({ account, operator: false }, async house => {
    await house.advance(2000)
    t.same(await showLine(house), ['no-such-name'], 'a name that does not exist is another fault')
  })
})

t.test('nobody at the operator', async t => {
  await inHouse({ operator: false }, async house => {
    await house.advance(40_000)
    t.same(await showLine(house), ['operator-silent'])
  })
})

t.test('the telephone was left off the hook', async t => {
  await atIncident('off-hook', async house => {
    t.same(await showLine(house), ['left-off-hook'])
    t.match(flat(lastScreen), /The telephone was left off the hook \(23 mA, 8\.8 V\)\./)
  })
})

for (const chip of [undefined, silentChip])
  t.test(
    `short circuit, ${chip ? 'and a chip that does not report it' : 'reported by the chip'}`,
    async t => {
      const body = async (house: VirtualHouse) => {
        t.same(await showLine(house), ['short'])
        // With dial tone on it the loop is not measured: there is nothing that needs it.
        if (!chip) t.same(await typed(house, 'test line tel1'), ['short'])
      }
      await atIncident('short-circuit', body, chip && { chip })
    },
  )

for (const chip of [undefined, silentChip])
  t.test(
    `no ring voltage, ${chip ? 'and a chip that does not report it' : 'reported by the chip'}`,
    async t => {
      const body = async (house: VirtualHouse) => {
        t.same(await showLine(house), ['no-supply'])
        t.match(flat(lastScreen), /no supply \(11 V\): no ring voltage/)
        await typed(house, 'test arm tel1')
        t.same(await typed(house, 'test ring tel1'), ['no-supply'])
      }
      await atIncident('no-ring-voltage', body, chip && { chip })
    },
  )

t.test('nothing rings: no telephone on the line', async t => {
  await inHouse({}, async (house, tel1) => {
    await tel1.act({ do: 'fault', kind: 'no-ringer', on: true })
    await typed(house, 'test arm tel1')
    t.same(await typed(house, 'test ring tel1'), ['no-bell'])
  })
})

t.test('one-way audio: the packets of the far end do not arrive, during the call and after it', async t => {
  await atIncident('one-way-audio', async (house, tel1) => {
    t.same(await showLine(house), ['nothing-received'])
    await tel1.act({ do: 'onhook' })
    await house.advance(2000)
    t.same(await showLine(house), ['nothing-received'])
  })
})

t.test('one-way audio that begins in the middle of a call', async t => {
  await inHouse({}, async (house, tel1) => {
    await callEcho(house, tel1)
    await house.advance(3000)
    t.same(await showLine(house), ['line-in-use'])
    house.operator?.faults.add({ match: { what: 'rtp', direction: 'out' }, fault: { type: 'drop' } })
    await house.advance(12_000)
    t.same(await showLine(house), ['nothing-received'])
  })
})

t.test('R too short: the presses are measured, though none of them was an R', async t => {
  await atIncident('short-flash', async house => {
    t.same(await showLine(house), ['flash-short', 'line-in-use'])
    t.match(flat(lastScreen), /last 5\d ms: too short, 80 ms are needed/)
  })
})

t.test('a clock that never was set, and one that the operator contradicts', async t => {
  await atIncident('wrong-clock', async house => {
    t.same(await showLine(house), ['clock-wrong', 'line-ready'])
    t.match(flat(lastScreen), /it says 1970-01-01 00:00 UTC/)
  })
  await inHouse({}, async house => {
    house.operator?.faults.add({
      match: { direction: 'out', method: 'REGISTER', kind: 'response' },
      fault: { type: 'header', name: 'Date', value: 'Mon, 23 Nov 2026 08:00:00 GMT' },
    })
    await typed(house, 'test registration tel1')
    t.same(await showLine(house), ['clock-wrong', 'line-ready'])
  })
})

t.test('the disk is full: the code is refused, and the reason is told', async t => {
  await atIncident('full-disk', async house => {
    t.same(await showLine(house), ['disk-full', 'line-ready'])
    const { lines } = await house.ask(house.diagnosis.facts('tel1'))
    t.match(lines[0]?.codes[0], { code: '*93#', by: 'box', outcome: 'not-stored', heard: 'error' })
  })
})

t.test('two faults at once are both told, the graver one first', async t => {
  await inHouse({}, async (house, tel1) => {
    house.operator?.faults.add({
      match: { direction: 'in', method: 'REGISTER' },
      fault: { type: 'answer', status: 403, reason: 'Forbidden', headers: [] },
    })
    await typed(house, 'test registration tel1')
    await tel1.act({ do: 'fault', kind: 'short', on: true })
    await house.advance(1000)
    t.same(await showLine(house), ['short', 'account-forbidden'])
  })
  await inHouse({ startWall: Date.UTC(1970, 0, 1) }, async (house, tel1) => {
    await tel1.act({ do: 'fault', kind: 'thermal', on: true })
    t.same(await showLine(house), ['too-hot', 'clock-wrong'])
  })
})
