// A board file: which driver runs the board and what its telephone ports are called.

import type * as z from 'zod'
import { choice, list, table, text } from './key-types.js'

export const boardSchema = table(
  {
    name: text('1 to 32 letters, digits and "-"', /^[a-z0-9-]{1,32}$/i, 'Name of the board.'),
    driver: choice(['sim'], 'What drives the ports.'),
    lines: list(
      text('letters, digits and "-", such as "tel1"', /^[a-z][a-z0-9-]{0,15}$/, 'Name of one port.'),
      1,
      8,
      'port names',
      'Telephone ports, in the order of their sockets.',
    ).refine(names => new Set(names).size === names.length, 'must not name a port twice'),
  },
  'board',
)

export type Board = z.infer<typeof boardSchema>
