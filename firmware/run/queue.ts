// The one queue of the box: events are handled strictly in order, one at a time; an event posted while another is
// handled waits its turn, so that no source is ever called back from inside its own call (Tock TRD3 rule 1).

export interface Queue<E> {
  post(event: E): void
  /** Events after this are dropped. */
  close(): void
}

export const createQueue = <E>(handle: (event: E) => void): Queue<E> => {
  const waiting: E[] = []
  let busy = false
  let closed = false
  return {
    post: event => {
      if (closed) return
      waiting.push(event)
      if (busy) return
      busy = true
      try {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) handle(next)
      } finally {
        busy = false
      }
    },
    close: () => {
      closed = true
      waiting.length = 0
    },
  }
}
