// The global seams of sip.js 0.21.2, all in this file, each held by a contract test (test/sip/engine/grammar.test.ts):
//  1. Core.Timers: D, I, J, K are 0 in sip.js (right for TCP only); over UDP late copies would start a ghost ring
//     (RFC 3261 table 4).
//  2. Grammar.parse, URIParse, nameAddrHeaderParse: replaced by grammar.ts; rare rules go to the original.
//  3. Parser.parseMessage: replaced by message-reader.ts.
//  4. Members of single objects (never of prototypes): a client's authenticationGuard and init, a server's toTag,
//     a core's configuration.routeSet and receiveIncomingRequestFromTransport.

import * as Core from 'sip.js/lib/core/index.js'
import { Grammar, type NameAddrHeader, type URI } from 'sip.js/lib/grammar/index.js'
import { noMatch, parseNameAddr, parseUri, rules } from './grammar.js'
import { readMessage } from './message-reader.js'

interface GrammarSeam {
  parse: (text: string, rule: string) => unknown
  URIParse: (text: string) => URI | undefined
  nameAddrHeaderParse: (text: string) => NameAddrHeader | undefined
}

const seam = Grammar as unknown as GrammarSeam
const stock: GrammarSeam = {
  parse: seam.parse,
  URIParse: seam.URIParse,
  nameAddrHeaderParse: seam.nameAddrHeaderParse,
}

const replaced: GrammarSeam = {
  parse: (text, rule) => {
    const own = rules[rule]
    // The generated parser adds to objects' prototypes for unknown rules; those that it has are enough for the rest.
    return own ? own(text) : rule in rareRules ? stock.parse(text, rule) : noMatch
  },
  URIParse: parseUri,
  nameAddrHeaderParse: parseNameAddr,
}

const parser = Core.Parser as { parseMessage: typeof Core.Parser.parseMessage }
const stockParseMessage = parser.parseMessage

/** Rules left to sip.js' own parser. An unknown rule would make it throw inside and yield "no match" after 200 µs. */
const rareRules: Readonly<Record<string, true>> = {
  Subscription_State: true,
  Supported: true,
  Require: true,
  absoluteURI: true,
  displayName: true,
  host: true,
  Min_SE: true,
  quoted_string: true,
  Replaces: true,
  Session_Expires: true,
  stun_URI: true,
  turn_URI: true,
  uuid: true,
  challenge: true,
  sipfrag: true,
  Referred_By: true,
}

/** Times of RFC 3261 table 4 for an unreliable transport, ms. */
export const udpTimers = { TIMER_D: 32_000, TIMER_I: 5000, TIMER_J: 32_000, TIMER_K: 5000 } as const

/** Puts the seams in place. Idempotent. */
export const installPatches = (): void => {
  Object.assign(Core.Timers, udpTimers)
  Object.assign(seam, replaced)
  parser.parseMessage = readMessage
}

/** Runs `work` with sip.js' own grammar and message parser; for measurements and comparisons only. */
export const withStockGrammar = <T>(work: () => T): T => {
  const { parse, URIParse, nameAddrHeaderParse } = seam
  const { parseMessage } = parser
  Object.assign(seam, stock)
  parser.parseMessage = stockParseMessage
  try {
    return work()
  } finally {
    Object.assign(seam, { parse, URIParse, nameAddrHeaderParse })
    parser.parseMessage = parseMessage
  }
}

/** Members that TypeScript calls private or protected but that our seams need on one object. */
export interface ClientSeam {
  authenticationGuard: (response: Core.IncomingResponseMessage, dialog?: Core.Dialog) => boolean
  init: () => void
  message: Core.OutgoingRequestMessage
}
export interface ServerSeam {
  toTag: string
}
export interface DialogSeam {
  sequenceGuard: (request: Core.IncomingRequestMessage) => boolean
}
