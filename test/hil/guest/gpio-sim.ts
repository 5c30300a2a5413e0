// A bank of the kernel's gpio-sim in the guest, from the side of what is wired to the pins: drives inputs of the box by their
// pull, reads what the box drives. Documentation/admin-guide/gpio/gpio-sim.rst.

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmdirSync,
  writeFileSync,
  writeSync,
} from 'node:fs'

const config = '/sys/kernel/config/gpio-sim'

export interface SimulatedBank {
  /** "gpiochip0". */
  readonly chip: string
  /** Where its lines are: FOLDER/sim_gpioN/pull and /value. */
  readonly folder: string
  /** What the far end of an input does to it: high or low. */
  pull(offset: number, high: boolean): void
  /** The level of the pin, whoever drives it. */
  level(offset: number): boolean
  /** The bank goes away; whoever holds a line of it keeps a dead one. */
  close(): void
}

const up = Buffer.from('pull-up')
const down = Buffer.from('pull-down')

/** Makes a bank named `label` whose lines bear `names`. Throws when one of that name is there. */
export const createSimulatedBank = (label: string, names: readonly string[]): SimulatedBank => {
  const device = `${config}/${label}`
  if (existsSync(device)) throw new Error(`there is a bank ${label} already`)
  const bank = `${device}/bank0`
  mkdirSync(bank, { recursive: true })
  writeFileSync(`${bank}/num_lines`, String(names.length))
  writeFileSync(`${bank}/label`, label)
  for (const [offset, name] of names.entries()) {
    mkdirSync(`${bank}/line${offset}`)
    writeFileSync(`${bank}/line${offset}/name`, name)
  }
  writeFileSync(`${device}/live`, '1')
  const read = (path: string): string => readFileSync(path, 'utf8').trim()
  const chip = read(`${bank}/chip_name`)
  const lines = `/sys/devices/platform/${read(`${device}/dev_name`)}/${chip}`
  // Kept open: the hook is moved on time, and opening takes longer than writing.
  const pulls = names.map((_, offset) => openSync(`${lines}/sim_gpio${offset}/pull`, 'w'))
  const levels = names.map((_, offset) => openSync(`${lines}/sim_gpio${offset}/value`, 'r'))
  const one = Buffer.alloc(1)
  return {
    chip,
    folder: lines,
    pull: (offset, high) => void writeSync(pulls[offset] as number, high ? up : down, 0, null, 0),
    level: offset => {
      readSync(levels[offset] as number, one, 0, 1, 0)
      return one[0] === 0x31
    },
    close: () => {
      for (const fd of [...pulls, ...levels]) closeSync(fd)
      writeFileSync(`${device}/live`, '0')
      for (const name of readdirSync(bank)) if (/^line\d+$/.test(name)) rmdirSync(`${bank}/${name}`)
      rmdirSync(bank)
      rmdirSync(device)
    },
  }
}
