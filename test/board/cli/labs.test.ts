import t from 'tap'
import type { Command } from '../../../board/cli/command.js'
import { type DialOptions, dialOutcome } from '../../../board/cli/dial-lab.js'
import { hookEvents } from '../../../board/cli/hook-lab.js'
import { labDialCommand } from '../../../board/cli/lab-dial.js'
import { labHookCommand } from '../../../board/cli/lab-hook.js'
import type { HookContext } from '../../../firmware/line/hook-event.js'
import { frenchHook as timings } from '../../support/french-line.js'
import { planOfProfile } from '../../support/plan-of-profile.js'

async function* from(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines
}

const hook = async (lines: readonly string[], context: HookContext): Promise<string[]> => {
  const out: string[] = []
  for await (const line of hookEvents(from(lines), timings, context)) out.push(line)
  return out
}

const edges = (...stamps: readonly number[]): string[] =>
  stamps.map((us, i) => JSON.stringify({ offHook: i % 2 === 0, us }))

t.test('lab hook: one JSON line an event, and every timer runs out at the end of the input', async t => {
  t.same(await hook(edges(1_000_000, 3_000_000, 3_270_500, 5_000_000), 'talking'), [
    '{"ev":"offhook","us":1000000}',
    '{"ev":"flash","us":3270500,"ms":270.5}',
    '{"ev":"onhook","us":5600000,"ms":600}',
  ])
  t.same(await hook(edges(0, 1_000_000, 1_066_000, 1_099_000, 1_165_000), 'collecting'), [
    '{"ev":"offhook","us":0}',
    '{"ev":"digit","us":1165000,"digit":"2","ms":165}',
  ])
  t.same(await hook([], 'talking'), [])
  t.same(await hook(['', ...edges(0), '  '], 'emergency'), ['{"ev":"offhook","us":0}'])
})

t.test('lab hook: a wrong line is named, and what came before it is told', async t => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['{"offHook":true', /^line 2: not a JSON object$/],
    ['[]', /^line 2: "offHook" is not/],
    ['{"offHook":1,"us":5}', /^line 2: "offHook" is not/],
    ['{"offHook":false}', /^line 2: "us" is not/],
    ['{"offHook":false,"us":1.5}', /^line 2: "us" is not/],
    ['{"offHook":false,"us":-1}', /^line 2: "us" is not/],
    ['{"offHook":false,"us":99}', /^line 2: "us" runs backwards \(99 after 100\)$/],
  ]
  for (const [line, message] of wrong)
    await t.rejects(hook([...edges(100), line], 'talking'), { code: 'VP-7202', message }, line)
})

const options: DialOptions = { domain: 'operator.test', hash: 'escaped', interDigit: 5000 }
const dial = (keys: string, profile = 'fr') => dialOutcome(keys, planOfProfile(profile), options)

t.test('lab dial: class, ending, number and Request-URI', t => {
  const uri = (user: string) => `sip:${user}@operator.test;user=phone`
  const rows: readonly (readonly [string, object, string?])[] = [
    [
      '0389000002',
      { class: 'national', complete: 'now', afterMs: 0, number: '0389000002', uri: uri('0389000002') },
    ],
    [
      '0389000002#',
      { class: 'national', complete: 'now', afterMs: 0, number: '0389000002', uri: uri('0389000002') },
    ],
    ['112', { class: 'emergency', complete: 'now', afterMs: 0, number: '112', uri: uri('112') }],
    [
      '0049301234567',
      {
        class: 'international',
        complete: 'timeout',
        afterMs: 5000,
        number: '0049301234567',
        uri: uri('0049301234567'),
      },
    ],
    [
      '0049301234567#',
      {
        class: 'international',
        complete: '#',
        afterMs: 0,
        number: '0049301234567',
        uri: uri('0049301234567'),
      },
    ],
    [
      '*21*0612345678',
      {
        class: 'code-network',
        complete: 'now',
        afterMs: 0,
        number: '0612345678',
        uri: uri('*21*0612345678%23'),
      },
    ],
    ['#21#', { class: 'code-network', complete: '#', afterMs: 0, uri: uri('%2321%23') }],
    [
      '*92*0389000002',
      {
        class: 'code-local',
        complete: 'now',
        afterMs: 0,
        number: '0389000002',
        uri: uri('0389000002'),
        masked: true,
        service: 'mask-call',
      },
    ],
    ['*92*112', { class: 'emergency', complete: 'now', afterMs: 0, number: '112', uri: uri('112') }],
    ['*93#', { class: 'code-local', complete: '#', afterMs: 0, service: 'mask-on' }],
    ['*95#', { class: 'code-local', complete: '#', afterMs: 0, service: 'reset-all', uri: uri('*95%23') }],
    ['*21*', { class: 'invalid', complete: 'timeout', afterMs: 10000 }],
    ['*21*#', { class: 'invalid', complete: '#', afterMs: 0 }],
    ['*92**21*', { class: 'invalid', complete: 'now', afterMs: 0 }],
    [
      '03890000021#',
      {
        class: 'national',
        complete: 'now',
        afterMs: 0,
        number: '0389000002',
        uri: uri('0389000002'),
        rest: '1#',
      },
    ],
    ['15', { class: 'open', complete: 'timeout', afterMs: 5000, number: '15', uri: uri('15') }, 'de'],
  ]
  for (const [keys, outcome, profile] of rows)
    t.strictSame(dial(keys, profile), outcome, `${profile ?? 'fr'} ${keys}`)
  t.end()
})

