// Whose telephone a call was diverted from before it came here, and why: History-Info (RFC 7044, with the causes of RFC 4458),
// else Diversion (RFC 5806). With several diversions it is the last one.

import type { NumberingPlan, Redirecting, RedirectReason } from '../sip-line.js'
import { parseNameAddr } from './grammar.js'
import { splitOutside, unquote } from './header-values.js'
import type { Headers } from './session-timer.js'
import { shownNumber, unescaped } from './shown-number.js'

/** RFC 4458 §2.1, as operators use it. */
const causes: Readonly<Record<string, RedirectReason>> = {
  '302': 'unconditional',
  '404': 'unknown',
  '408': 'no-reply',
  '480': 'deflected',
  '486': 'busy',
  '487': 'deflected',
  '503': 'not-reachable',
}

/** RFC 5806 §4. */
const reasons: Readonly<Record<string, RedirectReason>> = {
  unconditional: 'unconditional',
  'user-busy': 'busy',
  'no-answer': 'no-reply',
  deflection: 'deflected',
  unavailable: 'not-reachable',
  'out-of-service': 'not-reachable',
  'follow-me': 'unconditional',
  'time-of-day': 'unconditional',
  'do-not-disturb': 'busy',
  away: 'not-reachable',
}

const elements = (request: Headers, name: string): readonly string[] =>
  request.getHeaders(name).flatMap(value => splitOutside(value, ',').map(({ text }) => text))

/** One entry of History-Info. */
interface Entry {
  readonly index: string
  /** Index of the entry it was made from. */
  readonly from: string | undefined
  readonly user: string
  readonly reason: RedirectReason | undefined
  readonly private: boolean
}

const entryOf = (text: string): Entry | undefined => {
  const entry = parseNameAddr(text)
  const index = entry?.getParam('index') ?? undefined
  if (entry === undefined || index === undefined || !/^\d+(\.\d+)*$/.test(index)) return undefined
  // The URI carries headers of its own behind "?" (RFC 7044 §10.1).
  const raw = entry.uri.toRaw()
  const inside = raw.includes('?') ? unescaped(raw.slice(raw.indexOf('?') + 1)) : ''
  const cause = entry.uri.getParam('cause') ?? /\bReason=SIP\s*;\s*cause=(\d{3})/i.exec(inside)?.[1]
  const from = entry.getParam('mp') ?? entry.getParam('rc') ?? parentOf(index)
  return {
    index,
    from,
    user: entry.uri.user ?? '',
    reason: cause === undefined || cause === null ? undefined : (causes[cause] ?? 'unknown'),
    private: /\bPrivacy=[^&]*\b(?:history|id|user|header)\b/i.test(inside),
  }
}

const parentOf = (index: string): string | undefined =>
  index.includes('.') ? index.slice(0, index.lastIndexOf('.')) : undefined

const byHistory = (request: Headers, plan: NumberingPlan): Redirecting | undefined => {
  const entries = elements(request, 'history-info').flatMap(text => entryOf(text) ?? [])
  const target = entries.findLast(({ reason }) => reason !== undefined)
  if (target?.reason === undefined) return undefined
  const diverting = entries.find(({ index }) => index === target.from)
  const hidden = diverting === undefined || diverting.private || hidesHistory(request)
  return redirecting(target.reason, hidden ? undefined : shownNumber(diverting.user, plan))
}

/** RFC 7044 §10.1.2; "header" takes the whole history with it (RFC 3323 §4.1). */
const hidesHistory = (request: Headers): boolean =>
  request.getHeaders('privacy').some(value =>
    value
      .toLowerCase()
      .split(/[\s;,]+/)
      .some(word => word === 'history' || word === 'header'),
  )

const byDiversion = (request: Headers, plan: NumberingPlan): Redirecting | undefined => {
  // The topmost is the latest (RFC 5806 §7).
  const [latest] = elements(request, 'diversion').flatMap(text => parseNameAddr(text) ?? [])
  if (latest === undefined) return undefined
  const privacy = unquote(latest.getParam('privacy') ?? '').toLowerCase()
  const reason = reasons[unquote(latest.getParam('reason') ?? '').toLowerCase()] ?? 'unknown'
  const hidden = privacy === 'full' || privacy === 'uri'
  return redirecting(reason, hidden ? undefined : shownNumber(latest.uri.user ?? '', plan))
}

const redirecting = (reason: RedirectReason, number: string | undefined): Redirecting =>
  number === undefined ? { reason } : { reason, number }

/** Undefined: the call was meant for this telephone. */
export const redirectingOf = (request: Headers, plan: NumberingPlan): Redirecting | undefined =>
  byHistory(request, plan) ?? byDiversion(request, plan)
