// Runs in the virtual machine: what of a box's hardware is there. Prints one JSON object.

import { readdirSync, readFileSync } from 'node:fs'
import { createSimulatedBank } from './guest/gpio-sim.js'

const bank = createSimulatedBank('hello', ['IN', 'OUT'])
const levels = [true, false, true].map(high => {
  bank.pull(0, high)
  return bank.level(0)
})
const found = {
  node: process.version,
  kernel: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
  gpio: bank.chip,
  levels,
  sound: readFileSync('/proc/asound/cards', 'utf8').split('\n')[0]?.trim(),
  serial: readdirSync('/dev').filter(name => /^ttyS[12]$/.test(name)),
}
bank.close()
console.log(JSON.stringify(found))
