// HIL mode: one JSON line in, JSON lines out, then OK or ERR CODE (in the manner of V.250), nothing echoed, nothing paged. The
// same commands as for people, whole words only. A client may begin with it before anybody has logged in: {"login":"SECRET"}.

import type { ErrorCode } from '../errors.js'
import type { Data, Language } from './command.js'
import { parseSettingsRequest, type SettingsRequest } from './settings-requests.js'

export type HilRequest =
  | {
      readonly id: Data
      readonly do: string
      readonly text: boolean
      /** Words may be shortened. */
      readonly short: boolean
      readonly language: Language | undefined
    }
  | { readonly id: Data; readonly login: string; readonly level: 'view' | 'enable' }
  | { readonly id: Data; readonly settings: SettingsRequest }

/** undefined: the line is no request. */
export const parseHil = (line: string): HilRequest | undefined => {
  const value = objectOf(line)
  if (value === undefined) return undefined
  const id = isId(value['id']) ? value['id'] : undefined
  const { do: command, login, level = 'view', text = false, short = false, language } = value
  if (typeof login === 'string')
    return level === 'view' || level === 'enable' ? { id, login, level } : undefined
  const settings = command === undefined ? parseSettingsRequest(value) : undefined
  if (settings) return { id, settings }
  if (typeof command !== 'string' || typeof text !== 'boolean' || typeof short !== 'boolean') return undefined
  return {
    id,
    do: command,
    text,
    short,
    language: language === 'fr' || language === 'en' ? language : undefined,
  }
}

const isId = (value: unknown): value is string | number =>
  typeof value === 'number' || (typeof value === 'string' && value.length <= 64)

const objectOf = (line: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** JSON in ASCII, whatever the value holds. */
export const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[\x7f-\uffff]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

export const hilLine = (value: Readonly<Record<string, Data>>): string => `${asciiJson(value)}\r\n`

export const hilDone = (id: Data, rest: Readonly<Record<string, Data>>): string =>
  `${hilLine({ id, ok: true, ...rest })}OK\r\n`

export const hilFailed = (id: Data, code: ErrorCode, message: string): string =>
  `${hilLine({ id, ok: false, error: code, message })}ERR ${code}\r\n`
