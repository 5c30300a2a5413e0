// The simulated GPIO under the suite of its contract, in virtual time.

import type { GpioUnderTest } from '../../hal/conformance/gpio-rig.js'
import type { GpioChip } from '../../hal/gpio.js'
import { SimGpio } from '../../hal/sim/sim-gpio.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'

const output = 2

export const simGpioRig = (timestamps: GpioChip['timestamps']): GpioUnderTest => {
  const clock = new VirtualClock()
  const queue = 64
  const pins = new SimGpio({ clock, lines: 4, label: 'pins', timestamps, queue })
  const driven: boolean[] = []
  pins.listen(output, high => driven.push(high))
  return {
    open: label => pins.open(label),
    label: 'pins',
    lines: 4,
    inputs: [0, 1],
    output,
    drive: (offset, high) => pins.drive(offset, high),
    level: offset => pins.level(offset),
    driven: () => driven,
    burst: (offset, count) => {
      for (let n = 0; n < count; n++) pins.drive(offset, !pins.level(offset))
    },
    queue,
    now: () => clock.now(),
    wait: ms => clock.advance(ms),
    until: async holds => {
      for (let n = 0; n < 100 && !holds(); n++) await clock.advance(1)
      return holds()
    },
  }
}
