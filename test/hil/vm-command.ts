// What the virtual machine is made of: QEMU's command line, and the folders of the host that the guest sees.
//
// Never with KVM. With -icount the guest's clock counts its instructions (one is 1 ns), so that what happens inside is on time
// however busy the host is; only the wall clock runs on.

import { lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runnerPort } from './guest/messages.js'

/** The root of the project, where dist/ is. */
export const projectRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')

interface Share {
  readonly tag: string
  readonly path: string
}

export interface Shares {
  readonly shared: readonly Share[]
  /** Lines of the file `mounts` that the init script reads. */
  readonly mounts: readonly string[]
}

const isLink = (path: string): boolean =>
  lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

/** Read-only and at the same paths: Node and the system's libraries and programs, what was compiled, and its packages. */
export const planShares = (): Shares => {
  const shared: Share[] = []
  const mounts: string[] = []
  const share = (path: string): void => {
    if (shared.some(other => path === other.path || path.startsWith(`${other.path}/`))) return
    const tag = `share${shared.length}`
    shared.push({ tag, path })
    mounts.push(`share ${tag} ${path}`)
  }
  const shareOrLink = (path: string): void => {
    if (!exists(path)) return
    if (isLink(path)) mounts.push(`link ${readlinkSync(path)} ${path}`)
    else share(path)
  }
  share('/usr')
  for (const folder of ['/bin', '/sbin', '/lib', '/lib64']) shareOrLink(folder)
  share(dirname(dirname(realpathSync(process.execPath))))
  for (const folder of ['dist', 'board', 'test']) share(join(projectRoot, folder))
  const packages = join(projectRoot, 'node_modules')
  if (isLink(packages)) share(realpathSync(packages))
  shareOrLink(packages)
  mounts.push(`copy package.json ${join(projectRoot, 'package.json')}`)
  return { shared, mounts }
}

export interface VmCommand {
  /** Made by scripts/hil-machine. */
  readonly machine: string
  /** Of this run; the guest may write there. */
  readonly folder: string
  readonly shares: Shares
  /** Name of a tap interface that QEMU makes, and the guest's address on it, "10.77.0.2/24". */
  readonly network?: { readonly tap: string; readonly guest: string }
}

const share9p = ({ tag, path }: Share, readonly: boolean): string[] => [
  '-fsdev',
  `local,id=${tag},path=${path},security_model=none,multidevs=remap${readonly ? ',readonly=on' : ''}`,
  '-device',
  `virtio-9p-pci,fsdev=${tag},mount_tag=${tag}`,
]

const serial = (index: number, chardev: string, id: string): string[] => [
  '-chardev',
  `${chardev},id=${id}`,
  '-device',
  `isa-serial,chardev=${id},index=${index}`,
]

const kernelLine = ({ folder, network }: VmCommand): string => {
  const own = [
    `JOB=${folder}`,
    `NODE=${realpathSync(process.execPath)}`,
    `RUNNER=${fileURLToPath(new URL('./guest/runner.js', import.meta.url))}`,
    ...(network ? [`ADDRESS=${network.guest}`] : []),
  ]
  return ['console=ttyS0 quiet panic=-1 mitigations=off apparmor=0 audit=0 tsc=reliable', ...own].join(' ')
}

/** ttyS0: the kernel's log, in a file; ttyS1: the technician's console; ttyS2: the bench. */
export const qemuArgs = (command: VmCommand): readonly string[] => [
  ...['-accel', 'tcg,tb-size=256', '-machine', 'pc', '-cpu', 'max', '-m', '768', '-smp', '1'],
  ...['-icount', 'shift=0,sleep=on'],
  ...['-nodefaults', '-no-user-config', '-nographic', '-no-reboot'],
  ...['-kernel', join(command.machine, 'vmlinuz'), '-initrd', join(command.machine, 'initrd.img')],
  ...['-append', kernelLine(command)],
  ...command.shares.shared.flatMap(share => share9p(share, true)),
  ...share9p({ tag: 'job', path: command.folder }, false),
  ...serial(0, `file,path=${join(command.folder, 'kernel.log')}`, 'kernel'),
  ...serial(1, 'pty', 'technician'),
  ...serial(2, 'pty', 'bench'),
  ...['-device', 'virtio-serial-pci', '-device', 'virtio-rng-pci'],
  ...['-chardev', `socket,id=runner,path=${join(command.folder, 'runner.sock')}`],
  ...['-device', `virtserialport,chardev=runner,name=${runnerPort}`],
  ...(command.network
    ? [
        ...['-netdev', `tap,id=net,ifname=${command.network.tap},script=no,downscript=no`],
        ...['-device', 'virtio-net-pci,netdev=net,romfile='],
      ]
    : []),
]
