// What `voiceport check` says of a board: of its file, and of a machine that is to be that board. The machine is a tree of
// files, as the kernel would show it.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { checkBoard } from '../../board/board-check.js'
import { type Machine, machineAt } from '../../board/machine.js'
import { errorTable } from '../../firmware/errors.js'
import { type Board, boardSchema } from '../../firmware/settings/board-schema.js'
import { parseTomlText } from '../../firmware/settings/toml-document.js'
import { validate } from '../../firmware/settings/validate.js'

const folder = mkdtempSync(join(tmpdir(), 'voiceport-boards-'))
t.teardown(() => rmSync(folder, { recursive: true }))

const shipped = (name: string): string =>
  fileURLToPath(new URL(`../../../board/boards/${name}.toml`, import.meta.url))

/** Line by line, so that a test can name the line of a key. */
const boardLines = [
  'name = "mine"', // 1
  'driver = "ag1171"',
  'lines = ["tel1"]',
  '[gpio.header]',
  'label = "soc"', // 5
  '[gpio.lamps]',
  'label = "soc"',
  'backend = "onoff"',
  '[[slic]]',
  'line = "tel1"', // 10
  'shk = { bus = "header", offset = 17 }',
  'rm = { bus = "header", offset = 27 }',
  'pd = { bus = "header", offset = 22 }',
  'pwm = { chip = "pwmchip0", channel = 1 }',
  '[audio]', // 15
  'capture = "hw:1,0"',
  'playback = "hw:1,0"',
  '[leds]',
  'line = { bus = "lamps", offset = 5 }',
  '[watchdog]', // 20
  'device = "/dev/watchdog"',
]

const read = (lines: readonly string[]) => {
  const document = parseTomlText(lines.join('\n'), 'mine.toml')
  if (!document.ok) throw new Error(JSON.stringify(document.problems))
  return { document: document.value, checked: validate(document.value, boardSchema()) }
}

/** The board with some lines changed, by number. */
const changed = (changes: Readonly<Record<number, string>>): readonly string[] =>
  boardLines.map((line, n) => changes[n + 1] ?? line)

const fileProblems = (changes: Readonly<Record<number, string>>): readonly string[] => {
  const { checked } = read(changed(changes))
  return checked.ok ? [] : checked.problems.map(p => `${p.code} ${p.line} ${p.message}`)
}

t.test('the boards that ship are in order', async t => {
  const { loadSettings } = await import('../../firmware/settings/load-settings.js')
  for (const name of ['hil-vm', 'rpi-ag1171', 'sim', 'usb-slic']) {
    const config = join(folder, `${name}.toml`)
    writeFileSync(config, `board = "${shipped(name)}"\nprofile = "fr"\n[[line]]\nid = "tel1"\n`)
    const profile = fileURLToPath(new URL('../../../board/profiles/fr.toml', import.meta.url))
    const result = loadSettings(config, kind => (kind === 'profile' ? profile : undefined))
    if ('errors' in result) t.fail(JSON.stringify(result.errors))
    else t.equal(result.settings.board.name, name)
  }
})

