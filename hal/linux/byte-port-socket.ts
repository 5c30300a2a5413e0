// A server whose connections are BytePorts: on a Unix socket, or on TCP of the loopback interface only
// (what it carries, the bench channel and the console, has no encryption of its own).

import { chmod, lstat, stat, unlink } from 'node:fs/promises'
import { type AddressInfo, BlockList, connect, createServer, isIP, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import type { BytePort, BytePortSink } from '../byte-port.js'
import { HalError } from '../errors.js'
import { halErrorFrom, systemCode } from './system-error.js'

export interface BytePortServer {
  /** "127.0.0.1:7000" (the real port when 0 was asked for) or "unix:/path". */
  readonly address: string
  /** Closes the server and every connection. */
  close(): Promise<void>
}

export interface BytePortServerOptions {
  /** "host:port" with a loopback address, or "unix:/path". */
  readonly listen: string
  /** Access mode of a Unix socket; default 0o660. */
  readonly mode?: number
  /** A connection came in; answers what receives its bytes. */
  onConnection(port: BytePort): BytePortSink
}

type Listen = { readonly path: string } | { readonly host: string; readonly port: number }

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** Rejects with HalError 'invalid', 'refused' (not loopback), 'in-use', 'missing' or 'permission'. */
export const listenForBytePorts = async (options: BytePortServerOptions): Promise<BytePortServer> => {
  const listen = parseListen(options.listen)
  const open = new Set<Socket>()
  let serial = 0
  const server = createServer(socket => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    serve(socket, `${options.listen}#${++serial}`, options)
  })
  try {
    if ('path' in listen) await clearStaleSocket(listen.path)
    await bind(server, listen)
    if ('path' in listen) await chmod(listen.path, options.mode ?? 0o660)
  } catch (error) {
    throw halErrorFrom(error, `listening on ${options.listen}`)
  }
  return {
    address:
      'path' in listen ? options.listen : `${bracket(listen.host)}:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}

const serve = (socket: Socket, name: string, options: BytePortServerOptions): void => {
  socket.setNoDelay(true)
  const sink = options.onConnection({
    name,
    write: bytes => !socket.destroyed && socket.write(Buffer.from(bytes)),
    close: () =>
      new Promise(resolve => {
        if (socket.destroyed) resolve()
        else socket.once('close', () => resolve()).end(() => socket.destroy())
      }),
  })
  socket.on('data', bytes => sink.onBytes(bytes))
  socket.on('drain', () => sink.onDrain())
  socket.on('close', () => sink.onClose())
  // A reset connection: 'close' follows and is all the sink needs to know.
  socket.on('error', () => {})
}

const bracket = (host: string): string => (host.includes(':') ? `[${host}]` : host)

const parseListen = (text: string): Listen => {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length)
    // sun_path holds 108 bytes with its final zero (unix(7)); Node would cut a longer one silently.
    if (path === '' || Buffer.byteLength(path) > 107)
      throw new HalError('invalid', `${text}: not a socket path of 1-107 bytes`)
    return { path }
  }
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2] ?? ''
  const port = Number(match?.[3])
  const family = isIP(host)
  if (!family || port > 65_535)
    throw new HalError('invalid', `${text}: neither "address:port" nor "unix:/path"`)
  if (!loopback.check(host, family === 6 ? 'ipv6' : 'ipv4'))
    throw new HalError('refused', `${text}: only loopback addresses are served`)
  return { host, port }
}

/** Makes room for the socket file. One whose server died would keep the address for ever; one that answers is really in use. */
const clearStaleSocket = async (path: string): Promise<void> => {
  // Node reports a missing directory as EACCES (libuv does so for the sake of Windows).
  await stat(dirname(path))
  const present = await lstat(path).catch(() => undefined)
  if (!present) return
  if (!present.isSocket()) throw new HalError('in-use', `${path} exists and is not a socket`)
  const code = await new Promise<string>(resolve => {
    const probe = connect(path, () => {
      probe.destroy()
      resolve('alive')
    })
    probe.once('error', error => resolve(systemCode(error)))
  })
  if (code === 'alive') throw new HalError('in-use', `unix:${path} is served by another process`)
  if (code === 'ECONNREFUSED') await unlink(path)
}

const bind = (server: Server, listen: Listen): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(listen, () => {
      server.off('error', reject)
      resolve()
    })
  })
