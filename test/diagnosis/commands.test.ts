// The commands of diagnosis on a screen of 80 columns, in both languages: what they show ends in a verdict, nothing of it is
// wider than the screen or anything but ASCII, and no secret and no whole number is among it.

import t from 'tap'
import { openVirtualHouse, type VirtualHouse, type VirtualTelephone } from '../support/virtual-house.js'
import { type Technician, technicianIn } from './technician.js'

t.setTimeout(120_000)

const inHouse = async (
  body: (parts: {
    house: VirtualHouse
    technician: Technician
    tel1: VirtualTelephone
    tel2: VirtualTelephone
  }) => Promise<void>,
): Promise<void> => {
  const house = await openVirtualHouse()
  try {
    const [tel1, tel2] = house.telephones as [VirtualTelephone, VirtualTelephone]
    await body({ house, technician: technicianIn(house), tel1, tel2 })
  } finally {
    await house.close()
  }
}

const shows = [
  'show line',
  'show line tel1',
  'show flash',
  'show flash tel1',
  'show alarms',
  'show calls last',
  'show calls last tel2',
  'show codes last',
  'show registration',
  'show calls',
  'show media',
  'test line tel1',
  'test registration tel1',
  'test audio tel1',
  'support bundle',
]

t.test('everything is ASCII of 80 columns, ends in a verdict, and tells no secret', async t => {
  await inHouse(async ({ house, technician, tel1, tel2 }) => {
    await tel1.act({ do: 'offhook' })
    await house.until('dial tone', () => tel1.tone === 'dial')
    await tel1.act({ do: 'dtmf', digits: tel2.number })
    await house.until('it rings', () => tel2.ringing)
    await tel2.act({ do: 'offhook' })
    await house.advance(2000)
    for (const ms of [92, 55, 270]) {
      await tel1.act({ do: 'flash', ms })
      await house.advance(5000)
    }
    await tel1.act({ do: 'onhook' })
    await tel2.act({ do: 'onhook' })
    await house.advance(2000)
    await tel1.act({ do: 'fault', kind: 'thermal', on: true })
    await house.advance(1100)
    await tel1.act({ do: 'fault', kind: 'thermal', on: false })
    const screens: string[] = []
    for (const language of ['en', 'fr'] as const) {
      technician.language = language
      for (const command of shows) {
        const { text, verdicts, refused } = await technician.type(command)
        t.equal(refused, undefined, command)
        t.ok(verdicts.length > 0, `${command} concludes`)
        t.ok(
          text.every(line => line.length < 80 && /^[\x20-\x7e]*$/.test(line)),
          `${command}: ${text.filter(line => line.length >= 80 || !/^[\x20-\x7e]*$/.test(line)).join()}`,
        )
        screens.push(`${language} ${command}\n${text.join('\n')}`)
      }
    }
    const all = screens.join('\n')
    t.notMatch(all, /secret-0389/, 'no password')
    t.notMatch(all, /(to|from|vers|de) 0389\d/, 'no whole number of a party')
    t.match(all, /R presses of this telephone last \d+ to \d+ ms|R presses of this telephone last 92 ms/)
    t.match(all, /INVITE \+SDP -+>\|/)
    t.match(all, /La ligne est saine/)
    t.match(all, /tel1 {2}thermal {2,}over/)
  })
})

t.test('a test that would disturb, is not armed, or means a wrong number is refused in words', async t => {
  await inHouse(async ({ house, technician, tel1 }) => {
    t.match((await technician.type('test ring tel1')).refused, /90 V.*test arm/)
    t.match((await technician.type('test dtmf tel1')).text.join(), /lift the telephone/)
    t.match((await technician.type('test call tel1 112')).refused, /emergency/)
    t.match((await technician.type('test call tel1 *21*0612345678')).refused, /digits/)
    t.match((await technician.type('test arm tel1')).text.join(), /armed/)
    t.same((await technician.type('test ring tel1')).verdicts, ['rang'])
    await tel1.act({ do: 'offhook' })
    await house.until('dial tone', () => tel1.tone === 'dial')
    technician.language = 'fr'
    t.match((await technician.type('test line tel1')).refused, /utilise/)
    t.same((await technician.type('test tone tel1 busy')).verdicts, ['tone-played'])
  })
})

t.test('keys are told one by one as they are pressed', async t => {
  await inHouse(async ({ house, technician, tel1 }) => {
    await tel1.act({ do: 'offhook' })
    await house.until('dial tone', () => tel1.tone === 'dial')
    const listening = technician.begin('test dtmf tel1')
    await house.advance(10)
    await tel1.act({ do: 'dtmf', digits: '123456789*0#' })
    const { text, verdicts, ok } = await house.ask(listening)
    t.same(verdicts, ['keys-good'])
    t.ok(ok)
    t.equal(text.filter(line => /^ {2}[0-9*#] {2}-\d+ dBm0 {2}twist -?\d+ dB$/.test(line)).length, 12)
  })
})
