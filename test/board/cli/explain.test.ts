// `voiceport explain` as a technician sees it.

import t from 'tap'
import { explainCommand } from '../../../board/cli/explain.js'
import { planOfProfile } from '../../support/plan-of-profile.js'

const command = explainCommand(async name => planOfProfile(name))

const run = async (positionals: readonly string[], flags: Record<string, string | boolean> = {}) => {
  const printed: string[] = []
  const code = await command.run({
    values: { profile: 'fr', ...flags },
    positionals,
    stdin: (async function* () {})(),
    out: line => void printed.push(line),
  })
  return { code, printed }
}

t.test('voiceport explain', async t => {
  t.match(await run(['R 2'], { state: 'active' }), {
    code: 0,
    printed: [/^active, R 2: R alone already acts: holds .*; 2 is the first digit of the second call/],
  })
  t.match(await run(['*92*']), { printed: [/^dial-tone, \*92\*: A code of the box, a number is awaited/] })
  t.match(await run(['*93#']), { printed: [/stored first, then the confirmation tone/] })
  t.match(await run(['*21*…']), { printed: [/A code of the network/] })
  t.match(await run(['*95#']), { printed: [/the network is asked first/] })
  t.match(await run(['r2']), { printed: [/^active, r2: R alone/] })
  t.match(await run(['R', '2'], { state: 'active+waiting' }), {
    printed: [/^active\+waiting, R 2: Holds the party .* answers the caller who waits\.$/],
  })
  t.match(await run(['110'], { profile: 'de' }), { printed: [/Emergency call to 110/] })
  const json = await run(['R'], { state: 'waiting-only', json: true })
  t.same(JSON.parse(json.printed[0] ?? ''), {
    input: 'R',
    state: 'waiting-only',
    action: 'take',
    meaning: 'Answers the caller who waits.',
  })
  await t.rejects(run(['R 2'], { state: 'asleep' }), { code: 'VP-7102', message: /no state "asleep"/ })
  await t.rejects(run(['Q']), { code: 'VP-7102', message: /neither R/ })
  await t.rejects(run([]), { code: 'VP-7102' })
})
