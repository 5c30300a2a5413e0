// The far end holds the subscriber: what is heard and what goes out, whichever way it is said (RFC 3264 §8.4, RFC 2543
// §B.5), and that nothing of it ends the call.

import t from 'tap'
import type { Direction } from '../support/far-party.js'
import { levelAt } from '../support/spectrum.js'
import { openThreeParties, sine } from '../support/three-parties.js'

const voice = sine(500, -16)
const farVoice = sine(800, -16)
const music = sine(1200, -16)

t.test('the far end holds with music, in silence and the old way; each is taken back', async t => {
  const ways: readonly { name: string; direction: Direction; address?: string; musicHeard: boolean }[] = [
    { name: 'sendonly', direction: 'sendonly', musicHeard: true },
    { name: 'inactive', direction: 'inactive', musicHeard: false },
    { name: '0.0.0.0', direction: 'sendrecv', address: '0.0.0.0', musicHeard: true },
  ]
  for (const { name, direction, address, musicHeard } of ways) {
    const { house, tel, a, dial, close } = await openThreeParties()
    await dial(a)
    tel.tap.says = voice
    a.ear.says = farVoice
    await house.advance(1500)
    const offer = async (way: Direction, at?: string) => {
      let status: number | undefined
      void a.offer(way, at).then(told => {
        status = told
      })
      await house.until('the re-INVITE is answered', () => status !== undefined)
      t.equal(status, 200, name)
    }
    await offer(direction, address)
    a.ear.says = music
    await house.advance(500)
    const from = house.clock.now()
    await house.advance(1000)
    const ear = tel.tap.heard(from)
    t.equal(levelAt(ear, 1200) > -20, musicHeard, `${name}: music at ${levelAt(ear, 1200).toFixed(1)} dBm0`)
    t.equal(a.ear.heard(from).length, 0, `${name}: nothing goes to who does not want it`)
    await offer('sendrecv')
    a.ear.says = farVoice
    await house.advance(500)
    const again = house.clock.now()
    await house.advance(1000)
    t.ok(levelAt(tel.tap.heard(again), 800) > -20, `${name}: heard again`)
    t.ok(levelAt(a.ear.heard(again), 500) > -20)
    t.equal(a.state, 'talking')
    await close()
  }
})

t.test('a hold of three minutes ends nothing: silence is what was agreed', async t => {
  const { house, a, dial, situation, close } = await openThreeParties()
  await dial(a)
  void a.offer('inactive')
  await house.advance(180_000)
  t.equal(situation(), 'active')
  t.equal(a.state, 'talking')
  await close()
})

t.test('keys pressed while held by the far end reach nobody and harm nothing', async t => {
  const { house, tel, a, dial, close } = await openThreeParties()
  await dial(a)
  void a.offer('sendonly')
  await house.advance(1000)
  await tel.act({ do: 'dtmf', digits: '5' })
  await house.advance(500)
  t.same(a.ear.keys(), [])
  void a.offer('sendrecv')
  await house.advance(1000)
  await tel.act({ do: 'dtmf', digits: '7' })
  await house.advance(500)
  t.match(a.ear.keys(), [{ key: '7', ended: true }])
  await close()
})
