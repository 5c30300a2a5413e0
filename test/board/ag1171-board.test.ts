// A board with pins, put together as its file says: the control half on pins of a simulated chip, the audio half in its own
// thread with programs in place of arecord and aplay.
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { openAg1171Lines } from '../../board/ag1171-lines.js'
import { createGpioBuses } from '../../board/gpio-buses.js'
import { openHardware } from '../../board/hardware.js'
import { startMediaWorker } from '../../board/media-link.js'
import { silentLog } from '../../firmware/log.js'
import type { MediaEvent } from '../../firmware/media/media-contract.js'
import { type Board, boardSchema } from '../../firmware/settings/board-schema.js'
import { parseTomlText } from '../../firmware/settings/toml-document.js'
import { validate } from '../../firmware/settings/validate.js'
import { kindOf } from '../../hal/conformance/hal-kind.js'
import { HalError } from '../../hal/errors.js'
import type { FxsEvent } from '../../hal/fxs-port.js'
import { SimGpio } from '../../hal/sim/sim-gpio.js'
import { VirtualClock } from '../../hal/sim/virtual-clock.js'
import { openStandIns } from '../support/alsa-stand-ins.js'

const hilVm = readFileSync(
  fileURLToPath(new URL('../../../board/boards/hil-vm.toml', import.meta.url)),
  'utf8',
)
const boardOf = (toml: string): Board => {
  const document = parseTomlText(toml, 'board.toml')
  const checked = document.ok ? validate(document.value, boardSchema()) : document
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  return checked.value
}
/** Lines of the chip, as hil-vm.toml has them. */
const pins = { shk: 0, rm: 1, fr: 2, pd: 3, lineLamp: 4, messageLamp: 5 }
const decoderPins = { std: 8, q1: 9, q2: 10, q3: 11, q4: 12 }
const profile = { impedances: ['600'], loopMa: 23, ringHz: 50, ringVrms: 50 }

const openRig = async (toml = hilVm) => {
  const clock = new VirtualClock()
  const gpio = new SimGpio({ clock, lines: 16, label: 'slic' })
  // The module pulls it up.
  gpio.drive(pins.pd, true)
  const opened: string[] = []
  const events: MediaEvent[] = []
  const hardware = await openHardware({
    board: boardOf(toml),
    clock,
    log: silentLog,
    onEvent: event => events.push(event),
    openBus: async ({ label, backend }) => {
      opened.push(`${backend} ${label}`)
      return gpio.open(label)
    },
  })
  return { clock, gpio, hardware, opened, events }
}

t.test('the line is on the pins the file names', async t => {
  const { clock, gpio, hardware, opened } = await openRig()
  const fxs = hardware.lines?.fxs('tel1')
  t.ok(fxs)
  if (fxs === undefined) return
  t.match(fxs.capabilities, { onHookTransmission: true, hookTimestamps: 'kernel', polarityReversal: true })
  t.strictSame(opened, ['cdev slic'], 'the lamps are not asked for yet')
  const told: FxsEvent[] = []
  const opening = fxs.open(profile, event => told.push(event))
  await clock.advance(100)
  await opening
  gpio.drive(pins.shk, true)
  await clock.advance(50)
  t.match(
    told.filter(event => event.type === 'hook'),
    [{ offHook: false }, { offHook: true, source: 'edge' }],
  )
  gpio.drive(pins.shk, false)
  await clock.advance(1000)

  const [ringing] = hardware.lines?.ringing ?? []
  t.match(ringing, { line: 'tel1', mute: true })
  const until = () => ringing?.noise[0] ?? 0
  t.notOk(until() > clock.now(), 'nothing to be kept out of the audio')
  const burst = fxs.ringBurst(true)
  await clock.advance(20)
  await burst
  t.equal(gpio.level(pins.rm), true)
  t.ok(until() > clock.now(), 'the audio half knows of the ring')
  const closing = hardware.close()
  await clock.advance(200)
  await closing
  t.equal(gpio.level(pins.rm), false, 'closed: no ring')
  t.equal(await kindOf(() => hardware.lines?.fxs('tel2')), 'missing')
})

t.test('lamps on pins of their own interface: dark, as told, dark again', async t => {
  const { clock, gpio, hardware, opened } = await openRig()
  const lamps = await hardware.lamps()
  t.strictSame(opened, ['cdev slic', 'onoff slic'])
  const seen = () => [gpio.level(pins.lineLamp), gpio.level(pins.messageLamp)]
  t.strictSame(seen(), [false, false])
  lamps?.show('tel1', { line: 'steady', messages: 'steady' })
  t.strictSame(seen(), [true, true])
  lamps?.show('tel1', { line: 'slow', messages: 'off' })
  await clock.advance(600)
  t.strictSame(seen(), [false, false])
  await clock.advance(500)
  t.strictSame(seen(), [true, false])
  await lamps?.close()
  t.strictSame(seen(), [false, false])
  await hardware.close()
})

t.test('a lamp that cannot be had does not keep the telephone from anything', async t => {
  const toml = hilVm.replace('offset = 5 }', 'offset = 99 }')
  const { gpio, hardware } = await openRig(toml)
  const lamps = await hardware.lamps()
  lamps?.show('tel1', { line: 'steady', messages: 'steady' })
  t.equal(gpio.level(pins.lineLamp), true)
  await hardware.close()
})

