// The chapters on the voicemail (guide lines 1-39), the box's part of it: 123 is called at its last key, and every key of
// the menus arrives exactly once, for a doubled 5 would erase two messages.

import t from 'tap'
import type { Application } from '../operator/application.js'
import { openThreeParties, sine } from '../support/three-parties.js'
import { openVirtualHouse, type VirtualTelephone } from '../support/virtual-house.js'

/** Answers and listens, as a menu does. */
const menu: Application = dialogue => {
  dialogue.answer()
  return {}
}

const openVoicemail = async (loss = 0) => {
  const keys: string[] = []
  const house = await openVirtualHouse({
    numbers: ['0389000001'],
    operator: { services: { '123': menu }, onDigit: (number, digit) => void keys.push(`${number} ${digit}`) },
  })
  const [tel] = house.telephones as [VirtualTelephone]
  await tel.act({ do: 'offhook' })
  await house.until('dial tone', () => tel.tone === 'dial')
  await tel.act({ do: 'dtmf', digits: '123' })
  const dialled = house.clock.now()
  await house.until('answered', () => house.box.status()[0]?.situation === 'active')
  house.network.loss = loss
  return { house, tel, keys, seconds: (house.clock.now() - dialled) / 1e6 }
}

t.test('1 2 3 calls the voicemail at its last key (guide line 5)', async t => {
  const { house, seconds } = await openVoicemail()
  t.ok(seconds < 0.5, `answered ${seconds} s after the last key`)
  const invite = house.network.captured.find(({ data }) => Buffer.from(data).toString().startsWith('INVITE'))
  t.match(Buffer.from(invite?.data ?? []).toString(), /^INVITE sip:123@operator\.test;user=phone SIP/)
  await house.close()
})

t.test(
  'every key of the menus arrives once, also where a tenth of the packets is lost (guide lines 15-39)',
  async t => {
    for (const loss of [0, 0.1]) {
      const { house, tel, keys } = await openVoicemail(loss)
      for (const [digits, onMs] of [
        ['1245*', 70],
        ['5', 40],
        ['5', 1500],
        ['55', 60],
        ['#0', 100],
      ] as const) {
        await tel.act({ do: 'dtmf', digits, onMs })
        await house.advance(400)
      }
      await house.advance(500)
      t.same(
        keys,
        [...'1245*5555#0'].map(key => `123 ${key}`),
        `${loss * 100} % loss`,
      )
      await house.close()
    }
  },
)

t.test(
  'a greeting is sent as it is spoken: no packet is left out where the voice pauses (guide line 17)',
  async t => {
    const { house, tel, a, dial, close } = await openThreeParties()
    await dial(a)
    const voice = sine(500, -16)
    const begun = house.clock.now()
    tel.tap.says = n => (n % 16_000 < 8_000 ? voice(n) : 0)
    await house.advance(6000)
    const arrivals = a.ear.arrivals.filter(us => us > begun + 500_000)
    const longest = Math.max(...arrivals.slice(1).map((us, i) => us - (arrivals[i] ?? us)))
    t.ok(longest < 45_000, `longest silence on the wire ${longest / 1000} ms`)
    await close()
  },
)
