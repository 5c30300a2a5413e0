// The byte stream under a bench client: a TCP or Unix socket, or a serial port. Text goes both ways; what it means is
// the client's business.

import { connect } from 'node:net'
import { openSerialPort } from '../../hal/linux/byte-port-serial.js'
import { LinuxClock } from '../../hal/linux/clock.js'

export interface BenchLink {
  /** "host:port", "unix:/path" or "/dev/ttyUSB0", for messages. */
  readonly name: string
  write(text: string): void
  close(): Promise<void>
}

export interface BenchLinkSink {
  onText(text: string): void
  /** It is over, and why. */
  onEnd(error: Error): void
}

export class BenchAddressError extends Error {}

const connectWithinMs = 5000

/** Rejects with BenchAddressError when the address is none, with Error when nobody is there. */
export const openBenchLink = (address: string, sink: BenchLinkSink): Promise<BenchLink> => {
  if (address.startsWith('/')) return openSerial(address, sink)
  if (address.startsWith('unix:/')) return openSocket(address, { path: address.slice('unix:'.length) }, sink)
  const match = /^(?:\[([^\]]+)\]|([^:/\s]+)):(\d{1,5})$/.exec(address)
  const port = Number(match?.[3])
  if (!match || port < 1 || port > 65_535)
    throw new BenchAddressError(
      `${address} is no address of a bench channel: host:port, unix:/path or a serial device such as /dev/ttyUSB0`,
    )
  return openSocket(address, { host: match[1] ?? (match[2] as string), port }, sink)
}

const openSocket = (
  name: string,
  to: { readonly path: string } | { readonly host: string; readonly port: number },
  sink: BenchLinkSink,
): Promise<BenchLink> =>
  new Promise((resolve, reject) => {
    const socket = connect(to)
    socket.setEncoding('utf8')
    socket.setTimeout(connectWithinMs, () => socket.destroy(new Error('it does not answer')))
    const refused = (error: Error): void => reject(new Error(`${name}: ${error.message}`))
    socket.once('error', refused)
    socket.on('data', (text: string) => sink.onText(text))
    socket.once('connect', () => {
      socket.setTimeout(0)
      socket.off('error', refused)
      socket.on('error', error => sink.onEnd(error))
      socket.on('close', () => sink.onEnd(new Error('the bench server closed the connection')))
      resolve({
        name,
        write: text => void socket.write(text),
        close: () =>
          new Promise(done => {
            if (socket.destroyed) done()
            else socket.once('close', () => done()).destroy()
          }),
      })
    })
  })

const openSerial = (path: string, sink: BenchLinkSink): Promise<BenchLink> =>
  new Promise((resolve, reject) => {
    const decoder = new TextDecoder()
    const close = (): Promise<void> => port.close()
    const port = openSerialPort(
      { path, clock: new LinuxClock() },
      {
        onBytes: bytes => sink.onText(decoder.decode(bytes, { stream: true })),
        onDrain: () => {},
        onClose: () => sink.onEnd(new Error(`${path} was unplugged`)),
        onOpen: () =>
          resolve({ name: path, write: text => void port.write(new TextEncoder().encode(text)), close }),
        onProblem: problem => void close().then(() => reject(problem)),
      },
    )
  })
