// Which service code a string of keys begins with: "*21*06…" is the code "*21*N" with the number "06…".

import type { DialPlan, LocalCode } from './plan.js'

export interface CodeWithNumber {
  /** Absent for a code that only the network knows. */
  readonly does?: LocalCode['does']
  readonly by: LocalCode['by']
  readonly number: string
}

const headOf = (code: string): string | undefined => (code.endsWith('N') ? code.slice(0, -1) : undefined)

/** The code with a number that `keys` begins with; undefined for any other code and for unknown ones. */
export const codeWithNumber = (keys: string, plan: DialPlan): CodeWithNumber | undefined => {
  for (const { code, does, by } of plan.codes) {
    const head = headOf(code)
    // A local code takes whatever follows, so that a code behind it can be refused.
    if (head !== undefined && keys.startsWith(head)) return { does, by, number: keys.slice(head.length) }
  }
  for (const code of plan.networkCodes) {
    const head = headOf(code)
    if (head === undefined || !keys.startsWith(head)) continue
    const number = keys.slice(head.length)
    // A second argument ("*61*N*11*20#") is the network's business: collected like an unknown code.
    if (!number.includes('*')) return { by: 'network', number }
  }
  return undefined
}

/** The code with a number of which `keys` is exactly the head ("*92*"). */
export const codeBeginning = (
  keys: string,
  plan: DialPlan,
): Pick<CodeWithNumber, 'does' | 'by'> | undefined => {
  const local = plan.codes.find(({ code }) => headOf(code) === keys)
  if (local) return local
  return plan.networkCodes.some(code => headOf(code) === keys) ? { by: 'network' } : undefined
}

/** The service of the box that is exactly `keys`, "#" included. */
export const localCode = (keys: string, plan: DialPlan): LocalCode['does'] | undefined =>
  plan.codes.find(({ code, by }) => code === keys && by === 'box')?.does

/** `keys` is one of the box's codes with its number left out: "*92#" for "*92*N". */
export const lacksNumber = (keys: string, plan: DialPlan): boolean =>
  plan.codes.some(({ code }) => headOf(code)?.slice(0, -1) === keys.slice(0, -1))

/** `keys` is the unfinished beginning of a code of the plan, its last "#" aside. */
export const beginsCode = (keys: string, plan: DialPlan): boolean =>
  [...plan.codes.map(({ code }) => code), ...plan.networkCodes].some(
    code => code.startsWith(keys) && code !== `${keys}#`,
  ) && !plan.networkCodes.includes(`${keys}#`)
