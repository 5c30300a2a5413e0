// What a star or hash code means, in words: from the codes of the dial plan and what the machine does with each.

import { codeBeginning } from './dialling/code-head.js'
import type { DialPlan, LocalCode } from './dialling/plan.js'

/** What becomes of a code of the box, as codes.ts has it. */
export const codeMeaning: Readonly<Record<LocalCode['does'], string>> = {
  'mask-call': 'the number is withheld for this one call, an emergency call excepted',
  'mask-on':
    'the number is withheld from now on: stored first, then the confirmation tone; if it cannot be stored, the error tone',
  'mask-off':
    'the number is shown again from now on: stored first, then the confirmation tone; if it cannot be stored, the error tone',
  'reset-all':
    'all services off: the network is asked first, and only after its yes the number is shown again; else the error tone, and nothing has changed',
}

export const networkMeaning =
  'goes to the network as a call; its announcement is heard, or the confirmation tone after a yes, or the error tone'

/** A code that still lacks its number ("*92*", "*21*N"); undefined: no such code. */
export const explainCodeHead = (keys: string, plan: DialPlan): string | undefined => {
  const code = codeBeginning(keys, plan)
  if (!code) return undefined
  const whose = code.by === 'box' ? 'A code of the box' : 'A code of the network'
  const does = code.does === undefined ? networkMeaning : codeMeaning[code.does]
  const sent = code.does !== undefined && code.by === 'network' ? ', which the network sees to' : ''
  return `${whose}, a number is awaited behind it: ${does}${sent}.`
}
