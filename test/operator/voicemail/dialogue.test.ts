// The voicemail's dialogue alone: what is said and done for each key of the guide, and laws that no sequence of events
// breaks.

import fc from 'fast-check'
import t from 'tap'
import { openDeposit, openReading, reduce } from './dialogue.js'
import type { Action, Change, Deposit, Dialogue, Event, Message, Speech, Step } from './state.js'
import { limits } from './state.js'

const at = (n: number): number => Date.UTC(2026, 2, n)
const box: readonly Message[] = [
  { id: 11, isNew: false, from: '0389000003', receivedAt: at(1) },
  { id: 12, isNew: true, from: '0389000002', receivedAt: at(2) },
  { id: 13, isNew: true, from: undefined, receivedAt: at(3) },
]
const caller: Omit<Deposit, 'tooShort'> = { greeting: 'standard', full: false, guests: false }

/** A line that does what the dialogue asks of it, and answers as quickly as the test tells it to. */
class Line {
  dialogue: Dialogue
  doing: Action | undefined
  readonly changes: Change[] = []
  /** Everything said so far, in short. */
  readonly heard: string[] = []
  constructor(first: Step) {
    this.dialogue = first.dialogue
    this.#take(first)
  }
  get place(): string {
    return this.dialogue.place.at
  }
  on(event: Event): this {
    const step = reduce(this.dialogue, event)
    this.dialogue = step.dialogue
    this.#take(step)
    return this
  }
  #take(step: Step): void {
    if (step.aside !== undefined) this.changes.push(step.aside)
    if (step.act === undefined) return
    this.doing = step.act
    if (step.act.do === 'say') this.heard.push(...step.act.words.map(inShort))
    if (step.act.do === 'store') this.changes.push(step.act.change)
  }
  key(key: string, recordedMs = 0): this {
    return this.on({ type: 'key', key, recordedMs })
  }
  keys(keys: string): this {
    for (const key of keys) this.key(key)
    return this
  }
  /** What goes on comes to its ordinary end: speech to its end, a wait to its end, a change to the disk. */
  ends(ok = true): this {
    switch (this.doing?.do) {
      case 'say':
        return this.on({ type: 'said' })
      case 'wait':
        return this.on({ type: 'waited' })
      case 'record':
        return this.on({ type: 'recorded', ms: this.doing.maxMs, why: 'limit' })
      case 'store':
        return this.on({ type: 'stored', ok })
      default:
        return this
    }
  }
  since(): string[] {
    return this.heard.splice(0)
  }
}

const inShort = (speech: Speech): string => {
  if ('say' in speech) return speech.say
  if ('number' in speech) return String(speech.number)
  if ('digits' in speech) return speech.digits
  if ('moment' in speech) return `day ${new Date(speech.moment).getUTCDate()}`
  if ('message' in speech) return `<${speech.message}>`
  if ('greeting' in speech) return `<${speech.greeting}>`
  return 'beep'
}

t.test('on connect the number of new and of archived messages is told (guide line 9)', async t => {
  const line = new Line(openReading(box))
  t.same(line.since().slice(0, 6), ['you-have', '2', 'new-messages', 'and', '1', 'archived-message'])
  const none = new Line(openReading([]))
  t.same(none.since(), ['no-message', 'main-menu'])
  const [first] = box as [Message]
  t.same(new Line(openReading([first])).since().slice(0, 6), [
    'you-have',
    'none',
    'new-message',
    'and',
    '1',
    'archived-message',
  ])
})

t.test('then the first message is at hand, new ones before archived ones, and the keys are told', async t => {
  const line = new Line(openReading(box))
  t.same(line.since().slice(6), [
    'message-number',
    '1',
    'new',
    'received',
    'day 2',
    'from-number',
    '0389000002',
    'reading-menu',
  ])
})

t.test('1 listens, and listens again (guide line 25)', async t => {
  const line = new Line(openReading(box))
  line.since()
  t.same(line.key('1').since(), ['<12>'])
  t.same(line.ends().since(), ['reading-menu'])
  t.same(line.changes, [{ type: 'heard', id: 12 }], 'heard to its end, it is no longer new')
  t.same(line.key('1').since(), ['<12>'])
  t.same(line.key('1').since(), ['<12>'], 'also in the middle of it')
})

