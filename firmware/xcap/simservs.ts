// The simservs document (3GPP TS 24.623 §5, ETSI TS 183 023): where it stands, and what its element
// originating-identity-presentation-restriction (3GPP TS 24.607 §4.10) says.

import { XMLParser, XMLValidator } from 'fast-xml-parser'

const namespace = 'http://uri.etsi.org/ngn/params/xml/simservs/xcap'
const service = 'originating-identity-presentation-restriction'
const withheld = 'presentation-restricted'
const shown = 'presentation-not-restricted'

export const elementType = 'application/xcap-el+xml'

/** `root`: the XCAP root (RFC 4825 §6.1); `user`: the subscriber's address, "sip:0389000001@operator.test". */
export const documentUrl = (root: string, user: string): URL => {
  const path = encodeURIComponent(user).replace(/%3A/g, ':').replace(/%40/g, '@').replace(/%2B/g, '+')
  return new URL(`${root.replace(/\/+$/, '')}/simservs.ngn.etsi.org/users/${path}/simservs.xml`)
}

/** The element alone (RFC 4825 §6.3). */
export const elementUrl = (root: string, user: string): URL =>
  new URL(`${documentUrl(root, user).href}/~~/simservs/${service}`)

/** The element as it is to be. */
export const restrictionElement = (restricted: boolean): string =>
  `<${service} xmlns="${namespace}" active="true">` +
  `<default-behaviour>${restricted ? withheld : shown}</default-behaviour></${service}>`

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseAttributeValue: false,
  parseTagValue: false,
  processEntities: false,
})

/** Attributes ("@name") and children of an element. */
export type XmlFields = Readonly<Record<string, unknown>>

/** The service of that name in a simservs document; null: it is not in there; undefined: no such document. */
export const elementIn = (xml: string, name: string): XmlFields | null | undefined => {
  try {
    if (XMLValidator.validate(xml) !== true) return undefined
    const simservs: unknown = parser.parse(xml)?.simservs
    if (simservs === undefined || Array.isArray(simservs)) return undefined
    const element = typeof simservs === 'object' ? (simservs as XmlFields | null)?.[name] : undefined
    if (element === undefined) return null
    if (Array.isArray(element)) return undefined
    return typeof element === 'object' && element !== null ? (element as XmlFields) : {}
  } catch {
    return undefined
  }
}

/** Its attribute `active`, true unless it says otherwise; undefined where it says something else. */
export const isActive = (element: XmlFields): boolean | undefined => {
  const active = element['@active'] ?? 'true'
  if (active === 'false' || active === '0') return false
  return active === 'true' || active === '1' ? true : undefined
}

/**
 * Whether the network withholds the number: the service is active and its default behaviour says so. Undefined for what
 * is no such document, or says nothing about it.
 */
export const restrictionIn = (xml: string): boolean | undefined => {
  const element = elementIn(xml, service)
  return element ? restrictionOf(element) : undefined
}

const restrictionOf = (fields: XmlFields): boolean | undefined => {
  const active = isActive(fields)
  if (!active) return active
  // Its default by the schema of TS 24.607.
  const behaviour = fields['default-behaviour'] ?? withheld
  if (typeof behaviour !== 'string') return undefined
  const said = behaviour.trim()
  return said === withheld ? true : said === shown ? false : undefined
}
