// The virtual machine of the lab, from the host: starts one, waits until its runner answers, runs programs in it as if they
// were here, and stops it. It ends only what it started; a machine whose host has gone ends by itself.

import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Child, findProgram, type Program, startChild } from '../support/child.js'
import { GuestWire } from './guest-wire.js'
import { planShares, projectRoot, qemuArgs } from './vm-command.js'

export interface Vm {
  /** Shared with the guest at the same path, both may write; gone when the machine is stopped. */
  readonly folder: string
  /** Where what was compiled is, here and in the guest. */
  readonly dist: string
  /** Host's ends of the guest's ttyS1 and ttyS2: "/dev/pts/7". */
  readonly technician: string
  readonly bench: string
  /** From the command that started it until its runner answered, s. */
  readonly startedAfter: number
  /** Runs a program in the guest. `program` is a path there. */
  run(program: string, args?: readonly string[], env?: Readonly<Record<string, string>>): Program
  /** Runs one of the compiled programs: "dist/test/hil/agent.js". */
  node(script: string, args?: readonly string[], env?: Readonly<Record<string, string>>): Program
  /** The whole machine stands still for so long, as on a host that is busy elsewhere, ms. */
  stall(ms: number): Promise<void>
  /** Kernel's log and what its init script said. */
  log(): string
  /** Processor time of the host that it has taken, s. */
  processorTime(): number
  stop(): Promise<void>
}

/** A busy host may take this long, ms; together less than the 280 s of a test file. */
const startMs = 120_000
const makeMs = 60_000
const powerOffMs = 5000
/** Looks, 100 ms apart, for a network interface that is being made. */
const tapLooks = 200

const qemu = 'qemu-system-x86_64'

/** Why there can be no virtual machine here, or undefined when there can. */
export const noVmReason = (): string | undefined => {
  const missing = [qemu, 'busybox', 'cpio', 'depmod', 'dpkg-deb', 'make', 'gcc', 'aplay'].filter(
    program => findProgram(program) === undefined,
  )
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`
  const made = spawnSync(join(projectRoot, 'scripts/hil-machine'), ['--no-download'], {
    encoding: 'utf8',
    timeout: makeMs,
  })
  if (made.status !== 0)
    return `the machine cannot be made: ${made.error?.message ?? made.stderr.trim().split('\n').at(-1)}`
  madeMachine = made.stdout.trim()
  return undefined
}
let madeMachine: string | undefined

/** Rejects with what the machine wrote when it does not come up. */
export const startVm = async (
  options: {
    readonly network?: { readonly tap: string; readonly host: string; readonly guest: string }
  } = {},
): Promise<Vm> => {
  const reason = madeMachine === undefined ? noVmReason() : undefined
  if (reason !== undefined || madeMachine === undefined) throw new Error(reason)
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-vm-'))
  const shares = planShares()
  writeFileSync(join(folder, 'mounts'), `${shares.mounts.join('\n')}\n`)
  copyFileSync(join(projectRoot, 'package.json'), join(folder, 'package.json'))
  const { network } = options
  const begun = process.hrtime.bigint()
  const guest = new GuestWire(join(folder, 'runner.sock'))
  await guest.listening
  const machine = startChild(
    qemu,
    qemuArgs({ machine: madeMachine, folder, shares, ...(network && { network }) }),
  )
  const kill = (): void => void machine.process.kill('SIGKILL')
  process.once('exit', kill)
  const log = (): string => kernelLog(folder) + machine.output()
  const end = async (): Promise<void> => {
    guest.close()
    await machine.stop()
    process.off('exit', kill)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const ended = machine.exit().then(code => Promise.reject(new Error(`QEMU ended with ${code}`)))
    if (network) await Promise.race([raise(machine, network), ended])
    await Promise.race([guest.ready(startMs), ended])
  } catch (error) {
    const text = log()
    await end()
    throw new Error(`${(error as Error).message}; the machine wrote:\n${text.slice(-6000)}`)
  }
  const device = (label: string): string =>
    new RegExp(`redirected to (\\S+) \\(label ${label}\\)`).exec(machine.output())?.[1] as string
  const run: Vm['run'] = (program, args = [], env = {}) => guest.start(program, args, env)
  return {
    folder,
    dist: join(projectRoot, 'dist'),
    technician: device('technician'),
    bench: device('bench'),
    startedAfter: Number(process.hrtime.bigint() - begun) / 1e9,
    run,
    node: (script, args = [], env = {}) =>
      run(process.execPath, ['--enable-source-maps', join(projectRoot, script), ...args], env),
    stall: async ms => {
      machine.process.kill('SIGSTOP')
      await pause(ms)
      machine.process.kill('SIGCONT')
    },
    log,
    processorTime: () => processorTime(machine),
    stop: async () => {
      guest.tell({ do: 'power-off' })
      const late = setTimeout(kill, powerOffMs)
      await machine.exit()
      clearTimeout(late)
      await end()
    },
  }
}

/** The host's end of the tap interface that QEMU makes as it starts. */
const raise = async (
  machine: Child,
  { tap, host }: { readonly tap: string; readonly host: string },
): Promise<void> => {
  await machine.waitFor(/label bench/, 20_000)
  const ip = (...args: string[]) => spawnSync('ip', args, { encoding: 'utf8' })
  // It is made a little later.
  for (let n = 0; n < tapLooks && ip('link', 'show', 'dev', tap).status !== 0; n++) await pause(100)
  const raised = [ip('addr', 'add', host, 'dev', tap), ip('link', 'set', tap, 'up')]
  const failed = raised.find(({ status }) => status !== 0)
  if (failed) throw new Error(`${tap}: ${failed.stderr}`)
}

const kernelLog = (folder: string): string => {
  try {
    return readFileSync(join(folder, 'kernel.log'), 'utf8')
  } catch {
    return ''
  }
}

/** proc(5): utime and stime, in hundredths of a second. */
const processorTime = (machine: Child): number => {
  try {
    const stat = readFileSync(`/proc/${machine.process.pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return Number.NaN
  }
}
