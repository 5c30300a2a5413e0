// What it costs to parse one SIP message: sip.js' own grammar beside the replaced one (voiceport bench sip-parse).

import * as Core from 'sip.js/lib/core/index.js'
import { installPatches, withStockGrammar } from './patches.js'

export interface ParseCost {
  /** Microseconds a message, medians. */
  readonly stockUs: number
  readonly replacedUs: number
  readonly rounds: number
}

const quiet = (): Core.Logger => {
  const factory = new Core.LoggerFactory()
  factory.builtinEnabled = false
  return factory.getLogger('parse-cost')
}

/** Messages timed together, so that the clock itself costs nothing. */
const BATCH = 50

/**
 * Parses `text` (a whole message, CRLF line ends) `rounds` times with the replaced grammar and a twentieth as often with
 * the original, which takes milliseconds; each after a tenth as many rounds to warm up. Both are medians of batches.
 * `nowUs` is a monotonic clock in microseconds. Throws TypeError when a grammar does not accept the text.
 */
export const measureParseCost = (text: string, rounds: number, nowUs: () => number): ParseCost => {
  installPatches()
  const logger = quiet()
  const run = (times: number, batch: number): number => {
    const costs: number[] = []
    for (let left = times; left > 0; left -= batch) {
      const start = nowUs()
      for (let n = 0; n < batch; n++)
        if (!Core.Parser.parseMessage(text, logger))
          throw new TypeError('the grammar does not accept the message')
      costs.push((nowUs() - start) / batch)
    }
    return costs.sort((a, b) => a - b)[costs.length >> 1] as number
  }
  const stockRounds = Math.ceil(rounds / 20)
  const stockUs = withStockGrammar(() => {
    run(Math.ceil(stockRounds / 10), 1)
    return run(stockRounds, 1)
  })
  run(Math.ceil(rounds / 10), BATCH)
  return { stockUs, replacedUs: run(rounds, BATCH), rounds }
}
