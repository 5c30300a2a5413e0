// Writes SVG by hand: elements with attributes, text escaped. No dependency, nothing of a drawing in it.

export type Attributes = Readonly<Record<string, string | number>>

const round = (value: string | number): string =>
  typeof value === 'number' ? String(Math.round(value * 100) / 100) : value

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

export const element = (name: string, attributes: Attributes, ...children: readonly string[]): string => {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escaped(round(value))}"`)
    .join('')
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`
}

export const line = (x1: number, y1: number, x2: number, y2: number, attributes: Attributes = {}): string =>
  element('line', { x1, y1, x2, y2, ...attributes })

export const rect = (
  x: number,
  y: number,
  width: number,
  height: number,
  attributes: Attributes = {},
): string => element('rect', { x, y, width: Math.max(0, width), height: Math.max(0, height), ...attributes })

export const text = (x: number, y: number, words: string, attributes: Attributes = {}): string =>
  element('text', { x, y, ...attributes }, escaped(words))

/** A line through the points. */
export const path = (points: readonly (readonly [number, number])[], attributes: Attributes = {}): string =>
  points.length === 0
    ? ''
    : element('path', {
        d: points.map(([x, y], n) => `${n === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join(' '),
        fill: 'none',
        ...attributes,
      })

/** What a pointer over it is told. */
export const title = (words: string): string => element('title', {}, escaped(words))
