// The body of a message-waiting NOTIFY (RFC 3842 §5.2, application/simple-message-summary).

export const summaryType = 'application/simple-message-summary'

export interface MessageSummary {
  readonly waiting: boolean
  /** New voice messages, 0 to 65535; absent where the network does not tell. */
  readonly count?: number
}

const lineNamed = (body: string, name: string): string | undefined =>
  new RegExp(`^${name}[ \\t]*:[ \\t]*(.*?)[ \\t]*$`, 'im').exec(body)?.[1]

/** "2/8 (0/2)": new and old, of them urgent. */
const newVoice = (body: string): number | undefined => {
  const digits = /^(\d{1,5})[ \t]*\/[ \t]*\d/.exec(lineNamed(body, 'Voice-Message') ?? '')?.[1]
  return digits === undefined ? undefined : Math.min(Number(digits), 65_535)
}

/** Undefined: it does not say whether messages wait. */
export const readSummary = (body: string): MessageSummary | undefined => {
  const count = newVoice(body)
  const status = lineNamed(body, 'Messages-Waiting')?.toLowerCase()
  const waiting = status === 'yes' ? true : status === 'no' ? false : undefined
  if (waiting === undefined) return undefined
  if (!waiting) return { waiting, count: 0 }
  // Waiting, but not a single new voice message: of another kind, or not counted.
  return count === undefined || count === 0 ? { waiting } : { waiting, count }
}
