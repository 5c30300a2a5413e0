// The technician's console on every front of the box. Each front has one lock of its own, shared by all its sessions and by
// those that hang up and come back.

import type { BytePort, BytePortSink } from '../../hal/byte-port.js'
import type { Clock } from '../../hal/clock.js'
import type { Entropy } from '../../hal/entropy.js'
import type { Log } from '../log.js'
import { type Access, type ConsoleSecrets, createAccess, type Fits } from './access.js'
import type { CommandTable } from './command.js'
import type { ConsoleBox } from './console-box.js'
import { phrases } from './phrases.js'
import { fits as fitsSecret } from './secret.js'
import { type Carried, openSession } from './session.js'

export interface ConsoleOptions {
  readonly box: ConsoleBox
  readonly clock: Clock
  readonly entropy: Entropy
  readonly log: Log
  readonly table: CommandTable
  readonly secrets: ConsoleSecrets
  /** Compares with the secret; default: through scrypt. */
  readonly fits?: Fits
}

export interface Console {
  /** A terminal came: the serial port opened, or a client connected. Answers what receives its bytes. */
  accept(port: BytePort, front: 'serial' | 'socket'): BytePortSink
}

const mostClients = 8

export const createConsole = (options: ConsoleOptions): Console => {
  const { secrets, fits = fitsSecret } = options
  const access: Readonly<Record<'serial' | 'socket', Access>> = {
    serial: createAccess(secrets, fits, options),
    socket: createAccess(secrets, fits, options),
  }
  let clients = 0
  let unplugged: Carried | undefined
  const serial = (port: BytePort): BytePortSink => {
    const session = openSession({
      ...options,
      port,
      front: 'serial',
      access: access.serial,
      carried: unplugged,
    })
    return {
      ...session,
      // The line typed so far waits, behind the lock, for the cable to come back.
      onClose: () => {
        unplugged = session.carry()
        session.onClose()
      },
    }
  }
  const socket = (port: BytePort): BytePortSink => {
    if (clients >= mostClients) {
      port.write(Buffer.from(`${phrases.full.en}\r\n`))
      void port.close()
      return { onBytes() {}, onDrain() {}, onClose() {} }
    }
    clients++
    const session = openSession({ ...options, port, front: 'socket', access: access.socket })
    return {
      ...session,
      onClose: () => {
        clients--
        session.onClose()
      },
    }
  }
  return { accept: (port, front) => (front === 'serial' ? serial(port) : socket(port)) }
}
