// What an eavesdropper on the wire knows of the box's calls, from datagrams alone: which INVITE was answered how, which
// dialog stands, and which of them nobody will ever end. Lost datagrams are seen where they left, not where they
// should have come.

import type { CapturedDatagram } from '../../../hal/sim/memory-network.js'

export interface LedgerEntry {
  readonly callId: string
  readonly inviter: 'box' | 'far'
  /** The box has to end it: a 2xx came to it, or left it. */
  confirmed: boolean
  /** The first INVITE has had its final answer, as far as the box can know. */
  answered: boolean
  cancelled: boolean
  /** BYE: left the box, or came to it. */
  ended: boolean
  /** A provisional answer came to the box. */
  proceeding: boolean
  readonly begunUs: number
  lastUs: number
}

export interface Ledger {
  readonly entries: ReadonlyMap<string, LedgerEntry>
  see(datagram: CapturedDatagram): void
  /** Calls that are still open for the box now, in words. */
  open(nowUs: number): readonly string[]
}

const T1_64_US = 32_000_000

const field = (text: string, name: string): string =>
  new RegExp(`^${name}: *(.*?)\\r?$`, 'mi').exec(text)?.[1] ?? ''

export const createLedger = (boxAddress: string): Ledger => {
  const entries = new Map<string, LedgerEntry>()

  const see = ({ data, from, verdict, us }: CapturedDatagram): void => {
    const text = Buffer.from(data).toString('latin1')
    const fromBox = from.address === boxAddress
    // What does not arrive at the box the box cannot know.
    if (!fromBox && verdict === 'drop') return
    const callId = field(text, 'Call-ID')
    const cseq = field(text, 'CSeq')
    const status = Number(/^SIP\/2\.0 (\d{3})/.exec(text)?.[1] ?? 0)
    const entry = entries.get(callId)
    if (entry) entry.lastUs = us
    if (status === 0) request(text.slice(0, text.indexOf(' ')), text, callId, fromBox, us)
    else if (entry && cseq.endsWith('INVITE')) response(entry, status, fromBox)
  }

  const request = (method: string, text: string, callId: string, fromBox: boolean, us: number): void => {
    const entry = entries.get(callId)
    if (method === 'BYE' && entry) entry.ended = true
    if (method === 'CANCEL' && entry) entry.cancelled = true
    if (method !== 'INVITE' || /;tag=/.test(field(text, 'To'))) return
    // The same call again with credentials.
    if (entry) entry.answered = false
    else
      entries.set(callId, {
        callId,
        inviter: fromBox ? 'box' : 'far',
        confirmed: false,
        answered: false,
        cancelled: false,
        ended: false,
        proceeding: false,
        begunUs: us,
        lastUs: us,
      })
  }

  const response = (entry: LedgerEntry, status: number, fromBox: boolean): void => {
    // Only answers to the INVITEs of whoever began; later re-INVITEs do not open anything.
    if ((entry.inviter === 'box') === fromBox || entry.confirmed) return
    if (status < 200) entry.proceeding ||= status > 100 || !fromBox
    else {
      entry.answered = true
      entry.confirmed = status < 300
    }
  }

  const isOpen = (entry: LedgerEntry, nowUs: number): boolean => {
    if (entry.confirmed) return !entry.ended
    if (entry.answered) return false
    // Timer B: nobody ever answered at all (RFC 3261 §17.1.1.2).
    const silent = entry.inviter === 'box' && !entry.proceeding && nowUs - entry.begunUs > T1_64_US
    // A CANCEL without an answer gives the call up as well (RFC 3261 §9.1).
    return !silent && !(entry.cancelled && nowUs - entry.lastUs > T1_64_US)
  }

  return {
    entries,
    see,
    open: nowUs =>
      [...entries.values()].filter(entry => isOpen(entry, nowUs)).map(entry => JSON.stringify(entry)),
  }
}
