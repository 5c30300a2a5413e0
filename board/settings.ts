// Settings with the data files of this installation, for every command that needs them.

import { VoiceportError } from '../firmware/errors.js'
import type { LoadWith } from '../firmware/settings/fitting-overrides.js'
import { loadProfile } from '../firmware/settings/load-profile.js'
import { loadSettings, locate, type SettingsResult } from '../firmware/settings/load-settings.js'
import type { Problem } from '../firmware/settings/problem.js'
import type { Profile } from '../firmware/settings/profile-schema.js'
import { findData, listData } from './data.js'

export const settingsOf = (file: string): SettingsResult => loadSettings(file, findData)

/** The same file again and again, with what a technician set over it. */
export const settingsWith =
  (file: string): LoadWith =>
  overrides =>
    loadSettings(file, findData, process.env, overrides)

/** The profile of that name or path. Throws VoiceportError with every mistake in it, one a line. */
export const profileOf = (name: string): Profile => {
  const find = (wanted: string, from: string): string | undefined => locate('profile', wanted, from, findData)
  const file = find(name, `${process.cwd()}/.`)
  if (file === undefined)
    throw new VoiceportError(
      'VP-1008',
      `there is no profile "${name}", only ${listData('profile').join(', ')}`,
    )
  const read = loadProfile(file, find)
  if (read.ok) return read.value
  const code = read.problems[0]?.code ?? 'VP-1003'
  throw new VoiceportError(code, read.problems.map(problemText).join('\n'))
}

/** "voiceport.toml:3: sip.dscp = 64: must be a whole number from 0 to 63". */
export const problemText = ({ file, line, message }: Problem): string =>
  line > 0 ? `${file}:${line}: ${message}` : message
