// Which SIP message belongs to which call, for the ladder of a call. A message names its Call-ID, the box its calls: an
// INVITE that leaves is the call placed last before it, one that came in is the call announced next. Where one telephone of
// the box calls another, both calls have one Call-ID: the tag of our side tells which is meant (RFC 3261 §12).

export interface SipDialogs {
  /** A call was placed; what is sent and received of it goes to `tell`. */
  placed(key: string, tell: TellMessage): void
  /** It is over; if no INVITE has left, none will. */
  over(key: string): void
  /** A call came in. */
  incoming(tell: TellMessage): void
  message(direction: 'in' | 'out', message: SipText): void
  /** Nobody asks for it any more. */
  forget(tell: TellMessage): void
}

export type TellMessage = (direction: 'in' | 'out', text: string) => void

/** Of a message, what concerns the facts. */
export interface SipText {
  /** "INVITE +SDP", "200 OK (BYE)". */
  readonly label: string
  readonly callId: string
  /** Of the request, or of the request a response answers. */
  readonly method: string
  /** Absent: a request. */
  readonly status?: number
  /** "0389000001@operator.test" of the To header. */
  readonly to: string
  readonly date?: string
  readonly fromTag: string
  /** Empty: none yet. */
  readonly toTag: string
}

// Each takes time in proportion to the message, whatever a stranger has put into it.
const headers = {
  callId: /^Call-ID[ \t]*:(.*)$/im,
  contentType: /^Content-Type[ \t]*:[ \t]*application\/sdp/im,
  cseq: /^CSeq[ \t]*:(.*)$/im,
  date: /^Date[ \t]*:(.*)$/im,
  from: /^From[ \t]*:(.*)$/im,
  to: /^To[ \t]*:(.*)$/im,
}

const header = (text: string, name: Exclude<keyof typeof headers, 'contentType'>): string | undefined =>
  headers[name].exec(text)?.[1]?.trim()

/** No method of SIP is longer than 9 letters (SUBSCRIBE); what is, is cut at 16. */
const requestMethod = /^[A-Z]{1,16}/
const cseqMethod = /^\d+[ \t]+([A-Z]{1,16})/

/** `text`: a whole message as the wire tells it. Total: what is no message has an empty label. */
export const readSipText = (text: string): SipText => {
  const end = text.indexOf('\r\n\r\n')
  const head = end < 0 ? text : text.slice(0, end)
  const first = head.slice(0, Math.max(0, head.indexOf('\r\n')))
  const answer = /^SIP\/2\.0 (\d{3}) ?(.*)$/.exec(first)
  const method =
    (answer ? cseqMethod.exec(header(head, 'cseq') ?? '')?.[1] : requestMethod.exec(first)?.[0]) ?? ''
  const to = header(head, 'to') ?? ''
  const date = header(head, 'date')
  const described = headers.contentType.test(head) ? ' +SDP' : ''
  const again = !answer && method === 'INVITE' && /;tag=/i.test(to) ? 're-' : ''
  return {
    label: answer
      ? `${answer[1]} ${printable(answer[2] ?? '')}${method === 'INVITE' ? '' : ` (${method})`}${described}`
      : `${again}${method}${described}`,
    callId: header(head, 'callId') ?? '',
    method,
    to: /sips?:([^>;\s]+)/i.exec(to)?.[1] ?? '',
    ...(answer && { status: Number(answer[1]) }),
    ...(date !== undefined && { date }),
    fromTag: tagOf(header(head, 'from') ?? ''),
    toTag: tagOf(to),
  }
}

const tagOf = (value: string): string => /;tag=([^;>\s]+)/i.exec(value)?.[1] ?? ''

const printable = (text: string): string => text.slice(0, 24).replace(/[^\x20-\x7e]/g, '?')

const keptWaiting = 8
const keptCallers = 64

export const createSipDialogs = (): SipDialogs => {
  /** By side: Call-ID, and whether we call or are called. */
  const known = new Map<string, TellMessage>()
  const toCome = new Map<string, TellMessage>()
  /** Came in, and nobody has said yet whose they are. */
  const unclaimed = new Map<string, { readonly direction: 'in' | 'out'; readonly label: string }[]>()
  /** Who began, by Call-ID: the tag of the first INVITE. */
  const callers = new Map<string, string>()

  const sideOf = (direction: 'in' | 'out', message: SipText): string => {
    const { callId, fromTag, toTag, status } = message
    // Of a request that leaves and of its answer, From is ours; of one that comes in and of our answer, To.
    const own = (direction === 'out') === (status === undefined) ? fromTag : toTag
    return `${callId} ${own === callers.get(callId) ? 'calls' : 'is called'}`
  }
  const begins = (message: SipText): boolean =>
    message.method === 'INVITE' &&
    message.status === undefined &&
    message.toTag === '' &&
    message.callId !== ''

  const claim = (side: string, label: string): void => {
    const [next] = toCome
    if (next === undefined) return
    const [key, tell] = next
    toCome.delete(key)
    known.set(side, tell)
    tell('out', label)
  }
  const wait = (side: string, label: string): void => {
    unclaimed.set(side, [{ direction: 'in', label }])
    if (unclaimed.size > keptWaiting) dropOldest(unclaimed)
  }

  return {
    placed: (key, tell) => void toCome.set(key, tell),
    over: key => void toCome.delete(key),
    incoming: tell => {
      const [next] = unclaimed
      if (next === undefined) return
      const [side, messages] = next
      unclaimed.delete(side)
      known.set(side, tell)
      for (const { direction, label } of messages) tell(direction, label)
    },
    message: (direction, message) => {
      const { callId, label, fromTag } = message
      if (begins(message) && !callers.has(callId)) {
        callers.set(callId, fromTag)
        if (callers.size > keptCallers) dropOldest(callers)
      }
      const side = sideOf(direction, message)
      const tell = known.get(side)
      if (tell) {
        tell(direction, label)
        return
      }
      const waiting = unclaimed.get(side)
      if (waiting) {
        if (waiting.length < keptWaiting) waiting.push({ direction, label })
        // Refused before it became a call of anybody.
        if ((message.status ?? 0) >= 300) unclaimed.delete(side)
      } else if (begins(message)) {
        if (direction === 'in') wait(side, label)
        else claim(side, label)
      }
    },
    forget: tell => {
      for (const [side, owner] of known) if (owner === tell) known.delete(side)
    },
  }
}

const dropOldest = (map: Map<string, unknown>): void => {
  const [oldest] = map.keys()
  if (oldest !== undefined) map.delete(oldest)
}
