// Who calls, read from every header that may say so: numbers in the form of the country, names fit to be shown, whoever
// hides, diverted calls; and from anything anybody may write there.

import fc from 'fast-check'
import t from 'tap'
import { readCaller } from '../../../firmware/sip/engine/caller.js'
import { shownNumber } from '../../../firmware/sip/engine/shown-number.js'
import type { Caller, CallerDisplay, NumberingPlan } from '../../../firmware/sip/sip-line.js'

const french: NumberingPlan = { countryCode: '33', nationalPrefix: '0', internationalPrefix: '00' }
const display: CallerDisplay = { numbering: french, unverifiedMark: '' }

type Fields = Readonly<Record<string, string | readonly string[]>>

const request = (fields: Fields) => {
  const getHeaders = (name: string): string[] => [fields[name] ?? []].flat() as string[]
  return { getHeaders, getHeader: (name: string) => getHeaders(name)[0] }
}
const from = '"Alice" <sip:0389000002@operator.test>;tag=1'
const callerOf = (fields: Fields, shown: CallerDisplay = display): Caller =>
  readCaller(request({ from, ...fields }), shown).caller

t.test('numbers in the form of the country (RFC 3966)', async t => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['+33389000002', '0389000002'],
    ['+33-3-89.00(00)02', '0389000002'],
    ['%2B33389000002', '0389000002'],
    ['+330389000002', '0389000002'],
    ['0033389000002', '0389000002'],
    ['+0033389000002', '0389000002'],
    ['+33389000002;verstat=TN-Validation-Passed', '0389000002'],
    ['389000002;phone-context=+33', '389000002'],
    ['+4930123456', '004930123456'],
    ['004930123456', '004930123456'],
    ['0389000002', '0389000002'],
    ['3900', '3900'],
    ['#31#06', '#31#06'],
    ['+39061234567', '0039061234567'],
    ['alice', undefined],
    ['', undefined],
    ['+', undefined],
    ['038900%000', undefined],
    ['0389%0D%0A0', undefined],
    ['1'.repeat(20), '1'.repeat(20)],
    ['1'.repeat(21), undefined],
  ]
  for (const [user, shown] of cases) t.equal(shownNumber(user, french), shown, user)
  t.equal(
    shownNumber('+39061234567', { countryCode: '39', nationalPrefix: '', internationalPrefix: '00' }),
    '061234567',
  )
  t.equal(
    shownNumber('+12125550100', { countryCode: '1', nationalPrefix: '', internationalPrefix: '011' }),
    '2125550100',
  )
  t.equal(shownNumber('+33389000002'), '0033389000002', 'no country')
})

t.test('P-Asserted-Identity before Remote-Party-ID before From; the name that goes with it', async t => {
  const cases: readonly (readonly [string, Fields, Caller])[] = [
    ['From', {}, { withheld: false, number: '0389000002', name: 'Alice' }],
    [
      'a tel: URI',
      { from: '<tel:+33-389-000-003;cpc=ordinary>;tag=1' },
      { withheld: false, number: '0389000003' },
    ],
    [
      'user=phone',
      { from: 'sip:+33389000003@h;user=phone;tag=1' },
      { withheld: false, number: '0389000003' },
    ],
    [
      'asserted',
      { 'p-asserted-identity': '"Bob" <sip:bob@h>, <tel:+33389000004>' },
      { withheld: false, number: '0389000004', name: 'Bob' },
    ],
    [
      'asserted on two lines',
      { 'p-asserted-identity': ['<sip:bob@h>', '"Bob, Ltd" <tel:+33389000004>'] },
      { withheld: false, number: '0389000004', name: 'Bob, Ltd' },
    ],
    [
      'asserted, the name only in From',
      { 'p-asserted-identity': '<tel:+33389000004>' },
      { withheld: false, number: '0389000004', name: 'Alice' },
    ],
    [
      'asserted before remote party',
      {
        'p-asserted-identity': '<tel:+33389000004>',
        'remote-party-id': '"Carol" <sip:0389000005@h>;privacy=off',
        from: '<sip:0389000002@h>',
      },
      { withheld: false, number: '0389000004' },
    ],
    [
      'a name that is the number',
      { from: '"+33 389 000 002" <sip:0389000002@h>' },
      { withheld: false, number: '0389000002' },
    ],
    ['no number', { from: '"Alice" <sip:alice@h>' }, { withheld: false, name: 'Alice' }],
    ['not available', { from: '"Unavailable" <sip:unavailable@unknown.invalid>' }, { withheld: false }],
    [
      'quotes and backslashes',
      { from: '"A\\"B\\\\" <sip:0389000002@h>' },
      { withheld: false, number: '0389000002', name: 'A"B\\' },
    ],
    [
      'UTF-8',
      { from: '"Zoë 東京" <sip:0389000002@h>' },
      { withheld: false, number: '0389000002', name: 'Zoë 東京' },
    ],
    [
      'no RFC 2047',
      { from: '"=?utf-8?q?x?=" <sip:0389000002@h>' },
      { withheld: false, number: '0389000002', name: '=?utf-8?q?x?=' },
    ],
  ]
  for (const [what, fields, caller] of cases) t.strictSame(callerOf(fields), caller, what)
})

