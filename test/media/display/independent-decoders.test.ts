// What we send, heard by two programs that are not ours, libspandsp and multimon-ng, after A-law. Both also take Bell 202 and
// short preambles: that the tones and counts are right is shown in fsk-sender.test.ts.

import t from 'tap'
import type { CallDisplay, Display } from '../../../firmware/media/display/display.js'
import { encodeMessage } from '../../../firmware/media/display/message.js'
import { callsToShow, expectedFields, lineOf, onHook } from '../../support/display-calls.js'
import {
  type HeardMessage,
  heardByMultimon,
  heardBySpandsp,
  noMultimon,
} from '../../support/display-judges.js'

t.setTimeout(120_000)

const nameWrong = (display: CallDisplay, heard: ReadonlyMap<number, string>): boolean => {
  const shown = heard.get(0x07)
  if (display.name === undefined)
    return shown !== undefined || heard.get(0x08) !== (display.nameAbsence as string | undefined)
  const plain = /^[a-zA-Z ]*$/.test(display.name) ? display.name.replace(/ +/g, ' ').trim() : undefined
  if (shown === undefined) return heard.get(0x08) !== (display.nameAbsence ?? 'O') || (plain ?? '') !== ''
  return !/^[ -~]{1,50}$/.test(shown) || (plain !== undefined && shown !== plain)
}

const wrong = (
  display: CallDisplay,
  sent: Uint8Array,
  heard: readonly HeardMessage[],
): string | undefined => {
  const [message, ...more] = heard
  if (message === undefined || more.length > 0) return `${heard.length} messages`
  if (!message.bytes.equals(sent.subarray(0, -1))) return `heard ${message.bytes.toString('hex')}`
  const fields = new Map(message.fields.map(({ type, text }) => [type, text]))
  for (const [type, text] of expectedFields(display))
    if (fields.get(type) !== text) return `field ${type}: ${JSON.stringify(fields.get(type))}`
  return nameWrong(display, fields) ? `name ${JSON.stringify([...fields])}` : undefined
}

t.test('a thousand calls through A-law, all right for libspandsp', async t => {
  const displays = callsToShow(1000)
  const sent = displays.map(display => encodeMessage(display))
  const lengths = sent.map(({ length }) => length)
  t.ok(
    Math.min(...lengths) < 20 && Math.max(...lengths) > 100,
    `${Math.min(...lengths)} to ${Math.max(...lengths)}`,
  )
  const heard = await heardBySpandsp(
    'clip',
    sent.map(message => lineOf(message)),
  )
  if ('reason' in heard) return t.comment(`not asked: ${heard.reason}`)
  t.equal(heard.value.length, 1000)
  const faults = displays.flatMap((display, n) => {
    const fault = wrong(display, sent[n] as Uint8Array, heard.value[n] ?? [])
    return fault === undefined ? [] : [`${JSON.stringify(display)}: ${fault}`]
  })
  t.same(faults, [])
})

t.test('a message whose checksum is wrong is refused, so that a right one proves something', async t => {
  const message = encodeMessage({ kind: 'call', number: '0389000001' })
  const broken = message.map((byte, n) => (n === 5 ? byte ^ 1 : byte))
  const heard = await heardBySpandsp('clip', [lineOf(message), lineOf(broken)])
  if ('reason' in heard) return t.comment(`not asked: ${heard.reason}`)
  t.same(
    heard.value.map(messages => messages.length),
    [1, 0],
  )
})

const messages: readonly Display[] = [
  { kind: 'messages', waiting: true },
  { kind: 'messages', waiting: true, count: 255, date: { month: 12, day: 31, hour: 23, minute: 59 } },
  { kind: 'messages', waiting: false, count: 0 },
]

t.test('message waiting, single data format, off-hook and Bell 202 bursts for libspandsp', async t => {
  const date = { month: 1, day: 2, hour: 3, minute: 4 }
  const display: Display = { kind: 'call', number: '0389000001', date }
  const call = encodeMessage(display)
  const bell = { ...onHook, scheme: 'bell202' } as const
  const offHook = { seizureBits: 0, markBits: 80 }
  const heard = await heardBySpandsp(
    ['class', 'class', 'class', 'clip'],
    [
      lineOf(call, bell),
      lineOf(call, { ...bell, ...offHook }),
      lineOf(encodeMessage(display, 'sdmf'), bell),
      lineOf(call, { ...onHook, ...offHook }),
      ...messages.map(shown => lineOf(encodeMessage(shown))),
    ],
  )
  if ('reason' in heard) return t.comment(`not asked: ${heard.reason}`)
  const [first, second, single, last, ...waiting] = heard.value.map(([message]) => message)
  const whole = Buffer.from(call.subarray(0, -1))
  for (const message of [first, second, last]) t.same(message?.bytes, whole)
  t.equal(single?.bytes.subarray(2).toString('latin1'), '010203040389000001')
  t.same(
    waiting.map(message => message?.fields.map(({ type, text }) => [type, text])),
    [
      [[0x0b, '\xff']],
      [
        [0x0b, '\xff'],
        [0x01, '12312359'],
        [0x13, '\xff'],
      ],
      [
        [0x0b, '\0'],
        [0x13, '\0'],
      ],
    ],
  )
})

t.test('calls and messages as multimon-ng prints them', { skip: noMultimon }, async t => {
  const date = { month: 1, day: 15, hour: 10, minute: 5 }
  const told: readonly (readonly [Display, string])[] = [
    [{ kind: 'call', number: '0389000001', date }, 'CS DATE=01151005 CID=0389000001'],
    [
      { kind: 'call', number: '00441632960001', name: 'Zoé Œil', date },
      'CS DATE=01151005 CID=00441632960001 CNT=Zoe Oeil',
    ],
    [{ kind: 'call', number: '17', name: 'Борис Щукин' }, 'CS CID=17 CNT=Boris Shchukin'],
    [{ kind: 'call', absence: 'P', nameAbsence: 'P' }, 'CS RACLI=P Private'],
    [{ kind: 'messages', waiting: true, count: 3 }, 'MWI VI=. Activation (indicator on) NMSS=3'],
    [{ kind: 'messages', waiting: false }, 'MWI VI=. Deactivation'],
  ]
  for (const scheme of ['v23', 'bell202'] as const)
    for (const [display, expected] of told) {
      const [line = '', ...more] = heardByMultimon(lineOf(encodeMessage(display), { ...onHook, scheme }))
      t.equal(more.length, 0)
      t.ok(line.startsWith(`CLIPFSK: ${expected}`), line)
    }
})
