// What it costs to parse one SIP message: sip.js' own grammar beside the replaced one (voiceport bench sip-parse).

import * as Core from 'sip.js/lib/core/index.js'
import { installPatches, withStockGrammar } from './patches.js'

export interface ParseCost {
  /** Mean microseconds a message. */
  readonly stockUs: number
  readonly replacedUs: number
  readonly rounds: number
}

const quiet = (): Core.Logger => {
  const factory = new Core.LoggerFactory()
  factory.builtinEnabled = false
  return factory.getLogger('parse-cost')
}

/**
 * Parses `text` (a whole message, CRLF line ends) `rounds` times with each grammar, after a tenth as many rounds to warm up.
 * `nowUs` is a monotonic clock in microseconds. Throws TypeError when a grammar does not accept the text.
 */
export const measureParseCost = (text: string, rounds: number, nowUs: () => number): ParseCost => {
  installPatches()
  const logger = quiet()
  const run = (times: number): number => {
    const start = nowUs()
    for (let n = 0; n < times; n++)
      if (!Core.Parser.parseMessage(text, logger))
        throw new TypeError('the grammar does not accept the message')
    return (nowUs() - start) / times
  }
  const warmUp = Math.max(1, Math.floor(rounds / 10))
  const stockUs = withStockGrammar(() => {
    run(warmUp)
    return run(rounds)
  })
  run(warmUp)
  return { stockUs, replacedUs: run(rounds), rounds }
}
