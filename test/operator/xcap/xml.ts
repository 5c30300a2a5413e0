// As much XML as XCAP documents need (XML 1.0, Namespaces in XML): elements, attributes, text, the five entities. No
// DOCTYPE, so that nothing can be included or expanded. Read by our own code: the box's end has another reader.

export interface XmlElement {
  /** Namespace URI; undefined: none. */
  readonly ns: string | undefined
  readonly name: string
  /** Unprefixed attributes; those of other namespaces and declarations are left out. */
  readonly attributes: Map<string, string>
  readonly children: (XmlElement | string)[]
}

export class XmlError extends Error {}

const DEEPEST = 40
const namePattern = /[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?/y
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const unescaped = (text: string): string =>
  text.replace(/&([^;]{0,10});?/g, (whole, reference: string) => {
    const number = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(reference)
    const code =
      number === null ? undefined : Number.parseInt(number[1] ?? (number[2] as string), number[1] ? 16 : 10)
    const known =
      code === undefined ? entities[reference] : code <= 0x10ffff ? String.fromCodePoint(code) : undefined
    if (known === undefined || !whole.endsWith(';')) throw new XmlError(`unknown entity ${whole}`)
    return known
  })

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, found => `&${Object.keys(entities).find(name => entities[name] === found)};`)

type Scope = ReadonlyMap<string, string>

/** `scope`: prefixes that are bound outside ("" is the default namespace). Throws XmlError. */
export const parseXml = (text: string, scope: Scope = new Map()): XmlElement => {
  let at = 0
  const fail = (why: string): never => {
    throw new XmlError(`${why} at character ${at}`)
  }
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const match = pattern.exec(text)
    if (match === null) return undefined
    at += match[0].length
    return match[0]
  }
  const expect = (what: string): void => {
    if (!text.startsWith(what, at)) fail(`${what} expected`)
    at += what.length
  }
  const skip = (): void => {
    while (take(/\s+|<!--(?:(?!--)[\s\S])*-->|<\?(?:(?!\?>)[\s\S])*\?>/y) !== undefined);
  }
  const name = (): string => take(namePattern) ?? fail('a name expected')
  const qualified = (raw: string, within: Scope, plain: string | undefined) => {
    const [first, second] = raw.split(':') as [string, string | undefined]
    if (second === undefined) return { ns: plain, name: first }
    if (!within.has(first)) fail(`prefix ${first} is not bound`)
    return { ns: within.get(first), name: second }
  }

  const attributes = (): [string, string][] => {
    const found: [string, string][] = []
    for (;;) {
      const space = take(/\s+/y)
      if (/[/>]/.test(text[at] ?? '>')) return found
      if (space === undefined) fail('a space expected')
      const attribute = name()
      take(/\s*=\s*/y) ?? fail('= expected')
      const value = take(/"[^"<]*"|'[^'<]*'/y) ?? fail('a quoted value expected')
      if (found.some(([known]) => known === attribute)) fail(`${attribute} twice`)
      found.push([attribute, unescaped(value.slice(1, -1))])
    }
  }
  const element = (outer: Scope, depth: number): XmlElement => {
    if (depth > DEEPEST) fail('too deep')
    expect('<')
    const tag = name()
    const said = attributes()
    const inner = new Map(outer)
    for (const [key, value] of said)
      if (key === 'xmlns') inner.set('', value)
      else if (key.startsWith('xmlns:')) inner.set(key.slice(6), value)
    const plain = inner.get('')
    const made: XmlElement = {
      ...qualified(tag, inner, plain === '' ? undefined : plain),
      attributes: new Map(said.filter(([key]) => !key.includes(':') && key !== 'xmlns')),
      children: [],
    }
    if (take(/\/>/y) !== undefined) return made
    expect('>')
    for (;;) {
      const words = take(/[^<]+/y)
      if (words !== undefined) made.children.push(unescaped(words))
      else if (text.startsWith('</', at)) break
      else if (text.startsWith('<![CDATA[', at)) {
        const data = take(/<!\[CDATA\[(?:(?!\]\]>)[\s\S])*\]\]>/y) ?? fail('an open CDATA section')
        made.children.push(data.slice(9, -3))
      } else if (take(/<!--(?:(?!--)[\s\S])*-->|<\?(?:(?!\?>)[\s\S])*\?>/y) === undefined)
        made.children.push(element(inner, depth + 1))
    }
    expect(`</${tag}`)
    take(/\s*/y)
    expect('>')
    return made
  }

  take(/\ufeff/y)
  skip()
  const root = element(scope, 0)
  skip()
  if (at < text.length) fail('nothing more expected')
  return root
}

/** One line, with the namespaces that `prefixes` names (by URI; "" is the default) declared on the outermost element. */
export const formatXml = (root: XmlElement, prefixes: ReadonlyMap<string, string>): string => {
  const tagOf = ({ ns, name }: XmlElement): string => {
    const prefix = ns === undefined ? '' : (prefixes.get(ns) ?? '')
    return prefix === '' ? name : `${prefix}:${name}`
  }
  const write = (element: XmlElement, extra: string): string => {
    const tag = tagOf(element)
    const attributes = [...element.attributes].map(([key, value]) => ` ${key}="${escaped(value)}"`).join('')
    const inside = element.children
      .map(child => (typeof child === 'string' ? escaped(child) : write(child, '')))
      .join('')
    return inside === ''
      ? `<${tag}${extra}${attributes}/>`
      : `<${tag}${extra}${attributes}>${inside}</${tag}>`
  }
  const declared = [...prefixes].map(([uri, prefix]) => ` xmlns${prefix === '' ? '' : `:${prefix}`}="${uri}"`)
  return write(root, declared.join(''))
}

export const childElements = (element: XmlElement): readonly XmlElement[] =>
  element.children.filter((child): child is XmlElement => typeof child !== 'string')

export const textOf = (element: XmlElement): string =>
  element.children
    .filter(child => typeof child === 'string')
    .join('')
    .trim()
