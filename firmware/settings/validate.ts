// A document against its schema: every mistake in one go, each with its line and its legal range.

import type * as z from 'zod'
import type { ErrorCode } from '../errors.js'
import { keyText, type Problem, problem } from './problem.js'
import { isSecretKey, withoutPasswords } from './secret-key.js'
import type { Path, Read, TomlDocument } from './toml-document.js'

export const validate = <T>(document: TomlDocument, schema: z.ZodType<T>): Read<T> => {
  const parsed = schema.safeParse(document.value)
  if (parsed.success) return { ok: true, value: parsed.data }
  const problems = parsed.error.issues.flatMap(issue => problemsOf(issue, document))
  return { ok: false, problems: inOrder(problems) }
}

/** By line; one key is complained of once. */
export const inOrder = (problems: readonly Problem[]): readonly Problem[] => {
  const seen = new Set<string>()
  return [...problems]
    .sort((a, b) => (a.file === b.file ? a.line - b.line : 0))
    .filter(({ file, key, code, line }) => {
      const id = key === '' ? `${file} ${line} ${code}` : `${file} ${key}`
      return !seen.has(id) && seen.add(id)
    })
}

const problemsOf = (issue: z.core.$ZodIssue, document: TomlDocument): Problem[] => {
  const path = issue.path as Path
  if (issue.code === 'unrecognized_keys') {
    const messages = issue.message.split('\n')
    return issue.keys.map((key, n) => {
      const at = [...path, key]
      return problem('VP-1004', document.origin(at), keyText(at), `${keyText(at)} ${messages[n]}`)
    })
  }
  const key = keyText(path)
  const code = issue.code === 'custom' ? (issue.params?.['code'] as ErrorCode | undefined) : undefined
  if (code !== undefined) return [problem(code, document.origin(path), key, `${key} ${issue.message}`)]
  const found = valueAt(document.value, path)
  return found === undefined
    ? [problem('VP-1005', document.origin(path), key, `${key} is missing; it ${issue.message}`)]
    : [problem('VP-1003', document.origin(path), key, `${key} = ${shown(found, path)}: ${issue.message}`)]
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, key)
        ? (at as Record<string | number, unknown>)[key]
        : undefined,
    value,
  )

/** The value as it was written, cut to a line; a secret is never shown. */
const shown = (value: unknown, path: Path): string => {
  if (isSecretKey(String(path.at(-1)))) return '…'
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  const text = withoutPasswords(JSON.stringify(value) ?? String(value))
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