t.test('2 goes to the next message and plays it (guide line 27)', async t => {
  const line = new Line(openReading(box)).key('1')
  line.since()
  t.same(line.key('2').since(), ['message-number', '2', 'new', 'received', 'day 3', 'from-withheld', '<13>'])
  t.same(line.changes, [], 'a message that was not heard to its end stays new')
  t.match(line.key('2').since(), ['message-number', '3', 'archived'])
  t.same(line.key('2').since(), ['no-more-messages'])
  t.match(line.key('1').since(), ['message-number', '1'], 'from there 1 begins again')
})

t.test(
  '4 saves the message: it is archived, which is told once it is on the disk (guide line 29)',
  async t => {
    const line = new Line(openReading(box)).key('1')
    line.since()
    t.same(line.key('4').changes, [{ type: 'save', id: 12 }])
    t.same(line.since(), [], 'nothing is confirmed yet')
    t.same(line.ends().since(), ['saved'])
    t.match(line.ends().since(), ['message-number', '2', 'new'], 'then comes the next')
  },
)

t.test('5 erases the message, which is told once it is done (guide line 31)', async t => {
  const line = new Line(openReading(box)).key('1')
  line.since()
  t.same(line.key('5').changes, [{ type: 'erase', id: 12 }])
  t.same(line.ends().since(), ['erased'])
  t.same(line.ends().since().slice(-1), ['<13>'])
  line.key('5').ends().ends()
  t.same(line.since().slice(-1), ['<11>'])
  t.same(line.key('5').ends().ends().since(), ['erased', 'no-more-messages'])
  t.same(line.key('1').since(), ['unknown-key', 'no-more-messages'], 'nothing is left to listen to')
})

t.test('a 5 that comes twice erases one message only', async t => {
  const line = new Line(openReading(box)).key('1').key('5').key('5')
  line.ends().key('5').key('4')
  t.same(line.changes, [{ type: 'erase', id: 12 }])
  t.equal(line.place, 'changed')
})

t.test('what could not be stored is said so and nothing moves on', async t => {
  for (const key of ['4', '5']) {
    const line = new Line(openReading(box)).key('1').key(key)
    line.since()
    t.same(line.ends(false).since(), ['not-stored', 'reading-menu'])
    t.same(line.key('1').since(), ['<12>'], 'the same message is at hand')
  }
})

t.test('* leads to the main menu from everywhere in reading (guide line 33)', async t => {
  for (const keys of ['*', '1*', '2*', '222*']) {
    const line = new Line(openReading(box))
    t.equal(line.keys(keys).since().at(-1), 'main-menu', keys)
  }
  const changed = new Line(openReading(box)).key('1').key('4').ends().key('*')
  t.equal(changed.place, 'main-menu')
})

t.test('main menu: 1 options, * quits (guide lines 35-39)', async t => {
  const line = new Line(openReading([]))
  line.since()
  t.same(line.key('1').since(), ['options'])
  t.same(line.key('*').since(), ['main-menu'], 'and * there leads back (guide line 21)')
  t.same(line.key('*').since(), ['goodbye'])
  t.same(line.ends().doing, { do: 'hang-up' })
})

t.test('options, 1: the greeting is recorded after the beep up to # (guide line 17)', async t => {
  const line = new Line(openReading([])).keys('11')
  t.same(line.since().slice(-2), ['record-greeting', 'beep'])
  t.match(line.ends().doing, { do: 'record', maxMs: limits.greeting })
  t.same(line.key('#', 3000).changes, [{ type: 'greeting' }])
  t.same(line.since(), [], 'nothing is confirmed before it is on the disk')
  t.same(line.ends().since(), ['greeting-is', '<own>', 'greeting-review'], 'it is heard back')
  t.same(line.key('1').since(), ['greeting-is', '<own>', 'greeting-review'])
  t.same(line.key('*').since(), ['options'])
})

