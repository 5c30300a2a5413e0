// GPIO through the character device: refusals and losses on a model of the kernel (the suite of the contract:
// test/hal/rigs.ts), the bytes held against linux/gpio.h, the system calls on a pipe. The real device is tried in the virtual
// machine.

import { spawnSync } from 'node:child_process'
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { kindOf } from '../../../hal/conformance/hal-kind.js'
import type { GpioEdge } from '../../../hal/gpio.js'
import { LinuxClock } from '../../../hal/linux/clock.js'
import { gpioRequest, lineRequest, lineValues } from '../../../hal/linux/gpio-abi.js'
import { cdevQueue, openCdevChip } from '../../../hal/linux/gpio-cdev.js'
import { loadGpioKernel } from '../../../hal/linux/gpio-kernel.js'
import { findProgram } from '../../support/child.js'
import { GpioKernelModel } from '../../support/gpio-kernel-model.js'

const clock = new LinuxClock()
const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms))
const until = async (holds: () => boolean) => {
  for (let n = 0; n < 300 && !holds(); n++) await sleep(5)
  return holds()
}
const made = (firstSequence = 1) => {
  const kernel = new GpioKernelModel({ label: 'slic', lines: 8, now: () => clock.now(), firstSequence })
  return { kernel, open: (label: string) => openCdevChip(label, { clock, kernel }) }
}

t.test('the chip is known by label, name and path; refusals say what to do', async t => {
  const { kernel, open } = made()
  for (const name of ['slic', 'gpiochip0', '/dev/gpiochip0']) await (await open(name)).close()
  await t.rejects(open('other'), /there is slic \(gpiochip0\)/)
  t.equal(kernel.descriptors, 0)
  kernel.refuseOpen = 'EACCES'
  t.equal(await kindOf(() => open('slic')), 'permission')
  await t.rejects(open('slic'), /\/dev\/gpiochip0 .*group/)
  kernel.refuseOpen = undefined
  const chip = await open('slic')
  for (const [code, kind, text] of [
    ['EBUSY', 'in-use', /line 3 of GPIO chip slic .*gpioinfo/],
    ['EPERM', 'permission', /group/],
    ['ENXIO', 'unsupported', /cannot interrupt/],
    ['ENOTTY', 'unsupported', /5\.10/],
    ['ENODEV', 'lost', /taken away/],
    ['ENOMEM', 'io', /line 3/],
  ] as const) {
    kernel.refuse.set(0xc250b407, code)
    t.equal(await kindOf(() => chip.openInput(3, {}, () => {})), kind)
    await t.rejects(chip.openOutput(3, { initial: false }), text)
  }
  kernel.refuse.clear()
  kernel.refuse.set(0xc010b40e, 'EIO')
  t.equal(await kindOf(() => chip.openInput(3, {}, () => {})), 'unsupported')
  t.equal(kernel.descriptors, 1, 'a line whose level cannot be read is given back')
})

t.test('a closed chip leaves no descriptor open, whatever was open on it', async t => {
  const { kernel, open } = made()
  const chip = await open('slic')
  await chip.openInput(0, {}, () => {})
  await chip.openOutput(1, { initial: true })
  t.equal(kernel.descriptors, 3)
  await chip.close()
  t.equal(kernel.descriptors, 0)
})

t.test('a chip that is taken away ends in "lost", once', async t => {
  const { kernel, open } = made()
  const input = await (await open('slic')).openInput(0, {}, () => t.fail('an edge'))
  kernel.read = () => {
    throw Object.assign(new Error('gone'), { code: 'ENODEV' })
  }
  kernel.refuse.set(0xc010b40e, 'ENODEV')
  kernel.drive(0, true)
  await sleep(10)
  t.equal(await kindOf(() => input.read()), 'lost')
  input.close()
})

t.test('the numbers of events wrap round', async t => {
  const { kernel, open } = made(2 ** 32 - 2)
  const edges: GpioEdge[] = []
  await (await open('slic')).openInput(0, {}, edge => edges.push(edge))
  for (let n = 0; n < 8; n++) kernel.drive(0, n % 2 === 0)
  await until(() => edges.length === 8)
  t.strictSame(
    edges.map(edge => edge.high && !edge.overrun),
    [true, false, true, false, true, false, true, false],
  )
})

