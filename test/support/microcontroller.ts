// A program of its own: the reference microcontroller on a serial device, with simulated telephones on its line chips and
// a bench channel to drive them. Arguments: DEVICE BENCH-SOCKET LINE …

import { Microcontroller } from '../../hal/chips/serial-slic/model.js'
import { openSerialPort } from '../../hal/linux/byte-port-serial.js'
import { listenForBytePorts } from '../../hal/linux/byte-port-socket.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { createBenchServer } from '../../hal/sim/bench-server.js'
import { createSimBoard } from '../../hal/sim/sim-board.js'

const [device, socket, ...lines] = process.argv.slice(2) as [string, string, ...string[]]
const clock = new LinuxClock()
const entropy = new LinuxEntropy()
const board = createSimBoard({ lines, clock, entropy, frames: 'real' })
const port = openSerialPort(
  { path: device, baudRate: 460_800, clock, retryMs: 100 },
  {
    onBytes: bytes => microcontroller.take(bytes),
    onDrain: () => {},
    onClose: () => {},
    onOpen: () => console.log('microcontroller ready'),
  },
)
const microcontroller = new Microcontroller({
  clock,
  boot: entropy.uint32(),
  chips: lines.map(line => board.fxs(line)),
  pcm: board.pcm,
  send: bytes => void port.write(bytes),
})
const server = createBenchServer({ handsets: lines.map(line => board.handset(line)), clock })
await listenForBytePorts({ listen: `unix:${socket}`, onConnection: client => server.accept(client) })
