// How long an R key of a country breaks the loop, and what else is published of its lines. Facts, each with its source.

export interface HookFacts {
  /** Shortest and longest break of an R key, ms. */
  readonly flashMs: readonly [number, number]
  readonly source: string
}

const nominal: HookFacts = { flashMs: [80, 120], source: 'R key of ETSI countries, nominal 100 ms' }

export const hookTables: Readonly<Record<string, HookFacts>> = {
  fr: { flashMs: [170, 330], source: 'French R key, nominal 270 ms' },
  de: nominal,
  es: nominal,
  be: nominal,
  ch: nominal,
  nl: nominal,
  uk: { flashMs: [50, 150], source: 'Technicolor gateways for the United Kingdom' },
  it: { flashMs: [78, 145], source: 'Technicolor gateways for Telecom Italia' },
  us: { flashMs: [300, 1100], source: 'Grandstream HT801 and HT802, default' },
}

/** How caller identity comes, spandsp/adsi.h (github.com/freeswitch/spandsp) by country; Switzerland is not in it. */
export const callerIdentity: Readonly<Record<string, 'v23' | 'bell202' | 'dtmf'>> = {
  fr: 'v23',
  de: 'v23',
  uk: 'v23',
  es: 'v23',
  it: 'v23',
  us: 'bell202',
  be: 'dtmf',
  nl: 'dtmf',
}
