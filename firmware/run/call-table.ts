// Which SIP call and which RTP stream belong to which call of which telephone. A call's SIP id is also its stream id,
// unique in the box. A call waits here while its stream is being opened: the offer needs the port.

import type { Caller, CallId } from '../phone/event.js'
import type { LocalMedia, SipLine } from '../sip/sip-line.js'

export interface CallEntry {
  readonly line: string
  /** The name the feature machine knows it by. */
  readonly call: CallId
  /** Its name toward SIP and media. */
  readonly id: string
  readonly sip: SipLine
  /** Who is at the other end: who called, or the number that was dialled. */
  readonly party: Caller
  /** Known once the stream is open. */
  local?: LocalMedia
  /** What to do as soon as the stream is open. */
  whenOpen?: (local: LocalMedia) => void
  /** The far end's audio has arrived before the answer. */
  earlyMedia: boolean
  answered: boolean
  /** The far end's audio has arrived after the answer. */
  heard: boolean
}

export interface CallTable {
  add(entry: CallEntry): void
  byId(id: string): CallEntry | undefined
  byCall(line: string, call: CallId): CallEntry | undefined
  remove(id: string): void
  ofLine(line: string): readonly CallEntry[]
  /** Whether a call of any telephone goes over this account: an emergency call may borrow another line's. */
  uses(sip: SipLine): boolean
}

export const createCallTable = (): CallTable => {
  const entries = new Map<string, CallEntry>()
  return {
    add: entry => void entries.set(entry.id, entry),
    byId: id => entries.get(id),
    byCall: (line, call) => {
      for (const entry of entries.values()) if (entry.line === line && entry.call === call) return entry
      return undefined
    },
    remove: id => void entries.delete(id),
    ofLine: line => [...entries.values()].filter(entry => entry.line === line),
    uses: sip => [...entries.values()].some(entry => entry.sip === sip),
  }
}
