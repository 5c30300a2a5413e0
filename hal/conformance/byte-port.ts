// What every BytePort must do (hal/byte-port.ts): bytes come through whole and in order, the end of the far side is told
// once, and a port that was closed stays closed.

import type { Test } from 'tap'
import type { BytePort, BytePortSink } from '../byte-port.js'

export interface BytePortRig {
  /** Opens the port under test; bytes pass both ways when it resolves. */
  open(sink: BytePortSink): Promise<BytePort>
  /** Sent by the far end. */
  send(bytes: Uint8Array): void
  /** What has come out at the far end, as latin1. */
  received(): string
  /** The far end goes away. */
  leave(): Promise<void>
  /** Lets time pass until it holds; gives up by itself. */
  until(holds: () => boolean): Promise<boolean>
  /** Long enough for what is on its way to arrive. */
  quiet(): Promise<void>
  close(): Promise<void>
}

const allValues = Uint8Array.from({ length: 256 }, (_, n) => n)
const allText = Buffer.from(allValues).toString('latin1')

export const bytePortConformance = async (t: Test, makeRig: () => Promise<BytePortRig>): Promise<void> => {
  const part = (
    title: string,
    body: (
      t: Test,
      rig: BytePortRig,
      port: BytePort,
      seen: { text: string; closes: number },
    ) => Promise<void>,
  ): Promise<unknown> =>
    t.test(title, async t => {
      const rig = await makeRig()
      const seen = { text: '', closes: 0 }
      const port = await rig.open({
        onBytes: bytes => {
          seen.text += Buffer.from(bytes).toString('latin1')
        },
        onDrain: () => {},
        onClose: () => seen.closes++,
      })
      try {
        await body(t, rig, port, seen)
      } finally {
        await port.close()
        await rig.close()
      }
    })

  await part(
    'every byte value passes both ways, in order, in whatever pieces',
    async (t, rig, port, seen) => {
      t.not(port.name, '', 'it has a name for the logs')
      for (let at = 0; at < 256; at += 48) port.write(allValues.slice(at, at + 48))
      t.ok(await rig.until(() => rig.received().length >= 256))
      t.equal(rig.received(), allText)
      rig.send(allValues.slice(0, 100))
      rig.send(allValues.slice(100))
      t.ok(await rig.until(() => seen.text.length >= 256))
      t.equal(seen.text, allText)
    },
  )

  await part('a long run arrives whole', async (t, rig, port) => {
    const run = Uint8Array.from({ length: 16_384 }, (_, n) => (n * 7 + (n >> 8)) & 255)
    for (let at = 0; at < run.length; at += 1024) port.write(run.slice(at, at + 1024))
    t.ok(await rig.until(() => rig.received().length >= run.length), `${rig.received().length} bytes`)
    t.equal(rig.received() === Buffer.from(run).toString('latin1'), true)
  })

  await part('the far end goes: told once, and writing does no harm', async (t, rig, port, seen) => {
    await rig.leave()
    t.ok(await rig.until(() => seen.closes > 0))
    port.write(allValues)
    await rig.quiet()
    t.equal(seen.closes, 1)
  })

  await part('closed, it is silent; closing again and writing do no harm', async (t, rig, port, seen) => {
    await port.close()
    await port.close()
    const before = rig.received()
    port.write(allValues)
    rig.send(allValues)
    await rig.quiet()
    t.equal(seen.text, '')
    t.equal(rig.received(), before)
  })
}
