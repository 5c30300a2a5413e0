// The operator's XCAP server (RFC 4825, 3GPP TS 24.623): each subscriber's simservs document over HTTP, by digest, whole or
// node by node, with entity tags; and the notice that it has changed (RFC 5874, RFC 5875).

import type { Digest } from '../digest.js'
import type { WebHandler, WebRequest, WebResponse } from '../http-server.js'
import type { EventPackage } from '../notifier.js'
import { type ProfileChange, ProfileError, type Profiles } from '../profiles.js'
import { deleteElement, type NodeSelector, putElement, readSelector, select } from './node-selector.js'
import {
  COMMON_POLICY,
  ConstraintError,
  readSimservs,
  SchemaError,
  SIMSERVS,
  type SimservsOptions,
  writeSimservs,
} from './simservs.js'
import { formatXml, parseXml, type XmlElement, XmlError } from './xml.js'

export interface XcapOptions extends SimservsOptions {
  readonly digest: Digest
  readonly profiles: Profiles
  /** "/xcap": where the tree begins. */
  readonly root: string
  /** "http://127.0.0.1:8080", without the root. */
  readonly origin: () => string
}

export interface XcapServer {
  readonly handle: WebHandler
  /** "ua-profile" also goes to telephones that did not ask. */
  readonly packages: Readonly<Record<'xcap-diff' | 'ua-profile', EventPackage>>
  /** The body that tells of one change. */
  diff(change: ProfileChange): string
}

const DOCUMENT = 'application/vnd.etsi.simservs+xml'
const ELEMENT = 'application/xcap-el+xml'
const ATTRIBUTE = 'application/xcap-att+xml'
const AUID = 'simservs.ngn.etsi.org'
const prefixes = new Map([
  [SIMSERVS, ''],
  [COMMON_POLICY, 'cp'],
])
const scope = new Map([
  ['', SIMSERVS],
  ['cp', COMMON_POLICY],
])
const prolog = '<?xml version="1.0" encoding="UTF-8"?>\n'

const capabilities = `${prolog}<xcap-caps xmlns="urn:ietf:params:xml:ns:xcap-caps"><auids><auid>xcap-caps</auid><auid>${AUID}</auid></auids><namespaces><namespace>urn:ietf:params:xml:ns:xcap-caps</namespace><namespace>${SIMSERVS}</namespace><namespace>${COMMON_POLICY}</namespace></namespaces></xcap-caps>`

const etagOf = (revision: number): string => `"${revision}"`
const answer = (status: number, headers: Readonly<Record<string, string>> = {}, body = ''): WebResponse => ({
  status,
  headers,
  body,
})
/** RFC 4825 §11. */
const conflict = (what: string, phrase = ''): WebResponse => {
  const error: XmlElement = {
    ns: undefined,
    name: what,
    attributes: new Map(phrase === '' ? [] : [['phrase', phrase]]),
    children: [],
  }
  const body = formatXml(error, new Map())
  return answer(
    409,
    { 'Content-Type': 'application/xcap-error+xml' },
    `${prolog}<xcap-error xmlns="urn:ietf:params:xml:ns:xcap-error">${body}</xcap-error>`,
  )
}

/** xmlns(p=uri) of the query (RFC 4825 §6.4). */
const bindingsOf = (query: string): ReadonlyMap<string, string> =>
  new Map([
    ['', SIMSERVS],
    ...[...query.matchAll(/xmlns\(([\w.-]+)=([^)]*)\)/g)].map(([, prefix, uri]): [string, string] => [
      prefix as string,
      uri as string,
    ]),
  ])

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

interface Target {
  readonly user: string
  readonly node: NodeSelector | undefined
}

/** False when the header asks for another state than this one (RFC 4825 §7.11). */
const fits = (request: WebRequest, etag: string): boolean => {
  const has = (value: string): boolean =>
    value.trim() === '*' || value.split(',').some(tag => tag.trim() === etag)
  const match = request.headers['if-match']
  const none = request.headers['if-none-match']
  return (match === undefined || has(match)) && (none === undefined || !has(none))
}

