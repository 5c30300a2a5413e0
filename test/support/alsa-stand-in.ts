// A program in place of arecord or aplay (whichever name it is started by), with their arguments, pipes and complaints: it
// paces 10 ms by the monotonic clock, and a test tells it over a socket what to sound and what to suffer.

import { connect } from 'node:net'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'

/** What a test says; one JSON object a line. */
export type StandInCommand =
  | { readonly do: 'tone'; readonly hz: number; readonly dbm0: number }
  /** Capture stands still, and what was not captured is lost. */
  | { readonly do: 'overrun'; readonly ms: number }
  /** Nothing is lost, but all of it comes at once. */
  | { readonly do: 'burst'; readonly ms: number }
  /** Playback takes nothing from its pipe. */
  | { readonly do: 'starve'; readonly ms: number }
  | { readonly do: 'record' }
  | { readonly do: 'recorded' }
  | { readonly do: 'die'; readonly complaint: string }

/** What it says: who it is, when it played a loud sample, and what it played. */
export type StandInEvent =
  | {
      readonly ev: 'hello'
      readonly role: 'arecord' | 'aplay'
      readonly pid: number
      readonly args: string[]
    }
  | { readonly ev: 'loud'; readonly us: number }
  | { readonly ev: 'recorded'; readonly samples: string }

const nowUs = (): number => {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e6 + nanoseconds / 1000
}
const option = (name: string): number =>
  Number(process.argv.find(arg => arg.startsWith(`--${name}=`))?.split('=')[1])

const role = basename(process.argv[1] ?? '') === 'aplay' ? 'aplay' : 'arecord'
const bytes = option('channels') * 160
const bufferFrames = option('buffer-size') / 80
const complain = (line: string): void => void process.stderr.write(`${line}\n`)

const control = connect(process.env['VOICEPORT_STAND_IN'] ?? '')
const tell = (event: StandInEvent): void => void control.write(`${JSON.stringify(event)}\n`)
control.on('error', () => process.exit(1))
control.on('close', () => process.exit(0))
process.on('SIGTERM', () => {
  complain(`Aborted by signal Terminated...`)
  process.exit(1)
})

/** Calls `tick` each 10 ms on a grid that never drifts. */
const pace = (tick: (dueUs: number) => void): void => {
  let due = nowUs()
  const step = (): void => {
    for (; nowUs() >= due; due += 10_000) tick(due)
    setTimeout(step, Math.max(1, (due - nowUs()) / 1000))
  }
  step()
}

const capture = () => {
  let tone = { hz: 0, peak: 0 }
  let sample = 0
  let stillUntil = 0
  let lost = 0
  let heldUntil = 0
  let held: Buffer[] = []
  const frame = (): Buffer => {
    const buffer = Buffer.alloc(bytes)
    for (let n = 0; n < 80; n++, sample++)
      for (let at = n * (bytes / 80); at < (n + 1) * (bytes / 80); at += 2)
        buffer.writeInt16LE(Math.round(tone.peak * Math.sin((2 * Math.PI * tone.hz * sample) / 8000)), at)
    return buffer
  }
  pace(due => {
    if (due < stillUntil) {
      lost++
      return
    }
    if (lost > 0) complain(`overrun!!! (at least ${(lost * 10).toFixed(3)} ms long)`)
    lost = 0
    held.push(frame())
    if (due < heldUntil) return
    process.stdout.write(Buffer.concat(held))
    held = []
  })
  return (command: StandInCommand): void => {
    if (command.do === 'tone') tone = { hz: command.hz, peak: 32767 * 10 ** ((command.dbm0 - 3.14) / 20) }
    if (command.do === 'overrun') stillUntil = nowUs() + command.ms * 1000
    if (command.do === 'burst') heldUntil = nowUs() + command.ms * 1000
  }
}

const playback = () => {
  const threshold = option('start-delay') / 10_000
  const frames: Buffer[] = []
  let pipe = Buffer.alloc(0)
  let starvedUntil = 0
  let running = false
  let dryAt = 0
  let recorded: Buffer[] | undefined
  const take = (): void => {
    if (nowUs() < starvedUntil) return
    for (; pipe.length >= bytes && frames.length < bufferFrames; pipe = pipe.subarray(bytes)) {
      if (dryAt > 0) complain(`underrun!!! (at least ${((nowUs() - dryAt) / 1000).toFixed(3)} ms long)`)
      dryAt = 0
      frames.push(pipe.subarray(0, bytes))
      running ||= frames.length >= threshold
    }
    if (pipe.length < bytes * bufferFrames) process.stdin.resume()
    else process.stdin.pause()
  }
  process.stdin.on('data', chunk => {
    pipe = Buffer.concat([pipe, chunk])
    take()
  })
  process.stdin.on('end', () => process.exit(0))
  pace(due => {
    const played = running ? frames.shift() : undefined
    if (running && played === undefined) {
      running = false
      dryAt = due
    }
    recorded?.push(played ?? Buffer.alloc(bytes))
    for (let at = 0; played !== undefined && at < bytes; at += 2)
      if (Math.abs(played.readInt16LE(at)) > 20_000) {
        tell({ ev: 'loud', us: due + (at / 2) * 125 })
        break
      }
    take()
  })
  return (command: StandInCommand): void => {
    if (command.do === 'starve') starvedUntil = nowUs() + command.ms * 1000
    if (command.do === 'record') recorded = []
    if (command.do !== 'recorded') return
    tell({ ev: 'recorded', samples: Buffer.concat(recorded ?? []).toString('base64') })
    recorded = undefined
  }
}

control.on('connect', () => {
  tell({ ev: 'hello', role, pid: process.pid, args: process.argv.slice(2) })
  const obey = role === 'aplay' ? playback() : capture()
  complain(
    `${role === 'aplay' ? 'Playing' : 'Recording'} raw data 'stdin' : Signed 16 bit Little Endian, Rate 8000 Hz, Mono`,
  )
  createInterface({ input: control }).on('line', line => {
    const command: StandInCommand = JSON.parse(line)
    if (command.do !== 'die') obey(command)
    else {
      complain(command.complaint)
      process.exit(1)
    }
  })
})