t.test('a board file that contradicts itself: each mistake with its line', async t => {
  t.strictSame(fileProblems({}), [])
  const wrong: readonly [Readonly<Record<number, string>>, RegExp][] = [
    [
      { 12: 'rm = { bus = "header", offset = 17 }' },
      /^VP-1011 12 slic\[0\]\.rm is line 17 of the chip "soc", and so is slic\[0\]\.shk$/,
    ],
    [
      { 19: 'line = { bus = "lamps", offset = 22 }' },
      /^VP-1011 19 leds\.line is line 22 of the chip "soc", and so is slic\[0\]\.pd$/,
    ],
    [
      { 12: 'rm = { bus = "heather", offset = 27 }' },
      /^VP-1003 12 slic\[0\]\.rm\.bus = "heather": names no table \[gpio\.heather\]/,
    ],
    [{ 12: 'rm = { bus = "header", offset = -1 }' }, /^VP-1003 12 slic\[0\]\.rm\.offset = -1: .*0 to 1023/],
    [
      { 12: 'rm = { bus = "header", offset = 27, pullUp = true }' },
      /^VP-1004 12 slic\[0\]\.rm\.pullUp is not a key/,
    ],
    [{ 12: '' }, /^VP-1005 9 slic\[0\]\.rm is missing/],
    [{ 14: '' }, /^VP-1005 9 slic\[0\]\.pwm is missing; it must stand in the file where ring is "pwm"/],
    [
      { 14: 'ring = "rm-only"\npwm = { chip = "pwmchip0" }' },
      /^VP-1003 15 slic\[0\]\.pwm = .*must not stand in the file where ring is "rm-only"/,
    ],
    [{ 13: 'fr = { bus = "header", offset = 22 }' }, /^VP-1003 13 slic\[0\]\.fr = .*same pin of the module/],
    [{ 3: 'lines = ["tel1", "tel2"]' }, /^VP-1003 9 slic = .*must have a module for the port tel2/],
    [{ 10: 'line = "tel9"' }, /^VP-1003 10 slic\[0\]\.line = "tel9": must be one of the ports tel1/],
    [{ 3: 'lines = ["tel1", "tel1"]' }, /^VP-1003 3 lines = .*must not name a port twice/],
    [{ 2: 'driver = "sim"' }, /^VP-1003 9 slic = .*the driver "sim" has no \[\[slic\]\]/],
    [
      { 2: 'driver = "serial-slic"' },
      /^VP-1005 1 serial is missing; it must stand in the file: the driver "serial-slic" needs \[serial\]/,
    ],
    [{ 8: 'backend = "sysfs"' }, /^VP-1003 8 gpio\.lamps\.backend = "sysfs": must be "cdev", "onoff"/],
    [{ 6: '[gpio.Lamps]' }, /^VP-1003 6 gpio\.Lamps = .*small letters/],
    [{ 21: 'device = "watchdog"' }, /^VP-1003 21 watchdog\.device = "watchdog": must be the path/],
  ]
  for (const [changes, message] of wrong) {
    const problems = fileProblems(changes)
    t.ok(
      problems.some(problem => message.test(problem)),
      `${JSON.stringify(changes)}: ${problems.join(' | ')}`,
    )
  }
})

t.test('the board file in the wiring page is one', async t => {
  const page = fileURLToPath(new URL('../../../hal/chips/ag1171/WIRING.md', import.meta.url))
  const example = readFileSync(page, 'utf8').match(/^ {4}\[\[slic\]\]\n(?: {4}.*\n)+/m)?.[0] ?? ''
  const { checked } = read([
    ...boardLines.slice(0, 8),
    ...example.split('\n').map(line => line.trim()),
    ...boardLines.slice(14),
  ])
  if (!checked.ok) return t.fail(JSON.stringify(checked.problems))
  t.match(checked.value.slic, [{ ring: 'pwm', pwm: { channel: 0, inverted: true } }])
})

t.test('two modules: each has its own channels', async t => {
  const second = boardLines
    .slice(8, 14)
    .map(line => line.replace('tel1', 'tel2').replaceAll('offset = ', 'offset = 1'))
  const { checked } = read([...changed({ 3: 'lines = ["tel1", "tel2"]' }), ...second])
  t.strictSame(checked.ok ? [] : checked.problems.map(p => `${p.code} ${p.line} ${p.message}`), [
    'VP-1011 22 slic[1].channel is that of slic[0].channel too',
    'VP-1011 27 slic[1].pwm is that of slic[0].pwm too',
  ])
})

