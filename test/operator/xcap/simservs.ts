// A subscriber's profile as the simservs document of 3GPP (TS 24.623 §6, communication diversion TS 24.604 §4.9, number
// restriction TS 24.607 §4.9) and back. The profile is the truth; the document is written anew each time it is asked for.

import { calledNumber } from '../numbers.js'
import type { Profile, ProfilePatch } from '../profiles.js'
import { childElements, textOf, type XmlElement } from './xml.js'

export const SIMSERVS = 'http://uri.etsi.org/ngn/params/xml/simservs/xcap'
export const COMMON_POLICY = 'urn:ietf:params:xml:ns:common-policy'

/** The document says what this operator cannot do (RFC 4825 §11.2.4 constraint-failure). */
export class ConstraintError extends Error {}
/** The document is none of the schema's. */
export class SchemaError extends Error {}

export interface SimservsOptions {
  readonly domain: string
  readonly countryCode: string
  /** Where calls go that a rule sends to voicemail. */
  readonly voicemail: string | undefined
}

type Children = readonly (XmlElement | string)[]

const element = (
  ns: string,
  name: string,
  children: Children = [],
  attributes: Readonly<Record<string, string>> = {},
): XmlElement => ({ ns, name, attributes: new Map(Object.entries(attributes)), children: [...children] })
const ss = (name: string, children?: Children, attributes?: Readonly<Record<string, string>>): XmlElement =>
  element(SIMSERVS, name, children, attributes)
const cp = (name: string, children?: Children, attributes?: Readonly<Record<string, string>>): XmlElement =>
  element(COMMON_POLICY, name, children, attributes)

/** Rule ids by the condition they have; "unconditional" has none. */
type Condition = 'unconditional' | 'busy' | 'no-answer'

export const writeSimservs = (profile: Profile, options: SimservsOptions): XmlElement => {
  const rule = (condition: Condition, number: string | undefined): XmlElement[] => {
    if (number === undefined) return []
    const target = `sip:${number}@${options.domain};user=phone`
    const conditions = condition === 'unconditional' ? [] : [ss(condition)]
    const actions = [ss('forward-to', [ss('target', [target])])]
    return [cp('rule', [cp('conditions', conditions), cp('actions', actions)], { id: condition })]
  }
  const always = profile.voicemailAlways ? options.voicemail : profile.forwardAlways
  return ss('simservs', [
    ss(
      'originating-identity-presentation-restriction',
      [
        ss('default-behaviour', [
          profile.masking ? 'presentation-restricted' : 'presentation-not-restricted',
        ]),
      ],
      { active: 'true' },
    ),
    ss(
      'communication-diversion',
      [
        ss('NoReplyTimer', [String(profile.ringSeconds)]),
        cp('ruleset', [
          ...rule('unconditional', always),
          ...rule('busy', profile.forwardBusy),
          ...rule('no-answer', profile.forwardNoReply),
        ]),
      ],
      { active: 'true' },
    ),
  ])
}

const isActive = (service: XmlElement): boolean => {
  const active = service.attributes.get('active') ?? 'true'
  if (!/^(?:true|false|0|1)$/.test(active)) throw new SchemaError('active must be true or false')
  return active === 'true' || active === '1'
}

const only = (parent: XmlElement, ns: string, name: string): XmlElement | undefined => {
  const found = childElements(parent).filter(child => child.ns === ns && child.name === name)
  if (found.length > 1) throw new SchemaError(`${name} twice`)
  return found[0]
}

const readMasking = (service: XmlElement): ProfilePatch => {
  const behaviour = only(service, SIMSERVS, 'default-behaviour')
  const said = behaviour === undefined ? 'presentation-restricted' : textOf(behaviour)
  if (!/^presentation-(?:not-)?restricted$/.test(said)) throw new SchemaError(`default-behaviour ${said}`)
  return { masking: isActive(service) && said === 'presentation-restricted' }
}

interface Rule {
  readonly condition: Condition
  readonly number: string
}

const readRule = (rule: XmlElement, options: SimservsOptions): Rule | undefined => {
  if (rule.ns !== COMMON_POLICY || rule.name !== 'rule' || !rule.attributes.has('id'))
    throw new SchemaError('a rule with an id expected')
  const conditions = only(rule, COMMON_POLICY, 'conditions')
  const names = conditions === undefined ? [] : childElements(conditions).map(({ name }) => name)
  if (names.includes('rule-deactivated')) return undefined
  const condition = names.length === 0 ? 'unconditional' : names[0]
  if (names.length > 1 || !/^(?:unconditional|busy|no-answer)$/.test(condition ?? ''))
    throw new ConstraintError(`no rules for ${names.join(' and ')}`)
  const actions = only(rule, COMMON_POLICY, 'actions')
  const forward = actions === undefined ? undefined : only(actions, SIMSERVS, 'forward-to')
  const target = forward === undefined ? undefined : only(forward, SIMSERVS, 'target')
  const number = target === undefined ? undefined : calledNumber(textOf(target), options.countryCode)
  if (number === undefined) throw new SchemaError('a rule without a target')
  return { condition: condition as Condition, number }
}

const readDiversion = (service: XmlElement, options: SimservsOptions): ProfilePatch => {
  const timer = only(service, SIMSERVS, 'NoReplyTimer')
  const seconds = timer === undefined ? undefined : Number(textOf(timer))
  const ruleset = only(service, COMMON_POLICY, 'ruleset')
  const rules = (ruleset === undefined || !isActive(service) ? [] : childElements(ruleset)).flatMap(
    rule => readRule(rule, options) ?? [],
  )
  if (new Set(rules.map(({ condition }) => condition)).size < rules.length)
    throw new ConstraintError('two rules for the same')
  const numberFor = (condition: Condition): string | undefined =>
    rules.find(rule => rule.condition === condition)?.number
  /** Voicemail is where such calls go anyway. */
  const elsewhere = (condition: Condition): string | undefined => {
    const number = numberFor(condition)
    return number === options.voicemail ? undefined : number
  }
  const always = numberFor('unconditional')
  return {
    ...(seconds === undefined ? {} : { ringSeconds: seconds }),
    voicemailAlways: always !== undefined && always === options.voicemail,
    forwardAlways: elsewhere('unconditional'),
    forwardBusy: elsewhere('busy'),
    forwardNoReply: elsewhere('no-answer'),
  }
}

/** What a document changes; a service that is not in it stays as it is. Throws SchemaError or ConstraintError. */
export const readSimservs = (root: XmlElement, options: SimservsOptions): ProfilePatch => {
  if (root.ns !== SIMSERVS || root.name !== 'simservs') throw new SchemaError('simservs expected')
  const masking = only(root, SIMSERVS, 'originating-identity-presentation-restriction')
  const diversion = only(root, SIMSERVS, 'communication-diversion')
  return {
    ...(masking === undefined ? {} : readMasking(masking)),
    ...(diversion === undefined ? {} : readDiversion(diversion, options)),
  }
}