t.test('the standard greeting comes back by 5, before recording or after', async t => {
  for (const line of [
    new Line(openReading([])).keys('115'),
    new Line(openReading([])).keys('11').ends().key('#', 3000).ends().key('5'),
  ]) {
    t.same(line.changes.at(-1), { type: 'standard-greeting' })
    line.since()
    t.same(line.ends().since(), ['greeting-standard', 'options'])
  }
})

t.test('a greeting that is broken off leaves the former one', async t => {
  const line = new Line(openReading([])).keys('11').ends()
  t.same(line.key('*', 4000).changes, [])
  t.equal(line.place, 'options')
  const hung = new Line(openReading([])).keys('11').ends()
  t.same(hung.on({ type: 'hung-up', recordedMs: 4000 }).changes, [])
  const short = new Line(openReading([])).keys('11').ends()
  short.since()
  t.same(short.key('#', 400).since(), ['too-short', 'record-greeting', 'beep'])
  t.same(short.ends().key('#', 400).since(), ['options'], 'twice is enough')
  t.same(short.changes, [])
  const failed = new Line(openReading([])).keys('11').ends().key('#', 4000)
  failed.since()
  t.same(failed.ends(false).since(), ['not-stored', 'options'])
})

t.test('options, 2: a new password is typed twice (guide line 19)', async t => {
  const line = new Line(openReading([])).keys('12')
  line.since()
  t.same(line.keys('4711#').since(), ['password-again'])
  t.same(line.keys('4711#').changes, [{ type: 'password', digits: '4711' }])
  t.same(line.ends().since(), ['password-kept', 'options'])
  const wrong = new Line(openReading([])).keys('12')
  wrong.since()
  t.same(wrong.keys('471#').since(), ['password-length', 'new-password'])
  t.same(wrong.keys('123456789#').since(), ['password-length', 'new-password'])
  t.same(wrong.keys('4711#4712#').since(), ['password-again', 'passwords-differ', 'new-password'])
  t.same(wrong.key('*').since(), ['options'])
  t.same(wrong.changes, [])
})

t.test('a key that means nothing is said so; the fifth in a row ends the call', async t => {
  const line = new Line(openReading(box)).key('1')
  line.since()
  for (let i = 1; i < limits.wrongKeys; i++) t.same(line.key('3').since(), ['unknown-key', 'reading-menu'])
  t.same(line.key('3').since(), ['unknown-key', 'goodbye'])
  t.same(line.ends().doing, { do: 'hang-up' })
})

t.test('silence: the menu is said again twice, then the call ends', async t => {
  const line = new Line(openReading(box)).ends()
  line.since()
  t.same(line.ends().ends().since(), ['reading-menu'])
  t.same(line.ends().ends().since(), ['reading-menu'])
  t.same(line.ends().since(), ['goodbye'])
})

t.test('a caller hears the greeting and the beep, and # ends his message', async t => {
  const line = new Line(openDeposit(caller))
  t.same(line.since(), ['<standard>', 'beep'])
  t.match(line.ends().doing, { do: 'record', maxMs: limits.message })
  t.same(line.key('5', 2000).changes, [], 'other keys belong to the message')
  t.same(line.key('#', 4000).changes, [{ type: 'message' }])
  t.same(line.since(), [], 'nothing is confirmed before it is on the disk')
  t.same(line.ends().since(), ['message-kept', 'goodbye'])
  t.same(line.ends().doing, { do: 'hang-up' })
  const failed = new Line(openDeposit(caller)).ends().key('#', 4000)
  failed.since()
  t.same(failed.ends(false).since(), ['not-stored', 'goodbye'])
})

t.test('hanging up ends a message as well; shorter than a second it was a slip', async t => {
  const line = new Line(openDeposit(caller)).ends().on({ type: 'hung-up', recordedMs: 1000 })
  t.same(line.changes, [{ type: 'message' }])
  t.equal(line.place, 'closed')
  const slip = new Line(openDeposit(caller)).ends().on({ type: 'hung-up', recordedMs: 999 })
  t.same(slip.changes, [])
  const greeting = new Line(openDeposit(caller)).on({ type: 'hung-up', recordedMs: 0 })
  t.same(greeting.changes, [])
})

