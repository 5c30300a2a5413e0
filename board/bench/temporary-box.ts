// A configuration for a benchmark's own daemon: a folder, addresses and ports that nobody else uses.

import { createSocket } from 'node:dgram'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TemporaryBox {
  readonly config: string
  /** Where it takes the bench channel. */
  readonly socket: string
  readonly user: string
  readonly sip: { readonly address: string; readonly port: number }
  readonly peer: { readonly address: string; readonly port: number }
  remove(): Promise<void>
}

const boxAddress = '127.0.0.71'
const peerAddress = '127.0.0.72'
/** The scripted peer's RTP port lies this far above its SIP port. */
const peerRtpOffset = 1000

export const createTemporaryBox = async (): Promise<TemporaryBox> => {
  const folder = await mkdtemp(join(tmpdir(), 'voiceport-bench-'))
  const config = join(folder, 'voiceport.toml')
  const socket = join(folder, 'bench.sock')
  const user = '0389000001'
  const sip = { address: boxAddress, port: await freePort(boxAddress, 0) }
  const peer = { address: peerAddress, port: await freePort(peerAddress, peerRtpOffset) }
  await writeFile(
    config,
    `board = "sim"
[[line]]
id = "tel1"
mwi = "off"
[line.account]
user = "${user}"
domain = "${peer.address}"
password = "bench"
proxies = ["sip:${peer.address}:${peer.port};transport=udp"]
[sip]
listen = "${sip.address}:${sip.port}"
[media]
listen = "${sip.address}"
[store]
path = "${join(folder, 'voiceport.db')}"
[bench]
listen = "unix:${socket}"
[log]
level = "error"
[trace]
path = "${join(folder, 'trace.jsonl')}"
`,
  )
  return { config, socket, user, sip, peer, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** A UDP port that is free now, and the one `above` it too. */
const freePort = async (address: string, above: number): Promise<number> => {
  for (let attempt = 0; attempt < 20; attempt++) {
    const port = await bound(address, 0)
    if (port !== undefined && port + above < 65_536) {
      if (above === 0 || (await bound(address, port + above)) !== undefined) return port
    }
  }
  throw new Error(`no free UDP ports on ${address}`)
}

const bound = (address: string, port: number): Promise<number | undefined> =>
  new Promise(resolve => {
    const socket = createSocket('udp4')
    socket.once('error', () => resolve(undefined))
    socket.bind(port, address, () => {
      const { port: own } = socket.address()
      socket.close(() => resolve(own))
    })
  })
