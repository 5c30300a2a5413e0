// Configuration and profile as rows to be shown: every key with its value, secrets as "(set)".

import type { ProfileFacts, SettingFacts } from '../firmware/console/console-box.js'
import { describeKeys, type KeyDescription } from '../firmware/settings/key-list.js'
import type { Profile } from '../firmware/settings/profile-schema.js'
import type { Config } from '../firmware/settings/schema.js'
import { tr104Names } from '../firmware/settings/tr104.js'

const ofEachLine = '[[line]].'
const secret = /(^|\.)password$/

export const settingFacts = (config: Config): readonly SettingFacts[] => {
  const names = new Map(tr104Names(config.line.map(({ id }) => id)).map(({ key, name }) => [key, name]))
  return valuesOf(config).map(facts => {
    const tr104 = names.get(facts.key)
    return { ...facts, ...(tr104 !== undefined && { tr104 }) }
  })
}

const valuesOf = (config: Config): readonly SettingFacts[] =>
  described().flatMap(key =>
    key.key.startsWith(ofEachLine)
      ? config.line.map(line => {
          const within = key.key.slice(ofEachLine.length)
          return fact(key, `line.${line.id}.${within}`, valueAt(line, within))
        })
      : [fact(key, key.key, valueAt(config, key.key))],
  )

let known: readonly KeyDescription[] | undefined
/** Made of the schema once: it does not change while the box runs. */
const described = (): readonly KeyDescription[] => {
  known ??= describeKeys()
  return known
}

const fact = ({ help, legal, standard }: KeyDescription, key: string, value: unknown): SettingFacts => ({
  key,
  value: value === undefined ? '(not set)' : secret.test(key) ? '(set)' : textOf(value),
  changed: value !== undefined && JSON.stringify(value) !== JSON.stringify(standard),
  help,
  legal,
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

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

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
