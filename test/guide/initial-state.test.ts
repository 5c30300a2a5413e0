// The chapter on returning to the initial state (guide lines 163-171) where it meets the telephone: what the network takes
// back is taken back in the box, by the operator's own settings document and notices; and what the box sets, it learns.

import type { Test } from 'tap'
import t from 'tap'
import { resetPatch } from '../operator/profiles.js'
import { openThreeParties, type ThreeParties } from '../support/three-parties.js'

interface Owned extends ThreeParties {
  code(keys: string): Promise<void>
  /** In the box. */
  readonly masked: boolean
  /** In the network. */
  readonly restricted: boolean
  /** Does a telephone elsewhere see the number? */
  shown(): Promise<boolean>
  reset(): Promise<void>
}

const inNetwork = (
  title: string,
  owner: 'box' | 'network' | 'both',
  body: (t: Test, house: Owned) => Promise<void>,
) =>
  t.test(title, async t => {
    const parties = await openThreeParties({ lineSettings: { masking: { owner } }, xcap: 'operator' })
    const { house, tel, a, situation } = parties
    const { profiles } = house.operator as NonNullable<typeof house.operator>
    await house.advance(3000)
    const hangUp = async () => {
      await tel.act({ do: 'onhook' })
      await house.until('idle', () => situation() === 'idle')
      await house.advance(1000)
    }
    try {
      await body(t, {
        ...parties,
        code: async keys => {
          await tel.act({ do: 'offhook' })
          await house.until('dial tone', () => tel.tone === 'dial')
          await tel.act({ do: 'dtmf', digits: keys })
          await house.advance(6000)
          await hangUp()
        },
        get masked() {
          return house.store.line('tel1').masking
        },
        get restricted() {
          return profiles.of(tel.number).masking
        },
        shown: async () => {
          const from = house.network.captured.length
          await parties.dial(a)
          await house.advance(500)
          await hangUp()
          await house.until('idle', () => a.state === 'idle')
          return house.network.captured
            .slice(from)
            .some(({ to, data }) => to.address === '127.0.0.11' && Buffer.from(data).includes(tel.number))
        },
        reset: async () => {
          const done = profiles.change(tel.number, resetPatch, 'portal')
          await house.advance(5000)
          await done
        },
      })
    } finally {
      await parties.close()
    }
  })

inNetwork('where both keep it, *93# is true in both, and so is the reset', 'both', async (t, house) => {
  t.equal(await house.shown(), true)
  await house.code('*93#')
  t.same([house.masked, house.restricted], [true, true])
  t.equal(await house.shown(), false)
  await house.reset()
  t.same([house.masked, house.restricted], [false, false], 'line 171')
  t.equal(await house.shown(), true)
})

inNetwork('where the box keeps it, the reset reaches the box all the same', 'box', async (t, house) => {
  await house.code('*93#')
  t.equal(house.masked, true)
  t.equal(await house.shown(), false)
  await house.reset()
  t.equal(house.masked, false, 'line 171')
  t.equal(await house.shown(), true)
})

inNetwork('where the network keeps it, the box only carries the keys', 'network', async (t, house) => {
  await house.code('*93#')
  t.same([house.masked, house.restricted], [false, true])
  t.equal(await house.shown(), false)
  await house.code('#93#')
  t.equal(house.restricted, false)
  t.equal(await house.shown(), true)
  await house.code('*93#')
  await house.reset()
  t.equal(await house.shown(), true)
})
