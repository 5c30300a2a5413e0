// What every GpioChip must do with its lines and outputs; a part of gpio.ts.

import type { Test } from 'tap'
import { isHalError } from '../errors.js'
import type { GpioEdge, GpioOutput } from '../gpio.js'
import { chipFor, type GpioUnderTest } from './gpio-rig.js'
import { kindOf, kindThrown } from './hal-kind.js'

export const closingRules = (t: Test, under: GpioUnderTest): void => {
  const [pin] = under.inputs

  t.test('no edge comes behind close, not even one that waits', async t => {
    await under.drive(pin, false)
    const { watch } = await chipFor(t, under)
    const { input, edges } = await watch(pin)
    under.burst(pin, 1)
    input.close()
    input.close()
    await under.drive(pin, false)
    await under.wait(30)
    t.strictSame(edges, [])
    t.equal(
      kindThrown(() => input.read()),
      'closed',
    )
  })

  t.test('an input closed from inside an edge hears no other', async t => {
    await under.drive(pin, false)
    const { chip } = await chipFor(t, under)
    const edges: GpioEdge[] = []
    const input = await chip.openInput(pin, {}, edge => {
      edges.push(edge)
      input.close()
    })
    under.burst(pin, 6)
    await under.until(() => edges.length > 0)
    await under.wait(30)
    t.equal(edges.length, 1)
  })

  t.test('a closed line is free again, for this chip and for another', async t => {
    const { chip, watch } = await chipFor(t, under)
    const { input } = await watch(pin)
    input.close()
    const again = await watch(pin)
    await chip.close()
    await chip.close()
    t.equal(
      kindThrown(() => again.input.read()),
      'closed',
    )
    const next = await chipFor(t, under)
    t.equal((await next.watch(pin)).input.read(), await under.level(pin))
  })

  t.test('a closed chip opens no line', async t => {
    const { chip } = await chipFor(t, under)
    await chip.close()
    t.equal(await kindOf(chip.openInput(pin, {}, () => {})), 'closed')
    t.equal(await kindOf(chip.openOutput(under.output, { initial: false })), 'closed')
  })
}

export const outputRules = (t: Test, under: GpioUnderTest): void => {
  const pin = under.output

  for (const activeLow of [false, true])
    for (const initial of [false, true])
      t.test(
        `an output starts at ${initial}${activeLow ? ', active low,' : ''} with no other level before`,
        async t => {
          const { chip } = await chipFor(t, under)
          const before = (await under.driven?.(pin))?.length ?? 0
          const output = await chip.openOutput(pin, { initial, activeLow })
          t.equal(await under.level(pin), initial !== activeLow)
          const driven = await under.driven?.(pin)
          // Seen from the far end, a level that stands already is no change.
          if (driven) t.ok(driven.slice(before).every(level => level === (initial !== activeLow)))
          for (const high of [!initial, !initial, initial]) {
            output.write(high)
            t.equal(await under.level(pin), high !== activeLow)
          }
        },
      )

  t.test(
    'an output that is closed, or whose chip is, cannot be written; closing twice is harmless',
    async t => {
      const { chip } = await chipFor(t, under)
      const write = (output: GpioOutput) => kindThrown(() => output.write(true))
      const first = await chip.openOutput(pin, { initial: false })
      first.close()
      first.close()
      t.equal(write(first), 'closed')
      const second = await chip.openOutput(pin, { initial: false })
      await chip.close()
      second.close()
      t.equal(write(second), 'closed')
    },
  )
}

export const refusalRules = (t: Test, under: GpioUnderTest): void => {
  t.test('a chip that is not there is told by its name', async t => {
    const error = await under.open('no-such-chip').then(
      () => undefined,
      (error: unknown) => error,
    )
    t.ok(isHalError(error) && error.kind === 'missing', String(error))
    t.match(String(error), /no-such-chip/)
  })

  t.test('an offset the chip does not have is refused, and the range told', async t => {
    const { chip } = await chipFor(t, under)
    for (const offset of [under.lines, -1, 0.5, Number.NaN]) {
      t.equal(await kindOf(chip.openInput(offset, {}, () => {})), 'invalid', `input ${offset}`)
      t.equal(await kindOf(chip.openOutput(offset, { initial: false })), 'invalid', `output ${offset}`)
    }
    await t.rejects(
      chip.openInput(under.lines, {}, () => {}),
      { message: new RegExp(`${under.lines - 1}`) },
    )
  })

  t.test('a line that is open cannot be opened again', async t => {
    const { chip } = await chipFor(t, under)
    await chip.openInput(under.inputs[0], {}, () => {})
    await chip.openOutput(under.output, { initial: false })
    for (const offset of [under.inputs[0], under.output]) {
      t.equal(await kindOf(chip.openInput(offset, {}, () => {})), 'in-use')
      t.equal(await kindOf(chip.openOutput(offset, { initial: false })), 'in-use')
    }
  })
}
