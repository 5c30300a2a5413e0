// One action after the other, each finished before the next begins; onhook throws away what runs and what waits.

import { type Us, us } from '../clock.js'
import { failure } from './handset-actions.js'
import type { HandsetReply } from './handset-contract.js'

/** Starts the work; must call `finish` exactly once unless cancelled. Returns its cancel function. */
export type Job = (finish: (reply: HandsetReply) => void) => () => void

export const done = (at: Us): HandsetReply => ({ ok: true, us: us(Math.round(at)) })
const cancelled = failure('VP-6006', 'cancelled: the telephone was put on-hook')

interface Entry {
  readonly job: Job
  readonly resolve: (reply: HandsetReply) => void
}

export class ActionQueue {
  readonly #waiting: Entry[] = []
  #running: { readonly entry: Entry; cancel: () => void } | undefined

  get busy(): boolean {
    return this.#running !== undefined
  }

  add(job: Job): Promise<HandsetReply> {
    return new Promise(resolve => {
      this.#waiting.push({ job, resolve })
      this.#next()
    })
  }

  cancelAll(): void {
    const running = this.#running
    this.#running = undefined
    running?.cancel()
    running?.entry.resolve(cancelled)
    for (const { resolve } of this.#waiting.splice(0)) resolve(cancelled)
  }

  #next(): void {
    if (this.#running !== undefined) return
    const entry = this.#waiting.shift()
    if (entry === undefined) return
    const mine = { entry, cancel: () => {} }
    this.#running = mine
    mine.cancel = entry.job(reply => {
      if (this.#running !== mine) return
      this.#running = undefined
      entry.resolve(reply)
      this.#next()
    })
  }
}
