// Configuration and profile as rows to be shown: every key with its value, secrets as "(set)".

import type { ProfileFacts, SettingFacts } from '../firmware/console/console-box.js'
import { noOverrides, type Overrides } from '../firmware/settings/overrides.js'
import type { Profile } from '../firmware/settings/profile-schema.js'
import type { Config } from '../firmware/settings/schema.js'
import { isSecretKey, secretShown, withoutPasswords } from '../firmware/settings/secret-key.js'
import { type SettingKey, settingKeys } from '../firmware/settings/setting-values.js'
import { tr104Names } from '../firmware/settings/tr104.js'

export const settingFacts = (config: Config, overrides: Overrides = noOverrides): readonly SettingFacts[] => {
  const lines = config.line.map(({ id }) => id)
  const names = new Map(tr104Names(lines).map(name => [name.key, name]))
  return settingKeys(lines).map(key => {
    const { name, part } = names.get(key.key) ?? {}
    return {
      ...fact(key, valueIn(config, key)),
      ...(overrides.has(key.key) && { overridden: true as const }),
      ...(name !== undefined && { tr104: name }),
      ...(part !== undefined && { tr104Part: part }),
    }
  })
}

const valueIn = (config: Config, { key, line }: SettingKey): unknown =>
  line === undefined
    ? valueAt(config, key)
    : valueAt(
        config.line.find(({ id }) => id === line),
        key.slice(`line.${line}.`.length),
      )

const fact = (
  { key, help, legal, standard, kind, unit, choices, when }: SettingKey,
  value: unknown,
): SettingFacts => ({
  key,
  value: value === undefined ? '(not set)' : isSecretKey(key) ? secretShown : textOf(value),
  changed: value !== undefined && JSON.stringify(value) !== JSON.stringify(standard),
  help,
  legal,
  kind,
  when,
  ...(isSecretKey(key) && { secret: true as const }),
  ...(value !== undefined && !isSecretKey(key) && { text: textOf(value) }),
  ...(standard !== undefined && { standard: textOf(standard) }),
  ...(unit !== undefined && { unit }),
  ...(choices && { choices }),
})

const valueAt = (from: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      from,
    )

const textOf = (value: unknown): string =>
  withoutPasswords(typeof value === 'string' ? value : JSON.stringify(value))

export const profileFacts = (profile: Profile): ProfileFacts => ({
  name: profile.name,
  rows: [
    ['emergency', profile.emergency.join(' ')],
    ...Object.entries(profile.hook).map(([name, value]) => row(`hook.${name}`, value)),
    ...Object.entries(profile.timers).map(([name, value]) => row(`timers.${name}`, value)),
    ...(['hz', 'vrms', 'loopMa', 'impedances'] as const).map(name => row(`ring.${name}`, profile.ring[name])),
    ...Object.entries(profile.ring.cadences).map(([name, value]) => row(`ring.cadences.${name}`, value)),
    ...Object.entries(profile.tones).map(([name, tone]) => [`tones.${name}`, toneText(tone)] as const),
  ],
})

const row = (name: string, value: unknown): readonly [string, string] => [
  name,
  Array.isArray(value) ? value.join(' ') : String(value),
]

type Tone = NonNullable<Profile['tones'][keyof Profile['tones']]>

/** "440 Hz 500/500 ms -12 dBm0". */
const toneText = ({ cadence, dbm0 }: Tone): string => {
  const hz = [...new Set(cadence.flatMap(part => part.hz))]
  const times = cadence.flatMap(part => (part.ms === undefined ? [] : [part.ms]))
  return `${hz.join('+')} Hz ${times.length === 0 ? 'steady' : `${times.join('/')} ms`} ${dbm0} dBm0`
}
