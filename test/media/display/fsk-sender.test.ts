// The modem toward a display telephone: frequencies and level by DFT, every bit of it counted, whatever the frames.

import fc from 'fast-check'
import t from 'tap'
import { durationSamples, type FskBurst, FskSender } from '../../../firmware/media/display/fsk-sender.js'
import { bytesOfBits, fskBits } from '../../support/fsk-bits.js'
import { levelAt, powerOf, strongestNear } from '../../support/spectrum.js'
import { bytesOf, collect } from '../../support/young-generation.js'

const tones = { v23: { mark: 1300, space: 2100 }, bell202: { mark: 1200, space: 2200 } } as const
const onHook: FskBurst = { scheme: 'v23', seizureBits: 300, markBits: 180, dbm0: -14 }
/** Ones after the data. */
const END = 5

/** The whole burst in frames of `frame` samples, and silence around it. */
const burstOf = (message: Uint8Array, burst: FskBurst, frame = 80): Int16Array => {
  const sender = new FskSender()
  sender.start(message, burst)
  const pcm = new Int16Array(durationSamples(message.length, burst) + 800)
  let length = 0
  for (let at = 0; at < pcm.length; at += frame) length += sender.render(pcm.subarray(at, at + frame), 0)
  t.equal(length, durationSamples(message.length, burst))
  return pcm
}
const message = Uint8Array.from({ length: 43 }, (_, n) => (n * 37) & 0xff)

t.test('frequencies within 0.1 % and level within 0.5 dB, for both schemes and several levels', async t => {
  // Zeros: nine bits of space in a row, 60 samples.
  const zeros = new Uint8Array(20)
  for (const scheme of ['v23', 'bell202'] as const)
    for (const dbm0 of [-8, -14, -30]) {
      const { mark, space } = tones[scheme]
      const pcm = burstOf(zeros, { ...onHook, scheme, dbm0 })
      const markFrom = 300 * (20 / 3)
      const markTo = markFrom + 180 * (20 / 3)
      const heard = strongestNear(pcm, mark, 50, markFrom, markTo)
      t.ok(Math.abs(heard / mark - 1) < 0.001, `${scheme} mark ${heard} Hz`)
      t.ok(Math.abs(levelAt(pcm, mark, markFrom, markTo) - dbm0) < 0.5, `${scheme} mark at ${dbm0} dBm0`)
      for (let byte = 0; byte < 20; byte++) {
        const from = Math.ceil((480 + 10 * byte) * (20 / 3))
        const low = strongestNear(pcm, space, 50, from, from + 58)
        t.ok(Math.abs(low / space - 1) < 0.001, `${scheme} space ${low} Hz`)
        t.ok(Math.abs(levelAt(pcm, space, from, from + 58) - dbm0) < 0.5, `${scheme} space at ${dbm0} dBm0`)
      }
      t.ok(Math.abs(powerOf(pcm, 0, 480 * (20 / 3)) - dbm0) < 0.1, 'constant envelope')
    }
})

t.test('seizure, mark, data and end bit by bit; silence afterwards', async t => {
  for (const [seizureBits, markBits] of [
    [300, 180],
    [96, 55],
    [0, 80],
    [1, 0],
  ] as const)
    for (const scheme of ['v23', 'bell202'] as const) {
      const burst = { scheme, seizureBits, markBits, dbm0: -14 }
      const pcm = burstOf(message, burst)
      const total = seizureBits + markBits + 10 * message.length + END
      const bits = fskBits(pcm, tones[scheme], total)
      t.equal(bits.slice(0, seizureBits), '01'.repeat(150).slice(0, seizureBits), 'seizure, 0 first')
      t.equal(bits.slice(seizureBits, seizureBits + markBits), '1'.repeat(markBits), 'mark')
      const data = bits.slice(seizureBits + markBits)
      t.same(bytesOfBits(data, message.length), [...message])
      t.equal(data.slice(10 * message.length), '1'.repeat(END))
      t.equal(durationSamples(message.length, burst), Math.ceil(total * (20 / 3)))
      t.ok(pcm.subarray(durationSamples(message.length, burst)).every(sample => sample === 0))
    }
})