t.test('a spike too short for the kernel to read its level is contact bounce', async t => {
  const { kernel, open } = made()
  const edges: boolean[] = []
  await (await open('slic')).openInput(0, {}, ({ high, overrun }) => edges.push(high && !overrun))
  kernel.interrupt(0)
  kernel.drive(0, true)
  kernel.interrupt(0)
  kernel.interrupt(0)
  kernel.drive(0, false)
  await until(() => edges.length === 2)
  await sleep(10)
  t.strictSame(edges, [true, false])
})

t.test('after a loss the level is read, and told when no edge did', async t => {
  const { kernel, open } = made()
  const edges: GpioEdge[] = []
  const input = await (await open('slic')).openInput(0, {}, edge => {
    // The pin turns back and its interrupt is lost while the edges are delivered.
    if (edges.push(edge) === cdevQueue) kernel.turnUnheard(0)
  })
  for (let n = 0; n <= cdevQueue; n++) kernel.drive(0, n % 2 === 0)
  t.ok(await until(() => edges.length > cdevQueue))
  t.strictSame([edges[0]?.overrun, edges[1]?.overrun], [true, false])
  t.strictSame([edges.at(-1)?.high, edges.at(-1)?.overrun], [false, true])
  t.equal(input.read(), false)
  t.equal(edges.length, cdevQueue + 1)
})

t.test(
  "a level that cannot be read after a loss is nobody's fault: edges go on, the reader is told",
  async t => {
    const { kernel, open } = made()
    const edges: GpioEdge[] = []
    const input = await (await open('slic')).openInput(0, {}, edge => edges.push(edge))
    for (let n = 0; n <= cdevQueue; n++) kernel.drive(0, n % 2 === 0)
    kernel.refuse.set(0xc010b40e, 'EIO')
    t.ok(await until(() => edges.length === cdevQueue))
    t.equal(edges[0]?.overrun, true)
    await sleep(10)
    t.equal(await kindOf(() => input.read()), 'unsupported')
    kernel.refuse.clear()
    kernel.drive(0, false)
    t.ok(await until(() => edges.length === cdevQueue + 1))
    t.equal(edges.at(-1)?.high, false)
  },
)

t.test('a chip that is taken away in a loss', async t => {
  const { kernel, open } = made()
  const edges: GpioEdge[] = []
  const read = kernel.read.bind(kernel)
  const input = await (await open('slic')).openInput(0, {}, edge => {
    edges.push(edge)
    kernel.read = () => {
      throw Object.assign(new Error('gone'), { code: 'ENODEV' })
    }
    kernel.refuse.set(0xc010b40e, 'ENODEV')
  })
  for (let n = 0; n <= cdevQueue; n++) kernel.drive(0, n % 2 === 0)
  t.ok(await until(() => edges.length === cdevQueue))
  await sleep(10)
  t.equal(await kindOf(() => input.read()), 'lost')
  kernel.read = read
  kernel.drive(0, false)
  await sleep(10)
  t.equal(edges.length, cdevQueue, 'it is watched no longer')
})

