// A board file: which driver runs the board, what its telephone ports are called, and which pin, sound device and chip each
// of them has. What no single key can say stands in board-rules.ts.

import type * as z from 'zod'
import { boardRules } from './board-rules.js'
import { choice, decimal, flag, list, named, table, text, whenNeeded, wholeNumber } from './key-types.js'

const absolutePath = (legal: string, help: string) => text(legal, /^\/[^\0]+$/, help)
const portName = (help: string) =>
  text('letters, digits and "-", such as "tel1"', /^[a-z][a-z0-9-]{0,15}$/, help)
const busName = /^[a-z][a-z0-9-]{0,15}$/

const serial = () =>
  table(
    {
      path: absolutePath(
        'the path of a serial device, such as "/dev/ttyACM0"',
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

const gpioBus = () =>
  table(
    {
      label: text(
        'the label of a GPIO chip of at most 31 characters, such as "pinctrl-bcm2711" (gpiodetect lists them)',
        /^[\x21-\x7e]{1,31}$/,
        'Label of the GPIO chip; its number changes between kernels.',
      ),
      backend: choice(
        ['cdev', 'onoff'],
        'cdev: the character device, edges stamped by the kernel. onoff: the former interface in /sys/class/gpio, edges stamped by the process; for outputs and lamps.',
      ).default('cdev'),
    },
    'One GPIO chip through one interface.',
  )

const pin = (help: string) =>
  table(
    {
      bus: text('the name of a table [gpio.NAME] of this file', busName, 'The GPIO chip.'),
      offset: wholeNumber(0, 1023, 'Number of the line on its chip.'),
      activeLow: flag('The line is low when the signal is high.').default(false),
    },
    help,
  )

const pwm = () =>
  table(
    {
      chip: text(
        'the name of a PWM chip ("pwmchip0") or of its device ("fe20c000.pwm"), as in /sys/class/pwm',
        /^[\w.:-]{1,64}$/,
        'The PWM chip; its number changes between kernels, its device does not.',
      ),
      channel: wholeNumber(0, 63, 'Channel of that chip.').default(0),
      inverted: flag(
        'The output rests high, as F/R must; false where a transistor between them turns it round.',
      ).default(true),
    },
    'The PWM channel on the pin F/R.',
  )

const decoder = () =>
  table(
    {
      std: pin('StD: a key is held.'),
      q1: pin('Q1, lowest bit of the key.'),
      q2: pin('Q2.'),
      q3: pin('Q3.'),
      q4: pin('Q4, highest bit of the key.'),
    },
    'Pins of an MT8870 key decoder.',
  )

const slic = () =>
  table(
    {
      line: portName('The port it drives.'),
      shk: pin('SHK: high while the telephone is off the hook.'),
      rm: pin('RM: ring mode.'),
      fr: pin('F/R: polarity of the loop; absent where the PWM has that pin.').exactOptional(),
      pd: pin(
        'PD: power down, pulled low or let go, never driven high; absent where it is not wired.',
      ).exactOptional(),
      ring: choice(
        ['pwm', 'rm-only'],
        'Who makes the ring frequency: a PWM channel on F/R, or the module itself while RM is high.',
      ).default('pwm'),
      pwm: pwm().exactOptional(),
      channel: wholeNumber(0, 7, 'Channel of the sound device.').default(0),
      bounceMs: wholeNumber(0, 15, 'Contact bounce that is removed.', 'ms').default(5),
      dtmf: decoder().exactOptional(),
      quirks: table(
        {
          ohtResistor: flag(
            'There is a 20 kohm resistor between tip and ring: without it no caller can be shown.',
          ).default(false),
          muteCaptureWhileRinging: flag('The ring voltage is heard in the capture and is kept out.').default(
            true,
          ),
          ringHeardDbm0: decimal(
            -60,
            3,
            "Least level of the module's own ring in the capture; a quieter burst did not reach the line. Absent: nobody listens.",
            'dBm0',
          ).exactOptional(),
        },
        'How this module is wired.',
      ).prefault({}),
    },
    'One Ag1171 module.',
  )

const pcmName = (help: string) =>
  text('the name of an ALSA device, such as "plughw:1,0"', /^[\x21-\x7e]{1,128}$/, help)
const audio = () =>
  table(
    {
      capture: pcmName('Sound device that hears the telephones.'),
      playback: pcmName('Sound device that speaks to the telephones.'),
      backend: choice(
        ['children', 'koffi'],
        'children: arecord and aplay of alsa-utils. koffi: libasound in the audio thread, less delay.',
      ).default('children'),
    },
    'Sound device of the line chips.',
  )

const keys = () =>
  table(
    {
      name: text('1 to 32 letters, digits and "-"', /^[a-z0-9-]{1,32}$/i, 'Name of the board.'),
      driver: choice(
        ['sim', 'serial-slic', 'ag1171'],
        'What drives the ports: nothing but the model of a line; line chips behind a microcontroller on a serial port; Ag1171 modules on pins and a sound device.',
      ),
      lines: list(
        portName('Name of one port.'),
        1,
        8,
        'port names',
        'Telephone ports, in the order of their sockets.',
      ).refine(names => new Set(names).size === names.length, 'must not name a port twice'),
      serial: serial().exactOptional(),
      gpio: named(gpioBus(), busName, 'GPIO chips under names of this file.').exactOptional(),
      slic: list(slic(), 1, 8, 'modules ([[slic]])', 'The line modules.').exactOptional(),
      audio: audio().exactOptional(),
      leds: table(
        {
          line: pin('Lamp of the telephone lines.').exactOptional(),
          messages: pin('Lamp of messages that wait.').exactOptional(),
        },
        'Lamps of the box.',
      ).exactOptional(),
      watchdog: table(
        {
          device: absolutePath(
            'the path of a watchdog device, such as "/dev/watchdog"',
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
      ).exactOptional(),
    },
    'board',
  )

export const boardSchema = whenNeeded(() => boardRules(keys()))

export type Board = z.infer<ReturnType<typeof boardSchema>>
export type Slic = NonNullable<Board['slic']>[number]
