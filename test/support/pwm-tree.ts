// A tree of plain files in the shape of /sys/class/pwm, and file calls on it that refuse what the kernel refuses
// (drivers/pwm/core.c, sysfs.c) and keep a list of what was written.

import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Test } from 'tap'
import type { SysfsFiles } from '../../hal/linux/pwm-sysfs.js'

export interface PwmTree {
  readonly root: string
  readonly files: SysfsFiles
  /** "pwmchip0/export 1", in order. */
  readonly written: string[]
  /** The error codes that the next writes to a file end in, by "pwm1/period" or "export". */
  readonly refuse: Map<string, string[]>
  value(channel: number, file: string): Promise<string>
  /** What the pin does: 'low', 'high' or "50 Hz 50 %". */
  pin(channel: number): Promise<string>
  /** Exports a channel as somebody else would, with these values. */
  leave(channel: number, values: Readonly<Record<string, string>>): Promise<void>
}

const failure = (code: string, file: string) => Object.assign(new Error(`${code}: ${file}`), { code })
const fresh = { period: '0', duty_cycle: '0', enable: '0', polarity: 'normal' }

/** One chip, pwmchip0 of the device "fe20c000.pwm", with two channels. */
export const createPwmTree = async (t: Test): Promise<PwmTree> => {
  const base = await mkdtemp(join(tmpdir(), 'voiceport-pwm-'))
  t.teardown(() => rm(base, { recursive: true }))
  const root = join(base, 'class')
  const chip = join(root, 'pwmchip0')
  await mkdir(join(base, 'devices', 'fe20c000.pwm'), { recursive: true })
  await mkdir(chip, { recursive: true })
  await symlink(join(base, 'devices', 'fe20c000.pwm'), join(chip, 'device'))
  for (const [file, text] of Object.entries({ npwm: '2\n', export: '', unexport: '' }))
    await writeFile(join(chip, file), text)
  const written: string[] = []
  const refuse = new Map<string, string[]>()
  const value = async (channel: number, file: string) =>
    (await readFile(join(chip, `pwm${channel}`, file), 'utf8')).trim()
  const leave = async (channel: number, values: Readonly<Record<string, string>>) => {
    await mkdir(join(chip, `pwm${channel}`))
    for (const [file, text] of Object.entries({ ...fresh, ...values }))
      await writeFile(join(chip, `pwm${channel}`, file), `${text}\n`)
  }

  const set = async (path: string, text: string): Promise<void> => {
    const [file, folder] = [basename(path), dirname(path)]
    const refused = refuse.get(`${basename(folder)}/${file}`) ?? refuse.get(file)
    const code = refused?.shift()
    if (code) throw failure(code, path)
    const channels = (await readdir(chip)).filter(name => name.startsWith('pwm'))
    if (file === 'export') {
      if (channels.includes(`pwm${text}`)) throw failure('EBUSY', path)
      await leave(Number(text), {})
    } else if (file === 'unexport') {
      if (!channels.includes(`pwm${text}`)) throw failure('ENODEV', path)
      await rm(join(chip, `pwm${text}`), { recursive: true })
    } else {
      const now = Object.fromEntries(
        await Promise.all(
          Object.keys(fresh).map(async name => [name, (await readFile(join(folder, name), 'utf8')).trim()]),
        ),
      )
      const next = { ...now, [file]: text }
      if (file === 'polarity' && now.enable === '1') throw failure('EBUSY', path)
      if (Number(next.period) <= 0 || Number(next.duty_cycle) > Number(next.period))
        throw failure('EINVAL', path)
      await writeFile(path, `${text}\n`)
    }
  }
  return {
    root,
    written,
    refuse,
    value,
    leave,
    files: {
      list: folder => readdir(folder),
      read: file => readFile(file, 'utf8'),
      resolve: path => realpath(path),
      write: async (path, text) => {
        written.push(`${path.slice(chip.length + 1)} ${text}`)
        await set(path, text)
      },
    },
    pin: async channel => {
      const [period, duty, enable, polarity] = await Promise.all(
        ['period', 'duty_cycle', 'enable', 'polarity'].map(file => value(channel, file)),
      )
      // A disabled output is low on the chips that end it by switching the pin off.
      if (enable === '0') return 'low'
      const rest = polarity === 'inversed' ? 'high' : 'low'
      if (Number(duty) === 0) return rest
      return `${Math.round(1e9 / Number(period))} Hz ${Math.round((100 * Number(duty)) / Number(period))} %`
    },
  }
}