let trees = 0
/** A machine as the kernel would show it: paths, and what is in the files. */
const machine = (
  files: Readonly<Record<string, string>>,
  parts: Partial<Pick<Machine, 'gpioDevices' | 'sound' | 'access'>> = {},
): Machine => {
  const root = join(folder, `root-${trees++}`)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  mkdirSync(join(root, 'sys/devices/fe20c000.pwm'), { recursive: true })
  if (existsSync(join(root, 'sys/class/pwm')))
    symlinkSync('../../../devices/fe20c000.pwm', join(root, 'sys/class/pwm/pwmchip0/device'))
  const real = machineAt(root, {
    gpioDevices: async () => [{ path: '/dev/gpiochip0', label: 'soc', lines: 58 }],
    sound: async () => ({ ok: true, capture: '8000 Hz, S16_LE', playback: '8000 to 48000 Hz, S16_LE' }),
    ...parts,
  })
  return { ...real, ...parts }
}

const complete = {
  '/dev/gpiochip0': '',
  '/dev/watchdog': '',
  '/etc/group': 'root:x:0:\ngpio:x:0:\n',
  '/sys/class/gpio/export': '',
  '/sys/class/gpio/gpiochip512/label': 'soc\n',
  '/sys/class/gpio/gpiochip512/base': '512\n',
  '/sys/class/gpio/gpiochip512/ngpio': '58\n',
  '/sys/class/pwm/pwmchip0/npwm': '2\n',
  '/sys/class/pwm/pwmchip0/export': '',
}
const without = (path: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(complete).filter(([file]) => !file.startsWith(path)))

const report = async (
  on: Machine,
  changes: Readonly<Record<number, string>> = {},
): Promise<{ readonly problems: readonly string[]; readonly facts: readonly string[] }> => {
  const { document, checked } = read(changed(changes))
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems))
  const { problems, facts } = await checkBoard(checked.value as Board, path => document.origin(path), on)
  for (const { code, fix, key } of problems) if (key !== 'audio') t.equal(fix, errorTable[code])
  return {
    problems: problems.map(p => `${p.code} ${p.line} ${p.message}`),
    facts: facts.map(({ key, says }) => `${key}: ${says}`),
  }
}

t.test('a machine that has everything: where each thing is', async t => {
  const { problems, facts } = await report(machine(complete))
  t.strictSame(problems, [])
  t.strictSame(facts, [
    'slic[0].shk: line 17 of soc (/dev/gpiochip0)',
    'slic[0].rm: line 27 of soc (/dev/gpiochip0)',
    'slic[0].pd: line 22 of soc (/dev/gpiochip0)',
    'leds.line: line 5 of soc, GPIO 517 of this kernel (base 512)',
    'slic[0].pwm: channel 1 of pwmchip0 (fe20c000.pwm)',
    'slic[0].quirks.ohtResistor: without the resistor the telephone cannot show who calls',
    'audio.capture: hw:1,0: 8000 Hz, S16_LE',
    'audio.playback: hw:1,0: 8000 to 48000 Hz, S16_LE',
    'watchdog.device: /dev/watchdog, armed when the telephones are ready',
  ])
  const { facts: slow } = await report(machine(complete), { 5: 'label = "soc"\nbackend = "onoff"' })
  const { facts: byDevice } = await report(machine(complete), { 14: 'pwm = { chip = "fe20c000.pwm" }' })
  t.ok(byDevice.includes('slic[0].pwm: channel 0 of pwmchip0 (fe20c000.pwm)'), byDevice.join())
  t.ok(slow.includes('slic[0].shk: line 17 of soc, GPIO 529 of this kernel (base 512)'), slow.join())
  t.ok(slow.some(fact => fact.startsWith('slic[0].shk.bus: hook edges are stamped by the process')))
})