t.test(
  'whoever hides shows nothing at all, not even where the call was diverted (RFC 3323, RFC 3325 §9.3)',
  async t => {
    const asserted = { 'p-asserted-identity': '"Bob" <tel:+33389000004>', diversion: '<tel:+33389000005>' }
    const hidden: readonly Fields[] = [
      { privacy: 'id' },
      { privacy: 'user' },
      { privacy: 'header' },
      { privacy: 'id;critical' },
      { privacy: ['none', 'ID'] },
      { privacy: 'session; user' },
      { 'remote-party-id': '<sip:0389000004@h>;privacy=full' },
      { from: '"Anonymous" <sip:anonymous@anonymous.invalid>' },
      { from: '<sip:anonymous@operator.test>' },
      { from: 'ANONYMOUS <sip:0389000004@operator.test>' },
    ]
    for (const fields of hidden)
      t.strictSame(callerOf({ ...asserted, ...fields }), { withheld: true }, JSON.stringify(fields))
    for (const privacy of ['none', 'critical', 'session', 'history', 'ideal'])
      t.notOk(callerOf({ ...asserted, privacy }).withheld, privacy)
  },
)

t.test(
  'a number the network does not vouch for gets a mark before the name, where one is set (verstat)',
  async t => {
    const marked = { ...display, unverifiedMark: '?' }
    const of = (verstat: string) =>
      callerOf({ 'p-asserted-identity': `"Bob" <sip:+33389000004;verstat=${verstat}@h;user=phone>` }, marked)
    const bob = { withheld: false, number: '0389000004' }
    t.strictSame(of('TN-Validation-Passed'), { ...bob, name: 'Bob' })
    t.strictSame(of('TN-Validation-Failed'), { ...bob, name: '? Bob', unverified: true })
    t.strictSame(of('No-TN-Validation'), { ...bob, name: '? Bob', unverified: true })
    t.strictSame(
      callerOf({ from: '<tel:+33389000004;verstat=TN-Validation-Failed>' }, marked),
      { ...bob, name: '?', unverified: true },
      'in a tel: URI, without a name',
    )
    t.strictSame(
      callerOf({ from: '<tel:+33389000004;verstat=TN-Validation-Failed>' }),
      { ...bob, unverified: true },
      'no mark unless one is set',
    )
  },
)

t.test('a diverted call tells from whom and why: Diversion (RFC 5806)', async t => {
  const of = (...diversion: string[]) => callerOf({ diversion }).redirecting
  t.strictSame(of('<sip:+33389000009@h>;reason=unconditional;counter=1;privacy=off'), {
    reason: 'unconditional',
    number: '0389000009',
  })
  t.strictSame(of('<tel:+33389000009>;reason="user-busy"'), { reason: 'busy', number: '0389000009' })
  t.strictSame(of('<tel:+33389000009>;reason=no-answer', '<tel:+33389000008>;reason=deflection'), {
    reason: 'no-reply',
    number: '0389000009',
  })
  t.strictSame(of('<tel:+33389000009>;privacy=full;reason=no-answer'), { reason: 'no-reply' })
  t.strictSame(of('<sip:desk@h>;reason=away'), { reason: 'not-reachable' })
  t.strictSame(of('<tel:+33389000009>;reason=weather'), { reason: 'unknown', number: '0389000009' })
  t.equal(of('garbage'), undefined)
})

t.test('a diverted call tells from whom and why: History-Info (RFC 7044, RFC 4458)', async t => {
  const of = (history: string, more: Fields = {}) =>
    callerOf({ 'history-info': history, ...more }).redirecting
  const twice =
    '<sip:0389000007@h>;index=1, <sip:0389000008@h;cause=486>;index=1.1;mp=1, ' +
    '<sip:0389000001@h;cause=408>;index=1.2;mp=1.1, <sip:u1@127.0.0.5>;index=1.2.1;rc=1.2'
  t.strictSame(of(twice), { reason: 'no-reply', number: '0389000008' }, 'the last diversion, by whom')
  for (const [cause, reason] of [
    ['302', 'unconditional'],
    ['486', 'busy'],
    ['408', 'no-reply'],
    ['480', 'deflected'],
    ['503', 'not-reachable'],
    ['404', 'unknown'],
    ['999', 'unknown'],
  ])
    t.equal(
      of(`<sip:0389000008@h>;index=1,<sip:0389000001@h;cause=${cause}>;index=1.1`)?.reason,
      reason,
      `${cause}`,
    )
  t.strictSame(
    of('<sip:0389000008@h>;index=1,<sip:0389000001@h?Reason=SIP%3Bcause%3D486>;index=1.1'),
    { reason: 'busy', number: '0389000008' },
    'the cause as a Reason inside the URI',
  )
  t.strictSame(
    of('<sip:0389000008@h?Privacy=history>;index=1,<sip:0389000001@h;cause=486>;index=1.1'),
    { reason: 'busy' },
    'who diverted hides',
  )
  t.strictSame(of(twice, { privacy: 'history' }), { reason: 'no-reply' })
  t.equal(of('<sip:0389000001@h>;index=1,<sip:u1@127.0.0.5>;index=1.1;rc=1'), undefined, 'only found')
  t.strictSame(of(twice, { diversion: '<tel:+33389000005>;reason=unconditional' })?.number, '0389000008')
})

