// Faults H1 to H8 on every driver of fault-drivers.ts, a whole box each, in virtual time.

import t from 'tap'
import { faultDrivers } from './fault-drivers.js'
import { hardwareFaults } from './fault-suite.js'

t.setTimeout(200_000)

for (const driver of faultDrivers) t.test(driver.name, t => hardwareFaults(t, driver))
