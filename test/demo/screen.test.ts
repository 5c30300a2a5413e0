// What the demo shows and suggests: in every situation something, in 80 x 24, and nothing that box and operator do not know.

import fc from 'fast-check'
import t from 'tap'
import { explain } from '../../firmware/phone/explain.js'
import { flashKeys, flashTable } from '../../firmware/phone/flash-keys.js'
import { situations } from '../../firmware/phone/situation.js'
import { initialSettings, type NetworkSettings } from '../../scripts/demo-parts/network-side.js'
import { COLUMNS, ROWS, screen, type View } from '../../scripts/demo-parts/screen.js'
import { dialTone, suggestionsFor } from '../../scripts/demo-parts/suggestions.js'
import { newTelephone, type Telephone } from '../../scripts/demo-parts/telephone.js'
import { readStarCode } from '../operator/applications/star-codes.js'
import { planOfProfile } from '../support/plan-of-profile.js'

const plan = planOfProfile('fr')

const viewOf = (
  chosen: number,
  changes: readonly Partial<Telephone>[],
  more: {
    readonly masked?: boolean
    readonly settings?: NetworkSettings
  } = {},
): View => ({
  telephones: [
    newTelephone('tel1', '0389000001', 'box'),
    newTelephone('tel2', '0389000002', 'box'),
    newTelephone('anna', '0389000011', 'far'),
  ].map((telephone, i) => ({ ...telephone, registration: 'registered', ...changes[i] })),
  chosen,
  plan,
  last: 'tel1: lifts the handset.',
  portal: { url: 'http://127.60.0.1:8000/', password: 'demo-one' },
  now: 5000,
  isMasked: () => more.masked ?? false,
  settingsOf: () => more.settings ?? initialSettings,
})

t.test('every screen fits 80 x 24 and suggests something, whatever the telephones do', async () => {
  const telephone = fc.record({
    situation: fc.constantFrom(...situations),
    tone: fc.constantFrom('none', 'dial', 'waiting', 'held', 'something new'),
    pressed: fc.stringMatching(/^[0-9*#R ]{0,40}$/),
    heard: fc.stringMatching(/^[0-9]{0,40}$/),
    caption: fc.lorem({ maxCount: 60 }),
    captionBegins: fc.nat(9000),
    captionEnds: fc.nat(9000),
    display: fc.constantFrom('', 'withheld', '0389000001 via 0389000002'),
    ringing: fc.boolean(),
  })
  fc.assert(
    fc.property(
      fc.array(telephone, { minLength: 3, maxLength: 3 }),
      fc.nat(2),
      fc.boolean(),
      (telephones, chosen, masked) => {
        const lines = screen(viewOf(chosen, telephones, { masked }))
        const heading = lines.findIndex(line => line.startsWith('── try now'))
        return (
          lines.length <= ROWS &&
          lines.every(line => line.length <= COLUMNS && !line.includes('undefined')) &&
          lines.length > heading + 1
        )
      },
    ),
  )
})

t.test('with two calls or one waiting, exactly the R keys of the flash table', async t => {
  for (const situation of ['active+waiting', 'active+held', 'conference', 'consult-ringing'] as const) {
    const suggested = suggestionsFor(viewOf(0, [{ situation }]))
      .map(({ keys }) => keys)
      .filter(keys => keys.startsWith('r'))
    const row = flashTable[situation]
    const wanted = flashKeys.filter(key => !['ignored', 'window', 'error'].includes(row[key]))
    t.same(
      suggested,
      wanted.map(key => key.replace('R', 'r')),
      situation,
    )
  }
  const waiting = screen(viewOf(0, [{ situation: 'active+waiting' }])).join('\n')
  t.match(waiting, /r 2 +Holds the party spoken to and answers the caller who waits/)
  t.match(waiting, /r 1 +Ends the call that stands/)
  t.match(waiting, /r 0 +Refuses the caller who waits/)
})

t.test('at the dial tone only what box and operator know, and what is on can be turned off', async t => {
  const on: NetworkSettings = {
    profile: {
      ...initialSettings.profile,
      voicemailAlways: true,
      forwardAlways: '0389000011',
      forwardNoReply: '0389000011',
    },
    new: 1,
    archived: 0,
  }
  const seen = new Set<string>()
  for (const view of [viewOf(0, []), viewOf(0, [], { masked: true, settings: on })])
    for (const { keys } of dialTone(view, view.telephones[0]!)) {
      const [first = ''] = keys.split(' ')
      seen.add(first.replace(/^(\*2[13]\*|\*92\*).*/, '$1'))
      const told = explain(first, 'dial-tone', plan)
      t.match(told?.action, /^(?:place|store)$/, first)
      if (/^[*#]/.test(first) && told?.meaning.includes('code of the network'))
        t.type(readStarCode(first), 'object', `${first} at the operator`)
    }
  for (const code of [
    '123',
    '*21*',
    '#21#',
    '*23*',
    '#23#',
    '*75#',
    '#75#',
    '*92*',
    '*93#',
    '#93#',
    '*95#',
    '3100',
  ])
    t.ok(seen.has(code), code)
  const lines = screen(viewOf(0, [{ situation: 'dial-tone' }]))
  for (const word of ['123', '\\*21\\*0389000011', '\\*93#', '3101'])
    t.ok(
      lines.some(line => new RegExp(`(^| )${word}`).test(line)),
      word,
    )
})

t.test('settings of box and network stand side by side', async t => {
  const settings: NetworkSettings = {
    profile: { ...initialSettings.profile, forwardAlways: '0612345678', ringSeconds: 40 },
    new: 2,
    archived: 3,
  }
  const lines = screen(viewOf(0, [], { masked: true, settings })).join('\n')
  t.match(lines, /own number +WITHHELD +│ own number +shown/)
  t.match(lines, /│ all calls +0612345678/)
  t.match(lines, /│ no reply +voicemail, 40 s \(8 rings\)/)
  t.match(lines, /│ messages +2 new, 3 old/)
})

t.test('behind a greeting the message, in the voicemail the menu that was read out', async t => {
  const keys = (caption: string, pressed: string) =>
    suggestionsFor(viewOf(0, [{ situation: 'active', caption, pressed }])).map(one => one.keys)
  t.same(keys('Bonjour. Laissez votre message après le bip. [bip]', '0389000002'), ['s', '#', 'h'])
  t.same(keys('Vous avez un nouveau message', '123'), ['1', '2', '4', '5', '*', 'h'])
  t.same(keys('Message effacé. Menu principal. Pour', '1235*'), ['1', '*', 'h'])
  t.same(keys('Options. Pour', '1235*1'), ['1', '2', '*', 'h'])
})

t.test('a telephone that rings elsewhere is the first suggestion', async t => {
  const [first] = suggestionsFor(viewOf(1, [{ situation: 'ringing-in', ringing: true }]))
  t.same(first, { keys: 'Tab Tab h', what: 'answer at tel1, which rings' })
  const pause = screen(viewOf(0, [{ situation: 'ringing-in', display: 'withheld' }]))
  t.match(pause[2], /^║ phone RINGING/, 'between two rings too')
  t.match(pause[6], /^║ shows withheld/)
  const forwarded = screen(viewOf(0, [{ situation: 'ringing-in', display: '0389000002 via 0389000001' }]))
  t.match(forwarded[5], /^║ for {3}0389000001/)
  t.match(forwarded[6], /^║ shows 0389000002/)
})
