// The part of an XCAP URI behind "/~~/" (RFC 4825 §6.3): steps by name, position and attribute down to one element or
// attribute, and what GET, PUT and DELETE do there (§7, §8).

import { childElements, type XmlElement } from './xml.js'

interface Step {
  /** Undefined: any element. */
  readonly name: { readonly ns: string | undefined; readonly local: string } | undefined
  /** From 1. */
  readonly position: number | undefined
  readonly attribute: readonly [string, string] | undefined
}

export interface NodeSelector {
  readonly steps: readonly Step[]
  /** The last step is this attribute of the element. */
  readonly attribute: string | undefined
}

const stepPattern =
  /^(?:(\*)|(?:([A-Za-z_][\w.-]*):)?([A-Za-z_][\w.-]*))(?:\[(\d{1,4})\])?(?:\[@([A-Za-z_][\w.-]*)=(?:"([^"]*)"|'([^']*)')\])?$/

/** Slashes inside quotes do not separate. */
const splitSteps = (path: string): readonly string[] => path.match(/(?:[^/"']|"[^"]*"|'[^']*')+/g) ?? []

/**
 * `path` is decoded. `prefixes` come from xmlns() in the query, "" is the document's own namespace. Undefined: no selector.
 */
export const readSelector = (
  path: string,
  prefixes: ReadonlyMap<string, string>,
): NodeSelector | undefined => {
  const parts = [...splitSteps(path)]
  const attribute = /^@([A-Za-z_][\w.-]*)$/.exec(parts.at(-1) ?? '')?.[1]
  if (attribute !== undefined) parts.pop()
  const steps: Step[] = []
  for (const part of parts) {
    const match = stepPattern.exec(part)
    if (match === null) return undefined
    const [, any, prefix = '', local, position, key, double, single] = match
    if (prefix !== '' && !prefixes.has(prefix)) return undefined
    steps.push({
      name: any === undefined ? { ns: prefixes.get(prefix), local: local as string } : undefined,
      position: position === undefined ? undefined : Number(position),
      attribute: key === undefined ? undefined : [key, double ?? single ?? ''],
    })
  }
  return steps.length === 0 ? undefined : { steps, attribute }
}

const matching = (candidates: readonly XmlElement[], step: Step): readonly XmlElement[] => {
  const named = candidates.filter(
    ({ ns, name }) => step.name === undefined || (step.name.local === name && step.name.ns === ns),
  )
  const placed = step.position === undefined ? named : named.slice(step.position - 1, step.position)
  const { attribute } = step
  return attribute === undefined
    ? placed
    : placed.filter(element => element.attributes.get(attribute[0]) === attribute[1])
}

/** The one element that the steps lead to; undefined for none, and for several (RFC 4825 §6.3). */
export const select = (root: XmlElement, steps: readonly Step[]): XmlElement | undefined => {
  let candidates: readonly XmlElement[] = [root]
  for (const [n, step] of steps.entries()) {
    const found = matching(n === 0 ? [root] : candidates, step)
    if (n === steps.length - 1) return found.length === 1 ? found[0] : undefined
    candidates = found.flatMap(childElements)
  }
  return undefined
}

export type Edit = 'replaced' | 'added' | 'no-parent' | 'cannot-insert'

/** Puts `made` where the steps lead, in place of what is there or as the last child (RFC 4825 §8.2.3). */
export const putElement = (root: XmlElement, steps: readonly Step[], made: XmlElement): Edit => {
  const parent = select(root, steps.slice(0, -1))
  if (parent === undefined) return 'no-parent'
  const old = select(root, steps)
  if (old !== undefined) {
    parent.children[parent.children.indexOf(old)] = made
    if (select(root, steps) === made) return 'replaced'
    parent.children[parent.children.indexOf(made)] = old
    return 'cannot-insert'
  }
  parent.children.push(made)
  if (select(root, steps) === made) return 'added'
  parent.children.pop()
  return 'cannot-insert'
}

/** False when there is nothing there. */
export const deleteElement = (root: XmlElement, steps: readonly Step[]): boolean => {
  const parent = select(root, steps.slice(0, -1))
  const old = select(root, steps)
  if (parent === undefined || old === undefined) return false
  parent.children.splice(parent.children.indexOf(old), 1)
  return true
}