t.test('the limit ends a message, a silence too; nothing said is no message', async t => {
  const limit = new Line(openDeposit(caller)).ends().ends()
  t.same(limit.changes, [{ type: 'message' }])
  limit.since()
  t.same(limit.ends().since(), ['time-is-up', 'message-kept', 'goodbye'])
  const pause = new Line(openDeposit(caller)).ends().on({ type: 'recorded', ms: 5000, why: 'silence' })
  t.same(pause.changes, [{ type: 'message' }])
  const nobody = new Line(openDeposit(caller)).ends().on({ type: 'recorded', ms: 0, why: 'silence' })
  t.same(nobody.changes, [])
  t.same(nobody.since().slice(-1), ['goodbye'])
})

t.test('# at once asks for another try, once', async t => {
  const line = new Line(openDeposit(caller)).ends()
  line.since()
  t.same(line.key('#', 200).since(), ['too-short', 'beep'])
  t.same(line.ends().key('#', 200).since(), ['goodbye'])
})

t.test('# during the greeting skips to the beep', async t => {
  const line = new Line(openDeposit(caller))
  line.since()
  t.same(line.key('#').since(), ['beep'])
  t.match(line.ends().doing, { do: 'record' })
})

t.test('a full box takes nothing and says so', async t => {
  const line = new Line(openDeposit({ ...caller, greeting: 'own', full: true }))
  t.same(line.since(), ['<own>', 'box-full'])
  t.same(line.key('#').since(), [])
  t.same(line.ends().since(), ['goodbye'])
  t.same(line.ends().doing, { do: 'hang-up' })
})

t.test('* during the greeting and the password open the box from another telephone', async t => {
  const line = new Line(openDeposit({ ...caller, guests: true }))
  line.since()
  t.same(line.key('*').since(), ['enter-password'])
  t.same(line.keys('9*4711#').doing, { do: 'check', digits: '4711' }, '* begins again')
  t.match(line.on({ type: 'checked', messages: box }).since(), ['you-have', '2'])
  t.same(
    new Line(openDeposit(caller)).key('*').since(),
    ['<standard>', 'beep'],
    'without a password of his own nobody gets in',
  )
})

t.test('three wrong passwords end the call', async t => {
  const line = new Line(openDeposit({ ...caller, guests: true })).key('*')
  line.since()
  for (let i = 1; i < limits.failures; i++)
    t.same(line.keys('0000#').on({ type: 'checked', messages: 'wrong' }).since(), [
      'wrong-password',
      'enter-password',
    ])
  t.same(line.keys('0000#').on({ type: 'checked', messages: 'wrong' }).since(), ['wrong-password', 'goodbye'])
  const locked = new Line(openDeposit({ ...caller, guests: true })).keys('*0000#')
  locked.since()
  t.same(locked.on({ type: 'checked', messages: 'locked' }).since(), ['access-locked', 'goodbye'])
})

const anyMessage = fc.record({
  isNew: fc.boolean(),
  from: fc.option(fc.constant('0389000002'), { nil: undefined }),
  receivedAt: fc.integer({ min: 0, max: 2e12 }),
})
const anyBox = fc
  .array(anyMessage, { maxLength: 5 })
  .map(messages => messages.map((message, i) => ({ ...message, id: i + 1 })))
const anyOpening = fc.oneof(
  anyBox.map(openReading),
  fc
    .record({
      greeting: fc.constantFrom('own' as const, 'standard' as const),
      full: fc.boolean(),
      guests: fc.boolean(),
    })
    .map(openDeposit),
)
type Move =
  | { press: string; recordedMs: number }
  | { end: boolean; box: readonly Message[] | 'wrong' | 'locked' }
const anyMove: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      press: fc.constantFrom(...'0123456789*#'),
      recordedMs: fc.integer({ min: 0, max: 130_000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      end: fc.boolean(),
      box: fc.oneof(anyBox, fc.constant('wrong' as const), fc.constant('locked' as const)),
    }),
  },
)
const move = (line: Line, next: Move): Line => {
  if ('press' in next) return line.key(next.press, line.doing?.do === 'record' ? next.recordedMs : 0)
  if (line.doing?.do === 'check') return line.on({ type: 'checked', messages: next.box })
  return line.ends(next.end)
}

