// What a technician set, in the running box: over the configuration file at the start, and from the desk afterwards.

import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Log } from '../firmware/log.js'
import { electricalProfile } from '../firmware/run/line-config.js'
import type { SettingsDesk } from '../firmware/settings/desk-contract.js'
import { type LoadWith, loadFitting } from '../firmware/settings/fitting-overrides.js'
import type { Settings } from '../firmware/settings/load-settings.js'
import type { Overrides } from '../firmware/settings/overrides.js'
import type { Profile } from '../firmware/settings/profile-schema.js'
import type { Config } from '../firmware/settings/schema.js'
import { createSecretFiles } from '../firmware/settings/secret-files.js'
import { settingKeys } from '../firmware/settings/setting-values.js'
import { createSettingsDesk } from '../firmware/settings/settings-desk.js'
import type { Store } from '../firmware/settings/store.js'
import type { Clock } from '../hal/clock.js'
import type { Entropy } from '../hal/entropy.js'
import { verifierFiles } from './console-secrets.js'
import { patiently } from './patiently.js'

interface StartOptions {
  readonly clock: Clock
  readonly log: Log
  readonly load: LoadWith | undefined
}

export interface AtStart {
  readonly settings: Settings
  /** The store was not open in time: what a technician set counts later. */
  readonly late: boolean
}

/** Never rejects. */
export const settingsAtStart = async (
  written: Settings,
  opening: Promise<Store>,
  { clock, log, load }: StartOptions,
): Promise<AtStart> => {
  const opened = opening.catch(() => undefined)
  const store = (await patiently('store', clock, opened)) ? await opened : undefined
  const late = store === undefined
  if (store === undefined || load === undefined || store.overrides().size === 0)
    return { settings: written, late }
  const { result, unused } = loadFitting(load, store.overrides())
  if (unused.length > 0) log.warn('settings of a technician do not fit the file', { keys: unused.join(' ') })
  return { settings: 'settings' in result ? result.settings : written, late }
}

interface LiveOptions extends StartOptions, AtStart {
  readonly store: Promise<Store | undefined>
  readonly entropy: Entropy
  readonly apply: (settings: Settings) => void
}

export const openSettingsDesk = ({ settings, late, load, entropy, ...rest }: LiveOptions): SettingsDesk => {
  const { clock, log, store } = rest
  const { path } = settings.config.store
  const desk: SettingsDesk = createSettingsDesk({
    ...rest,
    settings,
    load: load ?? (() => ({ settings })),
    secrets: createSecretFiles(path, clock, entropy),
    eraseFiles: () => clock.external(eraseFiles(desk.current().config)),
  })
  if (late)
    void store.then(opened => {
      if (opened === undefined || opened.overrides().size === 0) return
      for (const { message } of desk.reload()) log.error(message)
      const keys = keysOfStart(settings, opened.overrides())
      if (keys.length > 0)
        log.warn('settings of a technician were read too late for this start: they count after a restart', {
          keys: keys.join(' '),
        })
    })
  return desk
}

const keysOfStart = ({ config }: Settings, overrides: Overrides): readonly string[] =>
  settingKeys(config.line.map(({ id }) => id))
    .filter(({ key, when }) => when === 'start' && overrides.has(key))
    .map(({ key }) => key)

/** Another country rings at once in its own rhythm, but the line circuits were opened for the one of the start. */
export const createRingNotice = (started: Profile, log: Log): ((next: Profile) => void) => {
  let told = electricalProfile(started)
  return next => {
    const wanted = electricalProfile(next)
    if (isDeepStrictEqual(wanted, told)) return
    told = wanted
    log.warn('ringing voltage and frequency, current and impedances of the profile count after a restart', {
      profile: next.name,
    })
  }
}

/** Passwords that were changed here, the trace, and stores that were set aside. */
const eraseFiles = async (config: Config): Promise<void> => {
  const { path } = config.store
  const aside = `${basename(path)}.damaged-`
  const damaged = (await readdir(dirname(path))).filter(name => name.startsWith(aside))
  const files = [
    ...verifierFiles(config),
    config.trace.path,
    ...damaged.map(name => join(dirname(path), name)),
  ]
  // Wherever provisioning has put its secrets: they stay.
  const { viewSecretFile, enableSecretFile } = config.console
  for (const file of files)
    if (file !== viewSecretFile && file !== enableSecretFile) await rm(file, { force: true })
}
