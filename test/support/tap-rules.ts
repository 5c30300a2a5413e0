// What the contracts' tests print, read line by line: a rig is a test, a rule is a test inside it, and what stands deeper
// says why a rule failed.

export type Reading =
  | {
      readonly kind: 'rule'
      readonly rig: string
      readonly rule: string
      readonly ok: boolean
      readonly why: readonly string[]
    }
  | { readonly kind: 'skipped'; readonly rig: string; readonly reason: string }
  /** A rig that ended badly without a rule that failed: it could not be set up. */
  | { readonly kind: 'broken'; readonly rig: string; readonly why: readonly string[] }

const result = /^( *)(not ok|ok) \d+(?: - (.*))?$/
/** What is shown of a failure, lines. */
const longestWhy = 40

const plain = (text: string): string =>
  text
    .replace(/ # time=.*$/, '')
    .replace(/ \{$/, '')
    .replaceAll('\\#', '#')
    .trimEnd()

export const createTapReader = (): ((line: string) => Reading | undefined) => {
  let rig = ''
  const why: string[] = []
  let failedRules = 0
  const explained = (): readonly string[] => why.splice(0).slice(0, longestWhy)
  const ofRule = (ok: boolean, rule: string): Reading => {
    if (!ok) failedRules++
    const told = explained()
    return { kind: 'rule', rig, rule, ok, why: ok ? [] : told }
  }
  const ofRig = (ok: boolean, name: string): Reading | undefined => {
    const [title, reason] = name.split(/ # SKIP ?/)
    const failed = failedRules
    failedRules = 0
    const told = explained()
    if (reason !== undefined) return { kind: 'skipped', rig: title as string, reason }
    return ok || failed > 0 ? undefined : { kind: 'broken', rig: name, why: told }
  }
  return line => {
    const subtest = /^# Subtest: (.*)$/.exec(line)
    if (subtest) rig = plain(subtest[1] as string)
    const found = result.exec(line)
    const depth = found ? (found[1] as string).length / 4 : undefined
    const ok = found?.[2] === 'ok'
    if (depth === 0) return ofRig(ok, plain(found?.[3] ?? ''))
    if (depth === 1) return ofRule(ok, plain(found?.[3] ?? ''))
    // Deeper: failed assertions, and what tap says of them.
    if (found ? !ok : why.length > 0 && /^ {8}/.test(line) && !/^ *(?:\d+\.\.\d+|#)/.test(line))
      why.push(line.trim())
    return undefined
  }
}
