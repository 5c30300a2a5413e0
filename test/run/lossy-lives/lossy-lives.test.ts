// Random lives through the box's loop and SIP stack while the network loses datagrams, with an eavesdropper on the wire.
// `npm run explore -- --wire N` lives as many more.

import t from 'tap'
import type { SipLine } from '../../../firmware/sip/sip-line.js'
import { liveOnWire } from './lossy-life.js'

for (const loss of [0, 0.15])
  t.test(
    `whatever happens, at ${loss * 100} % loss: no dialog is left 64*T1 after the telephone is idle`,
    async t => {
      let calls = 0
      let events = 0
      for (let seed = 1; seed <= 40; seed++) {
        const life = await liveOnWire(seed, loss)
        calls += life.calls
        events += life.events
        t.same(life.orphans, [], `orphans of life ${seed}`)
        t.same(life.streams, [], `RTP streams of life ${seed}`)
        t.same(life.late, [], `late words of life ${seed}`)
      }
      t.comment(`${events} events, ${calls} calls on the wire`)
      t.ok(calls > 40)
    },
  )

t.test('the eavesdropper notices a box that hangs up without a word', async t => {
  const mute = (line: SipLine): SipLine => ({ ...line, hangUp: () => {} })
  let orphans = 0
  for (let seed = 1; seed <= 10; seed++) orphans += (await liveOnWire(seed, 0, mute)).orphans.length
  t.ok(orphans > 3, `${orphans} orphans`)
})