const noGcc = findProgram('gcc') ? false : 'gcc is not installed'
t.test('the bytes are those of linux/gpio.h', { skip: noGcc }, async t => {
  const printer = String.raw`
#include <linux/gpio.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
static void hex(const char *name, const void *bytes, size_t length) {
  printf("%s ", name);
  for (size_t n = 0; n < length; n++) printf("%02x", ((const unsigned char *) bytes)[n]);
  puts("");
}
int main(void) {
  struct gpio_v2_line_request in, out;
  struct gpio_v2_line_values values = { .bits = 1, .mask = 1 };
  memset(&in, 0, sizeof in);
  in.offsets[0] = 17;
  strcpy(in.consumer, "voiceport");
  in.num_lines = 1;
  out = in;
  in.config.flags = GPIO_V2_LINE_FLAG_INPUT | GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING;
  in.event_buffer_size = 256;
  out.config.flags = GPIO_V2_LINE_FLAG_OUTPUT | GPIO_V2_LINE_FLAG_ACTIVE_LOW;
  out.config.num_attrs = 1;
  out.config.attrs[0].attr.id = GPIO_V2_LINE_ATTR_ID_OUTPUT_VALUES;
  out.config.attrs[0].attr.values = 1;
  out.config.attrs[0].mask = 1;
  hex("in", &in, sizeof in);
  hex("out", &out, sizeof out);
  hex("values", &values, sizeof values);
  printf("requests %lu %lu %lu %lu\n", (unsigned long) GPIO_GET_CHIPINFO_IOCTL, (unsigned long) GPIO_V2_GET_LINE_IOCTL,
    (unsigned long) GPIO_V2_LINE_GET_VALUES_IOCTL, (unsigned long) GPIO_V2_LINE_SET_VALUES_IOCTL);
  printf("answer %zu event %zu id %zu sequence %zu rising %d chip %zu label %zu lines %zu\n",
    offsetof(struct gpio_v2_line_request, fd), sizeof(struct gpio_v2_line_event), offsetof(struct gpio_v2_line_event, id),
    offsetof(struct gpio_v2_line_event, line_seqno), GPIO_V2_LINE_EVENT_RISING_EDGE, sizeof(struct gpiochip_info),
    offsetof(struct gpiochip_info, label), offsetof(struct gpiochip_info, lines));
}
`
  const ours = [
    `in ${Buffer.from(lineRequest(17, 'voiceport', false, { direction: 'in', queue: 256 })).toString('hex')}`,
    `out ${Buffer.from(lineRequest(17, 'voiceport', true, { direction: 'out', initial: true })).toString('hex')}`,
    `values ${Buffer.from(lineValues(true)).toString('hex')}`,
    `requests ${Object.values(gpioRequest).join(' ')}`,
    'answer 588 event 48 id 8 sequence 20 rising 1 chip 68 label 32 lines 64',
    '',
  ]
  const folder = await mkdtemp(join(tmpdir(), 'voiceport-gpio-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const program = join(folder, 'print')
  await writeFile(`${program}.c`, printer)
  const compiled = spawnSync('gcc', ['-o', program, `${program}.c`], { encoding: 'utf8' })
  t.equal(compiled.status, 0, compiled.stderr)
  t.strictSame(spawnSync(program, { encoding: 'utf8' }).stdout.split('\n'), ours)
})

t.test('the system calls, on a pipe', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'voiceport-gpio-'))
  const fifo = join(folder, 'fifo')
  spawnSync('mkfifo', [fifo])
  const kernel = await loadGpioKernel()
  const descriptor = openSync(fifo, constants.O_RDWR)
  t.teardown(() => {
    closeSync(descriptor)
    return rm(folder, { recursive: true })
  })
  const buffer = Buffer.alloc(96)
  let woken = 0
  let promised = 0
  const heard: Buffer[] = []
  const stop = kernel.watch(descriptor, () => {
    woken++
    heard.push(Buffer.from(buffer.subarray(0, kernel.read(descriptor, buffer))))
    void Promise.resolve().then(() => promised++)
  })
  t.equal(kernel.read(descriptor, buffer), 0, 'nothing waits, and nobody blocks')
  const waiting = Buffer.alloc(4)
  writeSync(descriptor, 'edge')
  kernel.ioctl(descriptor, 0x541b, waiting)
  t.equal(waiting.readInt32LE(0), 4, 'FIONREAD answers in place')
  t.equal(woken, 0)
  t.ok(await until(() => woken === 1 && promised === 1))
  t.equal(Buffer.concat(heard).toString(), 'edge')
  t.throws(() => kernel.ioctl(descriptor, gpioRequest.getLine, new Uint8Array(592)), { code: 'ENOTTY' })
  writeSync(descriptor, 'late')
  stop()
  stop()
  await sleep(20)
  t.equal(woken, 1, 'nothing is told behind the end')
  t.throws(() => kernel.open('/dev/no-such-chip'), { code: 'ENOENT' })
  t.ok(Array.isArray(await kernel.chips()))
})