t.test('lab dial: what no telephone can press is refused', t => {
  for (const keys of ['', '12a', '03 89', '+33389000002', 'R2'])
    t.throws(() => dial(keys), { code: 'VP-7201' }, keys)
  t.end()
})

const ran = async (
  command: Command,
  values: Record<string, string>,
  positionals: readonly string[],
  chunks: readonly (string | Uint8Array)[] = [],
): Promise<{ code: number; out: string[] }> => {
  const defaults = Object.entries(command.options).flatMap(([name, option]) =>
    option.default === undefined ? [] : [[name, String(option.default)] as const],
  )
  async function* stdin() {
    yield* chunks
  }
  const out: string[] = []
  const code = await command.run({
    values: { ...Object.fromEntries(defaults), ...values },
    positionals,
    stdin: stdin(),
    out: line => void out.push(line),
  })
  return { code, out }
}

t.test('lab hook reads lines whatever the chunks of standard input', async t => {
  const asked: string[] = []
  const command = labHookCommand(async profile => {
    asked.push(profile)
    return timings
  })
  const bytes = new TextEncoder().encode(edges(0, 1_000_000, 1_085_000).join('\r\n'))
  const chunks = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) =>
    bytes.subarray(i * 7, i * 7 + 7),
  )
  const lifted = '{"ev":"offhook","us":0}'
  t.same(await ran(command, {}, [], chunks), {
    code: 0,
    out: [lifted, '{"ev":"digit","us":1085000,"digit":"1","ms":85}'],
  })
  t.same(await ran(command, { context: 'window', profile: 'de' }, [], [bytes]), {
    code: 0,
    out: [lifted, '{"ev":"flash","us":1085000,"ms":85}'],
  })
  t.same(asked, ['fr', 'de'])
  await t.rejects(ran(command, { context: 'idle' }, []), { code: 'VP-7203', message: /"idle"/ })
  await t.rejects(ran(command, {}, ['edges.jsonl']), { code: 'VP-7203' })
})

t.test('lab dial prints one object and refuses wrong arguments', async t => {
  const command = labDialCommand(async name => ({ plan: planOfProfile(name), interDigit: 5000 }))
  const uriOf = async (values: Record<string, string>, keys: string): Promise<unknown> =>
    JSON.parse((await ran(command, values, [keys])).out.join()).uri
  t.equal(await uriOf({}, '*75#'), 'sip:*75%23@operator.test;user=phone')
  t.equal(await uriOf({ hash: 'raw', domain: '[::1]:5060' }, '*75#'), 'sip:*75#@[::1]:5060;user=phone')
  t.equal(await uriOf({ hash: 'strip' }, '*75#'), 'sip:*75@operator.test;user=phone')
  await t.rejects(ran(command, { hash: 'twice' }, ['15']), { code: 'VP-7203' })
  await t.rejects(ran(command, {}, []), { code: 'VP-7201' })
  await t.rejects(ran(command, {}, ['15', '17']), { code: 'VP-7201' })
})