t.test(
  'whatever is pressed and however things end, the line always does something or has hung up',
  async t => {
    const always = fc.property(
      anyOpening,
      fc.array(anyMove, { maxLength: 120, size: 'max' }),
      (first, moves) => {
        const line = new Line(first)
        for (const next of moves) {
          move(line, next)
          const done = line.doing?.do === 'hang-up'
          if (done !== (line.place === 'closed')) return false
          // Speech that says nothing would end nowhere.
          if (line.doing?.do === 'say' && line.doing.words.length === 0) return false
        }
        return true
      },
    )
    t.doesNotThrow(() => fc.assert(always, { numRuns: 3000 }))
  },
)

t.test('whatever was pressed, a line nobody presses keys on hangs up by itself', async t => {
  const always = fc.property(
    anyOpening,
    fc.array(anyMove, { maxLength: 60, size: 'max' }),
    (first, moves) => {
      const line = new Line(first)
      for (const next of moves) move(line, next)
      for (let i = 0; i < 40 && line.place !== 'closed'; i++)
        if (line.doing?.do === 'check') line.on({ type: 'checked', messages: 'wrong' })
        else line.ends()
      return line.place === 'closed' && line.doing?.do === 'hang-up'
    },
  )
  t.doesNotThrow(() => fc.assert(always, { numRuns: 2000 }))
})

t.test('a message is erased only by a 5 pressed after its heading began, and never twice', async t => {
  const always = fc.property(
    anyBox,
    fc.array(anyMove, { maxLength: 120, size: 'max' }),
    (messages, moves) => {
      const line = new Line(openReading(messages))
      const erased = new Set<number>()
      for (const next of moves) {
        const before = line.dialogue.place
        const known = line.changes.length
        move(line, next)
        for (const change of line.changes.slice(known)) {
          if (change.type !== 'erase') continue
          const athand = before.at === 'reading' ? before.messages[before.index]?.id : undefined
          if (!('press' in next) || next.press !== '5' || athand !== change.id || erased.has(change.id))
            return false
        }
        const now = line.dialogue.place
        if (before.at === 'changing' && now.at === 'changed' && before.change === 'erase')
          erased.add(before.messages[before.index]?.id as number)
      }
      return true
    },
  )
  t.doesNotThrow(() => fc.assert(always, { numRuns: 3000 }))
})

t.test('nothing is confirmed that was not stored', async t => {
  const confirmations = [
    'saved',
    'erased',
    'message-kept',
    'password-kept',
    'greeting-standard',
    'greeting-is',
  ]
  const always = fc.property(
    anyOpening,
    fc.array(anyMove, { maxLength: 120, size: 'max' }),
    (first, moves) => {
      const line = new Line(first)
      let stored = 0
      for (const next of moves) {
        const storing = line.doing?.do === 'store'
        line.since()
        move(line, next)
        const ok = storing && 'end' in next && next.end
        if (ok) stored++
        const confirmed = line.since().filter(word => confirmations.includes(word))
        // Hearing the greeting again needs no second storing.
        if (confirmed.length > 0 && !ok && !(confirmed[0] === 'greeting-is' && stored > 0)) return false
      }
      return true
    },
  )
  t.doesNotThrow(() => fc.assert(always, { numRuns: 3000 }))
})

t.test('a message that lasted a second is kept however its call ends', async t => {
  const always = fc.property(
    fc.integer({ min: 1000, max: 120_000 }),
    fc.constantFrom('hung-up', '#', 'limit', 'silence'),
    (recordedMs, how) => {
      const line = new Line(openDeposit(caller)).ends()
      if (how === 'hung-up') line.on({ type: 'hung-up', recordedMs })
      else if (how === '#') line.key('#', recordedMs)
      else line.on({ type: 'recorded', ms: recordedMs, why: how as 'limit' | 'silence' })
      return line.changes.length === 1 && line.changes[0]?.type === 'message'
    },
  )
  t.doesNotThrow(() => fc.assert(always))
})
