// The little of tap that the tests of the feature machine use, so that they can run thousands of times in one process:
// tests are kept instead of run, and the first assertion that fails ends the run. Same comparisons as tap's own.

import { match, same } from 'tcompare'

type Body = (t: QuickTest) => unknown

export interface KeptTest {
  /** File and title. */
  readonly id: string
  readonly body: Body
}

export const keptTests: KeptTest[] = []

let file = ''

/** Tests kept from now on come from this file. */
export const keepFrom = (name: string): void => {
  file = name
}

export class Failed extends Error {}

const demand = (holds: boolean, what: string): void => {
  if (!holds) throw new Failed(what)
}

const throws = (act: () => unknown): unknown => {
  try {
    act()
  } catch (error) {
    return error ?? new Error('thrown')
  }
  return undefined
}

class QuickTest {
  readonly #running: unknown[] = []

  test(title: string, body: Body): Promise<unknown> {
    const done = runTest({ id: title, body })
    this.#running.push(done)
    return done
  }
  ok(value: unknown, what = 'ok'): void {
    demand(Boolean(value), what)
  }
  notOk(value: unknown, what = 'not ok'): void {
    demand(!value, what)
  }
  equal(a: unknown, b: unknown, what = 'equal'): void {
    demand(Object.is(a, b), what)
  }
  not(a: unknown, b: unknown, what = 'not'): void {
    demand(!Object.is(a, b), what)
  }
  same(a: unknown, b: unknown, what = 'same'): void {
    demand(same(a, b).match, what)
  }
  match(a: unknown, b: unknown, what = 'match'): void {
    demand(match(a, b).match, what)
  }
  throws(act: () => unknown, wanted?: unknown): void {
    const error = throws(act)
    demand(error !== undefined && (!(wanted instanceof RegExp) || wanted.test(String(error))), 'throws')
  }
  doesNotThrow(act: () => unknown): void {
    demand(throws(act) === undefined, 'does not throw')
  }
  pass(): void {}
  comment(): void {}
  end(): void {}
  async finish(): Promise<void> {
    await Promise.all(this.#running)
  }
}

/** Rejects at the first assertion that fails, and at everything else thrown. */
export const runTest = async ({ body }: KeptTest): Promise<void> => {
  const t = new QuickTest()
  await body(t)
  await t.finish()
}

const root = {
  test: (title: string, body: Body): void => void keptTests.push({ id: `${file}: ${title}`, body }),
}

// biome-ignore lint/style/noDefaultExport: it stands in for tap, whose tests import its default
export default root
