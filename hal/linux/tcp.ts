// TCP connections of the kernel as byte ports, out and in.

import { type AddressInfo, connect, createServer, isIP, type Socket } from 'node:net'
import type { BytePort, BytePortSink } from '../byte-port.js'
import { HalError } from '../errors.js'
import type { Endpoint, TcpListener, TcpListenOptions } from '../network.js'
import { halErrorFrom } from './system-error.js'

const nameOf = ({ address, port }: Endpoint): string =>
  `tcp:${address.includes(':') ? `[${address}]` : address}:${port}`

const portOn = (socket: Socket, name: string): BytePort => ({
  name,
  // Copied: the socket keeps what it cannot send yet, and the caller may use its buffer again.
  write: bytes => socket.writable && socket.write(Buffer.from(bytes)),
  close: () =>
    new Promise(resolve => {
      if (socket.closed) resolve()
      else socket.once('close', () => resolve()).end(() => socket.destroy())
    }),
})

const serve = (socket: Socket, sink: BytePortSink): void => {
  socket.on('data', bytes => sink.onBytes(bytes))
  socket.on('drain', () => sink.onDrain())
  socket.on('close', () => sink.onClose())
  // A reset connection: 'close' follows and is all the sink needs to know.
  socket.on('error', () => {})
}

export const connectTcp = (to: Endpoint, sink: BytePortSink): Promise<BytePort> =>
  new Promise((resolve, reject) => {
    const name = nameOf(to)
    if (!isIP(to.address)) throw new HalError('invalid', `${to.address} is not a numeric address`)
    const socket = connect({ host: to.address, port: to.port, noDelay: true })
    const refused = (error: Error): void => reject(halErrorFrom(error, `connecting to ${name}`))
    socket.once('error', refused)
    socket.once('connect', () => {
      socket.off('error', refused)
      serve(socket, sink)
      resolve(portOn(socket, name))
    })
  })

export const listenTcp = (options: TcpListenOptions): Promise<TcpListener> =>
  new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true }, socket => {
      const { remoteAddress, remotePort } = socket
      if (remoteAddress === undefined || remotePort === undefined) return void socket.destroy()
      const from = { address: remoteAddress, port: remotePort }
      serve(socket, options.onConnection(portOn(socket, nameOf(from)), from))
    })
    server.once('error', error => reject(halErrorFrom(error, `listening on ${nameOf(options)}`)))
    server.listen({ host: options.address, port: options.port, exclusive: true }, () => {
      const { address, port } = server.address() as AddressInfo
      resolve({
        local: { address, port },
        close: async () => {
          server.close()
        },
      })
    })
  })
