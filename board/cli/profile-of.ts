// The country profile a command was given with --profile: a name that comes with voiceport, or a path.

import { dirname, isAbsolute, resolve } from 'node:path'
import { VoiceportError } from '../../firmware/errors.js'
import { loadProfile } from '../../firmware/settings/load-profile.js'
import type { FindData } from '../../firmware/settings/load-settings.js'
import type { Profile } from '../../firmware/settings/profile-schema.js'

/** @throws VoiceportError when there is none, or with every mistake in it, one a line */
export const profileOf = (name: string, findData: FindData): Profile => {
  const find = (wanted: string, directory: string): string | undefined =>
    /[/.]/.test(wanted)
      ? isAbsolute(wanted)
        ? wanted
        : resolve(directory, wanted)
      : findData('profile', wanted)
  const file = find(name, process.cwd())
  if (file === undefined) throw new VoiceportError('VP-1008', `there is no profile "${name}"`)
  const read = loadProfile(file, (base, from) => find(base, dirname(from)))
  if (read.ok) return read.value
  const [first] = read.problems
  const message = read.problems.map(p => `${p.file}:${p.line}: ${p.message}`).join('\n')
  throw new VoiceportError(first?.code ?? 'VP-1003', message)
}
