// The bench of the virtual machine: the telephone on the box's pins and sound card, driven over the bench channel on a serial
// port, and on a Unix socket for a bench inside. A process of its own, before the daemon's wherever both want the processor, so
// that nothing the daemon does delays a finger; it prints "agent ready". Arguments: SERIAL-DEVICE SOCKET [SOUND-DEVICE]

import { setPriority } from 'node:os'
import type { BytePortSink } from '../../hal/byte-port.js'
import { type Us, us } from '../../hal/clock.js'
import { openSerialPort } from '../../hal/linux/byte-port-serial.js'
import { listenForBytePorts } from '../../hal/linux/byte-port-socket.js'
import { LinuxClock } from '../../hal/linux/clock.js'
import { LinuxEntropy } from '../../hal/linux/entropy.js'
import { FRAME_MS, FRAME_SAMPLES } from '../../hal/pcm-port.js'
import { createBenchServer } from '../../hal/sim/bench-server.js'
import { SimHandset } from '../../hal/sim/handset.js'
import { createLampEye } from '../../hal/sim/lamp-eye.js'
import { LineModel } from '../../hal/sim/line-model.js'
import { createSimulatedBank } from './guest/gpio-sim.js'
import { openLoopbackSound } from './guest/loopback-sound.js'
import { ModulePins, pinNames } from './guest/module-pins.js'

const [device, socket, sound = 'hw:Loopback,1'] = process.argv.slice(2) as [string, string, string?]
const line = 'tel1'
/** Trans-hybrid loss of the module with a matched line, dB. */
const echoLossDb = 14

setPriority(-15)
const clock = new LinuxClock()
const model = new LineModel(line, clock, echoLossDb)
const handset = new SimHandset({ line: model, clock, entropy: new LinuxEntropy(), onBusy: () => {} })
const server = createBenchServer({
  handsets: [handset],
  clock,
  also: () => [lamps.line, lamps.messages].map(({ seen: { ev, ...rest } }) => ({ ev, line, ...rest })),
})
const bank = createSimulatedBank('slic', pinNames)
const eyeOn = (led: string) => createLampEye(led, clock, seen => server.broadcast({ ...seen, line }))
const lamps = { line: eyeOn('line'), messages: eyeOn('messages') }
const module = new ModulePins(model, bank, clock, lamps)

const frame = {
  played: new Int16Array(FRAME_SAMPLES),
  sent: new Float64Array(FRAME_SAMPLES),
  path: model.pathOfFrame(clock.now()) as Uint8Array,
  captured: new Int16Array(FRAME_SAMPLES),
  heard: new Int16Array(FRAME_SAMPLES),
}
const throughLine = (played: Int16Array, end: Us): Int16Array => {
  frame.played.set(played)
  frame.path = model.pathOfFrame(us(end - FRAME_MS * 1000))
  handset.fillSent(frame.sent, end)
  model.hybrid.process(frame)
  handset.hear(frame.heard, end)
  return frame.captured
}
const codec = openLoopbackSound(sound, clock, throughLine)

await listenForBytePorts({ listen: `unix:${socket}`, onConnection: one => server.accept(one) })
let client: BytePortSink | undefined
const port = openSerialPort(
  { path: device, clock },
  {
    onBytes: bytes => client?.onBytes(bytes),
    onDrain: () => client?.onDrain(),
    onClose: () => client?.onClose(),
    onOpen: () => {
      client = server.accept(port)
      console.log('agent ready')
    },
    onProblem: error => console.error(error.message),
  },
)

process.once('SIGTERM', () => {
  console.log(
    `agent: interrupted ${codec.xruns.capture} times in capture, ${codec.xruns.playback} in playback; ` +
      `frames up to ${codec.longestLateMs().toFixed(1)} ms late, ${codec.droppedFrames()} dropped for it`,
  )
  codec.close()
  module.close()
  bank.close()
  process.exit(0)
})
