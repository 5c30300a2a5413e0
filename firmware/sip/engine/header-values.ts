// Splitting SIP header values: comma lists, parameters, quoted strings (RFC 3261 §7.3, §25.1).
// Tolerant by design: what cannot be read yields nothing, never an exception.

/** `;name=value` parameters with lower-case names; null when a parameter has no value. */
export type HeaderParameters = Record<string, string | null>

/** Parts of `value` between `separator`s that stand outside quotes and angle brackets, with their offsets. */
export const splitOutside = (
  value: string,
  separator: ',' | ';',
): readonly { readonly text: string; readonly start: number; readonly end: number }[] => {
  if (!value.includes(separator)) return [{ text: value.trim(), start: 0, end: value.length }]
  const parts: { text: string; start: number; end: number }[] = []
  let quoted = false
  let depth = 0
  let start = 0
  for (let at = 0; at <= value.length; at++) {
    const char = value[at]
    if (at < value.length) {
      if (quoted) {
        if (char === '\\') at++
        else if (char === '"') quoted = false
        continue
      }
      if (char === '"') quoted = true
      else if (char === '<') depth++
      else if (char === '>') depth = Math.max(0, depth - 1)
      if (char !== separator || depth > 0) continue
    }
    parts.push({ text: value.slice(start, at).trim(), start, end: Math.min(at, value.length) })
    start = at + 1
  }
  return parts
}

/** Reads `;a=b;c` (a leading ";" may be missing). Undefined when a parameter has no name. */
export const parseParameters = (text: string): HeaderParameters | undefined => {
  const parameters: HeaderParameters = {}
  if (!text.includes('"') && !text.includes('<')) {
    let start = 0
    while (start < text.length) {
      const semicolon = text.indexOf(';', start)
      const end = semicolon < 0 ? text.length : semicolon
      if (end > start && !addParameter(text.slice(start, end), parameters)) return undefined
      start = end + 1
    }
    return parameters
  }
  for (const part of splitOutside(text, ';')) if (!addParameter(part.text, parameters)) return undefined
  return parameters
}

/** False when it has no name; empty text is passed over. */
const addParameter = (text: string, parameters: HeaderParameters): boolean => {
  const equals = text.indexOf('=')
  const name = (equals < 0 ? text : text.slice(0, equals)).trim().toLowerCase()
  if (name === '') return equals < 0
  if (/[\s"<>]/.test(name)) return false
  parameters[name] = equals < 0 ? null : text.slice(equals + 1).trim()
  return true
}

/** The value and the parameters of "value;a=b". */
export const valueAndParameters = (
  text: string,
): { readonly value: string; readonly parameters: HeaderParameters } => {
  const semicolon = text.indexOf(';')
  if (semicolon < 0) return { value: text.trim(), parameters: {} }
  return {
    value: text.slice(0, semicolon).trim(),
    parameters: parseParameters(text.slice(semicolon + 1)) ?? {},
  }
}

/** Without its quotes and backslashes; other text is returned as it is. */
export const unquote = (text: string): string =>
  text.length >= 2 && text.startsWith('"') && text.endsWith('"')
    ? text.slice(1, -1).replace(/\\(.)/g, '$1')
    : text

/** Option tags of all `Require` or `Supported` lines together, in lower case. */
export const optionTags = (values: readonly string[]): readonly string[] =>
  values.flatMap(value => splitOutside(value, ',').map(part => part.text.toLowerCase())).filter(tag => tag)

/** A non-negative whole number at the start of the value, or undefined. */
export const leadingInteger = (value: string | undefined): number | undefined => {
  const digits = value === undefined ? null : /^\s*(\d{1,10})/.exec(value)
  return digits ? Number(digits[1]) : undefined
}

/** Cause of a `Reason: Q.850;cause=n` header (RFC 3326). */
export const q850Cause = (reasons: readonly string[]): number | undefined => {
  for (const reason of reasons.flatMap(line => splitOutside(line, ','))) {
    const { value, parameters } = valueAndParameters(reason.text)
    const cause = leadingInteger(parameters['cause'] ?? undefined)
    if (value.toUpperCase() === 'Q.850' && cause !== undefined && cause <= 127) return cause
  }
  return undefined
}

/** True when a CANCEL says that another telephone answered (RFC 3326 §2). */
export const completedElsewhere = (reasons: readonly string[]): boolean =>
  reasons
    .flatMap(line => splitOutside(line, ','))
    .some(({ text }) => {
      const { value, parameters } = valueAndParameters(text)
      return value.toUpperCase() === 'SIP' && leadingInteger(parameters['cause'] ?? undefined) === 200
    })
