// Module hooks of node: whoever imports tap gets quick-tap.ts.

interface Resolved {
  readonly url: string
  readonly shortCircuit?: boolean
}

export const resolve = async (
  name: string,
  context: unknown,
  next: (name: string, context: unknown) => Promise<Resolved>,
): Promise<Resolved> =>
  name === 'tap'
    ? { url: new URL('./quick-tap.js', import.meta.url).href, shortCircuit: true }
    : next(name, context)
