// A session at a real terminal program in both languages: looking, mistakes, editing keys, pages, passwords.

import t from 'tap'
import { fakeBox } from './fake-box.js'
import { enabled, isGolden, prompt, type Step, step } from './golden-session.js'
import { enableSecret, viewSecret } from './terminal.js'
import { missingPrograms } from './tmux-terminal.js'

t.setTimeout(120_000)
const skip = missingPrograms() ?? false

const session = (language: 'en' | 'fr'): readonly Step[] => [
  step(/^(Password|Mot de passe)/, 'Enter'),
  step(/^(Password|Mot de passe)/, 'not-the-secret', 'Enter'),
  step(prompt, viewSecret, 'Enter'),
  step(prompt, `terminal language ${language}`, 'Enter'),
  step(/--More--/, 'help', 'Enter'),
  step(prompt, ' '),
  { ...step(/show $|show$/, 'sh', 'Tab', '?'), row: /^ {2}version {2,}\S/ },
  step(prompt, 'v', 'Tab', 'Enter'),
  step(prompt, 'show registration', 'Enter'),
  step(prompt, 'show calls', 'Enter'),
  step(prompt, 'show media', 'Enter'),
  step(prompt, 'show codes', 'Enter'),
  step(prompt, 'show settings', 'Enter'),
  step(prompt, 'show profile', 'Enter'),
  step(prompt, 'show log', 'Enter'),
  step(prompt, 'show regster', 'Enter'),
  step(prompt, 'terminal length 999', 'Enter'),
  step(prompt, 'sow calls', 'Home', 'Right', 'h', 'Enter'),
  step(/--More--/, 'show trace 60', 'Enter'),
  step(prompt, 'q'),
  step(prompt, 'explain in active R 2', 'Enter'),
  step(prompt, 'Up', 'C-u', 'restart', 'Enter'),
  step(/^(Password|Mot de passe)/, 'enable', 'Enter'),
  step(enabled, enableSecret, 'Enter'),
  step(/: ?$/, 'passwd view', 'Enter'),
  step(enabled, 'short', 'Enter'),
  step(prompt, 'disable', 'Enter'),
  step(/^(Password|Mot de passe)/, 'exit', 'Enter'),
]

for (const language of ['en', 'fr'] as const)
  t.test(`a session in ${language} at 80 x 24, key by key`, { skip, timeout: 60_000 }, t =>
    isGolden(t, language, fakeBox(), session(language)),
  )