t.test('the phase runs on through every change of tone, and the end fades', async t => {
  const pcm = burstOf(message, onHook)
  // Between two samples no sine of at most 2100 Hz moves farther than this.
  const peak = 32767 * 10 ** ((-14 - 3.14) / 20)
  const steepest = 2 * peak * Math.sin((Math.PI * 2100) / 8000) + 1
  for (let i = 1; i < pcm.length; i++)
    if (Math.abs((pcm[i] as number) - (pcm[i - 1] as number)) > steepest) t.fail(`a step at sample ${i}`)
  const length = durationSamples(message.length, onHook)
  t.ok(Math.abs(pcm[length - 1] as number) < peak / 50)
  t.equal(pcm[0], 0)
  // The seizure has lines every 600 Hz about 1700; a jump of the phase would spill between them.
  for (const far of [200, 800, 3200]) t.ok(levelAt(pcm, far, 0, 2000) < -14 - 50, `${far} Hz`)
})

t.test('property: the same samples whatever the frames, from any index on', async () => {
  const whole = burstOf(message, onHook, 80)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 20 }), sizes => {
      const sender = new FskSender()
      sender.start(message, onHook)
      const out = new Int16Array(600).fill(7)
      let at = 0
      for (let n = 0; sender.sounding; n++) {
        const from = 600 - (sizes[n % sizes.length] as number)
        const written = sender.render(out, from)
        for (let i = 0; i < written; i++) if (out[from + i] !== whole[at + i]) return false
        at += written
      }
      return at === durationSamples(message.length, onHook) && sender.render(out, 0) === 0 && out[0] === 7
    }),
    { numRuns: 40 },
  )
})

t.test('a burst can be stopped, replaced, and started again', async t => {
  const sender = new FskSender()
  const frame = new Int16Array(80)
  sender.start(message, onHook)
  t.equal(sender.render(frame, 0), 80)
  sender.stop()
  t.notOk(sender.sounding)
  t.equal(sender.render(frame, 0), 0)
  const copied = message.slice()
  sender.start(copied, onHook)
  copied.fill(0)
  const again = new Int16Array(durationSamples(message.length, onHook))
  sender.render(again, 0)
  t.same(again, burstOf(message, onHook).subarray(0, again.length), 'its own copy of the message')
  t.throws(() => sender.start(new Uint8Array(259), onHook), RangeError)
  t.throws(() => sender.start(message, { ...onHook, markBits: 1.5 }), RangeError)
  t.throws(() => sender.start(message, { ...onHook, seizureBits: -1 }), RangeError)
})

t.test('a number with its date takes 612.5 ms, with a name of 16 letters 762.5 ms', async t => {
  t.equal(durationSamples(25, onHook) / 8, 612.5)
  t.equal(durationSamples(43, onHook) / 8, 762.5)
})

t.test('a frame allocates nothing', async t => {
  const sender = new FskSender()
  const longest = new Uint8Array(258).fill(0x55)
  const frame = new Int16Array(80)
  const frames = (count: number) => {
    for (let n = 0; n < count; n++) sender.render(frame, 0)
  }
  const burst = () => {
    sender.start(longest, onHook)
    frames(200)
  }
  for (let n = 0; n < 30; n++) burst()
  collect()
  for (let n = 0; n < 30; n++) burst()
  let disturbed = 0
  for (let n = 0; n < 20; n++) {
    sender.start(longest, onHook)
    for (let look = 0; look < 5; look++) if (bytesOf(() => frames(50)) > 0) disturbed++
    t.ok(sender.sounding)
  }
  t.ok(disturbed <= 5, `${disturbed} of 100 looks found something new`)
})
