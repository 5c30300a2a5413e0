// Rigs of the byte port's suite: a serial port on a pseudo terminal (socat is the cable), a served socket, and a port that
// stands in another thread.

import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import type { BytePort, BytePortSink } from '../../hal/byte-port.js'
import type { BytePortRig } from '../../hal/conformance/byte-port.js'
import { openSerialPort } from '../../hal/linux/byte-port-serial.js'
import { listenForBytePorts } from '../../hal/linux/byte-port-socket.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import { connectBytePort, serveBytePort } from '../../hal/threads/byte-port-proxy.js'
import { startChild } from './child.js'

const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
const time = {
  until: async (holds: () => boolean): Promise<boolean> => {
    for (let n = 0; n < 800 && !holds(); n++) await sleep(10)
    return holds()
  },
  quiet: () => sleep(150),
}

const deaf: BytePortSink = { onBytes: () => {}, onDrain: () => {}, onClose: () => {} }

export const serialBytePortRig = async (): Promise<BytePortRig> => {
  const folder = await mkdtemp(join(tmpdir(), 'voiceport-port-'))
  const [near, far] = [join(folder, 'near'), join(folder, 'far')]
  const cable = startChild('socat', ['-d', '-d', `pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`])
  await cable.waitFor(/starting data transfer loop/)
  const clock = new LinuxClock()
  let received = ''
  const onBytes = (bytes: Uint8Array) => {
    received += Buffer.from(bytes).toString('latin1')
  }
  const opening = (path: string, sink: BytePortSink): Promise<BytePort> =>
    new Promise(resolve => {
      const port = openSerialPort(
        { path, clock, retryMs: 60_000 },
        { ...sink, onOpen: () => queueMicrotask(() => resolve(port)) },
      )
    })
  const other = await opening(far, { ...deaf, onBytes })
  return {
    open: sink => opening(near, sink),
    send: bytes => void other.write(bytes),
    received: () => received,
    leave: async () => {
      // In its first moments the port may miss that its device goes.
      await sleep(200)
      await cable.stop()
    },
    ...time,
    close: async () => {
      await other.close()
      await cable.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export const socketBytePortRig = async (): Promise<BytePortRig> => {
  let arrive: (port: BytePort) => BytePortSink = () => deaf
  const server = await listenForBytePorts({ listen: '127.0.0.61:0', onConnection: port => arrive(port) })
  const [host, port] = server.address.split(':')
  const client = connect({ host: host as string, port: Number(port) })
  client.on('error', () => {})
  let received = ''
  const opened = (sink: BytePortSink): Promise<BytePort> =>
    new Promise(resolve => {
      arrive = taken => {
        resolve(taken)
        return sink
      }
    })
  client.setEncoding('latin1').on('data', (text: string) => {
    received += text
  })
  return {
    open: opened,
    send: bytes => void client.write(bytes),
    received: () => received,
    leave: async () => void client.destroy(),
    ...time,
    close: async () => {
      client.destroy()
      await server.close()
    },
  }
}

export const threadBytePortRig = async (): Promise<BytePortRig> => {
  const { port1, port2 } = new MessageChannel()
  let received = ''
  let device: BytePortSink | undefined
  const closeDevice = serveBytePort(sink => {
    device = sink
    return {
      name: 'memory',
      write: bytes => {
        if (device) received += Buffer.from(bytes).toString('latin1')
        return true
      },
      close: async () => {
        device = undefined
      },
    }
  }, port2)
  return {
    open: async sink => connectBytePort(port1, 'memory')(sink),
    send: bytes => device?.onBytes(bytes),
    received: () => received,
    leave: async () => device?.onClose(),
    ...time,
    close: async () => {
      await closeDevice()
      port1.close()
    },
  }
}
