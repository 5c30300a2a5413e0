// Opens the bench channel of a simulated board where the configuration wants it: a socket, a serial port, or both.

import type { Log } from '../firmware/log.js'
import type { Config } from '../firmware/settings/schema.js'
import type { Clock } from '../hal/clock.js'
import type { GpioOutput } from '../hal/gpio.js'
import { createBenchServer } from '../hal/sim/bench-server.js'
import { createLampEye, type LampEye, type LedSeen } from '../hal/sim/lamp-eye.js'
import type { SimControl } from '../hal/sim/sim-board-contract.js'

export interface BenchChannel {
  /** A lamp somebody at the bench looks at; undefined where nobody can. */
  readonly lamp?: (line: string, led: 'line' | 'messages') => GpioOutput
  close(): Promise<void>
}

/** Rejects with HalError when the socket cannot be had; a serial port is waited for. */
export const openBenchChannel = async (options: {
  readonly bench: Config['bench']
  readonly lines: readonly string[]
  readonly control: SimControl
  readonly clock: Clock
  readonly log: Log
}): Promise<BenchChannel> => {
  const { bench, lines, control, clock, log } = options
  const closers: (() => Promise<void>)[] = []
  if (bench.listen === undefined && bench.serial === undefined) return { close: async () => {} }
  const eyes = new Map<string, { readonly line: string; readonly eye: LampEye }>()
  const server = createBenchServer({
    handsets: lines.map(line => control.handset(line)),
    clock,
    also: () => [...eyes.values()].map(({ line, eye }) => named(line, eye.seen)),
  })
  closers.push(() => server.close())
  if (bench.listen !== undefined) {
    const { listenForBytePorts } = await import('../hal/linux/byte-port-socket.js')
    const socket = await listenForBytePorts({
      listen: bench.listen,
      onConnection: port => server.accept(port),
    })
    closers.push(() => socket.close())
    log.info('bench channel open', { address: socket.address })
  }
  if (bench.serial !== undefined) closers.push(await openSerial(bench.serial, server, clock, log))
  return {
    lamp: (line, led) => {
      const eye = createLampEye(led, clock, seen => server.broadcast(named(line, seen)))
      eyes.set(`${line} ${led}`, { line, eye })
      return eye
    },
    close: async () => {
      for (const close of closers.reverse()) await close()
    },
  }
}

const named = (line: string, { ev, ...rest }: LedSeen) => ({ ev, line, ...rest })

/** Each time the port opens a new client stands at its other end. */
const openSerial = async (
  path: string,
  server: ReturnType<typeof createBenchServer>,
  clock: Clock,
  log: Log,
): Promise<() => Promise<void>> => {
  const { openSerialPort } = await import('../hal/linux/byte-port-serial.js')
  let client: ReturnType<typeof server.accept> | undefined
  const port = openSerialPort(
    { path, clock },
    {
      onOpen: () => {
        client = server.accept(port)
      },
      onBytes: bytes => client?.onBytes(bytes),
      onDrain: () => client?.onDrain(),
      onClose: () => {
        client?.onClose()
        client = undefined
      },
      onProblem: error => log.warn('the serial port of the bench is away', { path, reason: error.message }),
    },
  )
  return () => port.close()
}