t.test('keys of a decoder on the board', async t => {
  const named = Object.entries(decoderPins).map(
    ([name, offset]) => `${name} = { bus = "slic", offset = ${offset} }`,
  )
  const toml = hilVm.replace('ring = "rm-only"', `ring = "rm-only"\ndtmf = { ${named.join(', ')} }`)
  const { clock, gpio, hardware, events } = await openRig(toml)
  t.strictSame([...hardware.decoded], ['tel1'], 'what the audio half takes for keys is not told as well')
  gpio.drive(decoderPins.q1, true)
  gpio.drive(decoderPins.q3, true)
  gpio.drive(decoderPins.std, true)
  await clock.advance(70)
  gpio.drive(decoderPins.std, false)
  await clock.advance(200)
  t.match(events, [
    { type: 'digit-start', line: 'tel1', digit: '5', us: 0 },
    { type: 'digit-end', line: 'tel1', digit: '5', us: 70_000, ms: 70 },
  ])
  await hardware.close()
})

t.test('a pin that cannot be had: said, and the others are given back', async t => {
  const clock = new VirtualClock()
  const gpio = new SimGpio({ clock, lines: 3, label: 'slic' })
  const open = openHardware({
    board: boardOf(hilVm),
    clock,
    log: silentLog,
    onEvent: () => {},
    openBus: ({ label }) => gpio.open(label),
  })
  t.equal(await kindOf(() => open), 'invalid', 'there is no line 3')
  const chip = await gpio.open()
  await chip.openOutput(pins.rm, { initial: false })
  const none = openHardware({
    board: boardOf(hilVm),
    clock,
    log: silentLog,
    onEvent: () => {},
    openBus: () => Promise.reject(new HalError('missing', 'no chip')),
  })
  t.equal(await kindOf(() => none), 'missing')
})

t.test('a PWM channel is given back where a pin of its module cannot be had, and by close', async t => {
  const clock = new VirtualClock()
  const log: string[] = []
  const openPwm = async ({ channel }: { readonly channel: number }) => {
    log.push(`open ${channel}`)
    return {
      start: async () => {},
      stop: async () => {},
      close: async () => void log.push(`close ${channel}`),
    }
  }
  const toml = hilVm.replace('ring = "rm-only"', 'ring = "pwm"\npwm = { chip = "pwmchip0", channel = 1 }')
  const board = boardOf(toml.replace(/^fr = .*\n/m, ''))
  const open = async (lines: number) => {
    const gpio = new SimGpio({ clock, lines, label: 'slic' })
    const buses = createGpioBuses(board.gpio, clock, ({ label }) => gpio.open(label))
    return openAg1171Lines({ board, buses, clock, onDigit: () => {}, openPwm })
  }
  t.equal(await kindOf(() => open(3)), 'invalid', 'there is no line 3')
  t.strictSame(log, ['open 1', 'close 1'])
  log.length = 0
  await (await open(16)).close()
  t.strictSame(log, ['open 1', 'close 1'], 'once')
})

t.test('the audio half on a sound device, in a thread of its own', async t => {
  const standIns = await openStandIns()
  const folder = mkdtempSync(join(tmpdir(), 'voiceport-sound-'))
  t.teardown(async () => {
    await standIns.close()
    rmSync(folder, { recursive: true })
  })
  for (const name of ['arecord', 'aplay'] as const) symlinkSync(standIns.programs[name], join(folder, name))
  const { PATH, VOICEPORT_STAND_IN } = process.env
  Object.assign(process.env, {
    PATH: `${folder}:${PATH}`,
    VOICEPORT_STAND_IN: standIns.env['VOICEPORT_STAND_IN'],
  })
  const audio = boardOf(hilVm).audio
  if (audio === undefined) throw new Error('no [audio]')
  const link = await startMediaWorker({
    board: {
      kind: 'alsa',
      ...audio,
      lines: [{ id: 'tel1', channel: 0 }],
      channels: 1,
      ringing: [{ line: 'tel1', noise: new Float64Array(new SharedArrayBuffer(16)), mute: true }],
    },
    realtime: false,
    config: {
      address: '127.0.0.105',
      ports: [16384, 16393],
      dscp: 46,
      tones: { dial: { cadence: [{ hz: [440] }], dbm0: -10 } },
      rings: {},
    },
  })
  Object.assign(process.env, { PATH })
  if (VOICEPORT_STAND_IN === undefined) delete process.env['VOICEPORT_STAND_IN']
  const onDevice = (role: string): boolean =>
    standIns.hellos.some(
      hello => hello.role === role && hello.args.some(arg => arg.includes('hw:Loopback,0')),
    )
  for (let n = 0; n < 500 && !onDevice('aplay'); n++) await new Promise(resolve => setTimeout(resolve, 10))
  t.ok(onDevice('arecord') && onDevice('aplay'), JSON.stringify(standIns.hellos))
  t.equal(await kindOf(() => link.control.fxs('tel1')), 'unsupported', 'its lines are driven elsewhere')
  await link.alive()
  const played = await standIns.record(async () => {
    link.command({ do: 'wake', line: 'tel1' })
    link.command({ do: 'tone', line: 'tel1', tone: 'dial' })
    await new Promise(resolve => setTimeout(resolve, 600))
  })
  const loudest = played.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)
  t.ok(loudest > 5000, `the dial tone comes out of the sound device (${loudest})`)
  await link.close()
})
