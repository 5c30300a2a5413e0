// A byte port in one thread for a user in another: serialport's bindings work on the main thread's loop alone, and a line
// chip's frames are wanted in the audio half.

import type { BytePort, BytePortSink } from '../byte-port.js'
import type { MessagePortLike } from './control-proxy.js'

type Message =
  | { readonly bytePort: 'bytes'; readonly bytes: Uint8Array }
  | { readonly bytePort: 'gone' }
  | { readonly bytePort: 'close' }

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && 'bytePort' in value

/** Opens the device where it can be opened; the answer closes it. */
export const serveBytePort = (
  open: (sink: BytePortSink) => BytePort,
  port: MessagePortLike,
): (() => Promise<void>) => {
  const post = (message: Message): void => port.postMessage(message)
  const device = open({
    onBytes: bytes => post({ bytePort: 'bytes', bytes }),
    onDrain: () => {},
    onClose: () => post({ bytePort: 'gone' }),
  })
  port.on('message', value => {
    if (!isMessage(value)) return
    if (value.bytePort === 'bytes') device.write(value.bytes)
    if (value.bytePort === 'close') void device.close()
  })
  return () => device.close()
}

/** The device at the other end of `port`. How much waits there is not known here: what cannot be written is lost. */
export const connectBytePort =
  (port: MessagePortLike, name: string) =>
  (sink: BytePortSink): BytePort => {
    const post = (message: Message): void => port.postMessage(message)
    let open = true
    port.on('message', value => {
      if (!open || !isMessage(value)) return
      if (value.bytePort === 'bytes') sink.onBytes(value.bytes)
      if (value.bytePort === 'gone') sink.onClose()
    })
    return {
      name,
      write: bytes => {
        post({ bytePort: 'bytes', bytes })
        return true
      },
      close: async () => {
        open = false
        post({ bytePort: 'close' })
      },
    }
  }
