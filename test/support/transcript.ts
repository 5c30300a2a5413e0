// What a program writes, as it comes, with somebody who waits for words in it.

export class Transcript {
  readonly #who: string
  readonly #watchers = new Set<() => void>()
  #text = ''
  #ended = false

  /** `who`: named in failures. */
  constructor(who: string) {
    this.#who = who
  }

  get text(): string {
    return this.#text
  }

  add(text: string): void {
    this.#text += text
    this.#wake()
  }

  /** Nothing more will come. */
  end(): void {
    this.#ended = true
    this.#wake()
  }

  /** Resolves with the first match behind `from`; rejects with what was written when it ends or `withinMs` passes. */
  waitFor(pattern: RegExp, withinMs: number, from = 0): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const finish = (act: () => void) => {
        clearTimeout(limit)
        this.#watchers.delete(look)
        act()
      }
      const fail = (why: string) => {
        const written = this.#text.slice(from).slice(-4000)
        finish(() => reject(new Error(`${this.#who}: ${why} waiting for ${pattern}; it wrote:\n${written}`)))
      }
      const limit = setTimeout(() => fail(`${withinMs} ms passed`), withinMs)
      const look = () => {
        const match = this.#text.slice(from).match(pattern)
        if (match) finish(() => resolve(match))
        else if (this.#ended) fail('it ended')
      }
      this.#watchers.add(look)
      look()
    })
  }

  #wake(): void {
    for (const watcher of [...this.#watchers]) watcher()
  }
}
