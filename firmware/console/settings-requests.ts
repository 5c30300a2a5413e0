// Settings for the box's own agent of remote management (TR-069, USP): list, get, set and import as JSON lines of the local socket,
// by key or by the name of the data model (TR-104). What reads as empty there (TR-106 §3.2: secrets) does here.

import type { ErrorCode } from '../errors.js'
import type { Data } from './command.js'
import type { ChangedBy, ChangeOutcome, ConsoleBox, SettingFacts } from './console-box.js'

export type SettingsRequest =
  /** Everything under a path: "sip.", "Device.Services.VoiceService.1.SIP.", "". */
  | { readonly type: 'list'; readonly under: string }
  | { readonly type: 'get'; readonly names: readonly string[] }
  /** All of it or nothing, at once; null takes a value back. */
  | { readonly type: 'set'; readonly values: Readonly<Record<string, unknown>>; readonly by: ChangedBy }
  /** Lines of an export, all of them or none, at once. */
  | { readonly type: 'import'; readonly lines: readonly string[]; readonly by: ChangedBy }

export type SettingsReply = { readonly data: Data } | { readonly code: ErrorCode; readonly message: string }

/** undefined: it is none. */
export const parseSettingsRequest = (
  value: Readonly<Record<string, unknown>>,
): SettingsRequest | undefined => {
  const { list, get, set, import: lines, by = 'console' } = value
  if (typeof list === 'string') return { type: 'list', under: list }
  if (typeof get === 'string') return { type: 'get', names: [get] }
  if (isTexts(get)) return { type: 'get', names: get }
  if (by !== 'console' && by !== 'network') return undefined
  if (isTexts(lines)) return { type: 'import', lines, by }
  if (typeof set !== 'object' || set === null || Array.isArray(set)) return undefined
  return { type: 'set', values: set as Record<string, unknown>, by }
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every(text => typeof text === 'string')

export const answerSettings = async (
  request: SettingsRequest,
  { settings, desk }: Pick<ConsoleBox, 'settings' | 'desk'>,
): Promise<SettingsReply> => {
  const all = settings()
  switch (request.type) {
    case 'list':
      return { data: all.filter(each => isUnder(each, request.under)).map(described) }
    case 'get':
      return got(all, request.names)
    case 'set':
      return changed(all, request, desk)
    case 'import':
      return replyTo(await desk.importNow(request.lines, request.by))
  }
}

const isUnder = ({ key, tr104 }: SettingFacts, path: string): boolean =>
  key.startsWith(path) || (tr104 ?? '').startsWith(path)

const named = (all: readonly SettingFacts[], name: string): readonly SettingFacts[] =>
  all.filter(({ key, tr104 }) => key === name || tr104 === name)

const unknown = (name: string): SettingsReply => ({
  code: 'VP-7508',
  message: `there is no setting "${name}"`,
})

const got = (all: readonly SettingFacts[], names: readonly string[]): SettingsReply => {
  const found: Data[] = []
  for (const name of names) {
    const facts = name.endsWith('.') ? all.filter(each => isUnder(each, name)) : named(all, name)
    if (facts.length === 0) return unknown(name)
    found.push(...facts.map(value))
  }
  return { data: found }
}

const changed = async (
  all: readonly SettingFacts[],
  { values, by }: Extract<SettingsRequest, { type: 'set' }>,
  desk: ConsoleBox['desk'],
): Promise<SettingsReply> => {
  const byKey: Record<string, unknown> = {}
  for (const [name, wanted] of Object.entries(values)) {
    const [facts] = named(all, name)
    if (facts === undefined) {
      if (wanted !== null || !desk.leftovers().includes(name)) return unknown(name)
      byKey[name] = null
      continue
    }
    if (facts.key !== name && facts.tr104Part !== undefined)
      return {
        code: 'VP-7508',
        message: `${name} and ${facts.key} are not the same (${facts.tr104Part}): set it by its key`,
      }
    byKey[facts.key] = wanted
  }
  return replyTo(await desk.change(byKey, by))
}

const replyTo = (outcome: ChangeOutcome): SettingsReply =>
  'mistakes' in outcome
    ? { code: 'VP-1003', message: outcome.mistakes.map(({ en }) => en).join('; ') }
    : { data: { changed: outcome.changed.map(change => ({ ...change })) } }

const value = ({ key, tr104, tr104Part, text = '' }: SettingFacts): Data => ({
  key,
  ...(tr104 !== undefined && { name: tr104 }),
  ...(tr104Part !== undefined && { part: tr104Part }),
  value: text,
})

const described = (facts: SettingFacts): Data => {
  const { kind, unit, choices, standard, legal, help, when = 'now', secret, overridden } = facts
  return {
    ...(value(facts) as object),
    type: kind,
    ...(unit !== undefined && { unit }),
    ...(choices && { choices }),
    ...(standard !== undefined && { default: standard }),
    legal,
    help,
    writable: when !== 'file',
    restart: when === 'start',
    ...(secret && { secret }),
    ...(overridden && { overridden }),
  }
}