export const createXcapServer = (options: XcapOptions): XcapServer => {
  const { profiles, domain } = options
  const documentPath = (user: string): string => `${AUID}/users/sip:${user}@${domain}/simservs.xml`

  /** Whose document, and which node of it; undefined: no such path. */
  const targetOf = (path: string, query: string): Target | undefined => {
    const cut = path.indexOf('/~~/')
    const document = decoded(cut < 0 ? path : path.slice(0, cut))
    const user = profiles.users.find(candidate => document === `${options.root}/${documentPath(candidate)}`)
    if (user === undefined) return undefined
    if (cut < 0) return { user, node: undefined }
    const node = readSelector(decoded(path.slice(cut + 4)) ?? '', bindingsOf(decoded(query) ?? ''))
    return node === undefined ? undefined : { user, node }
  }

  const get = (target: Target): WebResponse => {
    const etag = etagOf(profiles.revisionOf(target.user))
    const root = writeSimservs(profiles.of(target.user), options)
    const send = (type: string, body: string): WebResponse =>
      answer(200, { 'Content-Type': type, ETag: etag }, body)
    const { node } = target
    if (node === undefined) return send(DOCUMENT, prolog + formatXml(root, prefixes))
    const found = select(root, node.steps)
    if (found === undefined) return answer(404)
    if (node.attribute === undefined) return send(ELEMENT, formatXml(found, prefixes))
    const value = found.attributes.get(node.attribute)
    return value === undefined ? answer(404) : send(ATTRIBUTE, value)
  }

  /** The document after the request, or the refusal. */
  const edited = (request: WebRequest, target: Target): XmlElement | WebResponse => {
    const { node } = target
    if (node === undefined) return parseXml(request.body)
    const root = writeSimservs(profiles.of(target.user), options)
    if (node.attribute !== undefined) {
      const owner = select(root, node.steps)
      if (owner === undefined) return request.method === 'PUT' ? conflict('no-parent') : answer(404)
      if (request.method === 'PUT') owner.attributes.set(node.attribute, request.body)
      else if (!owner.attributes.delete(node.attribute)) return answer(404)
      return root
    }
    if (request.method === 'DELETE') return deleteElement(root, node.steps) ? root : answer(404)
    const made = parseXml(request.body, scope)
    if (node.steps.length === 1) return made
    const edit = putElement(root, node.steps, made)
    return edit === 'no-parent' || edit === 'cannot-insert' ? conflict(edit) : root
  }

  const change = async (request: WebRequest, target: Target): Promise<WebResponse> => {
    const revision = profiles.revisionOf(target.user)
    const existed = get(target).status === 200
    try {
      const root = edited(request, target)
      if ('status' in root) return root
      const patch = readSimservs(root, options)
      // Only this very state was looked at; a change between is told as 412.
      await profiles.change(target.user, patch, 'xcap', revision)
      return answer(existed ? 200 : 201, { ETag: etagOf(profiles.revisionOf(target.user)) })
    } catch (error) {
      if (error instanceof XmlError)
        return conflict(target.node === undefined ? 'not-well-formed' : 'not-xml-frag', error.message)
      if (error instanceof SchemaError) return conflict('schema-validation-error', error.message)
      if (error instanceof ConstraintError) return conflict('constraint-failure', error.message)
      if (!(error instanceof ProfileError)) return answer(500)
      return error.fault === 'changed-meanwhile' ? answer(412) : conflict('constraint-failure', error.message)
    }
  }

  const wantedType = ({ node }: Target): string =>
    node === undefined ? DOCUMENT : node.attribute === undefined ? ELEMENT : ATTRIBUTE

  const forOwner = async (request: WebRequest, target: Target): Promise<WebResponse> => {
    const fitting = fits(request, etagOf(profiles.revisionOf(target.user)))
    if (request.method === 'GET' || request.method === 'HEAD') {
      const found = get(target)
      return fitting ? found : answer(request.headers['if-match'] === undefined ? 304 : 412, found.headers)
    }
    if (request.method !== 'PUT' && !(request.method === 'DELETE' && target.node !== undefined))
      return answer(405, { Allow: target.node === undefined ? 'GET, PUT' : 'GET, PUT, DELETE' })
    if (!fitting) return answer(412)
    const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase()
    if (request.method === 'PUT' && type !== wantedType(target)) return answer(415)
    return change(request, target)
  }

  const handle: WebHandler = async request => {
    const [path = '', query = ''] = request.url.split('?')
    if (!path.startsWith(`${options.root}/`)) return undefined
    const verdict = options.digest.checkHttp(request.method, request.url, [
      request.headers['authorization'] ?? '',
    ])
    if (verdict.type === 'challenge')
      // Several challenges may share a line (RFC 9110 §11.6.1).
      return answer(401, { 'WWW-Authenticate': verdict.headers.map(([, value]) => value).join(', ') })
    if (verdict.type === 'malformed') return answer(400)
    if (verdict.type === 'wrong') return answer(403)
    if (path === `${options.root}/xcap-caps/global/index`)
      return answer(200, { 'Content-Type': 'application/xcap-caps+xml' }, capabilities)
    const target = targetOf(path, query)
    if (target === undefined) return answer(404)
    return target.user === verdict.user ? forOwner(request, target) : answer(403)
  }

  const diffOf = (user: string, before: number | undefined, after: number): string =>
    `${prolog}<xcap-diff xmlns="urn:ietf:params:xml:ns:xcap-diff" xcap-root="${options.origin()}${options.root}/"><document sel="${documentPath(user)}"` +
    `${before === undefined ? '' : ` previous-etag='${etagOf(before)}'`} new-etag='${etagOf(after)}'/></xcap-diff>`
  const notice = (unsolicited: boolean): EventPackage => ({
    contentType: 'application/xcap-diff+xml',
    unsolicited,
    state: user => diffOf(user, undefined, profiles.revisionOf(user)),
  })
  return {
    handle,
    packages: { 'xcap-diff': notice(false), 'ua-profile': notice(true) },
    diff: ({ user, revision }) => diffOf(user, revision - 1, revision),
  }
}