t.test('what is missing, and what there is instead', async t => {
  const { problems } = await report(
    machine(without('/dev/watchdog'), {
      gpioDevices: async () => [
        { path: '/dev/gpiochip0', label: 'pinctrl-rp1', lines: 54 },
        { path: '/dev/gpiochip1', label: 'other', lines: 8 },
      ],
      sound: async ({ capture, channels }) => ({
        ok: false,
        kind: 'missing',
        message: `there is no sound device ${capture} of ${channels}`,
        fix: 'name another',
      }),
    }),
    { 7: 'label = "pinctrl-rp1"', 14: 'pwm = { chip = "pwmchip2" }' },
  )
  t.strictSame(problems, [
    'VP-1012 5 gpio.header.label: there is no GPIO chip "soc", only "pinctrl-rp1", "other"',
    'VP-1012 7 gpio.lamps.label: there is no GPIO chip "pinctrl-rp1", only "soc"',
    'VP-1015 14 slic[0].pwm.chip: there is no PWM chip "pwmchip2", only pwmchip0 (fe20c000.pwm, 2 channels)',
    'VP-1012 15 audio: there is no sound device hw:1,0 of 1',
    'VP-1012 21 watchdog.device: there is no /dev/watchdog',
  ])
  const bare = await report(machine({}, { gpioDevices: async () => [] }))
  t.match(bare.problems.join('\n'), /there is no GPIO chip "soc", nor any other/)
  t.match(bare.problems.join('\n'), /VP-1014 7 gpio\.lamps\.label: this kernel has no \/sys\/class\/gpio/)
  t.match(bare.problems.join('\n'), /there is no PWM chip "pwmchip0", nor any other/)
})

t.test('chips whose labels repeat are told apart by the names of their devices', async t => {
  const twins = machine(complete, {
    gpioDevices: async () => [
      { path: '/dev/gpiochip0', label: 'soc', lines: 58 },
      { path: '/dev/gpiochip1', label: 'soc', lines: 8 },
    ],
  })
  const { problems } = await report(twins)
  t.strictSame(problems, [
    'VP-1003 5 gpio.header.label: "soc" is several GPIO chips; give one of the names gpiochip0, gpiochip1',
  ])
  const { facts } = await report(twins, { 5: 'label = "gpiochip0"' })
  t.ok(facts.includes('slic[0].shk: line 17 of soc (/dev/gpiochip0)'), facts.join())
})

t.test('a line or channel that the chip does not have', async t => {
  const { problems } = await report(machine(complete), {
    11: 'shk = { bus = "header", offset = 58 }',
    14: 'pwm = { chip = "pwmchip0", channel = 2 }',
    19: 'line = { bus = "lamps", offset = 99 }',
  })
  t.strictSame(problems, [
    'VP-1003 11 slic[0].shk.offset: 58 is none of the lines 0 to 57 of "soc"',
    'VP-1003 14 slic[0].pwm.channel: pwmchip0 has the channels 0 to 1',
    'VP-1003 19 leds.line.offset: 99 is none of the lines 0 to 57 of "soc"',
  ])
})

t.test('who may not use what, and which group may', async t => {
  const denied = machine(complete, {
    gpioDevices: async () => [],
    access: path =>
      path.includes('watchdog') ? { kind: 'denied', group: 'root' } : { kind: 'denied', group: 'gpio' },
    sound: async () => ({
      ok: false,
      kind: 'permission',
      message: 'sound device hw:1,0: this user may not',
      fix: 'join the group audio',
    }),
  })
  const { problems } = await report(denied)
  t.strictSame(problems, [
    'VP-1013 5 gpio.header.label: /dev/gpiochip0 may not be used by this user; the group gpio may',
    'VP-1013 7 gpio.lamps.label: /sys/class/gpio/export may not be used by this user; the group gpio may',
    'VP-1013 14 slic[0].pwm: /sys/class/pwm/pwmchip0/export may not be used by this user; the group gpio may',
    'VP-1013 15 audio: sound device hw:1,0: this user may not',
    'VP-1013 21 watchdog.device: /dev/watchdog may not be used by this user; only root may',
  ])
})

const machineModule = new URL('../../board/machine.js', import.meta.url)
/** Somebody else than the owner of the files. */
const isRoot = process.getuid?.() === 0
const asNobody = (...words: readonly string[]) =>
  spawnSync(process.execPath, words, {
    encoding: 'utf8',
    cwd: '/',
    ...(isRoot && { uid: 65_534, gid: 65_534 }),
  })
