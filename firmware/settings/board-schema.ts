// A board file: which driver runs the board and what its telephone ports are called.

import type * as z from 'zod'
import { choice, list, table, text, wholeNumber } from './key-types.js'

const serial = table(
  {
    path: text(
      'the path of a serial device, such as "/dev/ttyACM0"',
      /^\/.+/,
      'Serial device of the microcontroller.',
    ),
    baud: wholeNumber(115_200, 4_000_000, 'Speed of the serial device.', 'bit/s').default(460_800),
    law: choice(
      ['linear', 'alaw'],
      'How samples travel: linear needs 460800 bit/s a line, alaw 115200.',
    ).default('linear'),
  },
  'board.serial',
)

const watchdog = table(
  {
    device: text(
      'the path of a watchdog device, such as "/dev/watchdog"',
      /^\/.+/,
      'Watchdog of the machine, armed when the telephones are ready.',
    ),
    timeoutSeconds: wholeNumber(
      2,
      600,
      'The box is reset when the daemon does not live for so long.',
      's',
    ).default(30),
  },
  'Watchdog of the machine; systemd has one of its own.',
)

const keys = table(
  {
    name: text('1 to 32 letters, digits and "-"', /^[a-z0-9-]{1,32}$/i, 'Name of the board.'),
    driver: choice(
      ['sim', 'serial-slic'],
      'What drives the ports: nothing but the model of a line, or line chips behind a microcontroller on a serial port.',
    ),
    lines: list(
      text('letters, digits and "-", such as "tel1"', /^[a-z][a-z0-9-]{0,15}$/, 'Name of one port.'),
      1,
      8,
      'port names',
      'Telephone ports, in the order of their sockets.',
    ).refine(names => new Set(names).size === names.length, 'must not name a port twice'),
    serial: serial.exactOptional(),
    watchdog: watchdog.exactOptional(),
  },
  'board',
)

export const boardSchema = keys.refine(
  board => (board.driver === 'serial-slic') === (board.serial !== undefined),
  'must have a table [serial] with the driver "serial-slic", and with no other',
)

export type Board = z.infer<typeof boardSchema>
