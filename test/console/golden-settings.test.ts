// Settings changed at a real terminal program, in both languages: ranges, a secret unseen, a commit on probation, the journal,
// export and import, a reset.

import t from 'tap'
import { settingFacts } from '../../board/setting-facts.js'
import { deskRig } from '../settings/desk-rig.js'
import { fakeBox } from './fake-box.js'
import { enabled, isGolden, prompt, type Step, step } from './golden-session.js'
import { enableSecret, viewSecret } from './terminal.js'
import { missingPrograms } from './tmux-terminal.js'

t.setTimeout(120_000)
const skip = missingPrograms() ?? false
const asks = /: ?$/
const lines = /^import> ?$/

const session = (language: 'en' | 'fr'): readonly Step[] => [
  step(prompt, viewSecret, 'Enter'),
  step(prompt, `terminal language ${language}`, 'Enter'),
  step(/^(Password|Mot de passe)/, 'enable', 'Enter'),
  step(enabled, enableSecret, 'Enter'),
  step(/log.level $|log.level$/, 'set log.level ', '?'),
  step(enabled, 'C-u', 'set sip.dscp 64', 'Enter'),
  step(enabled, 'set line.tel1.account.proxies sip:192.0.2.9:5060', 'Enter'),
  step(asks, 'set line.tel1.account.password', 'Enter'),
  step(enabled, 'typed-canary-9', 'Enter'),
  step(enabled, 'show changes', 'Enter'),
  step(enabled, 'commit confirm 60', 'Enter'),
  step(enabled, 'show changes', 'Enter'),
  step(enabled, 'confirm', 'Enter'),
  step(enabled, 'set line.tel1.callWaiting off', 'Enter'),
  step(enabled, 'commit', 'Enter'),
  step(enabled, 'show settings line.tel1.a', 'Enter'),
  step(enabled, 'no set line.tel1.callwaiting', 'Enter'),
  step(enabled, 'rollback', 'Enter'),
  step(enabled, 'show journal', 'Enter'),
  step(enabled, 'export', 'Enter'),
  step(lines, 'import', 'Enter'),
  ...['set line.tel2.mwi off', 'set sip.dscp 99', 'set timezone Europe/Pari'].map(line => unseen(line)),
  step(enabled, 'end', 'Enter'),
  step(asks, 'factory-reset', 'Enter'),
  step(enabled, 'no', 'Enter'),
  step(asks, 'factory-reset', 'Enter'),
  step(asks, 'erase', 'Enter'),
  step(enabled, 'erase', 'Enter'),
]

/** A line of an import is not echoed. */
const unseen = (line: string): Step => step(lines, line, 'Enter')

for (const language of ['en', 'fr'] as const)
  t.test(`settings in ${language} at 80 x 24`, { skip, timeout: 60_000 }, async t => {
    const { desk } = deskRig(t.teardown)
    const box = fakeBox({ settings: () => settingFacts(desk.current().config, desk.overrides()) })
    Object.defineProperty(box, 'desk', { value: desk })
    await isGolden(t, `settings-${language}`, box, session(language))
  })
