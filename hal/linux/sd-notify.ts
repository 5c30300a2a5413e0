// The words of a service to systemd: ready, alive, stopping (sd_notify(3)), as datagrams to the socket $NOTIFY_SOCKET names.
// Node has no datagram sockets of the family AF_UNIX, so they are sent with sendto(2) of the C library through koffi.
// systemd-notify(1) would be a process for every feeding, and systemd would have to be told to listen to children too.

import { HalError } from '../errors.js'
import type { Watchdog } from '../watchdog.js'

const afUnix = 1
const datagram = 2 /* SOCK_DGRAM */ | 0o2000000 /* SOCK_CLOEXEC */
const flags = 0x40 /* MSG_DONTWAIT */ | 0x4000 /* MSG_NOSIGNAL */
/** sun_path of unix(7), bytes. */
const longestPath = 108

/**
 * Undefined where nobody listens. Rejects with HalError 'invalid' when $NOTIFY_SOCKET is no Unix socket, 'unsupported' when
 * koffi cannot be loaded here.
 */
export const openSdNotify = async (
  environment: NodeJS.ProcessEnv = process.env,
  pid = process.pid,
): Promise<Watchdog | undefined> => {
  const name = environment['NOTIFY_SOCKET']
  if (!name) return undefined
  const send = await openSender(unixAddress(name))
  const intervalMs = feedingInterval(environment, pid)
  /** By field: what has not got through is told with the next word, and of two words on one thing the later. */
  const unsent = new Map<string, string>()
  const tell = (field: string, value: string): void => {
    unsent.set(field, value)
    const text = [...unsent].map(([key, word]) => `${key}=${word}\n`).join('')
    if (send(Buffer.from(text))) unsent.clear()
  }
  return {
    ...(intervalMs !== undefined && { intervalMs }),
    ready: () => tell('READY', '1'),
    feed: () => tell('WATCHDOG', '1'),
    status: text => tell('STATUS', text.replaceAll(/\s+/g, ' ')),
    stopping: () => tell('STOPPING', '1'),
  }
}

/** Half the time after which systemd would restart the service (sd_watchdog_enabled(3)), ms. */
const feedingInterval = (environment: NodeJS.ProcessEnv, pid: number): number | undefined => {
  const { WATCHDOG_USEC: limit, WATCHDOG_PID: whose } = environment
  if (whose !== undefined && Number(whose) !== pid) return undefined
  return limit !== undefined && /^[1-9]\d*$/.test(limit) ? Math.max(1, Number(limit) / 2000) : undefined
}

/** A sockaddr_un. A name that begins with "@" is an abstract one: no file, a NUL in its place. */
const unixAddress = (name: string): Uint8Array => {
  const isAbstract = name.startsWith('@')
  const path = Buffer.from(isAbstract ? `\0${name.slice(1)}` : `${name}\0`)
  if (!/^[@/]./.test(name) || path.length > longestPath)
    throw new HalError('invalid', `NOTIFY_SOCKET is "${name}": neither a path nor an abstract socket`)
  const family = Buffer.alloc(2)
  family.writeUInt16LE(afUnix)
  return Buffer.concat([family, path])
}

type Send = (message: Uint8Array) => boolean

const openSender = async (to: Uint8Array): Promise<Send> => {
  const { default: koffi } = await import('koffi').catch(error => {
    throw new HalError('unsupported', 'telling systemd needs the koffi package', { cause: error })
  })
  const library = koffi.load(null)
  const sendto = library.func('long sendto(int, const void *, size_t, int, const void *, uint32_t)')
  const descriptor: number = library.func('int socket(int, int, int)')(afUnix, datagram, 0)
  if (descriptor < 0) throw new HalError('io', `no socket for systemd: error ${koffi.errno()}`)
  return message => sendto(descriptor, message, message.length, flags, to, to.length) === message.length
}
