// baresip from Debian as the far-end telephone: it answers by itself, plays a file and records what it hears.
// Driven over its control port (JSON in netstrings).

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { type Child, findProgram, startChild } from '../support/child.js'

export const noBaresipReason = (): string | undefined =>
  findProgram('baresip') ? undefined : 'the Debian package baresip-core is not installed'

export interface BaresipEvent {
  readonly type: string
  readonly param?: string
  readonly peeruri?: string
}

export interface Baresip {
  readonly events: readonly BaresipEvent[]
  /** Resolves with the first event of this type not yet waited for. */
  waitFor(type: string, withinMs?: number): Promise<BaresipEvent>
  /** Runs one of its commands, e.g. dial, hangup. */
  command(command: string, parameters?: string): void
  /** The recording of what it received ("dec") or sent ("enc") in the last call. */
  recording(direction: 'dec' | 'enc'): string | undefined
  stop(): Promise<void>
}

export const startBaresip = async (options: {
  /** Its own 127.0.0.x. */
  readonly address: string
  readonly folder: string
  readonly user: string
  readonly password: string
  readonly domain: string
  /** Registrar and proxy, e.g. "127.0.0.1:5060". */
  readonly proxy: string
  /** 8 kHz mono WAV it plays to the other side; at its end it hangs up. */
  readonly plays: string
  readonly codec: 'PCMA' | 'PCMU'
  /** echo: answers and gives back what it hears. */
  readonly answers: 'auto' | 'manual' | 'echo'
}): Promise<Baresip> => {
  mkdirSync(options.folder, { recursive: true })
  writeFileSync(join(options.folder, 'config'), configuration(options))
  writeFileSync(join(options.folder, 'contacts'), '')
  writeFileSync(
    join(options.folder, 'accounts'),
    `<sip:${options.user}@${options.domain}>;auth_user=${options.user};auth_pass=${options.password};` +
      `outbound="sip:${options.proxy}";regint=60;answermode=${options.answers === 'auto' ? 'auto' : 'manual'};audio_codecs=${options.codec}\n`,
  )
  const child: Child = startChild('baresip', ['-f', options.folder])
  await child.waitFor(/baresip is ready/, 10_000)
  const control = await connectControl(options.address)
  const events: BaresipEvent[] = []
  const seen = new Set<BaresipEvent>()
  const watchers = new Set<() => void>()
  readNetstrings(control, text => {
    const message = JSON.parse(text) as BaresipEvent & { event?: boolean }
    if (!message.event) return
    events.push(message)
    for (const watcher of [...watchers]) watcher()
  })
  await child.waitFor(/200 OK/, 10_000)
  return {
    events,
    waitFor: (type, withinMs = 10_000) =>
      new Promise((resolve, reject) => {
        const limit = setTimeout(() => {
          watchers.delete(look)
          reject(new Error(`baresip: no ${type} within ${withinMs} ms; it wrote:\n${child.output()}`))
        }, withinMs)
        const look = () => {
          const event = events.find(candidate => candidate.type === type && !seen.has(candidate))
          if (!event) return
          seen.add(event)
          clearTimeout(limit)
          watchers.delete(look)
          resolve(event)
        }
        watchers.add(look)
        look()
      }),
    command: (command, parameters = '') => {
      const text = JSON.stringify({ command, params: parameters })
      control.write(`${Buffer.byteLength(text)}:${text},`)
    },
    recording: direction => {
      const files = readdirSync(options.folder).filter(name => name.endsWith(`${direction}.wav`))
      const latest = files.sort().at(-1)
      return latest === undefined ? undefined : join(options.folder, latest)
    },
    stop: async () => {
      control.destroy()
      await child.stop()
    },
  }
}

const configuration = ({ address, folder, plays, answers }: Parameters<typeof startBaresip>[0]): string => `
net_interface ${address}
sip_listen ${address}:5060
rtp_ports 20000-20100
call_max_calls 4
audio_player ${answers === 'echo' ? 'aubridge,echo' : `aufile,${join(folder, 'played.wav')}`}
audio_source ${answers === 'echo' ? 'aubridge,echo' : `aufile,${plays}`}
audio_alert aufile,/dev/null
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
module_path ${modulePath()}
module g711.so
module aufile.so
${answers === 'echo' ? 'module aubridge.so' : ''}
module sndfile.so
snd_path ${folder}
module_app account.so
module_app menu.so
module_app debug_cmd.so
${answers === 'echo' ? 'module_app echo.so' : ''}
module ctrl_tcp.so
ctrl_tcp_listen ${address}:4444
`

const modulePath = (): string => '/usr/lib/baresip/modules'

const connectControl = (address: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(4444, address)
    socket.once('connect', () => resolve(socket))
    socket.once('error', reject)
  })

const readNetstrings = (socket: Socket, onText: (text: string) => void): void => {
  let pending = Buffer.alloc(0)
  socket.on('data', chunk => {
    pending = Buffer.concat([pending, chunk])
    for (;;) {
      const colon = pending.indexOf(':')
      if (colon < 0) return
      const length = Number(pending.subarray(0, colon).toString())
      const end = colon + 1 + length
      if (pending.length < end + 1) return
      onText(pending.subarray(colon + 1, end).toString())
      pending = pending.subarray(end + 1)
    }
  })
}