t.test('names fit to be shown, and one word for the log when they are not as they came', async t => {
  const named = (name: string) => readCaller(request({ from: `"${name}" <sip:0389000002@h>` }), display)
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['Al\u0000i\u0007ce', 'Al i ce'],
    ['Al\r\n ice', 'Al ice'],
    ['\u202eecilA\u200f', 'ecilA'],
    ['A\u2028B\u0085C', 'A B C'],
    ['\ufeff\u200b', undefined],
    ['e\u0301t\u00e9', 'été'],
    ['A\ud800B', 'A B'],
    ['A\ufffdB', 'A B'],
    ['x'.repeat(5000), 'x'.repeat(50)],
    ['😀'.repeat(60), '😀'.repeat(50)],
    [`${'x'.repeat(49)} y`, 'x'.repeat(49)],
  ]
  for (const [i, [name, shown]] of cases.entries()) {
    const { caller, doubts } = named(name)
    // The names themselves would break the lines of the report.
    t.equal(caller.name === shown, true, `name ${i}: ${encodeURIComponent(shown ?? 'none')}`)
    t.equal(doubts.length, name === 'e\u0301t\u00e9' ? 0 : 1, `name ${i}`)
  }
  t.strictSame(named('Alice').doubts, [])
  t.strictSame(readCaller(request({ from, 'p-asserted-identity': '"Bo <sip:' }), display).doubts, [
    'header not readable',
  ])
})

/** Pieces that headers are made of, and what does not belong there. */
const piece = fc.oneof(
  fc.constantFrom(
    '"',
    '\\',
    '<',
    '>',
    ';',
    ',',
    '?',
    '%00',
    '%',
    '%0d%0a',
    '\r\n',
    '\0',
    '\u202e',
    '\u200f',
    '\ud83d',
  ),
  fc.constantFrom(
    'sip:',
    'tel:',
    '+33',
    '0389000002',
    '@h',
    ';user=phone',
    ';verstat=',
    ';cause=486',
    ';index=1.1',
  ),
  fc.constantFrom('anonymous', 'x'.repeat(5000), ' ', 'Zoë', ';privacy=full', ';reason=', '?Reason='),
  fc.string({ unit: 'binary' }),
)
const garbage = fc.array(piece, { maxLength: 12 }).map(parts => parts.join(''))
const values = fc.array(garbage, { maxLength: 3 })

t.test(
  'whatever is written there makes a caller that can be shown, or none; and never an exception',
  async () => {
    const fields = fc.record({
      from: values,
      'p-asserted-identity': values,
      'remote-party-id': values,
      privacy: values,
      diversion: values,
      'history-info': values,
    })
    const isNumber = (number: string | undefined): boolean =>
      number === undefined || /^[0-9*#]{1,20}$/.test(number)
    fc.assert(
      fc.property(fields, headers => {
        const { caller } = readCaller(request(headers), { ...display, unverifiedMark: '?' })
        const { number, name, withheld, redirecting } = caller
        if (withheld && Object.keys(caller).length !== 1) return false
        if (!isNumber(number) || !isNumber(redirecting?.number)) return false
        if (name === undefined) return true
        const length = [...name].length
        return length >= 1 && length <= 52 && name.trim() === name && !/[\p{C}\p{Zl}\p{Zp}]/u.test(name)
      }),
      { numRuns: 3000 },
    )
  },
)

t.test('a well-formed name comes through unharmed', async () => {
  const name = fc
    .string({ unit: fc.constantFrom(...'ABCéüß東京-.\'&"\\, ;<>@'), maxLength: 50 })
    .map(text => text.replace(/ +/g, ' ').trim())
    .filter(text => /\p{L}/u.test(text) && text.toLowerCase() !== 'anonymous')
  fc.assert(
    fc.property(name, text => {
      const quoted = text.replace(/[\\"]/g, char => `\\${char}`)
      const { caller, doubts } = readCaller(
        request({ from: `"${quoted}" <sip:0389000002@h>;tag=1` }),
        display,
      )
      return caller.name === text && caller.number === '0389000002' && doubts.length === 0
    }),
  )
})
