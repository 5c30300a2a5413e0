// The guest's half of the virtual machine's wire (messages.ts): the init script starts it, the host tells it what to run. It
// ends, and with it the machine, when the host says so or has gone.

import { type ChildProcess, spawn } from 'node:child_process'
import { openSync, read, readdirSync, readFileSync, write, writeSync } from 'node:fs'
import { type FromGuest, lineTaker, runnerPort, type ToGuest } from './messages.js'

const ports = '/sys/class/virtio-ports'

const findPort = (): string => {
  const found = readdirSync(ports).find(
    port => readFileSync(`${ports}/${port}/name`, 'utf8').trim() === runnerPort,
  )
  if (found === undefined) throw new Error(`no virtio port ${runnerPort}`)
  return `/dev/${found}`
}

const port = openSync(findPort(), 'r+')
const programs = new Map<number, ChildProcess>()

const lineOf = (message: FromGuest): Buffer => Buffer.from(`${JSON.stringify(message)}\n`)

const tell = (message: FromGuest): void => {
  const bytes = lineOf(message)
  for (let at = 0; at < bytes.length; ) at += writeSync(port, bytes, at)
}

const start = ({ id, program, args, env }: Extract<ToGuest, { do: 'start' }>): void => {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  programs.set(id, child)
  let failed = false
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => tell({ told: 'output', id, text }))
  child.once('error', error => {
    failed = true
    tell({ told: 'output', id, text: `${error.message}\n` })
  })
  child.once('close', code => {
    programs.delete(id)
    tell({ told: 'ended', id, code: failed ? 127 : code })
  })
}

const obey = (message: ToGuest): void => {
  if (message.do === 'start') start(message)
  else if (message.do === 'signal') programs.get(message.id)?.kill(message.signal)
  else process.exit(0)
}

const take = lineTaker(line => obey(JSON.parse(line) as ToGuest))
const decoder = new TextDecoder()
const buffer = Buffer.alloc(64 * 1024)
const listen = (): void =>
  read(port, buffer, 0, buffer.length, null, (error, length) => {
    if (error || length === 0) process.exit(1)
    take(decoder.decode(buffer.subarray(0, length), { stream: true }))
    listen()
  })

// A host that went while the machine was starting takes nothing, and the port waits for it for ever.
const lonely = setTimeout(() => process.kill(process.pid, 'SIGKILL'), 30_000)
write(port, lineOf({ told: 'ready' }), () => {
  clearTimeout(lonely)
  listen()
})
