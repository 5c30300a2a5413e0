// The test's side of alsa-stand-in.ts: two programs named arecord and aplay in a folder of their own, and who they are now.

import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { StandInCommand, StandInEvent } from './alsa-stand-in.js'

type Role = 'arecord' | 'aplay'
type Hello = Extract<StandInEvent, { readonly ev: 'hello' }>

export interface StandIns {
  readonly programs: { readonly arecord: string; readonly aplay: string }
  readonly env: NodeJS.ProcessEnv
  /** Who said hello so far, in order. */
  readonly hellos: readonly Hello[]
  /** Instants at which loud samples were played, µs. */
  readonly loud: readonly number[]
  tell(role: Role, command: StandInCommand): void
  /** What is played during `work`, first channel. */
  record(work: () => Promise<void>): Promise<Int16Array>
  close(): Promise<void>
}

export const openStandIns = async (): Promise<StandIns> => {
  const folder = await mkdtemp(join(tmpdir(), 'voiceport-alsa-'))
  const script = new URL('./alsa-stand-in.js', import.meta.url).href
  const program = async (name: Role): Promise<string> => {
    const path = join(folder, name)
    await writeFile(path, `#!${process.execPath}\nimport(${JSON.stringify(script)})\n`)
    await chmod(path, 0o755)
    return path
  }
  const [arecord, aplay] = [await program('arecord'), await program('aplay')]
  const hellos: Hello[] = []
  const loud: number[] = []
  const sockets = new Set<Socket>()
  const now = new Map<Role, Socket>()
  let recorded: ((samples: string) => void) | undefined
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    createInterface({ input: socket }).on('line', line => {
      const event: StandInEvent = JSON.parse(line)
      if (event.ev === 'loud') loud.push(event.us)
      else if (event.ev === 'recorded') recorded?.(event.samples)
      else {
        hellos.push(event)
        now.set(event.role, socket)
      }
    })
  })
  const path = join(folder, 'control')
  await new Promise<void>(resolve => server.listen(path, resolve))
  const tell = (role: Role, command: StandInCommand): void =>
    void now.get(role)?.write(`${JSON.stringify(command)}\n`)
  return {
    programs: { arecord, aplay },
    env: { ...process.env, VOICEPORT_STAND_IN: path },
    hellos,
    loud,
    tell,
    record: async work => {
      tell('aplay', { do: 'record' })
      await work()
      const samples = new Promise<string>(resolve => {
        recorded = resolve
      })
      tell('aplay', { do: 'recorded' })
      const bytes = Buffer.from(await samples, 'base64')
      return Int16Array.from({ length: bytes.length / 2 }, (_, n) => bytes.readInt16LE(2 * n))
    },
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>(resolve => server.close(() => resolve()))
      await rm(folder, { recursive: true, force: true })
    },
  }
}
