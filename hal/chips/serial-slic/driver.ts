// FxsPort and PcmBoard over a serial line to a microcontroller that runs the line chips (PROTOCOL.md). Hook edges carry
// the microcontroller's instants; when the link comes back, the line is set as it was commanded and what happened
// meanwhile is told.

import type { BytePort, BytePortSink } from '../../byte-port.js'
import { type Clock, ms } from '../../clock.js'
import { HalError } from '../../errors.js'
import type { FxsCapabilities, FxsPort } from '../../fxs-port.js'
import type { PcmBoard } from '../../pcm-port.js'
import type { Hello } from './hello.js'
import { type LinkStatistics, SerialSlicLink } from './link.js'
import type { PcmLaw } from './numbers.js'
import { SerialFxsPort } from './serial-fxs-port.js'
import { SerialPcmBoard } from './serial-pcm-board.js'

export interface SerialSlicOptions {
  readonly clock: Clock
  /** Opens the serial port; it may come and go. */
  readonly open: (sink: BytePortSink) => BytePort
  /** Lines this board description knows, in the microcontroller's order. */
  readonly lines: readonly string[]
  /** Linear needs 460,800 bit/s a line, A-law 115,200. */
  readonly law: PcmLaw
  /** How long to wait for the first word of the microcontroller, ms; default 3000. */
  readonly withinMs?: number
}

export interface SerialSlic {
  readonly version: string
  /** Of each of its lines. */
  readonly capabilities: FxsCapabilities
  readonly pcm: PcmBoard
  /** Throws HalError 'missing' for a line that the board does not have. */
  fxs(id: string): FxsPort
  statistics(): LinkStatistics
  close(): Promise<void>
}

/** Rejects with HalError 'lost' when nobody answers in time, 'invalid' when it has other lines than described. */
export const connectSerialSlic = async (options: SerialSlicOptions): Promise<SerialSlic> => {
  const { clock, lines } = options
  const ports: SerialFxsPort[] = []
  let pcm: SerialPcmBoard | undefined
  let greet: (hello: Hello) => void = () => {}
  const link = new SerialSlicLink(clock, options.open, {
    onHere: (hello, anew) => {
      greet(hello)
      for (const port of ports) port.linkHere(anew)
      pcm?.linkHere()
    },
    onGone: () => {
      for (const port of ports) port.linkGone()
    },
    onLine: (line, message, at) => ports[line]?.message(message, at),
    onPcm: (line, seq, payload, at) => pcm?.frame(line, seq, payload, at),
  })
  const hello = await firstWord(clock, options.withinMs ?? 3000, resolve => {
    greet = resolve
  }).catch(async error => {
    await link.close()
    throw error
  })
  greet = () => {}
  if (hello.lines.length !== lines.length) {
    await link.close()
    throw new HalError(
      'invalid',
      `the line chip has ${hello.lines.length} lines, described are ${lines.length}`,
    )
  }
  const capabilities: FxsCapabilities = hello.capabilities
  ports.push(...lines.map((id, number) => new SerialFxsPort(id, number, capabilities, link, clock)))
  pcm = new SerialPcmBoard(lines, link, options.law)
  const board = pcm
  return {
    version: hello.version,
    capabilities,
    pcm: board,
    fxs: id => {
      const port = ports[lines.indexOf(id)]
      if (port === undefined) throw new HalError('missing', `the board has no line ${id}`)
      return port
    },
    statistics: () => link.statistics,
    close: async () => {
      await board.stop()
      await Promise.all(ports.map(port => port.close()))
      await link.close()
    },
  }
}

const firstWord = (
  clock: Clock,
  withinMs: number,
  ask: (resolve: (hello: Hello) => void) => void,
): Promise<Hello> =>
  new Promise((resolve, reject) => {
    const timer = clock.timer('serial-slic first word', ms(withinMs), () =>
      reject(new HalError('lost', `no answer of the line chip within ${withinMs} ms`)),
    )
    ask(hello => {
      timer.cancel()
      resolve(hello)
    })
  })
