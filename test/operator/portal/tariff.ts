// What a call costs in the journal. Example prices of the bench, marked non-contractual wherever they are shown.

interface Rate {
  readonly name: string
  readonly numbers: RegExp
  /** Hundredths of a cent, all taxes included, as integers: no rounding before the end. */
  readonly perCall: number
  readonly perMinute: number
}

/** The first that fits. */
const rates: readonly Rate[] = [
  { name: 'urgence', numbers: /^(?:1[578]|11[2459]|19[167]|1160\d\d|116117)$/, perCall: 0, perMinute: 0 },
  { name: 'service', numbers: /^[*#]|^(?:\d{3}|3[01]\d\d|10\d\d)$/, perCall: 0, perMinute: 0 },
  { name: 'numéro spécial', numbers: /^(?:118\d{3}|3\d{3}|089\d{7})$/, perCall: 0, perMinute: 8000 },
  { name: 'numéro vert ou gris', numbers: /^080\d{7}$/, perCall: 0, perMinute: 0 },
  { name: 'numéro à tarif banalisé', numbers: /^08\d{8}$/, perCall: 0, perMinute: 600 },
  { name: 'fixe', numbers: /^0[1-59]\d{8}$/, perCall: 0, perMinute: 220 },
  { name: 'mobile', numbers: /^0[67]\d{8}$/, perCall: 0, perMinute: 990 },
  { name: 'international', numbers: /^(?:00|\+)/, perCall: 1200, perMinute: 2500 },
  { name: 'autre', numbers: /^/, perCall: 0, perMinute: 0 },
]

export interface Price {
  /** What kind of destination, as the journal names it. */
  readonly kind: string
  /** Cents, rounded up; 0 when nobody answered. */
  readonly cents: number
}

/** `seconds`: how long the call stood; undefined when it was not answered. Charged by the second. */
export const priceOf = (called: string, seconds: number | undefined): Price => {
  const rate = rates.find(({ numbers }) => numbers.test(called)) as Rate
  if (seconds === undefined) return { kind: rate.name, cents: 0 }
  return { kind: rate.name, cents: Math.ceil((rate.perCall * 60 + rate.perMinute * seconds) / 6000) }
}

export const euros = (cents: number): string =>
  (cents / 100).toLocaleString('fr-FR', { style: 'currency', currency: 'EUR' })