const reading = asNobody('-e', `fs.readFileSync(${JSON.stringify(fileURLToPath(machineModule))})`)
const nobodyReads =
  reading.status === 0 ? false : `nobody may not read what is tried here: ${reading.error ?? reading.stderr}`

t.test('rights are those of the files and of who asks', { skip: nobodyReads }, async t => {
  const root = join(folder, 'rights')
  mkdirSync(join(root, 'dev'), { recursive: true })
  mkdirSync(join(root, 'etc'))
  writeFileSync(join(root, 'etc/group'), `other:x:77:\nsound:x:${statSync(root).gid}:\n`)
  mkdirSync(join(root, 'closed'))
  for (const [name, mode] of Object.entries({ open: 0o666, shut: 0o600, export: 0o222 })) {
    writeFileSync(join(root, 'dev', name), '')
    chmodSync(join(root, 'dev', name), mode)
  }
  chmodSync(join(root, 'closed'), 0o700)
  const program = `
    const { machineAt } = await import(${JSON.stringify(machineModule.href)})
    const machine = machineAt(${JSON.stringify(root)}, {})
    const asked = [['/dev/open'], ['/dev/shut'], ['/dev/none'], ['/dev/export', 'write'], ['/dev/export'], ['/closed/in']]
    console.log(JSON.stringify(asked.map(path => machine.access(...path))))`
  chmodSync(folder, 0o755)
  const run = asNobody('--input-type=module', '-e', program)
  t.equal(run.status, 0, run.error?.message ?? run.stderr)
  t.match(JSON.parse(run.stdout), [
    { kind: 'ok' },
    isRoot ? { kind: 'denied', group: 'sound' } : { kind: 'ok' },
    { kind: 'missing' },
    { kind: 'ok' },
    isRoot ? { kind: 'denied', group: 'sound' } : { kind: 'denied' },
    isRoot ? { kind: 'denied', group: '' } : { kind: 'missing' },
  ])
})

t.test('a sound device that is taken, or will not do: with what the device says is to be done', async t => {
  const kinds = { 'in-use': 'VP-1017', unsupported: 'VP-1016', io: 'VP-1016' } as const
  for (const [kind, code] of Object.entries(kinds)) {
    const sound: Machine['sound'] = async () => ({
      ok: false,
      kind: kind as keyof typeof kinds,
      message: 'hw:1,0: no',
      fix: 'write plughw:1,0',
    })
    const { document, checked } = read(boardLines)
    if (!checked.ok) throw new Error('not a board')
    const { problems } = await checkBoard(
      checked.value,
      path => document.origin(path),
      machine(complete, { sound }),
    )
    t.match(problems, [{ code, line: 15, message: 'audio: hw:1,0: no', fix: 'Write plughw:1,0.' }])
    t.equal(problems.length, 1)
  }
})

t.test('a serial port that is away', async t => {
  const { document, checked } = read([
    'name = "usb"',
    'driver = "serial-slic"',
    'lines = ["tel1"]',
    '[serial]',
    'path = "/dev/ttyACM0"',
  ])
  if (!checked.ok) throw new Error('not a board')
  const on = async (files: Readonly<Record<string, string>>) =>
    checkBoard(checked.value, path => document.origin(path), machine(files))
  t.match((await on({ '/dev/ttyACM0': '' })).facts, [{ key: 'serial.path', says: '/dev/ttyACM0' }])
  t.match((await on({ '/dev/ttyACM1': '', '/dev/ttyS0': '' })).problems, [
    {
      code: 'VP-1012',
      file: 'mine.toml',
      line: 5,
      key: 'serial.path',
      message: 'serial.path: there is no /dev/ttyACM0; there is /dev/ttyACM1, /dev/ttyS0',
      fix: errorTable['VP-1012'],
    },
  ])
})
