// G.711 against its definition: the decision and output values of ITU-T G.711 tables 1a-2b, worked out here from scratch.
import t from 'tap'
import { g711 } from '../../firmware/media/g711.js'

interface Interval {
  /** Decision values: from (inclusive) to (exclusive), 16-bit scale. */
  readonly from: number
  readonly to: number
}

/** The positive half of a companding law in rising order: eight chords of sixteen steps, each chord twice as coarse. */
const intervals = (first: number, step: number, uniformChords: number): Interval[] => {
  const list: Interval[] = []
  let edge = first
  let size = step
  for (let chord = 0; chord < 8; chord++) {
    if (chord > uniformChords) size *= 2
    for (let k = 0; k < 16; k++) {
      list.push({ from: edge, to: edge + size })
      edge += size
    }
  }
  return list
}
// A-law: steps of 2 on a scale of 4,096 (16 on ours); the first two chords have the same step.
const aLaw = intervals(0, 16, 1)
// µ-law: steps of 2 on a scale of 8,159 (8 on ours), the first is halved by the sign: value 0, then 8, 16, …
const muLaw = intervals(-4, 8, 0)
const middle = ({ from, to }: Interval) => (from + to) / 2

const samples = Int16Array.from({ length: 65536 }, (_, i) => i - 32768)
const encodeAll = (law: 'PCMA' | 'PCMU') => {
  const octets = new Uint8Array(65536)
  g711[law].encode(samples, octets)
  return octets
}
const decodeAll = (law: 'PCMA' | 'PCMU') => {
  const pcm = new Int16Array(256)
  g711[law].decode(
    Uint8Array.from({ length: 256 }, (_, i) => i),
    pcm,
  )
  return pcm
}

t.test('A-law: all 256 codes decode to the output values of the Recommendation', async t => {
  const pcm = decodeAll('PCMA')
  const wrong = aLaw
    .map(middle)
    .flatMap((value, n) => (pcm[(n | 0x80) ^ 0x55] === value && pcm[n ^ 0x55] === -value ? [] : [n]))
  t.same(wrong, [])
})

t.test('µ-law: all 256 codes decode to the output values of the Recommendation', async t => {
  const pcm = decodeAll('PCMU')
  const wrong = muLaw
    .map(middle)
    .flatMap((value, n) =>
      pcm[0xff - n] === value && pcm[0x7f - n] === (value === 0 ? 0 : -value) ? [] : [n],
    )
  t.same(wrong, [])
})

const laws = [
  { law: 'PCMA', positive: aLaw, invert: 0x55 },
  { law: 'PCMU', positive: muLaw, invert: 0x7f },
] as const
for (const { law, positive, invert } of laws)
  t.test(`${law}: each of 65,536 samples gets the code of its decision interval`, async t => {
    const octets = encodeAll(law)
    const wrong: number[] = []
    for (let i = 0; i < 65536; i++) {
      const x = samples[i] as number
      const octet = octets[i] as number
      const interval = positive[(octet ^ invert) & 0x7f] as Interval
      // A sample on a decision value may belong to either side; overload belongs to the last interval.
      const inside = Math.abs(x) >= interval.from && (Math.abs(x) <= interval.to || interval.to >= 32000)
      const sign = x === 0 || octet >> 7 === (x > 0 ? 1 : 0)
      if (!inside || !sign) wrong.push(x)
    }
    t.same(wrong, [])
  })

t.test('a decoded signal encodes to the same code again, and idle is the code of silence', async t => {
  for (const law of ['PCMA', 'PCMU'] as const) {
    const pcm = decodeAll(law)
    const again = new Uint8Array(256)
    g711[law].encode(pcm, again)
    // µ-law has two zeros; both decode to 0 and 0 encodes to the positive one.
    const changed = [...again].filter((code, i) => code !== i && !(law === 'PCMU' && i === 0x7f))
    t.same(changed, [])
  }
  t.equal(g711.PCMA.idle, 0xd5)
  t.equal(g711.PCMU.idle, 0xff)
})

t.test('offsets: a packet is decoded from inside a datagram and encoded into one', async t => {
  const packet = new Uint8Array(12 + 80)
  const frame = Int16Array.from({ length: 80 }, (_, i) => i * 100)
  g711.PCMA.encode(frame, packet, 12)
  t.same([...packet.subarray(0, 12)], new Array(12).fill(0))
  const back = new Int16Array(160)
  g711.PCMA.decode(packet, back, 12, 80)
  t.ok(frame.every((x, i) => Math.abs(x - (back[i] as number)) <= Math.max(8, Math.abs(x) / 32)))
  t.ok(back.subarray(80).every(x => x === 0))
})
